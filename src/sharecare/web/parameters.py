"""Parameters that pages share."""

from typing import Annotated

from fastapi import Path

from sharecare.columns import LARGEST_ID

# What the databases hold; a longer number would be their error instead of a page that isn't there.
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
