"""Templates: words with gaps, kept in versions that never change."""
