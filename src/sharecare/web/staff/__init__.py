"""Pages of an area's staff: a dashboard to look at, and what waits for them."""

from sharecare.web.staff import (
    claims,
    dashboard,
    incidents,
    insurance,
    left_over,
    members,
    plan,
    policies,
    registrations,
    settings,
    to_do,
)

PARTS = (dashboard, to_do, left_over, registrations, members, plan, settings, policies, insurance, incidents, claims)
