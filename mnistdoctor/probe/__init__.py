"""The probes: each does one operation, writes one record of it, and judges nothing."""
