"""The gate: requests for a say-so, the people who decide, the links they decide by, and the only door to the outbox."""
