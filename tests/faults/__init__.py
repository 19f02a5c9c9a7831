"""Faults that no scene of the demo needs, in its own form: functions over a connection of `mnistdoctor.demo`."""
