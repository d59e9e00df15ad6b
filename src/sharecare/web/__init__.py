"""The page door: server-rendered HTML over the same services as the API.

`page.View` is what a page's function works with; words stand in `words/`, one TOML file a page.
"""

from fastapi import APIRouter, Depends

from sharecare.web import (
    ask,
    asks,
    bookings,
    calendar_link,
    coming_in,
    covers,
    demo_bar,
    everyone,
    home,
    hours,
    hours_exceptions,
    hours_import,
    inbox,
    incidents,
    my_account,
    my_children,
    my_family,
    my_home,
    my_privacy,
    my_sign_ins,
    neighbours,
    neighbours_codes,
    neighbours_communities,
    offline,
    requests,
    series,
    sheets,
    streets,
    support_year,
    supporter,
)
from sharecare.web.browser import admit
from sharecare.web.staff import PARTS as STAFF

PARTS = (
    everyone,
    coming_in,
    demo_bar,
    home,
    ask,
    requests,
    sheets,
    bookings,
    incidents,
    inbox,
    my_account,
    my_home,
    my_children,
    my_family,
    my_sign_ins,
    my_privacy,
    neighbours_codes,
    neighbours_communities,
    neighbours,  # after those whose addresses look like a person's
    asks,
    hours_exceptions,
    hours_import,
    hours,
    calendar_link,
    support_year,
    supporter,
    covers,
    series,
    streets,
    offline,
    *STAFF,
)


def pages() -> APIRouter:
    """Return every page, each held to the policy table."""
    door = APIRouter(include_in_schema=False, dependencies=[Depends(admit)])
    for part in PARTS:
        door.include_router(part.router)
    return door
