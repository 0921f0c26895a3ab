"""Reminders: rules that a person allows once, and what they plan to say about each booking."""
