"""Stored reports of what neither the demo nor the closed world can play: the evidence is written by hand."""
