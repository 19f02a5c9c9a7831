"""Content that is not what was asked for, whatever its name."""

from __future__ import annotations

from mnistdoctor.demo.faults_http import respond
from tests.strangers.lab import Lab

PAGE = b"<!DOCTYPE html><html><head><title>Sorry</title></head><body>Please sign in.</body></html>"


def s1_page_that_was_asked_for(lab: Lab) -> None:
    """A page under a name that says page is what was asked for."""
    server = lab.serve(respond(200, PAGE, content_type="text/html"))
    assert lab.check(server.url("/page.html")).verdict == "healthy"
