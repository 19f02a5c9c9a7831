"""The router's packet filter: nft for hosts and ports, iptables for what only its string match can see.

Drops stand in the router, never in the client: a drop in the client's own OUTPUT makes UDP fail at once with EPERM.
"""

from __future__ import annotations

import json

from . import sites
from .nameserver import ROUTER, RULE_PORT
from .namespace import command

PROXY = "10.77.0.3"

_TABLES = """
table inet world {
  chain inlet { type filter hook input priority 0; }
  chain transit { type filter hook forward priority 0; }
  chain outlet { type filter hook output priority 0; }
  chain turned { type nat hook prerouting priority -100; }
  chain counted { type filter hook prerouting priority -300; }
  set opened { type ipv4_addr . inet_service; flags dynamic; counter; }
}
flush table inet world
flush set inet world opened
add rule inet world counted tcp flags & (syn|ack) == syn update @opened { ip daddr . tcp dport }
"""

ACTIONS = {
    "drop": "drop",
    "reset": "reject with tcp reset",
    "icmp-host": "reject with icmpx type host-unreachable",
    "icmp-admin": "reject with icmpx type admin-prohibited",
    "icmp-port": "reject with icmpx type port-unreachable",
    "icmp-net": "reject with icmpx type no-route",
}


class Firewall:
    """Rules of the router and of the origins' own machine (`net`), applied with `settle`."""

    def __init__(self, router: str, net: str) -> None:
        self._router, self._net = router, net
        self._lines: dict[str, list[str]] = {"router": [], "net": []}
        self._strings: list[str] = []
        self._applied_strings: list[str] = []
        self._dirty = True

    def add(self, where: str, chain: str, rule: str) -> None:
        """A rule of nft in a chain (`inlet`, `transit`, `outlet`, `turned`) of `router` or `net`."""
        self._lines[where].append(f"add rule inet world {chain} {rule}")
        self._dirty = True

    def block(self, host: str, action: str, port: int | None, path: str) -> None:
        """`path` is `direct` for what the client sends through the router, `proxy` for what the proxy sends."""
        if action in ("sni-drop", "sni-reset"):
            self._string(host, action)
            return
        if host == "proxy":
            self._tcp("inlet", f"ip daddr {PROXY}", action, port)
            return
        chain = {"direct": "transit", "proxy": "outlet"}[path]
        matches = ["meta l4proto tcp"] if host == "*" else [f"ip daddr {sites.address(host)}"]
        six = None if host == "*" else sites.address6(host)
        if six:
            matches.append(f"ip6 daddr {six}")
        for match in matches:
            self._tcp(chain, match, action, port)

    def _tcp(self, chain: str, match: str, action: str, port: int | None) -> None:
        ports = f"tcp dport {port}" if port else "tcp dport 1-65535"
        self.add("router", chain, f"{match} {ports} {ACTIONS[action]}")

    def _string(self, host: str, action: str) -> None:
        target = "DROP" if action == "sni-drop" else "REJECT --reject-with tcp-reset"
        self._strings.append(f"-p tcp --dport 443 -m string --algo bm --string {host} -j {target}")
        self._dirty = True

    def silence_resolver(self) -> None:
        """The resolver's packets vanish."""
        self.add("router", "inlet", "iifname lan udp dport {53, 5353} drop")
        self.add("router", "inlet", "iifname lan tcp dport {53, 5353} drop")

    def close_resolver(self) -> None:
        """Nothing listens on the resolver's port: the kernel says so by ICMP."""
        self.add("router", "inlet", "iifname lan udp dport {53, 5353} reject with icmpx type port-unreachable")
        self.add("router", "inlet", "iifname lan tcp dport {53, 5353} reject with tcp reset")

    def turn_dns(self) -> None:
        """The client's queries go to the server that plays rules."""
        for kind in ("udp", "tcp"):
            self.add("router", "turned", f"iifname lan ip daddr {ROUTER} {kind} dport 53 redirect to :{RULE_PORT}")

    def mtu_hole(self, host: str, limit: int) -> None:
        """Packets over `limit` bytes from the host to the client vanish, with no ICMP."""
        self.add("router", "transit", f"ip saddr {sites.address(host)} meta length > {limit} drop")

    def portal(self, ports: tuple[int, ...]) -> None:
        """Every request of the client to those ports lands at the portal's own server."""
        for port in ports:
            rule = f"iifname lan ip daddr != 10.77.0.0/24 tcp dport {port} dnat ip to {sites.PORTAL}"
            self.add("router", "turned", rule)

    def break_v6(self) -> None:
        """IPv6 is announced and routed, and its packets vanish."""
        self.add("router", "transit", "meta nfproto ipv6 drop")

    def settle(self) -> None:
        """Loads what was asked for since the last time."""
        if not self._dirty:
            return
        for where, name in (("router", self._router), ("net", self._net)):
            command(name, ["nft", "-f", "-"], _TABLES + "\n".join(self._lines[where]) + "\n")
        if self._strings != self._applied_strings:
            rules = "".join(f"-A FORWARD {line}\n" for line in self._strings)
            command(self._router, ["iptables-restore"], f"*filter\n:FORWARD ACCEPT [0:0]\n{rules}COMMIT\n")
            self._applied_strings = list(self._strings)
        self._dirty = False

    def opened(self) -> dict[tuple[str, int], int]:
        """SYNs that came to each (IPv4 address, port) of the origins since the last `clear`, repeated ones too."""
        found = json.loads(command(self._net, ["nft", "-j", "list", "set", "inet", "world", "opened"]))
        counts = {}
        for item in found["nftables"]:
            for element in item.get("set", {}).get("elem", ()):
                address, port = element["elem"]["val"]["concat"]
                counts[address, port] = element["elem"]["counter"]["packets"]
        return counts

    def clear(self) -> None:
        """No rule, and counters at nought."""
        self._dirty = True
        for lines in self._lines.values():
            lines.clear()
        self._strings.clear()
