"""Columns read in bulk, as rows again."""

from collections.abc import AsyncIterator

from sharecare.batches import Page


async def rows_of(pages: AsyncIterator[Page]) -> list[tuple[int, ...]]:
    """Return every row of a table read in pages, sorted."""
    return sorted([row async for page in pages for row in zip(*(c.tolist() for c in page.columns), strict=True)])
