"""Scenes of 403 and 404: the same number for many reasons."""

from __future__ import annotations

from mnistdoctor.demo import pages
from mnistdoctor.demo.faults_http import by_user_agent, respond, route, serve
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.scenes.scene import ailing
from mnistdoctor.demo.scenes.testbed import PATH, Testbed

SIGNED = "?X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-Signature=0123abcd"
NAMELESS = ("python-requests/", "Python-urllib/")


@ailing("http-403-object-not-public", "http", proven=True)
def bucket_closed(testbed: Testbed) -> None:
    """403 AccessDenied: the bucket's owner closed it to the public; a mirror is open."""
    testbed.serve(pages.s3_error("AccessDenied"))
    testbed.source(testbed.url())
    testbed.mirror()


@ailing("http-404-typo", "http", proven=True)
def store_hides_a_typo(testbed: Testbed) -> None:
    """403 AccessDenied, and nothing is denied: the object store says that of names which do not exist."""
    testbed.serve(route({PATH: serve(digits().body)}, pages.s3_error("AccessDenied")))
    testbed.source(testbed.url())
    testbed.target(testbed.url(PATH.replace("labels", "lables")), named=False)


@ailing("http-403-challenge", "http")
def bot_challenge(testbed: Testbed) -> None:
    """403 from a site that opens in the browser: it wants to see JavaScript first."""
    testbed.serve(pages.cloudflare_challenge())


@ailing("http-403-user-agent", "http", proven=True)
def nameless_robot(testbed: Testbed) -> None:
    """403 to Python, 200 to those who say who they are."""
    testbed.serve(by_user_agent(lambda agent: agent.startswith(NAMELESS), pages.html(status=403), serve(digits().body)))


@ailing("http-403-corporate-filter", "http")
def office_filter(testbed: Testbed) -> None:
    """403 with a page that the server never wrote: the office's filter did."""
    testbed.serve(pages.zscaler_blocked())


@ailing("http-403-ip-or-geo", "http")
def country_blocked(testbed: Testbed) -> None:
    """403 in this country only."""
    testbed.serve(pages.cloudfront_blocked(country=True))


@ailing("http-403-signature", "http")
def signed_link_expired(testbed: Testbed) -> None:
    """403 to a link that worked yesterday: it was signed for an hour."""
    testbed.serve(pages.s3_error("AccessDenied", message="Request has expired"))
    testbed.target(testbed.url(PATH + SIGNED))


@ailing("http-401-token-missing", "http")
def token_missing(testbed: Testbed) -> None:
    """401: the server hands the file to those with a token."""
    testbed.serve(pages.unauthorized('Bearer realm="datasets"'))


@ailing("http-404-typo", "http", proven=True)
def mistyped(testbed: Testbed) -> None:
    """404: two letters of the address changed places on the way from a screen to a program."""
    testbed.serve(route({PATH: serve(digits().body)}))
    testbed.source(testbed.url())
    testbed.target(testbed.url(PATH.replace("labels", "lables")), named=False)


@ailing("http-404-moved", "http", proven=True)
def moved(testbed: Testbed) -> None:
    """404 from the address that every tutorial quotes: the data lives elsewhere now."""
    testbed.serve(respond(404, b"not found\n", content_type="text/plain"))
    testbed.source(testbed.url(), "dead_reported")
    testbed.mirror()
    testbed.target(testbed.url())


@ailing("http-410-gone", "http")
def gone(testbed: Testbed) -> None:
    """410: it was there, and will not come back."""
    testbed.serve(pages.bare(410))
