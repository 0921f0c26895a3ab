"""Bookings: what is offered, by whom and when, and who has taken which time."""
