"""How long an examination takes beside the plainest script that does the same download: `python -m tests.bench`."""
