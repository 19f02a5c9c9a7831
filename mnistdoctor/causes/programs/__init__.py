"""Rules about what a program printed, which no probe can see."""
