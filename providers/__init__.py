"""Who performs: one file for each provider, found by being here, that turns a dispatch into an outcome and a webhook into events."""
