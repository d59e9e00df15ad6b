"""The page door: server-rendered HTML over the same services as the API.

`page.View` is what a page's function works with; words stand in `words/`, one TOML file a page.
"""

from fastapi import APIRouter, Depends

from sharecare.web import ask, bookings, coming_in, demo_bar, everyone, home, incidents, offline, requests, streets
from sharecare.web.browser import admit

PARTS = (everyone, coming_in, demo_bar, home, ask, requests, bookings, incidents, offline, streets)


def pages() -> APIRouter:
    """Return every page, each held to the policy table."""
    door = APIRouter(include_in_schema=False, dependencies=[Depends(admit)])
    for part in PARTS:
        door.include_router(part.router)
    return door
