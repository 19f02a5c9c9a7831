"""What the records show, in words and numbers that any rule may use. Nothing here knows a cause."""
