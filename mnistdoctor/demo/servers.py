"""Loopback servers that play a fault to every client: threads, because asyncio's TLS server sends no alerts."""

from __future__ import annotations

import contextlib
import selectors
import socket
import sys
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from mnistdoctor.demo.connection import Connection, Gone, play
from mnistdoctor.demo.log import Accepted, Log

if TYPE_CHECKING:
    import ssl

    from mnistdoctor.demo.connection import Fault

Self = TypeVar("Self", bound="Endpoint")

__all__ = ["Endpoint", "RefusingPort", "Server", "SilentPort"]

CLOSE_S = 0.1
"""Seconds that `close` waits for handlers, all together."""


class Endpoint:
    """A loopback port with URLs; a context manager."""

    def __init__(self, family: socket.AddressFamily = socket.AF_INET, scheme: str = "http") -> None:
        self.scheme = scheme
        self.log = Log()
        self._socket = self.bound(family)
        self.host: str
        self.port: int
        self.host, self.port = self._socket.getsockname()[:2]

    def bound(self, family: socket.AddressFamily) -> socket.socket:
        """Make the socket, on a free port of loopback."""
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
        except OSError:
            sock.close()
            raise
        return sock

    @property
    def address(self) -> tuple[str, int]:
        """Host and port, for `socket.create_connection`."""
        return self.host, self.port

    def url(self, path: str = "/", *, host: str | None = None, scheme: str | None = None) -> str:
        """Return a URL of this port; `host` names it otherwise than by its address, with or without user info."""
        host = host or (f"[{self.host}]" if ":" in self.host else self.host)
        return f"{scheme or self.scheme}://{host}:{self.port}{path}"

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if error is None:
            for mistake in self.log.errors:
                raise mistake


class RefusingPort(Endpoint):
    """A port that refuses connections: bound, so that nobody else gets it, and never listened on."""


class SilentPort(Endpoint):
    """A port that answers no SYN, so that connecting times out: its queue of connections is kept full.

    Genuine on Linux, where the kernel drops the SYN (`tcp_abort_on_overflow` 0, its default).
    """

    def __init__(self, family: socket.AddressFamily = socket.AF_INET, scheme: str = "http") -> None:
        super().__init__(family, scheme)
        # Darwin reads a backlog of 0 as the largest one
        self._socket.listen(0 if sys.platform == "linux" else 1)
        self._fillers: list[socket.socket] = []
        for _ in range(16):
            filler = socket.socket(family, socket.SOCK_STREAM)
            self._fillers.append(filler)
            filler.settimeout(0.05)
            try:
                filler.connect(self.address)
            except OSError:
                return
        self.close()
        raise OSError("this system's queue of connections cannot be filled")

    def close(self) -> None:
        """Give the port and the connections that fill it back."""
        for filler in self._fillers:
            filler.close()
        super().close()


class Server(Endpoint):
    """Plays `fault` to every connection, each in a daemon thread; with `tls`, inside TLS."""

    def __init__(
        self,
        fault: Fault,
        tls: ssl.SSLContext | None = None,
        family: socket.AddressFamily = socket.AF_INET,
        *,
        scheme: str | None = None,
    ) -> None:
        super().__init__(family, scheme or ("https" if tls else "http"))
        self.fault = fault
        self.tls = tls
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self._live: dict[threading.Thread, Connection] = {}
        self._waker, self._woken = socket.socketpair()
        self._socket.listen(128)
        self._socket.setblocking(False)
        self._acceptor = threading.Thread(target=self._accept, name=f"demo-{self.port}", daemon=True)
        self._acceptor.start()

    def _accept(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._stopping.is_set():
                selector.select()
                with contextlib.suppress(OSError):  # the client may have left the queue again
                    self._start(*self._socket.accept())

    def _start(self, sock: socket.socket, peer: tuple[str, int]) -> None:
        sock.setblocking(True)
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        accepted = self.log.number(lambda n: Accepted(n, peer[:2]), Accepted)
        connection = Connection(sock, accepted, self.log, self._stopping)
        thread = threading.Thread(target=self._handle, args=(connection,), daemon=True)
        thread.name = f"demo-{self.port}-{accepted.number}"
        with self._lock:
            self._live[thread] = connection
        thread.start()

    def _handle(self, connection: Connection) -> None:
        try:
            if self.tls is not None:
                connection.start_tls(self.tls)
            play(self.fault, connection)
            connection.finish()
        except (Gone, OSError):
            pass
        except Exception as mistake:  # a scene's bug must reach its author, not stderr
            self.log.add(mistake)
        finally:
            connection.close()
            with self._lock:
                self._live.pop(threading.current_thread(), None)

    def close(self) -> None:
        """Stop accepting, wake every handler, and wait at most `CLOSE_S` for them."""
        if self._stopping.is_set():
            return
        self._stopping.set()
        self._waker.send(b"x")
        # To its end, which is near: a socket that is closed under its `select` would never wake it, and what it has
        # just accepted must be among the live.
        self._acceptor.join()
        with self._lock:
            live = dict(self._live)
        for connection in live.values():
            connection.abandon()
        until = time.monotonic() + CLOSE_S
        for thread in live:
            thread.join(max(0.0, until - time.monotonic()))
        self._waker.close()
        self._woken.close()
        super().close()
