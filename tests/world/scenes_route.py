"""Scenes before TLS: the URL, names, addresses, and what a portal makes of them."""

from __future__ import annotations

from mnistdoctor.demo.connection import Connection

from . import files, raw, sites, whole
from .arrangements import two_servers
from .scenes import HOST, LABELS, PLAIN, PLAIN_HOST, How, collect, scene
from .world import World

QUICK = (LABELS, "--timeout", "2")


@scene("ailing", "url-scheme-unsupported", "dns", argv=("s3://ossci-datasets/mnist/t10k-labels-idx1-ubyte.gz",))
def scheme_of_a_store(world: World) -> None:
    """A store's own address is pasted where the client speaks http only; nothing is sent."""


@scene("ailing", "env-no-network-link", "tcp")
def no_default_route(world: World) -> None:
    """The resolver is in reach, the world is not: the name resolves, and every address is unreachable."""
    world.no_route()


@scene("ailing", "env-no-network-link", "dns")
def no_link(world: World) -> None:
    """The cable is out: a failed lookup must not be blamed on DNS."""
    world.no_link()


@scene(
    "ailing",
    "dns-nxdomain",
    "dns",
    argv=("https://storage.gogleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz",),
)
def host_misspelt(world: World) -> None:
    """The name exists nowhere, and the zone says so with an SOA."""


@scene("ailing", "dns-filtered", "dns")
def blocked_name_with_reason(world: World) -> None:
    """A filtering resolver denies the name, and its extended error admits the block: not a misspelt name."""
    world.dns(HOST, rcode="NXDOMAIN", ede=15, ede_text="blocked by policy")


@scene("ailing", "dns-filtered", "dns")
def sinkholed_name(world: World) -> None:
    """A Pi-hole answers 0.0.0.0, which connects to this machine itself: it is no dead server."""
    world.dns(HOST, answer=("0.0.0.0", "::"))


@scene("ailing", "dns-no-address", "dns")
def name_without_address(world: World) -> None:
    """The name exists with no address; calling it NXDOMAIN sends the owner on the wrong search."""
    world.dns(HOST, answer=())


@scene("ailing", "dns-servfail", "dns")
def servfail(world: World) -> None:
    """The resolver gives up on this zone; the system's lookup alone looks like a time-out."""
    world.dns(HOST, rcode="SERVFAIL")


@scene("ailing", "dns-servfail", "dns")
def refused_query(world: World) -> None:
    """A resolver of another network (a VPN that is gone) refuses to serve this one."""
    world.dns("*", rcode="REFUSED")


@scene("ailing", "dns-temporary-failure", "dns", argv=QUICK)
def silent_resolver(world: World) -> None:
    """Packets to the resolver vanish: an answer must come all the same, and the process must end."""
    world.no_resolver("silent")


@scene("ailing", "dns-temporary-failure", "dns")
def closed_resolver(world: World) -> None:
    """Nothing listens on the resolver's port: known at once, by ICMP."""
    world.no_resolver("closed")


@scene("ailing", "dns-temporary-failure", "dns")
def empty_resolv_conf(world: World) -> None:
    """A container without a resolver: the C library then asks this machine itself."""
    world.no_resolver("empty")


@scene("ailing", "dns-hosts-override", "dns", proves=True)
def forgotten_hosts_line(world: World) -> How:
    """A line in the hosts file from an old outage; DNS says otherwise."""
    return {"hosts": f"127.0.0.1 {HOST}"}


@scene("ailing", "tcp-refused", "tcp", proves=True)
def port_refused(world: World) -> None:
    """The host answers RST: its service is down, others work."""
    world.firewall(HOST, "reset")


@scene("ailing", "tcp-refused", "tcp", argv=(PLAIN.replace("http:", "https:"),))
def website_endpoint_has_no_tls(world: World) -> None:
    """An S3 website endpoint has no port 443, and users type https all the same."""


@scene("ailing", "tcp-filtered", "tcp", argv=QUICK, proves=True)
def port_filtered(world: World) -> None:
    """SYNs to one host vanish while controls connect: an egress rule."""
    world.firewall(HOST, "drop")


@scene("ailing", "tcp-unreachable", "tcp")
def rejected_by_icmp(world: World) -> None:
    """A router says that the host is out of reach; the rest of the world is not."""
    world.firewall(HOST, "icmp-host")


@scene("ailing", "tcp-unreachable", "tcp")
def prohibited_by_icmp(world: World) -> None:
    """A firewall rejects by "administratively prohibited", which shows as "No route to host"."""
    world.firewall(HOST, "icmp-admin")


