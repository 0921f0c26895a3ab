"""What the Procfile starts: composition roots that put the rooms together, start them in order and stop them in reverse."""
