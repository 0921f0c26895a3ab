"""What shall happen in the outside world, and what happened: intents, grants, deliveries, attempts, inbox."""
