"""Scenes of answers that are late, circular, somebody else's, or no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor.demo import pages
from mnistdoctor.demo.faults_http import redirect, redirect_loop, respond, sequence, serve
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.scenes.scene import ailing
from mnistdoctor.demo.scenes.testbed import PATH, PLAIN, Testbed

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Connection

LOGIN = "login.demo"


@ailing("http-redirect-loop", "http")
def redirected_in_a_circle(testbed: Testbed) -> None:
    """Too many redirects: the server sends every client round in a circle."""
    testbed.serve(redirect_loop())


@ailing("http-redirect-nowhere", "http", proven=True)
def redirected_nowhere(testbed: Testbed) -> None:
    """302 without an address: the file has moved, and nobody says where to; a mirror has it."""
    testbed.serve(redirect(None))
    testbed.source(testbed.url())
    testbed.mirror()


@ailing("http-redirect-to-login", "http")
def sign_in_page(testbed: Testbed) -> None:
    """200, and what was saved is a page that asks for a password."""
    form = pages.page("Sign in to your account", '<form action="/login"><input type="password" name="pw"></form>')
    testbed.serve(pages.html(form), LOGIN)
    testbed.serve(redirect(testbed.url("/sso/login?return=1", LOGIN)))
    testbed.target(testbed.url(PATH))


@ailing("http-429-rate-limited", "http", proven=True)
def rate_limited(testbed: Testbed) -> None:
    """429: too many requests, and a pause of a second is all that the server asks for."""
    testbed.serve(sequence(pages.retry_after("1"), serve(digits().body)))


@ailing("http-503-overload", "http", proven=True)
def overloaded(testbed: Testbed) -> None:
    """503: the server has too much to do; a mirror has time."""
    testbed.serve(respond(503, b"Service Unavailable\n", content_type="text/plain"))
    testbed.source(testbed.url())
    testbed.mirror()


@ailing("http-423-locked", "http", proven=True)
def locked(testbed: Testbed) -> None:
    """423: somebody is writing the file on a WebDAV server; a mirror has a copy."""
    testbed.serve(respond(423, b"Locked\n", content_type="text/plain"))
    testbed.source(testbed.url())
    testbed.mirror()


@ailing("http-500-server-error", "http")
def server_error(testbed: Testbed) -> None:
    """500: something in the server broke, and breaks again."""
    testbed.serve(pages.bare(500))


@ailing("captive-portal", "http")
def captive_portal(testbed: Testbed) -> None:
    """In the hotel: every address leads to the same sign-in page."""
    portal = pages.captive_portal()
    for host in (PLAIN, "check2.demo"):
        testbed.control(testbed.serve(portal, host).url("/generate_204", host=host))
    testbed.serve(pages.captive_portal(testbed.url("/login", PLAIN)))


@ailing("http-not-http", "http")
def empty_answer(testbed: Testbed) -> None:
    """Remote end closed connection without response: the server hangs up instead of answering."""
    testbed.serve(_hang_up)


def _hang_up(connection: Connection) -> None:
    """Read what comes, be it HTTP or a ClientHello, then FIN."""
    connection.recv()
    connection.finish()
