"""A closed internet of real components, for runs of the tool against the real public URLs."""
