"""Scenes in which nothing is wrong, however it looks."""

from __future__ import annotations

from mnistdoctor.demo.faults_body import cut
from mnistdoctor.demo.faults_http import redirect, serve
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.scenes.ground import PATH, Ground
from mnistdoctor.demo.scenes.scene import healthy as scene

CDN = "cdn.demo"


@scene
def healthy(ground: Ground) -> None:
    """Everything is well, and the doctor says so quickly."""
    ground.serve_safely(serve(digits().body))


@scene
def healthy_redirected(ground: Ground) -> None:
    """The download begins at one host and ends at another, as large files do."""
    ground.serve_safely(serve(digits().body), CDN)
    ground.serve_safely(redirect(ground.url(host=CDN)))
    ground.target(ground.url(PATH))


@scene
def healthy_slow_chunked(ground: Ground) -> None:
    """The server names no length and pauses in the middle, and yet all of it comes."""
    ground.serve(cut(digits().body, 300, "pause", "chunked", pause=0.4))
