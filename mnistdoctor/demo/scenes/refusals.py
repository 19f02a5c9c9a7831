"""Scenes of 403 and 404: the same number for many reasons."""

from __future__ import annotations

from mnistdoctor.demo import pages
from mnistdoctor.demo.faults_http import by_user_agent, respond, route, serve
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.scenes.ground import PATH, Ground
from mnistdoctor.demo.scenes.scene import ailing

SIGNED = "?X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-Signature=0123abcd"
NAMELESS = ("python-requests/", "Python-urllib/")


@ailing("http-403-object-not-public", "http", proven=True)
def bucket_closed(ground: Ground) -> None:
    """403 AccessDenied: the bucket's owner closed it to the public; a mirror is open."""
    ground.serve(pages.s3_error("AccessDenied"))
    ground.source(ground.url())
    ground.mirror()


@ailing("http-404-typo", "http", proven=True)
def store_hides_a_typo(ground: Ground) -> None:
    """403 AccessDenied, and nothing is denied: the object store says that of names which do not exist."""
    ground.serve(route({PATH: serve(digits().body)}, pages.s3_error("AccessDenied")))
    ground.source(ground.url())
    ground.target(ground.url(PATH.replace("labels", "lables")), named=False)


@ailing("http-403-challenge", "http")
def bot_challenge(ground: Ground) -> None:
    """403 from a site that opens in the browser: it wants to see JavaScript first."""
    ground.serve(pages.cloudflare_challenge())


@ailing("http-403-user-agent", "http", proven=True)
def nameless_robot(ground: Ground) -> None:
    """403 to Python, 200 to those who say who they are."""
    ground.serve(by_user_agent(lambda agent: agent.startswith(NAMELESS), pages.html(status=403), serve(digits().body)))


@ailing("http-403-corporate-filter", "http")
def office_filter(ground: Ground) -> None:
    """403 with a page that the server never wrote: the office's filter did."""
    ground.serve(pages.zscaler_blocked())


@ailing("http-403-ip-or-geo", "http")
def country_blocked(ground: Ground) -> None:
    """403 in this country only."""
    ground.serve(pages.cloudfront_blocked(country=True))


@ailing("http-403-signature", "http")
def signed_link_expired(ground: Ground) -> None:
    """403 to a link that worked yesterday: it was signed for an hour."""
    ground.serve(pages.s3_error("AccessDenied", message="Request has expired"))
    ground.target(ground.url(PATH + SIGNED))


@ailing("http-401-token-missing", "http")
def token_missing(ground: Ground) -> None:
    """401: the server hands the file to those with a token."""
    ground.serve(pages.unauthorized('Bearer realm="datasets"'))


@ailing("http-404-typo", "http", proven=True)
def mistyped(ground: Ground) -> None:
    """404: two letters of the address changed places on the way from a screen to a program."""
    ground.serve(route({PATH: serve(digits().body)}))
    ground.source(ground.url())
    ground.target(ground.url(PATH.replace("labels", "lables")), named=False)


@ailing("http-404-moved", "http", proven=True)
def moved(ground: Ground) -> None:
    """404 from the address that every tutorial quotes: the data lives elsewhere now."""
    ground.serve(respond(404, b"not found\n", content_type="text/plain"))
    ground.source(ground.url(), "dead_reported")
    ground.mirror()
    ground.target(ground.url())


@ailing("http-410-gone", "http")
def gone(ground: Ground) -> None:
    """410: it was there, and will not come back."""
    ground.serve(pages.bare(410))
