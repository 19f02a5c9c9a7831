"""Stored reports, one a fault, that are judged again with no network."""
