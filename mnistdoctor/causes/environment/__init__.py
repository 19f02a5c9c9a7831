"""Rules about this machine: its URL, variables, interpreter and network."""
