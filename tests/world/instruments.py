"""Instruments that try the world from the client: curl, requests, dnspython and a bare connect."""

from __future__ import annotations

import json
import subprocess
import sys

from . import files
from .world import World

URL = files.GCS + files.LABELS
HOST = "storage.googleapis.com"
SHA256 = "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"

_LOOKUP = """
import json, sys, socket, dns.message, dns.query, dns.flags, dns.rcode
query = dns.message.make_query(sys.argv[1], "A", use_edns=0)
answer = dns.query.udp(query, "10.77.0.1", timeout=2)
try:
    socket.getaddrinfo(sys.argv[1], 443); system = 0
except socket.gaierror as error:
    system = error.errno
print(json.dumps([dns.rcode.to_text(answer.rcode()), [r.to_text() for s in answer.answer for r in s],
    [o.to_text() for o in answer.options], [str(s.rdtype) for s in answer.authority], system]))
"""
_CONNECT = """
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 2).close(); print(0)
except OSError as error:
    print(error.errno or "timeout")
"""
_FETCH = """
import requests, sys, hashlib
try:
    answer = requests.get(sys.argv[1], timeout=5)
    print(answer.status_code, hashlib.sha256(answer.content).hexdigest())
except requests.RequestException as error:
    print(error)
"""


def curl(world: World, *argv: str, **how: object) -> subprocess.CompletedProcess[str]:
    return world.run("curl", "-sS", "-o", "/dev/null", "-m", "8", *argv, **how)  # type: ignore[arg-type]


def lookup(world: World, name: str) -> list[object]:
    ended = world.run(sys.executable, "-c", _LOOKUP, name)
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert isinstance(found, list)
    return found


def connect(world: World, host: str, port: int = 443) -> str:
    return world.run(sys.executable, "-c", _CONNECT, host, str(port)).stdout.strip()


def fetch(world: World, url: str, **how: object) -> str:
    ended = world.run(sys.executable, "-c", _FETCH, url, **how)  # type: ignore[arg-type]
    return (ended.stdout + ended.stderr).strip()
