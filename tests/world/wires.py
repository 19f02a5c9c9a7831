"""The cables and routes of the closed world.

    client (10.77.0.2) --lan-- router (10.77.0.1 resolver, 10.77.0.3 proxy) --wan-- net (public addresses)

The client has no way out of it, so a mistake of the tool cannot reach the true internet.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from . import sites
from .firewall import PROXY
from .nameserver import ROUTER
from .namespace import Lab, command, inside

CLIENT6, ROUTER6 = "2a01:4f8:77::2", "2a01:4f8:77::1"
_WAN, _NET = "80.67.169.1", "80.67.169.2"
_WAN6, _NET6 = "2a01:4f8:78::1", "2a01:4f8:78::2"
_CLIENT_LINK = ("addr add 10.77.0.2/24 dev eth0", "link set eth0 up", f"route add default via {ROUTER}")


class Wires:
    """Lays the cables when made; then changes and restores the client's side of them."""

    def __init__(self, lab: Lab) -> None:
        self._names = lab.names
        pairs = (("eth0", "client", "lan", "router"), ("wan", "router", "eth0", "net"))
        lines = (
            f"link add {a} netns {lab.names[b]} type veth peer name {c} netns {lab.names[d]}" for a, b, c, d in pairs
        )
        command(None, ["ip", "-batch", "-"], "\n".join(lines) + "\n")
        self._ip("client", "link set lo up", *_CLIENT_LINK)
        self._router()
        self._net()
        self._forget_quickly()
        self._write("client", "ipv6/conf/eth0/accept_ra 0")

    def _router(self) -> None:
        self._ip(
            "router",
            "link set lo up",
            f"addr add {ROUTER}/24 dev lan",
            f"addr add {PROXY}/24 dev lan",
            f"addr add {ROUTER6}/64 dev lan nodad",
            f"addr add {_WAN}/30 dev wan",
            f"addr add {_WAN6}/64 dev wan nodad",
            "link set lan up",
            "link set wan up",
            f"route add {sites.V4_BLOCK}.0/24 via {_NET}",
            f"route add {sites.V6_BLOCK}::/64 via {_NET6}",
        )
        # Without the last two, repeated ICMP errors are held back, and tests fail now and then.
        settings = ("ipv4/ip_forward 1", "ipv6/conf/all/forwarding 1", "ipv4/icmp_ratelimit 0", "ipv6/icmp/ratelimit 0")
        self._write("router", *settings)

    def _net(self) -> None:
        # A local route answers for every address of a block, with no address configured one by one (AnyIP).
        self._ip(
            "net",
            "link set lo up",
            f"addr add {_NET}/30 dev eth0",
            f"addr add {_NET6}/64 dev eth0 nodad",
            "link set eth0 up",
            f"route add local {sites.V4_BLOCK}.0/24 dev lo",
            f"route add local {sites.V6_BLOCK}::/64 dev lo",
            f"route add 10.77.0.0/24 via {_WAN}",
            f"route add 2a01:4f8:77::/64 via {_WAN6}",
        )
        self._write("net", "ipv6/ip_nonlocal_bind 1")  # AnyIP of IPv6 answers, and yet refuses bind()

    def _forget_quickly(self) -> None:
        """The kernel forgets where an ended connection was turned to: a later one may come from the same port."""
        ends = ("close", "close_wait", "fin_wait", "last_ack", "time_wait", "unacknowledged")
        for where in ("net", "router"):
            with contextlib.suppress(OSError):  # a user namespace may not set it, and plays on with the risk
                self._write(where, *(f"netfilter/nf_conntrack_tcp_timeout_{end} 1" for end in ends))

    def _ip(self, where: str, *lines: str) -> None:
        command(self._names[where], ["ip", "-batch", "-"], "\n".join(lines) + "\n")

    def _write(self, where: str, *lines: str) -> None:
        def work() -> None:
            for line in lines:
                name, value = line.split()
                Path("/proc/sys/net", name).write_text(value)

        inside(self._names[where], work)

    def no_route(self) -> None:
        """The client's default route is gone; its own network is still there."""
        self._ip("client", "route del default")

    def prohibit(self, address: str) -> None:
        """A route of the client that forbids the address."""
        self._ip("client", f"route add prohibit {address}/32")

    def no_link(self) -> None:
        """The client's interface is down."""
        self._ip("client", "link set eth0 down")

    def ipv6(self) -> None:
        """The client gets an IPv6 address and a default route."""
        self._ip("client", f"addr add {CLIENT6}/64 dev eth0 nodad", f"route add ::/0 via {ROUTER6}")

    def mtu(self, limit: int) -> None:
        """The client's interface takes packets of up to `limit` bytes."""
        self._ip("client", f"link set eth0 mtu {limit}")

    def clear(self) -> None:
        """The client's side as at the beginning."""
        # Taking the link down forgets every route and learned path of both families, but for those without a link.
        self._ip("client", "route flush type prohibit")
        self._ip("client", "link set eth0 down mtu 1500", "addr flush dev eth0 scope global", *_CLIENT_LINK)
