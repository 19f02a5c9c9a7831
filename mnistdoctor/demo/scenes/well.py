"""Scenes in which nothing is wrong, however it looks."""

from __future__ import annotations

from mnistdoctor.demo.faults_body import cut
from mnistdoctor.demo.faults_http import redirect, serve
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.scenes.scene import healthy as scene
from mnistdoctor.demo.scenes.testbed import PATH, Testbed

CDN = "cdn.demo"


@scene
def healthy(testbed: Testbed) -> None:
    """Everything is well, and the doctor says so quickly."""
    testbed.serve_safely(serve(digits().body))


@scene
def healthy_redirected(testbed: Testbed) -> None:
    """The download begins at one host and ends at another, as large files do."""
    testbed.serve_safely(serve(digits().body), CDN)
    testbed.serve_safely(redirect(testbed.url(host=CDN)))
    testbed.target(testbed.url(PATH))


@scene
def healthy_slow_chunked(testbed: Testbed) -> None:
    """The server names no length and pauses in the middle, and yet all of it comes."""
    testbed.serve(cut(digits().body, 300, "pause", "chunked", pause=0.4))
