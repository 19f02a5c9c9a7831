"""The fields that a client sends with every request, whoever it asks."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Client
from mnistdoctor.settings import Python
from mnistdoctor.settings.python import own


def client_fields(client: Client, python: Python) -> ev.Fields:
    """The client's own fields, as its installed release sends them (the newest known where it is not installed)."""
    of = client.version_of
    version = (python.release(of) or own().release(of)) if of else None
    return client.request_headers(python=python.version, version=version or "8.17.0")
