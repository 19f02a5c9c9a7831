"""What bytes really are, whatever brought them: their kind, their structure, their digests."""
