"""Membership: tiers, who belongs to them, and points."""
