"""Byte streams with deadlines: a plain socket, and TLS driven over any stream.

A socket's own timeout starts afresh with every byte, so a server that drips holds it for ever; these streams have a
moment by which the operation must end as well. TLS goes through `ssl.SSLContext.wrap_bio`, for three reasons: a reset
inside TLS stays a reset (`ssl.SSLSocket` reports a clean end), TLS inside TLS needs nothing more, and the peer's chain
can still be read after a verification that failed.
"""

from __future__ import annotations

import io
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, cast

from mnistdoctor.failure import Late
from mnistdoctor.run import Run

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PIECE = 256 * 1024


class Stream(Protocol):
    """What the HTTP library needs of a connected socket, and what the probes ask of it afterwards."""

    error: BaseException | None
    """The first exception that reading or writing raised."""
    received: int
    """Bytes received, of this layer's payload."""

    def expect(self, seconds: float | None, silence: float | None = None) -> None:
        """From now on all must be done within so many seconds, with no silence longer than `silence` seconds."""

    def recv(self, size: int) -> bytes: ...
    def sendall(self, data: bytes) -> None: ...
    def end(self) -> None:
        """Closes the connection."""

    def makefile(self, mode: str = "rb", buffering: int | None = None) -> BinaryIO: ...


class _Readable:
    """``makefile`` and the methods that urllib3 calls on a socket, over `recv`."""

    error: BaseException | None = None
    received = 0

    def recv(self, size: int) -> bytes:
        raise NotImplementedError

    def makefile(self, mode: str = "rb", buffering: int | None = None) -> BinaryIO:
        """A file to read from; unbuffered with ``buffering=0``, so that nothing is read beyond what was asked for."""
        assert mode == "rb", mode
        raw = _RawReader(self)
        return cast(BinaryIO, raw if buffering == 0 else io.BufferedReader(raw, PIECE))

    def close(self) -> None:
        """Nothing: the HTTP library closes its socket while the body is still to be read; see `end`."""

    def settimeout(self, _seconds: float | None) -> None:
        """Nothing: `expect` sets the limits, not the HTTP library."""

    def setsockopt(self, *_arguments: object) -> None:
        """Nothing: options were set when the socket was made."""


class _RawReader(io.RawIOBase):
    def __init__(self, stream: _Readable) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        data = self._stream.recv(min(len(view), PIECE))
        view[: len(data)] = data
        return len(data)


class PlainStream(_Readable):
    """A connected TCP socket."""

    def __init__(self, run: Run, sock: socket.socket) -> None:
        self._run = run
        self._socket = sock
        self._until: float | None = None
        self._silence: float | None = None

    def expect(self, seconds: float | None, silence: float | None = None) -> None:
        self._until = None if seconds is None else time.monotonic() + seconds
        self._silence = silence

    def recv(self, size: int) -> bytes:
        try:
            self._arm()
            data = self._socket.recv(size)
        except (OSError, Late) as error:
            raise self._noted(error) from None
        self.received += len(data)
        return data

    def sendall(self, data: bytes) -> None:
        try:
            self._arm()
            self._socket.sendall(data)
        except (OSError, Late) as error:
            raise self._noted(error) from None

    def end(self) -> None:
        self._socket.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def _noted(self, error: BaseException) -> BaseException:
        """The error, or `Late` where the socket's wait ended because the whole run's did."""
        if isinstance(error, TimeoutError) and self._run.is_late():
            error = Late()
        self.error = self.error or error
        return error

    def _arm(self) -> None:
        """Sets the socket's timeout to the nearest of the three limits."""
        limit = self._run.left()
        if self._silence is not None:
            limit = min(limit, self._silence)
        if self._until is not None:
            left = self._until - time.monotonic()
            if left <= 0:
                raise TimeoutError("timed out")
            limit = min(limit, left)
        self._socket.settimeout(limit)


class TlsStream(_Readable):
    """TLS over another stream; `handshake` must come first."""

    def __init__(self, below: Stream, context: ssl.SSLContext, server_name: str) -> None:
        self.below = below
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)
        self.first_bytes = b""
        """The beginning of what the peer sent during the handshake."""
        self.ragged_end = False
        """Whether the peer closed the connection without TLS's own close_notify (RFC 8446 section 6.1)."""

    def expect(self, seconds: float | None, silence: float | None = None) -> None:
        self.below.expect(seconds, silence)

    def handshake(self) -> None:
        """Raises `ssl.SSLError` or `OSError`; a fatal alert of ours is sent before it does."""
        while True:
            try:
                self.tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except ssl.SSLError:
                self._flush_quietly()
                raise
            else:
                self._flush()
                return

    def recv(self, size: int) -> bytes:
        while True:
            try:
                data = self._records(size)
            except ssl.SSLWantReadError:
                self._flush()
                self._fill()
            except ssl.SSLZeroReturnError:
                return b""
            except ssl.SSLEOFError:
                self.ragged_end = True
                return b""
            except ssl.SSLError as error:
                self.error = self.error or error
                raise
            else:
                self.received += len(data)
                return data

    def _records(self, size: int) -> bytes:
        """All whole records that are here, up to that many bytes: one at a time would cost most of a long transfer.

        An error after the first record is kept by OpenSSL and raised by the next call.
        """
        parts = [self.tls.read(size)]
        total = len(parts[0])
        while total < size and self._incoming.pending:
            try:
                part = self.tls.read(size - total)
            except ssl.SSLError:
                break
            parts.append(part)
            total += len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def sendall(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self.tls.write(view) :]
        self._flush()

    def end(self) -> None:
        self.below.end()

    def fileno(self) -> int:
        return int(self.below.fileno())  # type: ignore[attr-defined]

    def presented(self) -> list[bytes]:
        """The peer's certificates in DER form, leaf first, verified or not."""
        if hasattr(self.tls, "get_unverified_chain"):  # public from Python 3.13 on
            return list(self.tls.get_unverified_chain())
        inner: Any = self.tls._sslobj  # type: ignore[attr-defined]
        return [one.public_bytes(2) for one in inner.get_unverified_chain() or ()]  # 2 is _ssl.ENCODING_DER

    def _fill(self) -> None:
        try:
            data = self.below.recv(PIECE)
        except (OSError, Late) as error:
            self.error = self.error or error
            raise
        if len(self.first_bytes) < 256:
            self.first_bytes += data[: 256 - len(self.first_bytes)]
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    def _flush(self) -> None:
        pending = self._outgoing.read()
        if pending:
            try:
                self.below.sendall(pending)
            except (OSError, Late) as error:
                self.error = self.error or error
                raise

    def _flush_quietly(self) -> None:
        try:
            self._flush()
        except (OSError, Late):
            self.error = None
