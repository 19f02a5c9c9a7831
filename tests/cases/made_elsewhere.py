"""Evidence of faults that no scene plays here: other systems and interpreters, resumed downloads, strange processes."""

from __future__ import annotations

from collections.abc import Callable

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case
from mnistdoctor.failure import Failure
from tests.causes.bodies import KNOWN, LABELS, PLAIN, answer
from tests.causes.build import NOW, URL, case, rec
from tests.causes.http_records import HTML, got
from tests.causes.test_proxy_setting import lookup, unknown
from tests.causes.wire_records import DAY, HOST, cert, other_store, refused, socks_route, store, to_proxy

_NPZ = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"


def malformed() -> Case:
    """A bracket and a full stop were pasted along; a redirect can bring the same."""
    url = "https://ossci-datasets..s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz)"
    address = rec(ev.Address, "dns", url=url, scheme="https", failure=Failure.URL_INVALID, detail="empty label")
    return case(address, url=url)


def held_by_another() -> Case:
    """A rank of the same job took the lock an hour ago and hangs."""
    folder = rec(ev.Folder, None, path="~/.cache/huggingface/hub", free=10**10, writable=True)
    kept = "~/.cache/huggingface/hub/.locks/datasets--ylecun--mnist/4a1c.lock"
    lock = rec(ev.CachedFile, None, path=kept, form="lock", holder=4242, modified=NOW - 3600)
    return case(folder, lock, loader="huggingface", client="huggingface", release="2.4.0")


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
    return case(route, name, platform="Darwin-24.1.0-arm64", url=_NPZ, client="keras", loader="keras")


def socks_names_at_home() -> Case:
    """`socks5://` looks names up at home, and at home no outside name resolves."""
    return case(socks_route(), to_proxy(), lookup(HOST, "origin"), unknown())


def names_at_the_proxy_alone() -> Case:
    """The proxy lets the request through and the server says 404; on the way the own lookup was looked at."""
    route = rec(
        ev.Route, None, way="tunnel", proxy="http://proxy.corp:3128", proxy_scheme="http", proxy_host="proxy.corp",
        proxy_port=3128, decided_by="HTTPS_PROXY",
    )  # fmt: skip
    own = rec(ev.Lookup, "dns", control="target-name", name=HOST, code="EAI_NONAME", failure=Failure.NXDOMAIN)
    opened = rec(ev.Tunnel, "proxy", protocol="http", target=f"{HOST}:443", proxy="proxy.corp:3128", status=200)
    return case(route, to_proxy(), opened, own, *got(404, "<html>Not Found</html>", HTML))


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
    return case(connect, mute, same, small)


def strict_interpreter() -> Case:
    """Python 3.13 refuses the corporate root that 3.12 still took: it has no key usage."""
    office = cert(issuer="Contoso Web Gateway CA", org="Contoso IT")
    shake = refused(92, office, failure="ssl_invalid_certificate")
    return case(store("openssl"), shake, client="keras", machine={"python": "CPython 3.13.0"})


def old_store() -> Case:
    """Under a living certificate hangs a root that has died, and the system's newer store knows another way."""
    dead = cert("R3", "DST Root CA X3", not_after=NOW - 400 * DAY)
    shake = refused(10, cert(), dead, failure="ssl_invalid_certificate")
    return case(store(), shake, *other_store("system", accepts=True), file="mnist/t10k-labels")


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
    return case(moved, stop)


def address_of_many() -> Case:
    """The first request of a notebook service's machine is told that there were too many."""
    return case(
        *got(429, "rate limit exceeded", (("Retry-After", "60"), ("Server", "GitHub.com"))),
        machine={"variables": (("COLAB_RELEASE_TAG", "release-colab_20261101"),)},
    )


def head_refused() -> Case:
    """A server answers HEAD with 405 and GET with the file."""
    return case(*got(405, method="HEAD"), *answer(LABELS), **KNOWN)


def resumed() -> Case:
    """The server ignored the range and sent the whole file, which was put behind the half."""
    return case(*answer(LABELS[:400] + LABELS, asked=(("Range", "bytes=400-"),)), **KNOWN)


def end_unknown() -> Case:
    """Neither a length nor chunks nor a structure tells where the file ends."""
    digests = (("sha256", "0" * 64),)
    return case(*answer(b"1,2,3\n" * 50, declared=None), url=PLAIN, content="csv", size=500, digests=digests)


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
