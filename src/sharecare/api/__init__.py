"""The JSON door: one file a room, all under /api/v1."""

from sharecare.api import accounts, areas, bookings, care, sign_in

ROUTERS = (sign_in.router, accounts.router, areas.router, care.router, bookings.router)
