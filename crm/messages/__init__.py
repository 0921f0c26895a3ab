"""Messages: what the business says to its customers; every tool here answers with a pending approval."""
