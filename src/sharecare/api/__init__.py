"""The JSON door: one file a room, all under /api/v1."""

from sharecare.api import (
    accounts,
    areas,
    availability,
    bookings,
    care,
    care_day,
    certification,
    incidents,
    insurance,
    messages,
    metrics,
    series,
    sign_in,
    trust,
)

ROUTERS = (
    sign_in.router,
    accounts.router,
    trust.router,
    certification.router,
    availability.router,
    messages.router,
    areas.router,
    metrics.router,
    insurance.router,
    incidents.router,
    care.router,
    bookings.router,
    care_day.router,
    series.router,
)
