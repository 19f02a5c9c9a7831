"""Who lives in the closed world: the catalogue's hosts with what they truly serve, and the control hosts.

Addresses are of public blocks (`ipaddress.is_global`), so that a rule about private addresses is exercised
truthfully; they are routed inside the namespaces only. AAAA records exist where the real host has them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

DATA = Path(__file__).parents[1] / "data"
V4_BLOCK = "93.184.216"
V6_BLOCK = "2606:2800:220:1"
UPSTREAM_RESOLVER = f"{V4_BLOCK}.253"
PORTAL = f"{V4_BLOCK}.252"
PORTAL_HOST = "login.hotel-wifi.com"

ACCESS_DENIED = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>'
    b"<RequestId>TQ6K0KQ1B4Y7M2QH</RequestId><HostId>cG9ydGFsIG9mIHRoZSBjbG9zZWQgd29ybGQ=</HostId></Error>"
)
NOT_FOUND = b"<!DOCTYPE html>\n<html><head><title>404 Not Found</title></head><body>Not Found</body></html>\n"


@dataclass(frozen=True, slots=True)
class Site:
    """One host as it is in good health."""

    host: str
    documents: tuple[tuple[str, Path | bytes], ...] = ()
    """(path, body) pairs."""
    v6: bool = False
    tls: bool = True
    """Listens on 443 too; the S3 website endpoints do not."""
    missing: str = "html"
    """What a path that is not there gets: `html` is a 404 page, `s3` the store's 403 AccessDenied."""
    extra: tuple[str, ...] = field(default=())
    """Further nginx lines of the server block."""


def _family(prefix: str, folder: str) -> tuple[tuple[str, Path | bytes], ...]:
    return tuple((prefix + path.name, path) for path in sorted((DATA / folder).glob("*.gz")))


def _text(path: str, body: str, kind: str = "text/plain") -> str:
    return f'location = {path} {{ default_type {kind}; return 200 "{body}"; }}'


_GITHUB_RAW = ("location ~ ^/([^/]+)/([^/]+)/raw/(.+)$ { return 302 https://raw.githubusercontent.com/$1/$2/$3; }",)
_S3_HEADERS = (
    "add_header x-amz-request-id TQ6K0KQ1B4Y7M2QH always;",
    "add_header x-amz-id-2 cG9ydGFsIG9mIHRoZSBjbG9zZWQgd29ybGQ= always;",
)

SITES = (
    Site(
        "storage.googleapis.com",
        _family("/cvdf-datasets/mnist/", "mnist") + _family("/tensorflow/tf-keras-datasets/", "fashion_mnist"),
        v6=True,
        missing="s3",
        extra=("add_header x-guploader-uploadid AJRbA5Uclosedworld always;",),
    ),
    Site("ossci-datasets.s3.amazonaws.com", _family("/mnist/", "mnist"), missing="s3", extra=_S3_HEADERS),
    Site("s3.amazonaws.com", missing="s3", extra=_S3_HEADERS),
    Site(
        "fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        _family("/", "fashion_mnist"),
        tls=False,
        missing="s3",
        extra=_S3_HEADERS,
    ),
    Site("yann.lecun.com"),
    Site("github.com", extra=_GITHUB_RAW),
    Site(
        "raw.githubusercontent.com",
        _family("/fgnt/mnist/master/", "mnist")
        + _family("/zalandoresearch/fashion-mnist/master/data/fashion/", "fashion_mnist"),
        v6=True,
    ),
    Site("huggingface.co", v6=True),
    Site("dataset.bj.bcebos.com", _family("/mnist/", "mnist") + _family("/fashion_mnist/", "fashion_mnist")),
    Site("torch-cdn.mlverse.org", _family("/datasets/mnist/", "mnist")),
    Site("openml.org"),
    Site("api.openml.org"),
    Site("www.openml.org"),
    Site("data.openml.org"),
    Site("codh.rois.ac.jp"),
    Site("biometrics.nist.gov"),
    Site("deeplearning.net"),
    Site("apache-mxnet.s3-accelerate.dualstack.amazonaws.com", v6=True, missing="s3", extra=_S3_HEADERS),
    Site("login.microsoftonline.com"),
    Site("drive.google.com", v6=True),
    Site("connectivitycheck.gstatic.com", v6=True, extra=("location = /generate_204 { return 204; }",)),
    Site(
        "www.msftconnecttest.com",
        extra=(_text("/connecttest.txt", "Microsoft Connect Test"),),
    ),
    Site("detectportal.firefox.com", v6=True, extra=(_text("/success.txt", "success\\n"),)),
    Site(
        "www.cloudflare.com",
        v6=True,
        extra=(_text("/cdn-cgi/trace", "fl=1f1\\nh=www.cloudflare.com\\nip=93.184.216.1\\nts=1\\n"),),
    ),
    Site(
        "example.com",
        v6=True,
        extra=(_text("/", "<!doctype html><title>Example Domain</title><h1>Example Domain</h1>", "text/html"),),
    ),
    Site("cas-bridge.xethub.hf.co", v6=True),
    Site("hf-mirror.com"),
)

BY_HOST = {site.host: site for site in SITES}


def address(host: str) -> str:
    """The IPv4 address of a host of this world."""
    if host == PORTAL_HOST:
        return PORTAL
    return f"{V4_BLOCK}.{10 + [site.host for site in SITES].index(host)}"


def address6(host: str) -> str | None:
    """Its IPv6 address, where it has one."""
    site = BY_HOST.get(host)
    return f"{V6_BLOCK}::{address(host).rpartition('.')[2]}" if site and site.v6 else None
