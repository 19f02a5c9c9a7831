"""Scenes of the exchange: redirects and statuses."""

from __future__ import annotations

from . import files, raw, sites
from .scenes import HOST, LABELS, PLAIN, PLAIN_HOST, S3_HOST, S3_LABELS, collect, scene
from .world import World

OPENML = "https://api.openml.org/data/v1/some-file.arff"
OPENML_HOST = "api.openml.org"
RAW_HOST = "raw.githubusercontent.com"


def _labels() -> bytes:
    return files.genuine("mnist", files.LABELS)


def page(title: str, text: str = "") -> bytes:
    """A small HTML page."""
    return f"<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{text}</body></html>\n".encode()


def xml(code: str, message: str) -> bytes:
    """An S3 error document."""
    text = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>TQ6K0KQ1B4Y7M2QH</RequestId></Error>"
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode()


@scene("ailing", "http-redirect-loop", "http")
def redirect_loop(world: World) -> None:
    """The server sends the client round in a circle."""
    world.host(HOST, redirect="$scheme://$host$request_uri")


@scene("inconclusive", warns="http-redirect-private")
def redirect_to_private_address(world: World) -> None:
    """A public host points into the private network: reported, and not followed."""
    world.host(HOST, redirect="http://10.77.0.1/latest/meta-data/")


@scene("ailing", "http-redirect-to-login", "http")
def redirect_to_sign_in(world: World) -> None:
    """Single sign-on answers in the file's place."""
    form = page("Sign in to your account", '<form action="/login"><input type="password" name="passwd"></form>')
    world.host("login.microsoftonline.com", status=200, body=form)
    world.host(HOST, redirect="https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=1")


@scene("ailing", "http-401-token-missing", "http", argv=(OPENML,))
def token_missing(world: World) -> None:
    """The origin itself asks who we are; 407 would be the proxy."""
    world.host(OPENML_HOST, status=401, body=b"", headers={"WWW-Authenticate": 'Bearer realm="api"'})


@scene("ailing", "http-403-object-not-public", "http", argv=(S3_LABELS,))
def bucket_closed(world: World) -> None:
    """The store denies every key of the bucket, the right ones too."""
    world.host(S3_HOST, status=403, body=sites.ACCESS_DENIED, kind="application/xml")


@scene("ailing", "http-404-typo", "http", argv=(S3_LABELS.replace("t10k-labels", "t10k-lables"),), proves=True)
def store_hides_a_typo(world: World) -> None:
    """S3 says AccessDenied to a key that does not exist; the right key beside it answers."""


@scene("ailing", "http-403-user-agent", "http", proves=True)
def default_agents_refused(world: World) -> None:
    """The server refuses Python's default agents and serves those that say who they are."""
    world.host(HOST, nginx='if ($http_user_agent ~ "^(python-requests|Python-urllib)/") { return 403; }')


@scene("ailing", "http-403-challenge", "http")
def bot_challenge(world: World) -> None:
    """A bot check wants JavaScript, whatever the agent."""
    world.host(HOST, status=403, body=page("Just a moment..."), headers={"cf-mitigated": "challenge"})


@scene("ailing", "http-403-waf-block", "http")
def firewall_of_the_site(world: World) -> None:
    """The site's own application firewall blocks, and gives a number to quote."""
    text = 'Please enable cookies. Error code 1020 <div id="cf-error-details">Cloudflare Ray ID: 8a1b2c3d4e5f6a7b</div>'
    body = page("Attention Required! | Cloudflare", text)
    world.host(HOST, status=403, body=body, headers={"cf-ray": "8a1b2c3d4e5f6a7b-FRA"})


@scene("ailing", "http-403-ip-or-geo", "http")
def country_blocked(world: World) -> None:
    """The CDN is set up to refuse this country."""
    text = "The Amazon CloudFront distribution is configured to block access from your country."
    world.host(HOST, status=403, body=page("ERROR: The request could not be satisfied", text))


@scene("ailing", "http-403-corporate-filter", "http", argv=(PLAIN,))
def filter_of_the_company(world: World) -> None:
    """A filter in the path answers in the site's place; its Server field gives it away."""
    body = page("Access Denied", "Your organization has selected Zscaler to protect you from internet threats.")
    fields = ("Server: Zscaler/6.2", "Content-Type: text/html")
    world.raw(PLAIN_HOST, raw.reply(raw.response(body, *fields, status="403 Forbidden")), port=80)


@scene(
    "ailing",
    "http-403-signature",
    "http",
    argv=(f"https://{S3_HOST}/private/set.gz?X-Amz-Date=20260101T000000Z&X-Amz-Expires=3600&X-Amz-Signature=0123abcd",),
)
def signed_url_expired(world: World) -> None:
    """A pre-signed URL has run out; a fresh one is needed, and the signature must not be printed."""
    body = xml("AccessDenied", "Request has expired")
    world.host(S3_HOST, status=403, body=body, kind="application/xml")


@scene("ailing", "http-403-unexplained", "http")
def plain_403(world: World) -> None:
    """Forbidden to every agent, with no reason given."""
    world.host(HOST, status=403, body=page("403 Forbidden"))


