"""Causes of stage `proxy`."""
