"""Each fault of the closed world does what it says, and the next test finds it gone."""

from __future__ import annotations

import errno

import pytest

from . import raw, sites
from .instruments import HOST, SHA256, URL, connect, curl, fetch, lookup
from .proxy import PASSWORD, USER
from .world import World

pytestmark = pytest.mark.world


def test_dns_codes_reach_resolver_and_query(world: World) -> None:
    assert lookup(world, HOST)[1] == [sites.address(HOST)]
    rcode, _, _, authority, system = lookup(world, "no-such-host.example")
    assert (rcode, authority, system) == ("NXDOMAIN", ["6"], -2)
    world.dns(HOST, rcode="SERVFAIL")
    assert lookup(world, HOST)[0::4] == ["SERVFAIL", -3]
    world.dns(HOST, rcode="NXDOMAIN", ede=15, ede_text="blocked by policy")
    found = lookup(world, HOST)
    assert (found[0], found[2]) == ("NXDOMAIN", ["EDE 15 (Blocked): blocked by policy"])
    world.dns(HOST, answer=())
    assert lookup(world, HOST)[0::4] == ["NOERROR", -5]
    world.dns(HOST, answer="10.1.2.3")
    assert lookup(world, HOST)[1] == ["10.1.2.3"]
    assert lookup(world, "example.com")[1] == [sites.address("example.com")]


def test_silent_and_closed_resolver(world: World) -> None:
    world.dns(HOST, silent=True)
    assert world.run("timeout", "2", "getent", "hosts", HOST).returncode == 124
    assert world.run("getent", "ahosts", "example.com").returncode == 0
    world.clear()
    world.no_resolver()
    assert curl(world, URL).returncode == 6
    world.clear()
    world.no_resolver("silent")
    assert world.run("timeout", "2", "getent", "hosts", HOST).returncode == 124


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ("drop", "timeout"),
        ("reset", str(errno.ECONNREFUSED)),
        ("icmp-host", str(errno.EHOSTUNREACH)),
        ("icmp-admin", str(errno.EHOSTUNREACH)),
        ("icmp-net", str(errno.ENETUNREACH)),
    ],
)
def test_firewall(world: World, action: str, expected: str) -> None:
    world.firewall("openml.org", action)
    assert connect(world, "openml.org") == expected
    assert connect(world, HOST) == "0"


def test_firewall_by_server_name(world: World) -> None:
    world.firewall("openml.org", "sni-reset")
    assert connect(world, "openml.org") == "0"
    assert curl(world, "https://openml.org/").returncode == 35
    assert curl(world, URL).returncode == 0


def test_mtu_hole_stalls_after_the_hello(world: World) -> None:
    world.mtu_hole("openml.org")
    assert connect(world, "openml.org") == "0"
    assert curl(world, "-m", "2", "https://openml.org/").returncode == 28


def test_no_route_and_no_link(world: World) -> None:
    world.no_route()
    assert connect(world, sites.address(HOST)) == str(errno.ENETUNREACH)
    world.clear()
    assert connect(world, HOST) == "0"
    world.no_link()
    assert connect(world, sites.address(HOST)) == str(errno.ENETUNREACH)


def test_ipv6_states(world: World) -> None:
    world.ipv6("healthy")
    assert curl(world, "-6", URL).returncode == 0
    world.clear()
    assert curl(world, "-6", URL).returncode == 7
    world.ipv6("broken")
    assert curl(world, "-6", "-m", "1", URL).returncode == 28
    assert curl(world, "-4", URL).returncode == 0


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("expired", "certificate has expired"),
        ("not-yet-valid", "certificate is not yet valid"),
        ("wrong-host", "Hostname mismatch"),
        ("self-signed", "self-signed certificate"),
        ("missing-intermediate", "unable to get local issuer certificate"),
        ("intercepted", "self-signed certificate in certificate chain"),
        ("unknown-root", "self-signed certificate in certificate chain"),
    ],
)
def test_bad_certificates(world: World, kind: str, text: str) -> None:
    world.host(HOST, certificate=kind)
    assert text in fetch(world, URL)
    assert fetch(world, "https://example.com/").startswith("200 ")


