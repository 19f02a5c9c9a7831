"""The closed world: a client, a router with resolver and proxy, and an internet of origins behind it.

Changes are collected and brought about by the next `run`, so that a test pays once for all of them.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mnistdoctor.demo.connection import Fault
from tests.faults import socks

from . import sites
from .client import RESOLV, Client, Machine
from .firewall import PROXY, Firewall
from .nameserver import Names, Query, Rule
from .namespace import Lab
from .origin import Change, Origin, Request
from .pki import Pki
from .proxy import PORTS, TRANSPARENT, Proxy, ProxyRequest
from .raw import LabServer
from .wires import Wires

_BACKENDS = {
    f"{name}:{port}": (name if name.replace(".", "").isdigit() else sites.address(site.host), port)
    for site in sites.SITES
    for name in (site.host, sites.address(site.host))
    for port in (80, 443)
}
"""What a SOCKS proxy can reach, by name and by address."""
PROGRAMS = ("ip", "nft", "iptables-restore", "nginx", "squid", "dnsmasq", "htpasswd", "unshare", "openssl")


def missing() -> str | None:
    """Why no world can be made here; None where one can."""
    if not sys.platform.startswith("linux"):
        return "network namespaces exist on Linux only"
    if os.geteuid() != 0:
        return "network namespaces with real ports need root, or `python -m tests.world.rootless`"
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    return None


class World:
    """See the module. One for a test session; `clear` makes it new between tests."""

    def __init__(self, bundles: tuple[Path, ...] = ()) -> None:
        """`bundles` are certifi's files of other Pythons that take part."""
        self._lab = Lab(("client", "router", "net"))
        atexit.register(self.close)
        try:
            self._wires = Wires(self._lab)
            self.pki = Pki(self._lab.folder / "pki")
            self._client = Client(self._lab.names["client"], self._lab.folder / "client", self.pki, bundles)
            self._names = Names(self._lab)
            self._origin = Origin(self._lab, self.pki)
            self._proxy = Proxy(self._lab, self.pki)
            self._firewall = Firewall(self._lab.names["router"], self._lab.names["net"])
            self._raw: list[LabServer] = []
            self._resolv = RESOLV
            self.clear()
            self.settle()
        except BaseException:
            self.close()
            raise

    def settle(self) -> None:
        """Brings about what was asked for. `run` does it by itself."""
        self._origin.settle()
        self._firewall.settle()

    # --- the patient ------------------------------------------------------------------------------------------

    def run(
        self,
        *argv: str,
        env: Mapping[str, str] | None = None,
        timeout: float = 110,
        hosts: str = "",
        ca: str | Path = "lab",
        system: tuple[str, ...] = ("public",),
        certifi: tuple[str, ...] = ("public",),
        proxy: str | None = None,
        given: str | None = None,
        tmpfs: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command on the client's machine; see `Machine` for the words. `proxy` sets both proxy variables."""
        self.settle()
        values = dict.fromkeys(("http_proxy", "https_proxy"), proxy) if proxy is not None else {}
        machine = Machine(hosts, self._resolv, ca, system, certifi, {**values, **(env or {})}, tmpfs or {})
        return self._client.run(argv, machine, timeout, given)

    def tool(self, *argv: str, **how: Any) -> subprocess.CompletedProcess[str]:
        """Runs `mnistdoctor` with these arguments, as `run` does."""
        return self.run(sys.executable, "-m", "mnistdoctor", *argv, **how)

    def check(self, *argv: str, **how: Any) -> dict[str, Any]:
        """The report of `mnistdoctor check --format json`: asserts one JSON document, and no traceback."""
        began = time.monotonic()
        ended = self.tool("check", "--format", "json", *argv, **how)
        told = f"exit {ended.returncode} after {time.monotonic() - began:.1f} s\n{ended.stdout}\n{ended.stderr}"
        assert "Traceback (most recent call last)" not in ended.stderr, told
        try:
            report = json.loads(ended.stdout)
        except ValueError:
            raise AssertionError(f"stdout is not one JSON document: {told}") from None
        assert isinstance(report, dict), told
        return report

    @property
    def home(self) -> Path:
        """The patient's home folder, empty at the beginning of a test."""
        return self._client.home

    # --- faults -----------------------------------------------------------------------------------------------

    def serve(
        self,
        host: str,
        path: str,
        body: bytes | Path = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        kind: str = "application/octet-stream",
    ) -> None:
        """One path of a host answers so; `kind` is the media type. Real files come with ETag and ranges."""
        if status == 200 and not headers and kind == "application/octet-stream":
            self._origin.serve(host, path, body)
            return
        content = body.read_bytes() if isinstance(body, Path) else body
        self._origin.change(host).exact[path] = self._origin.answer(status, content, kind, headers or {})

    def host(
        self,
        host: str,
        *,
        certificate: str | None = None,
        protocols: str | None = None,
        status: int | None = None,
        body: bytes = b"",
        kind: str = "text/html",
        headers: Mapping[str, str] | None = None,
        redirect: str | None = None,
        nginx: str | None = None,
    ) -> Change:
        """Changes a whole host: its certificate (a kind of `Pki.leaf`), its TLS versions, what every path answers
        (`status` with `body`, `kind` and `headers`, or a `redirect`), or any line of nginx in its server block."""
        change = self._origin.change(host)
        change.certificate = certificate or change.certificate
        change.protocols = protocols or change.protocols
        if status is not None:
            change.everything = self._origin.answer(status, body, kind, headers or {})
        if redirect is not None:
            change.everything = f"return 302 {redirect};"
        if nginx is not None:
            change.lines.append(nginx)
        return change

    def raw(
        self, host: str, fault: Fault, *, port: int = 443, certificate: str | None = None, name: str | None = None
    ) -> LabServer:
        """A host's port plays the `fault`, after a true TLS handshake where a `certificate` kind is given.

        The certificate is for that host, unless another `name` is given.
        """
        pem = self.pki.leaf(certificate, name or host) if certificate else None
        server = LabServer(self._lab.names["net"], fault, pem)
        self._raw.append(server)
        for match in (f"ip daddr {sites.address(host)}", f"ip6 daddr {sites.address6(host)}"):
            if not match.endswith("None"):
                self._firewall.add("net", "turned", f"{match} tcp dport {port} redirect to :{server.port}")
        return server

    def raw_proxy(self, fault: Fault) -> str:
        """The URL of a proxy that plays the `fault`."""
        return f"http://{self._on_router(fault)}"

    def _on_router(self, fault: Fault) -> str:
        """``host:port`` of a server at the organisation's proxy."""
        server = LabServer(self._lab.names["router"], fault)
        self._raw.append(server)
        return f"{PROXY}:{server.port}"

    def dns(
        self,
        host: str,
        *,
        answer: str | tuple[str, ...] | None = None,
        **rule: Any,
    ) -> None:
        """What the resolver says to a name (`*` for all): addresses, or what else a `nameserver.Rule` can tell.

        An empty tuple of addresses is an answer with no record.
        """
        if not self._names.rules.rules:
            self._firewall.turn_dns()
        addresses = (answer,) if isinstance(answer, str) else answer
        self._names.rules.rules[host.lower()] = Rule(addresses, **rule)

    def firewall(self, host: str, action: str, *, port: int | None = None, path: str = "direct") -> None:
        """`action` is one of `firewall.ACTIONS`, `sni-drop` or `sni-reset`; `host` may be `*` (every TCP connection
        through the router) or `proxy`; `path="proxy"` filters what the proxy sends, not what the client does."""
        self._firewall.block(host, action, port, path)

    def mtu_hole(self, host: str, limit: int = 700) -> None:
        """Larger packets from the host vanish."""
        self._firewall.mtu_hole(host, limit)

    def portal(self, *, status: int = 302, body: bytes = b"", ports: tuple[int, ...] = (80, 443)) -> None:
        """A captive portal: every web request of the client to those ports lands at its sign-in server."""
        if status != 302:
            self.host(sites.PORTAL_HOST, status=status, body=body)
        self._origin.dirty = True
        self._firewall.portal(ports)

    def intercept(self, vendor: str = "zscaler") -> None:
        """A gateway in the path re-signs the TLS of every host, with no proxy set on the client."""
        self._proxy.start(vendor)
        rule = f"iifname lan ip daddr != 10.77.0.0/24 tcp dport 443 dnat ip to {PROXY}:{TRANSPARENT}"
        self._firewall.add("router", "turned", rule)

    def proxy_url(
        self, kind: str, user: str | None = None, password: str | None = None, *, vendor: str = "zscaler"
    ) -> str:
        """The URL of the organisation's proxy in one of its kinds (`proxy.PORTS`), its credentials percent-encoded."""
        self._proxy.start(vendor)
        login = f"{quote(user, safe='')}:{quote(password or '', safe='')}@" if user else ""
        scheme = "https" if kind == "https" else "http"
        return f"{scheme}://{login}{PROXY}:{PORTS[kind]}"

    def socks(self, *, user: str = "", password: str = "", reply: int = 0) -> str:
        """``host:port`` of a SOCKS proxy (4, 4a, 5) on the router; `reply` is its answer instead of relaying."""
        return self._on_router(socks.any_version(_BACKENDS, (user, password) if user else None, reply=reply or None))

    def no_route(self) -> None:
        """The client has a link, and no default route."""
        self._wires.no_route()

    def prohibit(self, host: str) -> None:
        """The client's own routing table forbids the host: `connect` ends with EACCES, and no packet leaves."""
        self._wires.prohibit(sites.address(host))

    def no_link(self) -> None:
        """The client's interface is down."""
        self._wires.no_link()

    def no_resolver(self, how: str = "closed") -> None:
        """`closed`: nothing listens there; `silent`: packets vanish; `empty`: `resolv.conf` names none."""
        if how == "empty":
            self._resolv = "# empty\n"
        elif how == "silent":
            self._firewall.silence_resolver()
        else:
            self._firewall.close_resolver()

    def ipv6(self, state: str) -> None:
        """`none` (as at the beginning): no address. `healthy`: address, route, and it works. `broken`: it vanishes."""
        if state == "none":
            return
        self._wires.ipv6()
        if state == "broken":
            self._firewall.break_v6()

    def mtu(self, limit: int) -> None:
        """The client's link carries packets of up to `limit` bytes, and says so (no hole)."""
        self._wires.mtu(limit)

    @property
    def remembers(self) -> bool:
        """Whether some server in it may act by what it was asked before; nginx, squid and the resolver do not."""
        return bool(self._raw)

    def clear(self) -> None:
        """Every part back to good health, with empty logs."""
        for server in self._raw:
            server.close()
        self._raw.clear()
        self._names.clear()
        self._origin.clear()
        self._proxy.clear()
        self._firewall.clear()
        self._client.clear()
        self._resolv = RESOLV
        self._wires.clear()

    # --- what was seen ----------------------------------------------------------------------------------------

    def requests(self, host: str | None = None) -> tuple[Request, ...]:
        """Requests that the real origins saw, of one host or all."""
        return tuple(seen for seen in self._origin.requests() if host in (None, seen.host))

    def queries(self, name: str | None = None) -> tuple[Query, ...]:
        """Queries that the resolver saw from the client."""
        return tuple(seen for seen in self._names.queries() if name in (None, seen.name))

    def proxied(self) -> tuple[ProxyRequest, ...]:
        """Requests that the organisation's proxy saw."""
        return self._proxy.requests()

    def connections(self, host: str, port: int) -> int:
        """Connections tried to a host's IPv4 address that came as far as its machine."""
        return self._firewall.opened().get((sites.address(host), port), 0)

    def close(self) -> None:
        """Ends and removes everything. May be called twice."""
        atexit.unregister(self.close)
        for server in getattr(self, "_raw", ()):
            server.close()
        if names := getattr(self, "_names", None):
            names.close()
        if proxy := getattr(self, "_proxy", None):
            proxy.stop()
        self._lab.remove()
