"""What lies on this machine's disk: records, like a probe's."""
