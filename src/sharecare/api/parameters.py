"""Parameters that routes share."""

from typing import Annotated, Literal

from fastapi import Path, Query

from sharecare.columns import LARGEST_ID
from sharecare.paging import MAX_PAGE

# What the databases hold; a longer number would be their error instead of an answer.
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE)]
NamePart = Annotated[str, Query(max_length=80, description="Only those that are called so, or so in part.")]
Language = Literal["ja", "en"]
PDF = "application/pdf"
