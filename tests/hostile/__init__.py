"""Hostile servers as a suite: `python -m tests.hostile`, and its short form as a test."""