@scene("ailing", "tcp-reset", "tcp")
def reset_on_accept(world: World) -> None:
    """The connection stands and is torn down at once, whatever name is asked for."""
    world.raw(HOST, raw.reset)


@scene("ailing", "captive-portal", "http", argv=(PLAIN,))
def portal_on_plain_http(world: World) -> None:
    """A hotel's network redirects every plain request to its sign-in page."""
    world.portal()


@scene("ailing", "captive-portal", "tls")
def portal_on_tls(world: World) -> None:
    """The same portal in the way of https: the wrong certificate is its own."""
    world.portal()


@scene("ailing", "captive-portal", "http", argv=(PLAIN,))
def portal_says_511(world: World) -> None:
    """An honest portal answers 511 (RFC 6585)."""
    world.portal(status=511, body=b"<html><title>Network Authentication Required</title></html>")


@scene("healthy", argv=(LABELS, "--timeout", "3"), warns="tcp-ipv6-broken")
def broken_ipv6(world: World) -> None:
    """IPv6 is announced and its packets vanish: slow, worth a warning, and healthy all the same."""
    world.ipv6("broken")


@scene("healthy")
def working_ipv6(world: World) -> None:
    """Both families work; the first address is IPv6."""
    world.ipv6("healthy")


@scene("healthy")
def slow_resolver(world: World) -> None:
    """A lookup of two seconds is slow, and no ailment."""
    world.dns(HOST, delay=2)


@scene("healthy")
def first_address_refuses(world: World) -> None:
    """One of two addresses is down; the client goes on to the next."""
    world.dns(HOST, answer=(f"{sites.V4_BLOCK}.200", sites.address(HOST)))


@scene("healthy")
def hosts_line_that_is_right(world: World) -> How:
    """A pinned address that still serves the file under a valid certificate."""
    return {"hosts": f"{sites.address(HOST)} {HOST}"}


@scene("healthy")
def small_mtu(world: World) -> None:
    """A tunnel's small packets, announced honestly."""
    world.mtu(1280)


@scene("healthy", argv=(PLAIN,))
def plain_http(world: World) -> None:
    """A source without TLS: that stage is skipped, not failed."""
    assert PLAIN_HOST in PLAIN


@scene("healthy")
def no_ipv6_records(world: World) -> None:
    """A clumsy name server fails for AAAA; the A record is there, and that is enough."""
    world.dns(HOST, rcode="SERVFAIL", kinds=("AAAA",))


@scene("healthy")
def answer_with_extended_error(world: World) -> None:
    """A stale answer (RFC 8914, code 3) is an answer all the same."""
    world.dns(HOST, answer=sites.address(HOST), ede=3)


# one address of several


def _busy(connection: Connection) -> None:
    connection.send(raw.response(b"<html>busy</html>", "Content-Type: text/html", status="503 Busy"))


def _cut(connection: Connection) -> None:
    connection.send(raw.response(files.genuine("mnist", files.LABELS)[:2000], length=4542))


@scene("ailing", "edge-dead-address", "http", proves=True)
def edge_busy(world: World) -> None:
    """One of two addresses answers 503 to everybody, and the other one serves: the service as such is well."""
    two_servers(world, HOST, _busy)


@scene("ailing", "edge-dead-address", "length", proves=True)
def edge_cuts(world: World) -> None:
    """One of two addresses breaks every body off; it looks like a bad line."""
    two_servers(world, HOST, _cut)


@scene("ailing", "edge-dead-address", "tls", proves=True)
def edge_certificate(world: World) -> None:
    """One of two addresses still has the old certificate."""
    two_servers(world, HOST, _busy, certificate="expired")


@scene("ailing", "edge-dead-address", "http", argv=("keras:mnist", "--timeout", "5"))
def edge_hangs_up(world: World) -> How:
    """One of two addresses resets after the request, as keras; the way to it may as well be at fault."""
    env = whole.serve(world)
    two_servers(world, HOST, raw.reset)
    return {"env": env}


@scene("ailing", "http-503-overload", "http")
def both_edges_busy(world: World) -> None:
    """Both addresses answer 503: that is the service."""
    two_servers(world, HOST, _busy, both=True)


@scene("ailing", ("http-503-overload", "http-502-504-gateway"), "http", proves=True)
def edge_busy_once(world: World) -> None:
    """The first request is answered 503, and the same address serves the next: that passes by itself."""
    seen: list[int] = []

    def once(connection: Connection) -> None:
        connection.request  # noqa: B018 - reads it
        seen.append(1)
        body = raw.response(files.genuine("mnist", files.LABELS))
        connection.send(raw.response(b"busy", status="503 Busy") if len(seen) == 1 else body)

    two_servers(world, HOST, once)


SCENES = collect(globals())
