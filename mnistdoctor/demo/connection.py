"""An accepted connection as a fault sees it: bytes both ways, the request read when asked for, and the ways to end."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from mnistdoctor.demo.clienthello import ClientHello, parse_client_hello
from mnistdoctor.demo.log import Handshake, Request

if TYPE_CHECKING:
    import threading

    from mnistdoctor.demo.log import Accepted, Log

HEAD_LIMIT = 1 << 20
"""Bytes of a request head beyond which the client is given up."""
LINGER_S = 1.0
"""Seconds for which `finish` goes on reading after its FIN, so that unread input does not become a RST."""


class Gone(Exception):  # noqa: N818  # nothing went wrong
    """The client has left, or the server is closing: the fault has nobody to play to."""


class Connection:
    """An accepted socket. Sending and receiving go through TLS once `start_tls` was called."""

    def __init__(self, sock: socket.socket, accepted: Accepted, log: Log, stopping: threading.Event) -> None:
        self.sock = sock
        self.log = log
        self.stopping = stopping
        self.number = accepted.number
        self.peer = accepted.peer
        self.closed = False
        self.persistent = False
        """Set by a fault that answered well: the client may send its next request on this connection."""
        self._request: Request | None = None
        self._buffer = b""

    # bytes

    def recv(self, size: int = 65536) -> bytes:
        """Return what comes next, b"" at the client's end of stream."""
        if self._buffer:
            data, self._buffer = self._buffer[:size], self._buffer[size:]
            return data
        return self.sock.recv(size)

    def recv_exactly(self, size: int) -> bytes:
        """Return exactly `size` bytes or raise `Gone`."""
        data = b""
        while len(data) < size:
            more = self.recv(size - len(data))
            if not more:
                raise Gone
            data += more
        return data

    @property
    def pending(self) -> bool:
        """Whether bytes have been taken from the socket that `recv` has not returned yet: `select` misses those."""
        return bool(self._buffer) or (isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0)

    def send(self, data: bytes) -> None:
        """Send all of it."""
        self.sock.sendall(data)

    def sock_peek(self) -> bytes:
        """Return one raw byte without taking it, b"" at the end of the stream."""
        return socket.socket.recv(self.sock, 1, socket.MSG_PEEK)

    def pause(self, seconds: float) -> None:
        """Wait; raises `Gone` at once when the server closes."""
        if self.stopping.wait(seconds):
            raise Gone

    def hang(self) -> None:
        """Read and ignore until the client leaves or the server closes."""
        while self.recv():
            pass
        raise Gone

    # requests

    @property
    def request(self) -> Request:
        """The request at hand, read when first asked for; raises `Gone` when the client sends none."""
        if self._request is None:
            self._request = self._read_request()
            self.log.add(self._request)
        return self._request

    def _read_request(self) -> Request:
        data = b""
        while b"\r\n\r\n" not in data:
            more = self.recv()
            if not more or len(data) > HEAD_LIMIT:
                raise Gone
            data += more
        head, self._buffer = data.split(b"\r\n\r\n", 1)
        line, *lines = head.decode("latin-1").split("\r\n")
        words = line.split(" ", 2)
        if len(words) != 3:
            raise Gone
        fields = tuple((n.strip(), v.strip()) for n, _, v in (row.partition(":") for row in lines))
        length = next((v for n, v in fields if n.lower() == "content-length"), "0")
        body = self.recv_exactly(min(int(length), HEAD_LIMIT)) if length.isdigit() else b""
        return Request(self.number, words[0], words[1], words[2], fields, body)

    def forget_request(self) -> None:
        """Make the next use of `request` read another one."""
        self._request = None

    def next_request(self) -> bool:
        """Forget the request at hand and wait for another; False when the client has finished."""
        self.forget_request()
        if not self._buffer:
            self._buffer = self.sock.recv(65536)
        return bool(self._buffer)

    # TLS

    def client_hello(self, timeout: float = 2.0) -> ClientHello | None:
        """Look at the ClientHello without taking it; None if the client sends something else, or too little."""
        until = time.monotonic() + timeout
        while (left := until - time.monotonic()) > 0:
            if not select.select([self.sock], [], [], left)[0]:
                return None
            data = self.sock.recv(65536, socket.MSG_PEEK)
            hello = parse_client_hello(data)
            if hello is not None or not data or data[0] != 0x16:
                return hello
            self.pause(0.005)
        return None

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Do the server's half of the handshake; on failure the alert is sent, logged, and `Gone` raised."""
        hello = self.client_hello() if not isinstance(self.sock, ssl.SSLSocket) else None
        name = hello.server_name if hello else None
        # Handshake after the swap, so that closing the server finds the descriptor that is in use
        self.sock = context.wrap_socket(self.sock, server_side=True, do_handshake_on_connect=False)
        if self.stopping.is_set():
            raise Gone
        try:
            self.sock.do_handshake()
        except OSError as error:
            reason = getattr(error, "reason", None) or type(error).__name__
            self.log.add(Handshake(self.number, name, None, reason))
            self.finish(notify=False)
            raise Gone from error
        self.log.add(Handshake(self.number, name, self.sock.version(), None))

    # endings

    def reset(self, settle: float = 0.05) -> None:
        """End with a RST, also inside TLS; `settle` seconds before it let what was sent reach the client."""
        self.pause(settle)
        with contextlib.suppress(OSError):
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()

    def finish(self, *, notify: bool = True) -> None:
        """End with a FIN, in TLS after a close_notify unless `notify` is false."""
        if self.closed:
            return
        with contextlib.suppress(OSError, ValueError):
            if notify and isinstance(self.sock, ssl.SSLSocket):
                self.sock.settimeout(0)
                with contextlib.suppress(OSError, ValueError):
                    self.sock.unwrap()
            # The plain socket's methods: SSLSocket.shutdown would forget the TLS state and recv would decrypt
            socket.socket.shutdown(self.sock, socket.SHUT_WR)
            socket.socket.settimeout(self.sock, LINGER_S)
            until = time.monotonic() + LINGER_S
            while time.monotonic() < until and socket.socket.recv(self.sock, 65536):
                pass
        self.close()

    def abandon(self) -> None:
        """Wake a handler that is blocked in this connection; called by the closing server's thread."""
        with contextlib.suppress(OSError):
            socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the descriptor back."""
        self.closed = True
        self.sock.close()


Fault = Callable[[Connection], None]
"""What a server does with a connection; it may be played by many threads at once."""


def play(fault: Fault, connection: Connection) -> None:
    """Play the fault once for each request, for as long as it leaves the connection open for the next."""
    while True:
        connection.persistent = False
        fault(connection)
        if connection.closed or not connection.persistent or not connection.next_request():
            return
