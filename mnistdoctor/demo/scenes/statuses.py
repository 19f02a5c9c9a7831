"""Scenes of answers that are late, circular, somebody else's, or no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor.demo import pages
from mnistdoctor.demo.faults_http import redirect, redirect_loop, respond, sequence, serve
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.scenes.ground import PATH, PLAIN, Ground
from mnistdoctor.demo.scenes.scene import ailing

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Connection

LOGIN = "login.demo"


@ailing("http-redirect-loop", "http")
def redirected_in_a_circle(ground: Ground) -> None:
    """Too many redirects: the server sends every client round in a circle."""
    ground.serve(redirect_loop())


@ailing("http-redirect-to-login", "http")
def sign_in_page(ground: Ground) -> None:
    """200, and what was saved is a page that asks for a password."""
    form = pages.page("Sign in to your account", '<form action="/login"><input type="password" name="pw"></form>')
    ground.serve(pages.html(form), LOGIN)
    ground.serve(redirect(ground.url("/sso/login?return=1", LOGIN)))
    ground.target(ground.url(PATH))


@ailing("http-429-rate-limited", "http", proven=True)
def rate_limited(ground: Ground) -> None:
    """429: too many requests, and a pause of a second is all that the server asks for."""
    ground.serve(sequence(pages.retry_after("1"), serve(digits().body)))


@ailing("http-503-overload", "http", proven=True)
def overloaded(ground: Ground) -> None:
    """503: the server has too much to do; a mirror has time."""
    ground.serve(respond(503, b"Service Unavailable\n", content_type="text/plain"))
    ground.source(ground.url())
    ground.mirror()


@ailing("http-500-server-error", "http")
def server_error(ground: Ground) -> None:
    """500: something in the server broke, and breaks again."""
    ground.serve(pages.bare(500))


@ailing("captive-portal", "http")
def captive_portal(ground: Ground) -> None:
    """In the hotel: every address leads to the same sign-in page."""
    portal = pages.captive_portal()
    for host in (PLAIN, "check2.demo"):
        ground.control(ground.serve(portal, host).url("/generate_204", host=host))
    ground.serve(pages.captive_portal(ground.url("/login", PLAIN)))


@ailing("http-not-http", "http")
def empty_answer(ground: Ground) -> None:
    """Remote end closed connection without response: the server hangs up instead of answering."""
    ground.serve(_hang_up)


def _hang_up(connection: Connection) -> None:
    """Read what comes, be it HTTP or a ClientHello, then FIN."""
    connection.recv()
    connection.finish()
