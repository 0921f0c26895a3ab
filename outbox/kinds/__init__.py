"""The kinds of effect: one file each, found by being here; a file holds the payload, its limits, its preview and its channel."""
