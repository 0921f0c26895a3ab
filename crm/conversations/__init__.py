"""Conversations: what customers write back, and the words by which they want no more of it."""
