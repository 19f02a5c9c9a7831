"""What strangers ran into, each kind as a small world of its own on loopback, and the right answer.

A row is a function in `rows/` whose name begins with its number, `s17_short_at_every_fetch`, and whose docstring says
in a line what happened to whom. `python -m tests.strangers` plays all of them and prints a table.
"""
