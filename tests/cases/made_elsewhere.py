"""Evidence of faults that no scene plays here: other systems and interpreters, resumed downloads, strange processes."""

from __future__ import annotations

from collections.abc import Callable

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.failure import Failure
from tests.causes.evidence import (
    DAY,
    HOST,
    HTML,
    KNOWN,
    LABELS,
    NOW,
    PLAIN,
    URL,
    Evidence,
    cert,
    other_store,
    rec,
    refused,
)
from tests.causes.test_proxy_setting import lookup, unknown

_NPZ = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"


def malformed() -> Case:
    """A bracket and a full stop were pasted along; a redirect can bring the same."""
    url = "https://ossci-datasets..s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz)"
    address = rec(ev.Address, "dns", url=url, scheme="https", failure=Failure.URL_INVALID, detail="empty label")
    return Evidence(address, url=url).case()


def held_by_another() -> Case:
    """A rank of the same job took the lock an hour ago and hangs."""
    folder = rec(ev.Folder, None, path="~/.cache/huggingface/hub", free=10**10, writable=True)
    kept = "~/.cache/huggingface/hub/.locks/datasets--ylecun--mnist/4a1c.lock"
    lock = rec(ev.CachedFile, None, path=kept, form="lock", holder=4242, modified=NOW - 3600)
    return Evidence(folder, lock, loader="huggingface", client="huggingface", release="2.4.0").case()


def system_proxy() -> Case:
    """macOS was left with the office's proxy, and the laptop is at home."""
    route = rec(
        ev.Route, None, way="tunnel", proxy="http://proxy.corp.example:3128", proxy_scheme="http",
        proxy_host="proxy.corp.example", proxy_port=3128, decided_by="system settings",
    )  # fmt: skip
    name = rec(
        ev.Lookup, "dns", name="proxy.corp.example", peer="proxy", code="EAI_NONAME",
        failure=Failure.NXDOMAIN, detail="[Errno 8] nodename nor servname provided, or not known",
    )  # fmt: skip
    return Evidence(route, name, url=_NPZ, client="keras", loader="keras").case(platform="Darwin-24.1.0-arm64")


def socks_names_at_home() -> Case:
    """`socks5://` looks names up at home, and at home no outside name resolves."""
    return Evidence().by_socks().to_proxy().add(lookup(HOST, "origin"), unknown()).case()


def names_at_the_proxy_alone() -> Case:
    """The proxy lets the request through and the server says 404; on the way the own lookup was looked at."""
    route = rec(
        ev.Route, None, way="tunnel", proxy="http://proxy.corp:3128", proxy_scheme="http", proxy_host="proxy.corp",
        proxy_port=3128, decided_by="HTTPS_PROXY",
    )  # fmt: skip
    own = rec(ev.Lookup, "dns", control="target-name", name=HOST, code="EAI_NONAME", failure=Failure.NXDOMAIN)
    opened = rec(ev.Tunnel, "proxy", protocol="http", target=f"{HOST}:443", proxy="proxy.corp:3128", status=200)
    return Evidence(route).to_proxy().add(opened, own).get(404, "<html>Not Found</html>", HTML).case()


def large_packets_lost() -> Case:
    """A VPN whose tunnel takes no full-sized packet, and says nothing of it."""
    connect = rec(ev.Connect, "tcp", address="93.184.216.34", port=443, family=4, name=HOST, duration_s=0.02)
    mute = rec(ev.Handshake, "tls", server_name=HOST, port=443, failure=Failure.TIMEOUT, duration_s=10.0)
    same = rec(
        ev.Handshake, "tls", control="unrelated-tls", server_name="example.com", port=443,
        failure=Failure.TIMEOUT,
    )  # fmt: skip
    small = rec(
        ev.Exchange, "http", control="portal", method="GET", url="http://www.msftconnecttest.com/connecttest.txt",
        status=200,
    )  # fmt: skip
    return Evidence(connect, mute, same, small).case()


def strict_interpreter() -> Case:
    """Python 3.13 refuses the corporate root that 3.12 still took: it has no key usage."""
    office = cert(issuer="Contoso Web Gateway CA", org="Contoso IT")
    shake = refused(92, office, failure="ssl_invalid_certificate")
    return Evidence(client="keras").trust("openssl").add(shake).case(machine={"python": "CPython 3.13.0"})


def old_store() -> Case:
    """Under a living certificate hangs a root that has died, and the system's newer store knows another way."""
    dead = cert("R3", "DST Root CA X3", not_after=NOW - 400 * DAY)
    shake = refused(10, cert(), dead, failure="ssl_invalid_certificate")
    return Evidence(file="mnist/t10k-labels").trust().add(shake, *other_store("system", accepts=True)).case()


def led_into_the_own_network() -> Case:
    """A public host redirects to an address of the reader's own router."""
    moved = rec(
        ev.Exchange, "http", method="GET", url=URL, status=302, location="http://192.168.1.1/setup",
        request_fields=(("User-Agent", "python-requests/2.34.2"),),
    )  # fmt: skip
    stop = rec(
        ev.Exchange, "http", hop=1, method="GET", url="http://192.168.1.1/setup",
        failure=Failure.REDIRECT_PRIVATE, detail="192.168.1.1",
    )  # fmt: skip
    return Evidence(moved, stop).case()


def address_of_many() -> Case:
    """The first request of a notebook service's machine is told that there were too many."""
    return (
        Evidence()
        .get(429, "rate limit exceeded", (("Retry-After", "60"), ("Server", "GitHub.com")))
        .case(machine={"variables": (("COLAB_RELEASE_TAG", "release-colab_20261101"),)})
    )


def head_refused() -> Case:
    """A server answers HEAD with 405 and GET with the file."""
    return Evidence(**KNOWN).get(405, method="HEAD").body(LABELS).case()


def resumed() -> Case:
    """The server ignored the range and sent the whole file, which was put behind the half."""
    return Evidence(**KNOWN).body(LABELS[:400] + LABELS, asked=(("Range", "bytes=400-"),)).case()


def end_unknown() -> Case:
    """Neither a length nor chunks nor a structure tells where the file ends."""
    digests = (("sha256", "0" * 64),)
    return Evidence(url=PLAIN, content="csv", size=500, digests=digests).body(b"1,2,3\n" * 50, declared=None).case()


MADE: dict[str, Callable[[], Case]] = {
    "url-malformed": malformed,
    "cache-concurrent-writers": held_by_another,
    "proxy-system-settings": system_proxy,
    "proxy-socks-dns-local": socks_names_at_home,
    "dns-proxy-only-network": names_at_the_proxy_alone,
    "tcp-mtu-blackhole": large_packets_lost,
    "tls-ca-strict-rejected": strict_interpreter,
    "tls-trust-store-old": old_store,
    "http-redirect-private": led_into_the_own_network,
    "http-429-shared-address": address_of_many,
    "http-405-head": head_refused,
    "resume-corrupted": resumed,
    "length-unknown": end_unknown,
}
"""By the cause that the case is about; one that never is a diagnosis is among its warnings."""
