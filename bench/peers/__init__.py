"""The same work done by others; each module runs in the peers' own venv and imports nothing of Sayso."""
