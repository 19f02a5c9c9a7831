"""A server in a process of its own: bodies of any length, over TLS on loopback."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mnistdoctor.demo.pki import Authority

BLOCK = hashlib.sha256(b"mnistdoctor").digest() * 2048
"""64 KiB; every body is made of these."""


class Handler(BaseHTTPRequestHandler):
    """`GET /<length>` answers so many bytes."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Send them."""
        left = int(self.path.strip("/"))
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(left))
        self.end_headers()
        while left:
            self.wfile.write(BLOCK[:left])
            left -= min(left, len(BLOCK))

    def log_message(self, *_: object) -> None:
        """Nothing."""


def _serve(folder: Path, port: Any) -> None:
    with Authority() as authority:
        shutil.copy(authority.bundle, folder / "ca.pem")
        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.socket = authority.issue().server_context().wrap_socket(server.socket, server_side=True)
        port.put(server.server_port)
        server.serve_forever()


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The origin of a server that runs until the end; its CA lies in `folder`."""
    context = multiprocessing.get_context("spawn")
    port = context.Queue()
    process = context.Process(target=_serve, args=(folder, port), daemon=True)
    process.start()
    try:
        yield f"https://127.0.0.1:{port.get(timeout=30)}"
    finally:
        process.terminate()
        process.join()
