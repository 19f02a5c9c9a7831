"""The exam of stage `tcp`: routes, firewalls of every kind, addresses of both families, and closed places."""

from __future__ import annotations

from . import sites
from .arrangements import dead_address
from .raw import Fault, after_hello, finish, reset, silent
from .scenes import HOST, LABELS, PLAIN, PLAIN_HOST, S3_HOST, S3_LABELS, Arrange, How, Scene, collect, scene
from .world import World

DEAD = f"{sites.V4_BLOCK}.240"
KERAS = (LABELS, "--as", "keras")
QUICK = ("--timeout", "3")
INTERNAL = "mirror.contoso.com"


def _row(
    name: str,
    motive: str,
    cause: str | tuple[str, ...],
    arrange: Arrange,
    stage: str = "tcp",
    argv: tuple[str, ...] = (LABELS,),
) -> Scene:
    causes = (cause,) if isinstance(cause, str) else cause
    return Scene(f"exam-{name}", motive, arrange, "ailing", causes, stage, argv)


def _wall(host: str, action: str, port: int | None = None) -> Arrange:
    return lambda world: world.firewall(host, action, port=port)


WALLS = (
    _row("icmp-host", "A router has no way to the host", "tcp-unreachable", _wall(HOST, "icmp-host")),
    _row("icmp-admin", "A firewall says `prohibited`", "tcp-unreachable", _wall(HOST, "icmp-admin"), argv=KERAS),
    _row("icmp-net", "A router has no way to the network", "tcp-unreachable", _wall(HOST, "icmp-net")),
    _row("icmp-port", "A firewall says `port unreachable`", ("tcp-refused", "tcp-unreachable"), _wall(HOST, "icmp-port")),
    _row("reset-443", "443 alone is refused", "tcp-refused", _wall(HOST, "reset", 443)),
    _row("reset-80", "The plain host refuses", "tcp-refused", _wall(PLAIN_HOST, "reset", 80), argv=(PLAIN,)),
    _row("drop-443", "443 alone is silent, 80 answers", "tcp-filtered", _wall(HOST, "drop", 443), argv=(LABELS, *QUICK)),
    _row("drop-host", "The whole host is silent", ("tcp-filtered", "tcp-server-down"), _wall(HOST, "drop"), argv=(*KERAS, *QUICK)),
    _row("drop-443-all", "443 is silent for all hosts", "tcp-filtered", _wall("*", "drop", 443), argv=(LABELS, *QUICK)),
    _row("drop-all", "All hosts are silent: a network that wants a proxy", ("tcp-filtered", "env-no-network-link"), _wall("*", "drop"), argv=(LABELS, *QUICK)),
    _row("reset-all", "A firewall refuses all hosts", ("tcp-refused", "tcp-filtered"), _wall("*", "reset")),
    _row("admin-all", "A firewall prohibits all hosts", ("tcp-unreachable", "env-no-network-link", "tcp-filtered"), _wall("*", "icmp-admin")),
    _row("net-all", "A router without uplink", ("env-no-network-link", "tcp-unreachable"), _wall("*", "icmp-net")),
    _row("odd-port-silent", "A firewall drops an odd port to all hosts", "tcp-filtered", _wall("*", "drop", 8443), argv=(f"https://{HOST}:8443/x.gz", *QUICK)),
    _row("odd-port-closed", "Nothing listens on an odd port", "tcp-refused", lambda _world: None, argv=(f"https://{HOST}:8443/x.gz",)),
)  # fmt: skip


NOWHERE = tuple(
    _row(f"{name}-{who}", motive, "env-no-network-link", arrange, stage, argv)
    for name, motive, arrange in (
        ("no-route", "A link and no default route; the resolver is near and answers", lambda world: world.no_route()),
        ("no-link", "The interface is down", lambda world: world.no_link()),
    )
    for who, stage, argv in (
        ("requests", "tcp" if name == "no-route" else "dns", (LABELS,)),
        ("keras", "tcp" if name == "no-route" else "dns", KERAS),
        ("literal", "tcp", (f"http://{sites.address(PLAIN_HOST)}/x.gz",)),
    )
)  # fmt: skip


@scene("healthy")
def exam_first_address_closed(world: World) -> None:
    """The first address refuses, the second serves"""
    world.dns(HOST, answer=(DEAD, sites.address(HOST)))
    world._firewall.add("router", "transit", f"ip daddr {DEAD} reject with tcp reset")


@scene("healthy", argv=(*KERAS, *QUICK))
def exam_first_address_silent(world: World) -> None:
    """The first address is dead: Python waits for it, and the file arrives"""
    dead_address(world, HOST, DEAD)


@scene("ailing", ("tcp-filtered", "tcp-server-down"), "tcp", argv=(LABELS, *QUICK))
def exam_both_addresses_silent(world: World) -> None:
    """Two addresses, both dead: every one is tried"""
    world.dns(HOST, answer=(DEAD, f"{sites.V4_BLOCK}.241"))
    for last in (240, 241):
        world._firewall.add("router", "transit", f"ip daddr {sites.V4_BLOCK}.{last} drop")


@scene("healthy", warns="tcp-ipv6-broken", argv=(LABELS, *QUICK))
def exam_six_vanishes(world: World) -> None:
    """IPv6 is announced and its packets vanish: slow, and it works"""
    world.ipv6("broken")


