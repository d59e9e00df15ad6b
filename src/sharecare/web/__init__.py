"""The page door: server-rendered HTML over the same services as the API.

`page.View` is what a page's function works with; words stand in `words/`, one TOML file a page.
"""

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
    insured,
    my_account,
    my_children,
    my_contacts,
    my_family,
    my_home,
    my_privacy,
    my_sign_ins,
    neighbours,
    neighbours_codes,
    neighbours_communities,
    no_show,
    offline,
    requests,
    series,
    sheets,
    streets,
    support_year,
    supporter,
)
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
    no_show,
    incidents,
    insured,
    inbox,
    my_account,
    my_home,
    my_children,
    my_contacts,
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


ROUTERS = tuple(part.router for part in PARTS)
"""Every page, in the order in which addresses are tried."""
