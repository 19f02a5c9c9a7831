"""Rules about bytes that arrived whole and are not the file's."""