@scene(
    "ailing",
    "http-404-typo",
    "http",
    argv=("https://raw.githubusercontent.com/fgnt/mnist/master/t10k-labels-idx1-ubyte.gzip",),
    proves=True,
)
def typo_in_the_path(world: World) -> None:
    """`.gzip` for `.gz`: the nearest known URL answers with the right bytes."""


@scene(
    "ailing",
    "http-404-moved",
    "http",
    argv=(f"http://yann.lecun.com/exdb/mnist/{LABELS.rsplit('/', 1)[1]}",),
    proves=True,
)
def retired_source(world: World) -> None:
    """The old home of MNIST is empty; the file lives elsewhere now, under the same digest."""


@scene(
    "ailing",
    ("http-404-moved", "http-404-typo"),
    "http",
    argv=("https://github.com/pytorch/examples/raw/master/mnist/data/mnist.pkl.gz",),
)
def answer_that_never_worked(world: World) -> None:
    """The URL that many answers quote never existed; the 404 must name the real place."""
    world.serve(
        "github.com", "/pytorch/examples/raw/master/mnist/data/mnist.pkl.gz", page("404"), status=404, kind="text/html"
    )


@scene("ailing", "http-404-unexplained", "http", argv=(OPENML,))
def unknown_path(world: World) -> None:
    """Nothing known is near to it."""


@scene("ailing", "http-410-gone", "http")
def gone(world: World) -> None:
    """410 will not come back."""
    world.host(HOST, status=410, body=page("Gone"))


@scene("ailing", "http-416-range", "http")
def range_refused(world: World) -> None:
    """416 to a plain GET: a broken cache in front of the store."""
    world.host(HOST, status=416, body=page("Range Not Satisfiable"))


@scene("ailing", "http-429-rate-limited", "http")
def rate_limited(world: World) -> None:
    """Too many requests, and the server names the wait."""
    world.host(HOST, status=429, body=page("Too Many Requests"), headers={"Retry-After": "1"})


@scene("ailing", "http-451-legal", "http")
def legal_reasons(world: World) -> None:
    """451 names who blocks (RFC 7725)."""
    headers = {"Link": '<https://example.com/>; rel="blocked-by"'}
    world.host(HOST, status=451, body=page("Unavailable For Legal Reasons"), headers=headers)


@scene("ailing", "http-500-server-error", "http")
def server_error(world: World) -> None:
    """The origin itself breaks, each time."""
    world.host(HOST, status=500, body=page("Internal Server Error"))


@scene("ailing", "http-503-overload", "http")
def overloaded(world: World) -> None:
    """The origin asks for patience."""
    world.host(HOST, status=503, body=page("Service Unavailable"), headers={"Retry-After": "120"})


@scene("ailing", "http-502-504-gateway", "http")
def bad_gateway(world: World) -> None:
    """The CDN cannot reach the origin behind it."""
    world.host(HOST, status=502, body=page("502 Bad Gateway"))


@scene("ailing", "http-not-http", "http", argv=(PLAIN,))
def other_protocol(world: World) -> None:
    """An SSH server listens on the port."""
    world.raw(PLAIN_HOST, raw.banner(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), port=80)


@scene(
    "healthy",
    argv=("https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/t10k-labels-idx1-ubyte.gz",),
)
def redirect_to_the_store(world: World) -> None:
    """GitHub's raw links are redirects to another host, probed hop by hop."""


@scene("healthy", argv=(f"https://{RAW_HOST}/any/file.bin",))
def unknown_file(world: World) -> None:
    """No digest is known of it: the checksum is skipped, and the file is healthy."""
    world.serve(RAW_HOST, "/any/file.bin", bytes(range(256)) * 40)


@scene("healthy")
def slow_first_byte(world: World) -> None:
    """Two seconds to the first byte are no ailment."""
    world.raw(HOST, raw.late(2, raw.reply(raw.response(_labels()))), certificate="good")


@scene("healthy")
def http_10_without_length(world: World) -> None:
    """HTTP/1.0, and the body ends with the connection; the digest is right."""
    world.raw(HOST, raw.reply(b"HTTP/1.0 200 OK\r\n\r\n" + _labels()), certificate="good")


@scene("healthy")
def chunked(world: World) -> None:
    """No length is announced, the framing says where it ends."""
    body = _labels()
    parts = (body[start : start + 1000] for start in range(0, len(body), 1000))
    coded = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    world.raw(HOST, raw.reply(head + coded), certificate="good")


@scene("healthy")
def no_close_notify(world: World) -> None:
    """All bytes are there; the server then skips TLS' own goodbye."""
    world.raw(HOST, raw.reply(raw.response(_labels()), raw.finish), certificate="good")


@scene("healthy")
def continue_first(world: World) -> None:
    """An informational 100 comes before the real answer, though nobody asked for it."""
    first = b"HTTP/1.1 100 Continue\r\n\r\n"
    world.raw(HOST, raw.reply(first + raw.response(_labels())), certificate="good")


SCENES = collect(globals())
