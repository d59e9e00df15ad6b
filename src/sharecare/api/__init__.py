"""The JSON door: one file a room, all under /api/v1."""

from sharecare.api import accounts, areas, bookings, care, insurance, messages, sign_in

ROUTERS = (
    sign_in.router,
    accounts.router,
    messages.router,
    areas.router,
    insurance.router,
    care.router,
    bookings.router,
)
