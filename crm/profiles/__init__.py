"""Profiles: everything about one customer from every area: shown, exported, erased."""
