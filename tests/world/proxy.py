"""The organisation's proxy: one squid on the router, a port for each behaviour. Started when first asked for."""

from __future__ import annotations

import hashlib
import subprocess
import time
from typing import NamedTuple

from .firewall import PROXY
from .namespace import Lab
from .pki import Pki

USER, PASSWORD = "ada", "lovelace"
REALM = "Corporate proxy"
PORTS = {
    "open": 3128,
    "basic": 3129,
    "digest": 3130,
    "deny": 3131,
    "intercept": 3132,
    "https": 3134,
}
"""Kind to port. `deny` refuses everything; `intercept` re-signs TLS; `https` is a true TLS proxy."""
TRANSPARENT = 3135
VENDORS = ("zscaler", "contoso")
"""Who re-signs: a known product, or a company that nobody has heard of."""

_LINES = """
pid_filename none
shutdown_lifetime 0 seconds
pinger_enable off
hosts_file none
netdb_filename none
cache deny all
coredump_dir /
visible_hostname proxy.corp.example
dns_nameservers 127.0.0.1
positive_dns_ttl 1 second
negative_dns_ttl 1 second
connect_timeout 4 seconds
connect_retries 0
forward_max_tries 1
workers 1
cache_mem 8 MB
cache_log {folder}/cache.log
logformat seen %ts.%03tu	%lp	%>Hs	%rm	%ru	%{{User-Agent}}>h	%{{Proxy-Authorization}}>h
access_log stdio:{folder}/access.log logformat=seen
tls_outgoing_options cafile={folder}/public.pem
sslcrtd_program /usr/lib/squid/security_file_certgen -s {folder}/{vendor}_db -M 4MB
sslcrtd_children 2 startup=1 idle=1
auth_param basic program /usr/lib/squid/basic_ncsa_auth {folder}/passwd
auth_param basic children 2 startup=1 idle=1
auth_param basic realm {realm}
auth_param digest program /usr/lib/squid/digest_file_auth -c {folder}/digest
auth_param digest children 2 startup=1 idle=1
auth_param digest realm {realm}
acl p_basic myportname basic
acl p_digest myportname digest
acl p_deny myportname deny
acl p_bump myportname intercept transparent
acl known proxy_auth REQUIRED
acl step1 at_step SslBump1
auth_schemes basic p_basic
auth_schemes digest p_digest
http_access deny p_deny
http_access deny p_basic !known
http_access deny p_digest !known
http_access allow all
ssl_bump peek p_bump step1
ssl_bump bump p_bump
ssl_bump splice all
http_port {address}:3128 name=open
http_port {address}:3129 name=basic
http_port {address}:3130 name=digest
http_port {address}:3131 name=deny
http_port {address}:3132 name=intercept ssl-bump tls-cert={folder}/{vendor}.pem
https_port {address}:3134 name=https tls-cert={folder}/proxy.pem
https_port {address}:3135 name=transparent intercept ssl-bump tls-cert={folder}/{vendor}.pem
"""


class UnplayableError(Exception):
    """This machine, or this user namespace, lacks what a part of the world needs."""


class ProxyRequest(NamedTuple):
    """A request as the proxy saw it."""

    kind: str
    """Which port, by its name in `PORTS`."""
    status: int
    method: str
    uri: str
    agent: str
    credentials: bool
    """A Proxy-Authorization was there; its value is dropped at once."""


class Proxy:
    """squid: not running until `start`."""

    def __init__(self, lab: Lab, pki: Pki) -> None:
        self._lab, self._pki = lab, pki
        self.folder = lab.folder / "proxy"
        self._vendor = ""
        self._ready = False
        self._mark = 0

    def start(self, vendor: str = "zscaler") -> None:
        """Brings squid up and waits until its last port listens; nothing where it runs so already.

        Made certificates are cached by subject whoever signed them, so another vendor means another start.
        """
        if self._lab.alive("squid") and vendor == self._vendor:
            return
        if not (self.folder / "public.pem").exists() or not self._ready:
            self._prepare()
            self._ready = True
        self.stop()
        self._vendor = vendor
        (self.folder / "cache.log").unlink(missing_ok=True)
        self._lab.start("squid", "router", ["squid", "-N", "-f", f"{self.folder}/{vendor}.conf"])
        # A connection of ours would tell too, but it has no original destination, and then squid closes that port.
        log = self.folder / "cache.log"
        limit = time.monotonic() + 60
        while not (log.exists() and f"local={PROXY}:{TRANSPARENT} " in log.read_text(errors="replace")):
            if not self._lab.alive("squid") or time.monotonic() > limit:
                raise RuntimeError(f"squid: {log.read_text() if log.exists() else self._lab.words('squid')}")
            time.sleep(0.01)

    def stop(self) -> None:
        """Ends squid; by SIGTERM it would take a second. Its helpers end when their input does."""
        self._lab.stop("squid", at_once=True)

    def _prepare(self) -> None:
        folder = self.folder
        folder.mkdir(exist_ok=True)
        subprocess.run(
            ["htpasswd", "-bc", f"{folder}/passwd", USER, PASSWORD], check=True, capture_output=True, timeout=10
        )
        digest = hashlib.md5(f"{USER}:{REALM}:{PASSWORD}".encode()).hexdigest()
        (folder / "digest").write_text(f"{USER}:{REALM}:{digest}\n")
        maker = "/usr/lib/squid/security_file_certgen"
        for name in VENDORS:
            text = _LINES.format(folder=folder, address=PROXY, realm=REALM, vendor=name)
            (folder / f"{name}.conf").write_text(text)
            (folder / f"{name}.pem").write_bytes((self._pki.folder / f"{name}-signing.pem").read_bytes())
            argv = [maker, "-c", "-s", f"{folder}/{name}_db", "-M", "4MB"]
            subprocess.run(argv, check=True, capture_output=True, timeout=10)
        (folder / "public.pem").write_bytes(self._pki.bundle("public").read_bytes())
        (folder / "proxy.pem").write_bytes(self._pki.leaf("good", "proxy.corp.example").read_bytes())
        given = subprocess.run(["chown", "-R", "proxy:proxy", f"{folder}"], capture_output=True)
        if given.returncode:
            raise UnplayableError("squid steps down to the user `proxy`, and this user namespace has no second user")

    def requests(self) -> tuple[ProxyRequest, ...]:
        """What the proxy was asked since the last `clear`; a CONNECT is logged when its tunnel has ended."""
        path = self.folder / "access.log"
        if not path.exists():
            return ()
        time.sleep(0.2)  # squid says nowhere that it has written all
        kinds = {port: kind for kind, port in PORTS.items()} | {TRANSPARENT: "transparent"}
        found = []
        for line in path.read_bytes()[self._mark :].decode(errors="replace").splitlines():
            _, port, status, method, uri, agent, credentials = line.split("\t")
            if not uri.startswith("error:"):
                kind = kinds.get(int(port), port) if port.isdigit() else port
                found.append(ProxyRequest(kind, int(status), method, uri, agent, credentials != "-"))
        return tuple(found)

    def clear(self) -> None:
        """An empty log."""
        path = self.folder / "access.log"
        self._mark = path.stat().st_size if path.exists() else 0
