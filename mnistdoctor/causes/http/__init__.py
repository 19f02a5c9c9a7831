"""Causes of stage `http`."""
