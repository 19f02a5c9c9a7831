"""Causes of stage `tls`."""
