"""The business: who works here, whom it serves, what it says to them and what they pay; areas stand on each other, never beside."""
