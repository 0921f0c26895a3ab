"""Plans: what a business may use and how much of it; data, judged at the one way in."""
