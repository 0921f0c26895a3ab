"""Invoices: what customers owe, what they paid, and what was sent to them about it."""
