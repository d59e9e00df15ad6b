"""Requests, offers, bookings and the care day."""
