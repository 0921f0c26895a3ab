"""The overview: how the day stands, and how each channel does; it reads what the other areas hold."""
