"""Stories through several rooms, on real servers."""
