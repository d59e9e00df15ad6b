"""Pages of an area's staff: a dashboard to look at, and what waits for them."""

from sharecare.web.staff import (
    claims,
    dashboard,
    incidents,
    insurance,
    members,
    plan,
    policies,
    registrations,
    settings,
    to_do,
)

PARTS = (dashboard, to_do, registrations, members, plan, settings, policies, insurance, incidents, claims)
