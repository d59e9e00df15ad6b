"""The JSON door: one file a room, all under /api/v1."""

from sharecare.api import (
    accounts,
    areas,
    availability,
    bookings,
    care,
    certification,
    insurance,
    messages,
    sign_in,
    trust,
)

ROUTERS = (
    sign_in.router,
    accounts.router,
    messages.router,
    trust.router,
    certification.router,
    availability.router,
    areas.router,
    insurance.router,
    care.router,
    bookings.router,
)
