"""Pages of an area's staff: a dashboard to look at, and what waits for them."""

from sharecare.web.staff import (
    bookings,
    claims,
    dashboard,
    desk,
    incidents,
    insurance,
    left_over,
    members,
    plan,
    policies,
    policy_end,
    registrations,
    settings,
    to_do,
)

PARTS = (
    dashboard,
    to_do,
    desk,
    bookings,
    left_over,
    registrations,
    members,
    plan,
    settings,
    policies,
    policy_end,
    insurance,
    incidents,
    claims,
)
