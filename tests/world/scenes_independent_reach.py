"""The second exam of names and ways: ports that a network closes, families that are left out, resolvers of every age."""

from __future__ import annotations

from mnistdoctor.demo.connection import Connection

from . import files, sites
from .firewall import ACTIONS
from .raw import after_hello
from .scenes import HOST, LABELS, PLAIN, S3_LABELS, Arrange, How, Scene, collect, scene
from .world import World

DEAD = f"{sites.V4_BLOCK}.240"
KERAS = (LABELS, "--as", "keras")
QUICK = (LABELS, "--timeout", "3")
NO_SUCH = f"https://nosuch.googleapis.com/cvdf-datasets/mnist/{files.LABELS}"
GIVEN_UP = "openml1.z6.web.core.windows.net"


def _row(name: str, cause: str, motive: str, arrange: Arrange, argv: tuple[str, ...] = (LABELS,)) -> Scene:
    return Scene(f"exam-{name}", motive, arrange, "ailing", (cause,), cause.partition("-")[0], argv)


def _portal(action: str) -> Arrange:
    def arrange(world: World) -> None:
        world.portal(ports=(80,))
        world.firewall("*", action, port=443)

    return arrange


# A host of both families, on a client without IPv6: the last address fails otherwise than the one that decides.
PORTALS = tuple(
    Scene(f"exam-portal-{name}", f"A guest network turns port 80, and 443 {motive}", _portal(action), "ailing",
          ("captive-portal",), "tcp", argv)
    for name, motive, action, argv in (
        ("443-refused", "is refused", "reset", (LABELS,)),
        ("443-refused-keras", "is refused, as keras meets it", "reset", KERAS),
        ("443-refused-no-six", "is refused, and the host has no IPv6 address", "reset", (S3_LABELS,)),
        ("443-silent", "vanishes", "drop", QUICK),
    )
)  # fmt: skip


def _names(host: str = HOST, **rule: object) -> Arrange:
    return lambda world: world.dns(host, **rule)  # type: ignore[arg-type]


NAMES = (
    _row("alias-of-nothing", "dns-no-address", "The name is an alias of a name that was deleted: RCODE 3, and it exists",
         _names("data.openml.org", alias=GIVEN_UP, rcode="NXDOMAIN"), ("https://data.openml.org/a.gz",)),
    _row("alias-catalogued", "dns-no-address", "The same for a host of the catalogue",
         _names(alias="gone.example.net", rcode="NXDOMAIN")),
    _row("alias-empty", "dns-no-address", "The last name of the chain has no address", _names(alias="gone.example.net")),
    _row("collision", "dns-filtered", "127.0.53.53 for a public host is nobody's own machine", _names(answer="127.0.53.53")),
    _row("collision-inner", "dns-split-horizon", "127.0.53.53 for a name of an inner network, asked for outside",
         _names("data.contoso.zone", answer="127.0.53.53"), ("https://data.contoso.zone/a.gz",)),
    _row("cut-and-no-tcp", "dns-temporary-failure", "Replies are cut short, and a firewall drops DNS over TCP", _names(cut=True)),
    _row("no-such-name-formerr", "dns-nxdomain", "An old resolver that knows no EDNS denies the name",
         _names("*", without_edns="FORMERR"), (NO_SUCH,)),
    _row("no-such-name-edns-lost", "dns-nxdomain", "A firewall drops queries with EDNS, which the system does not send",
         _names("*", without_edns="silence"), (NO_SUCH, "--timeout", "3")),
)  # fmt: skip


def _wall(action: str, host: str = "*", port: int = 443) -> Arrange:
    return lambda world: world.firewall(host, action, port=port)


WALLS = (
    _row("refused-443-all", "tcp-refused", "443 is refused for all hosts: the network's doing", _wall("reset")),
    _row("refused-443-all-no-six", "tcp-refused", "The same for a host without IPv6", _wall("reset"), (S3_LABELS,)),
    _row("refused-80-all", "tcp-refused", "80 is refused for all hosts, 443 is open", _wall("reset", port=80), (PLAIN,)),
    _row("silent-80-all", "tcp-filtered", "80 is silent for all hosts, 443 is open", _wall("drop", port=80), (PLAIN, "--timeout", "3")),
    _row("silent-443-of-both-families", "tcp-filtered", "443 of a host of both families is silent, 80 answers",
         _wall("drop", HOST), QUICK),
)  # fmt: skip


def _first(action: str) -> Arrange:
    def arrange(world: World) -> None:
        world.dns(HOST, answer=(DEAD, sites.address(HOST)), kinds=("A",))
        world._firewall.add("router", "transit", f"ip daddr {DEAD} tcp dport 443 {ACTIONS[action]}")

    return arrange


FIRST = tuple(
    Scene(f"exam-first-{name}", f"The first address {motive}, the second one serves: survived, and said", _first(action),
          "healthy", (), None, argv, warns=cause)
    for name, motive, action, cause, argv in (
        ("refused", "refuses", "reset", "tcp-refused", (LABELS,)),
        ("silent", "is silent", "drop", "tcp-filtered", QUICK),
        ("unreachable", "cannot be reached", "icmp-host", "tcp-unreachable", (LABELS,)),
    )
)  # fmt: skip


@scene("ailing", "tcp-ipv6-broken", "tcp", argv=(*QUICK, "-6"))
def exam_six_alone_was_asked_for(world: World) -> None:
    """`-6` where IPv6 vanishes: not a network that wants a proxy"""
    world.ipv6("broken")


@scene("ailing", "dns-no-address", "dns", argv=(LABELS, "-4"))
def exam_four_alone_was_asked_for(world: World) -> None:
    """`-4` for a name with IPv6 addresses alone: nobody gave the name up"""
    world.ipv6("healthy")
    world.dns(HOST, answer=(), kinds=("A",))


def _half_a_hello(connection: Connection) -> None:
    connection.send(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(40))
    connection.reset(settle=0.3)


@scene("ailing", ("tcp-reset", "tls-sni-blocked"), None)
def exam_reset_in_the_midst_of_a_hello(world: World) -> How | None:
    """The reset comes when a part of the ServerHello has arrived"""
    world.raw(HOST, after_hello(_half_a_hello))
    return None


SCENES = (*PORTALS, *NAMES, *WALLS, *FIRST, *collect(globals()))
