"""Causes of stage `length`: how much arrived, and what the body is."""
