"""mnistdoctor, the download doctor: one root cause in plain words, and the fix it saw work."""

__version__ = "0.1.0"