@scene("healthy")
def exam_six_works(world: World) -> None:
    """IPv6 that works"""
    world.ipv6("healthy")


@scene("healthy", argv=(LABELS, "-4"))
def exam_six_vanishes_and_is_not_asked(world: World) -> None:
    """`-4` goes round a broken IPv6"""
    world.ipv6("broken")


@scene("ailing", "tcp-ipv6-broken", "tcp")
def exam_only_six_and_none_here(world: World) -> None:
    """The name has an IPv6 address alone, this machine has none: not a dead network"""
    world.dns(HOST, answer=(), kinds=("A",))


@scene("ailing", "tcp-ipv6-broken", "tcp", argv=(LABELS, *QUICK))
def exam_only_six_and_it_vanishes(world: World) -> None:
    """The name has an IPv6 address alone, and IPv6 is broken for all"""
    world.ipv6("broken")
    world.dns(HOST, answer=(), kinds=("A",))


@scene("ailing", "tcp-refused", "tcp")
def exam_six_vanishes_and_four_refuses(world: World) -> None:
    """Both families fail, each in its way: IPv4's answer is what counts"""
    world.ipv6("broken")
    world.firewall(HOST, "reset")


@scene("healthy")
def exam_other_host_down(world: World) -> None:
    """Another source is down; this one is not asked about it"""
    world.firewall(S3_HOST, "drop")


@scene("ailing", "cluster-node-no-egress", "tcp", argv=(*KERAS, *QUICK))
def exam_compute_node(world: World) -> How:
    """A Slurm job on a node without a way out"""
    world.firewall("*", "drop")
    return {"env": {"SLURM_JOB_ID": "4711"}}


@scene("ailing", "tcp-refused", "tcp")
def exam_compute_node_and_one_host_down(world: World) -> How:
    """A Slurm job with a way out, and one host that refuses"""
    world.firewall(HOST, "reset")
    return {"env": {"SLURM_JOB_ID": "4711"}}


@scene("ailing", "notebook-internet-disabled", "dns")
def exam_kaggle_without_internet(world: World) -> How:
    """A Kaggle notebook whose internet is off"""
    world.no_resolver()
    return {"env": {"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}}


@scene("ailing", "dns-servfail", "dns")
def exam_kaggle_with_internet(world: World) -> How:
    """A Kaggle notebook with internet, and one broken zone"""
    world.dns(HOST, rcode="SERVFAIL", ede=22)
    return {"env": {"KAGGLE_KERNEL_RUN_TYPE": "Interactive"}}


def _internal(name: str, motive: str, cause: str, stage: str, kind: str, url: str, action: str = "") -> Scene:
    def arrange(world: World) -> None:
        world.dns(INTERNAL, answer="10.99.0.10")
        if kind:
            world.host(HOST, certificate=kind)
        world._firewall.add("router", "turned", f"iifname lan ip daddr 10.99.0.10 dnat ip to {sites.address(HOST)}")
        if action:
            world.firewall(HOST, action)

    return Scene(f"exam-internal-{name}", motive, arrange, "ailing", (cause,), stage, (url,))


MIRROR = f"https://{INTERNAL}/data/x.gz"
MIRRORS = (
    _internal("down", "A company's own mirror, at a private address as it should be, is down: nobody filters it",
              "tcp-refused", "tcp", "", MIRROR, "reset"),
    _internal("unknown-ca", "The same shows a certificate of an unknown authority",
              "tls-intercepted", "tls", "unknown-root", MIRROR),
    _internal("self-signed", "The same shows a self-signed certificate", "tls-self-signed-server", "tls", "self-signed", MIRROR),
)  # fmt: skip


def _raw(host: str, play: Fault, port: int = 443) -> Arrange:
    return lambda world: (world.raw(host, play, port=port), None)[1]


_HANDLED = (
    _row("accept-close", "It accepts and closes at once", "tls-unexpected-eof", _raw(HOST, finish), "tls"),
    _row("accept-reset", "It accepts and resets at once", ("tcp-reset", "tls-sni-blocked"), _raw(HOST, reset), ""),
    _row("accept-silence", "It accepts and is silent", "tls-handshake-timeout", _raw(HOST, silent), "tls", (LABELS, *QUICK)),
    _row("hello-reset", "It resets after the ClientHello, whatever the name", ("tcp-reset", "tls-sni-blocked"),
         _raw(HOST, after_hello(reset)), "", KERAS),
    _row("plain-accept-reset", "A plain port that resets", ("tcp-reset", "http-not-http", "body-reset"), _raw(PLAIN_HOST, reset, 80), "", (PLAIN,)),
)  # fmt: skip
HANDLED = tuple(
    Scene(one.name, one.motive, one.arrange, one.verdict, one.cause, one.stage or None, one.argv) for one in _HANDLED
)

SECOND = (
    _row("s3-drop-torchvision", "torchvision's own source is silent", ("tcp-filtered", "tcp-server-down"),
         _wall(S3_HOST, "drop"), argv=(S3_LABELS, "--as", "torchvision", *QUICK)),
)  # fmt: skip

SCENES = (*WALLS, *NOWHERE, *MIRRORS, *HANDLED, *SECOND, *collect(globals()))