def test_old_protocol(world: World) -> None:
    world.host(HOST, certificate="rsa", protocols="TLSv1")
    assert "ERSION" in fetch(world, URL)
    assert fetch(world, "https://example.com/").startswith("200 ")


def test_proxy_kinds(world: World) -> None:
    assert fetch(world, URL, proxy=world.proxy_url("open")).startswith("200 ")
    assert fetch(world, URL, proxy=world.proxy_url("basic", USER, PASSWORD)).startswith("200 ")
    assert "407" in fetch(world, URL, proxy=world.proxy_url("basic"))
    assert "407" in fetch(world, URL, proxy=world.proxy_url("basic", USER, "wrong"))
    assert "403" in fetch(world, URL, proxy=world.proxy_url("deny"))
    digest = world.proxy_url("digest")
    assert curl(world, "--proxy-digest", "-U", f"{USER}:{PASSWORD}", "-x", digest, URL).returncode == 0
    assert "407" in fetch(world, URL, proxy=digest)
    seen = [(entry.kind, entry.status, entry.credentials) for entry in world.proxied()]
    assert ("basic", 407, False) in seen
    assert ("basic", 407, True) in seen
    assert ("deny", 403, False) in seen
    assert all(request.source == "80.67.169.1" for request in world.requests())


def test_interception_by_proxy_and_in_the_path(world: World) -> None:
    argv = ("-v", "--insecure", URL)
    for vendor, issuer in (("zscaler", "O=Zscaler Inc."), ("contoso", "O=Contoso IT")):
        proxy = world.proxy_url("intercept", vendor=vendor)
        assert "CERTIFICATE_VERIFY_FAILED" in fetch(world, URL, proxy=proxy)
        assert issuer in curl(world, *argv, proxy=proxy).stderr
    bundle = ("public", "zscaler")
    assert fetch(world, URL, proxy=world.proxy_url("intercept"), certifi=bundle) == f"200 {SHA256}"
    world.clear()
    world.intercept()
    assert "O=Zscaler Inc." in curl(world, *argv).stderr
    assert fetch(world, URL, certifi=bundle) == f"200 {SHA256}"


def test_proxy_works_where_the_client_has_neither_names_nor_a_way_out(world: World) -> None:
    world.dns("*", rcode="NXDOMAIN")
    world.firewall("*", "drop")
    assert fetch(world, URL, proxy=world.proxy_url("open")) == f"200 {SHA256}"


def test_portal(world: World) -> None:
    world.portal()
    answer = world.run("curl", "-siL", "http://detectportal.firefox.com/success.txt").stdout
    assert answer.startswith("HTTP/1.1 302")
    assert "Hotel Wi-Fi" in answer
    assert "self-signed" in fetch(world, URL)


def test_raw_plays(world: World) -> None:
    world.raw(HOST, raw.reset)
    # The reset may be there before curl has looked at the connection: then connecting failed (7), else TLS did (35).
    assert curl(world, URL).returncode in (7, 35)
    world.clear()
    world.raw(HOST, raw.banner(b"SSH-2.0-OpenSSH_9.2\r\n"))
    assert curl(world, URL).returncode == 35
    world.clear()
    world.raw(HOST, raw.after_hello(raw.silent))
    assert curl(world, "-m", "1", URL).returncode == 28
    world.clear()
    world.raw(HOST, raw.alert(40))
    assert "handshake failure" in curl(world, URL).stderr
    world.clear()
    world.raw(HOST, raw.reply(raw.response(b"x" * 100, length=200)), certificate="good")
    assert curl(world, URL).returncode == 18
    world.clear()
    world.raw(HOST, raw.reply(raw.response(b"x" * 100, length=200), raw.reset), certificate="good")
    assert curl(world, URL).returncode == 56
