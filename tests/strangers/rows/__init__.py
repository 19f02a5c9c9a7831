"""The rows, a module for each kind of trouble."""
