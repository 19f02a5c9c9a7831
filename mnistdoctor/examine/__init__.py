"""The conductor: probes, judges, makes the controls that an open question needs, judges again, tries the fixes."""
