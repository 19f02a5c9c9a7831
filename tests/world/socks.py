"""A SOCKS server (versions 4, 4a and 5) on the router, honest or not: no package of Debian's is needed for it."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass

from . import sites
from .namespace import inside
from .raw import Play

NO_METHOD = 0xFF
_V4, _NAME, _V6 = 1, 3, 4


@dataclass(frozen=True, slots=True)
class Socks:
    """How the server treats its clients."""

    namespace: str
    user: str = ""
    password: str = ""
    """With a user name the server wants both, and nothing else."""
    reply: int = 0
    """What it answers to every request; 0 lets them through (RFC 1928 section 6)."""
    names: bool = True
    """Whether it takes names, not addresses alone."""

    def play(self) -> Play:
        """The server, for one connection."""
        return self._serve

    def _serve(self, link: socket.socket) -> None:
        link.settimeout(15)
        if _exactly(link, 1) == b"\4":
            self._serve_4(link)
            return
        methods = _exactly(link, _exactly(link, 1)[0])
        wanted = 2 if self.user else 0
        if wanted not in methods:
            link.sendall(bytes((5, NO_METHOD)))
            return
        link.sendall(bytes((5, wanted)))
        if wanted == 2 and not self._knows(link):
            return
        host, port = self._asked(link)
        if self.reply or host is None:
            link.sendall(bytes((5, self.reply or 8, 0, 1)) + bytes(6))
            return
        self._relay(link, host, port, bytes((5, 0, 0, 1)) + bytes(6), bytes((5, 5, 0, 1)) + bytes(6))

    def _serve_4(self, link: socket.socket) -> None:
        _exactly(link, 1)
        port, address = int.from_bytes(_exactly(link, 2), "big"), _exactly(link, 4)
        _text(link)
        host = sites.address(_text(link)) if address[:3] == bytes(3) else socket.inet_ntoa(address)
        if self.reply:
            link.sendall(bytes((0, self.reply)) + bytes(6))
            return
        self._relay(link, host, port, bytes((0, 0x5A)) + bytes(6), bytes((0, 0x5B)) + bytes(6))

    def _knows(self, link: socket.socket) -> bool:
        _exactly(link, 1)
        user = _exactly(link, _exactly(link, 1)[0]).decode()
        password = _exactly(link, _exactly(link, 1)[0]).decode()
        right = (user, password) == (self.user, self.password)
        link.sendall(bytes((1, 0 if right else 1)))
        return right

    def _asked(self, link: socket.socket) -> tuple[str | None, int]:
        kind = _exactly(link, 4)[3]
        if kind == _NAME:
            name = _exactly(link, _exactly(link, 1)[0]).decode()
            known = sites.BY_HOST.get(name)
            host = sites.address(name) if known and self.names else None
        else:
            family, length = (socket.AF_INET, 4) if kind == _V4 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, _exactly(link, length))
        return host, int.from_bytes(_exactly(link, 2), "big")

    def _relay(self, link: socket.socket, host: str, port: int, granted: bytes, refused: bytes) -> None:
        try:
            other = inside(self.namespace, lambda: socket.create_connection((host, port), timeout=4))
        except OSError:
            link.sendall(refused)
            return
        with other:
            link.sendall(granted)
            back = threading.Thread(target=_copy, args=(other, link), daemon=True)
            back.start()
            _copy(link, other)
            back.join(15)


def _exactly(link: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = link.recv(count - len(found))
        if not piece:
            raise OSError("the client hung up")
        found += piece
    return found


def _text(link: socket.socket) -> str:
    """What comes before the next NUL."""
    found = b""
    while (piece := _exactly(link, 1)) != b"\0":
        found += piece
    return found.decode()


def _copy(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := source.recv(65536):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
