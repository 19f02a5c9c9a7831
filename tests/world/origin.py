"""The origin servers: one nginx with a virtual host, an address and a certificate for each host.

nginx is restarted, not reloaded, when a test changes it: that takes 30 ms, and no old worker can answer once more.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from . import sites
from .namespace import Lab
from .pki import Pki

_HEAD = """
daemon off; worker_processes 1; user root; pid {folder}/pid; error_log {folder}/error.log warn;
events {{ worker_connections 512; }}
http {{
  default_type application/octet-stream; sendfile on; keepalive_timeout 15; server_tokens off;
  server_names_hash_bucket_size 128; types {{ }} large_client_header_buffers 4 16k;
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  map $http_authorization $has_authorization {{ "" false; default true; }}
  map $http_proxy_authorization $has_proxy_authorization {{ "" false; default true; }}
  log_format seen escape=json '{{"host":"$host","method":"$request_method","uri":"$request_uri",'
    '"status":$status,"agent":"$http_user_agent","port":$server_port,"connection":$connection,'
    '"source":"$remote_addr","via":"$http_via","encoding":"$http_accept_encoding","range":"$http_range",'
    '"authorization":$has_authorization,"proxy_authorization":$has_proxy_authorization}}';
  access_log {folder}/access.log seen;
  server {{ listen unix:{folder}/ready.sock; access_log off; return 204; }}
"""


class Request(NamedTuple):
    """A request as an origin saw it."""

    host: str
    method: str
    uri: str
    status: int
    agent: str
    port: int
    connection: int
    source: str
    via: str
    encoding: str
    range: str
    authorization: bool
    """A field was there; its value is never kept."""
    proxy_authorization: bool


@dataclass(slots=True)
class Change:
    """How a host differs from good health."""

    certificate: str = "good"
    protocols: str = "TLSv1.2 TLSv1.3"
    lines: list[str] = field(default_factory=list)
    """Further nginx lines of the server block."""
    everything: str = ""
    """What `location /` does for every path; empty for serving the documents."""
    exact: dict[str, str] = field(default_factory=dict)
    """Path to nginx lines, for that path alone."""


def quoted(text: str) -> str:
    """A string literal of nginx's configuration. A `$` cannot be written in one, so it is refused."""
    if "$" in text:
        raise ValueError(f"nginx would expand the variable in {text!r}")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Origin:
    """The one nginx: what each host serves, what is changed about it, and what it saw."""

    def __init__(self, lab: Lab, pki: Pki) -> None:
        self._lab, self._pki = lab, pki
        self.folder = lab.folder / "origin"
        self.folder.mkdir()
        self._changes: dict[str, Change] = {}
        self._added: list[Path] = []
        self._inner: list[str] = []
        self._mark = 0
        self.dirty = True
        for site in sites.SITES:
            for path, body in site.documents:
                self._place(site.host, path, body)
            (self.folder / "docs" / site.host).mkdir(parents=True, exist_ok=True)
        (self.folder / "denied.xml").write_bytes(sites.ACCESS_DENIED)
        (self.folder / "missing.html").write_bytes(sites.NOT_FOUND)

    def _place(self, host: str, path: str, body: Path | bytes) -> Path:
        place = self.folder / "docs" / host / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        if isinstance(body, Path):
            place.symlink_to(body.resolve())
        else:
            place.write_bytes(body)
        return place

    def change(self, host: str) -> Change:
        """The changes of a host, to be written to; nginx takes them up with the next `settle`."""
        self.dirty = True
        return self._changes.setdefault(host, Change())

    def answer(self, status: int, body: bytes, kind: str, headers: Mapping[str, str]) -> str:
        """nginx lines of a location that answers any request so."""
        lines = [f"add_header {name} {quoted(value)} always;" for name, value in headers.items()]
        lines.append(f"default_type {kind};")
        if not body:
            return " ".join([*lines, f"return {status};"])
        number = len(list(self.folder.glob("body-*")))
        (self.folder / f"body-{number}").write_bytes(body)
        # A body from a file keeps every byte; `error_page` gives it the status of the `return`.
        inner = f"alias {self.folder}/body-{number}; etag off; {' '.join(lines)}"
        place = f"/.body-{number}"
        step = f"rewrite ^ {place} last;" if status == 200 else f"error_page {status} {place}; return {status};"
        self._inner.append(f"location = {place} {{ internal; {inner} }}")
        return step

    def serve(self, host: str, path: str, body: Path | bytes) -> None:
        """Puts a document on a host, over one that may be there, until `clear`."""
        self._added.append(self._place(host, path, body))

    def settle(self) -> None:
        """Brings nginx up to the state asked for, and waits until it answers."""
        if not self.dirty and self._lab.alive("nginx"):
            return
        self._lab.stop("nginx")
        (self.folder / "ready.sock").unlink(missing_ok=True)
        (self.folder / "nginx.conf").write_text(self._configuration())
        argv = ["nginx", "-c", f"{self.folder}/nginx.conf", "-e", f"{self.folder}/error.log"]
        self._lab.start("nginx", "net", argv)
        limit = time.monotonic() + 60
        while not self._answers():
            if not self._lab.alive("nginx") or time.monotonic() > limit:
                raise RuntimeError(f"nginx: {self._lab.words('nginx')}")
            time.sleep(0.003)
        self.dirty = False

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(10)
            try:
                link.connect(f"{self.folder}/ready.sock")
                link.sendall(b"GET / HTTP/1.0\r\n\r\n")
                return link.recv(12).endswith(b"204")
            except OSError:
                return False

    def _configuration(self) -> str:
        blocks = [_HEAD.format(folder=self.folder)]
        blocks += [self._server(site) for site in sites.SITES]
        blocks.append(self._portal())
        return "\n".join([*blocks, "}"])

    def _server(self, site: sites.Site) -> str:
        change = self._changes.get(site.host, Change())
        pem = self._pki.leaf(change.certificate, site.host)
        listen = [f"listen {sites.address(site.host)}:80;"]
        six = sites.address6(site.host)
        tls = []
        if six:
            listen.append(f"listen [{six}]:80;")
        if site.tls:
            tls = [f"ssl_certificate {pem};", f"ssl_certificate_key {pem};", f"ssl_protocols {change.protocols};"]
            if "TLSv1" in change.protocols.split():
                tls.append("ssl_ciphers ALL:@SECLEVEL=0;")
            listen += [f"listen {sites.address(site.host)}:443 ssl;"] + ([f"listen [{six}]:443 ssl;"] if six else [])
        missing, page = (403, "denied.xml") if site.missing == "s3" else (404, "missing.html")
        kind = "application/xml" if site.missing == "s3" else "text/html"
        taken = any("location = / " in line for line in site.extra)
        lines = [
            f"server_name {site.host};",
            f"root {self.folder}/docs/{site.host};",
            f"location = /.missing {{ internal; default_type {kind}; alias {self.folder}/{page}; etag off; }}",
            *([] if change.everything else site.extra),
            *change.lines,
            *(f"location = {quoted(path)} {{ {text} }}" for path, text in change.exact.items()),
            *(self._inner if change.everything or change.exact else []),
            f"location / {{ {change.everything or f'error_page 403 404 ={missing} /.missing; try_files $uri =404;'} }}",
        ]
        if not taken and "/" not in change.exact and not change.everything:
            lines.append(f"error_page 403 404 ={missing} /.missing;")
        return "server {\n  " + "\n  ".join([*listen, *tls, *lines]) + "\n}"

    def _portal(self) -> str:
        change = self._changes.get(sites.PORTAL_HOST, Change())
        pem = self._pki.leaf("self-signed", sites.PORTAL_HOST)
        what = change.everything or f"return 302 http://{sites.PORTAL_HOST}/login?to=;"
        return (
            f"server {{ listen {sites.PORTAL}:80; listen {sites.PORTAL}:443 ssl; server_name portal;\n"
            f"  ssl_certificate {pem}; ssl_certificate_key {pem};\n"
            '  location = /login { default_type text/html; return 200 "<html><title>Hotel Wi-Fi</title>'
            '<form action=/accept><input type=password name=room></form></html>"; }\n'
            f"  {' '.join(self._inner)}\n  location / {{ {what} }}\n}}"
        )

    def requests(self) -> tuple[Request, ...]:
        """What all hosts together were asked since the last `clear`."""
        path = self.folder / "access.log"
        if not path.exists():
            return ()
        # nginx writes a line when the last byte is out, which may be after the client has left. It has one worker:
        # what that answers now, it answers after those lines.
        for _ in range(2):
            self._answers()
        lines = path.read_bytes()[self._mark :].decode(errors="replace").splitlines()
        return tuple(Request(**json.loads(line)) for line in lines)

    def clear(self) -> None:
        """Back to good health, with an empty log."""
        self.dirty = self.dirty or bool(self._changes)
        self._changes.clear()
        self._inner = []
        for added in self._added:
            added.unlink(missing_ok=True)
        if self._added:
            for site in sites.SITES:
                for path, body in site.documents:
                    self._place(site.host, path, body)
        self._added.clear()
        for body in self.folder.glob("body-*"):
            body.unlink()
        log = self.folder / "access.log"
        self._mark = log.stat().st_size if log.exists() else 0
