"""The fields that a client sends with every request, whoever it asks."""

from __future__ import annotations

import contextlib

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Client


def client_fields(client: Client) -> ev.Fields:
    """The client's own fields, as its installed release sends them (the newest known where it is not installed)."""
    import importlib.metadata
    import platform

    version = "8.17.0"
    if client.version_of:
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            version = importlib.metadata.version(client.version_of)
    return client.request_headers(python=platform.python_version(), version=version)
