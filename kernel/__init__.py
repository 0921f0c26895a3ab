"""The ground floor: settings, database, operations, errors, clock, keys, seals and the log; it imports no other room."""
