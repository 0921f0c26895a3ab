"""Who does the work: tickets arrive through Dramatiq, pumps drain lanes, the clock makes up for what was lost."""
