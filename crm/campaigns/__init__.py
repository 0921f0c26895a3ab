"""Campaigns: one message to many customers, with gaps that each fills, and one decision over the whole list."""
