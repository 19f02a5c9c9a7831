"""Causes of stage `tcp`."""
