"""Reports of many machines, or of one machine again and again: where it works, where it fails, and what differs."""
