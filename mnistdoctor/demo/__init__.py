"""Faulty servers on loopback and, played on them, the scenes of `mnistdoctor demo` and of the tests."""
