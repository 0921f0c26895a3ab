"""Payments: what customers paid, as the payment provider tells it."""
