"""Causes of stage `dns`."""
