"""Rules about the loader's cache and the disk below it."""
