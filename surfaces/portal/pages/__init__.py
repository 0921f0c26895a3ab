"""The pages, one per file, found by being here; each offers `routes(door)`."""
