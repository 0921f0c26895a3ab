"""Credentials: an agent's API keys, a person's sign-in links and sessions; each stored as a hash only."""
