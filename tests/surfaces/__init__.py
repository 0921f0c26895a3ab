"""Tests of every way in."""
