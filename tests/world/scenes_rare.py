"""Faults that few meet and that others mistake for something else."""

from __future__ import annotations

import os
import struct

from mnistdoctor.demo.connection import Connection

from . import raw
from .scenes import HOST, LABELS, How, Scene, collect, scene
from .world import World

TORCH = (LABELS, "--as", "torchvision")


def _server_hello_of_2009(connection: Connection) -> None:
    """A TLS 1.2 ServerHello without the extension of RFC 5746, which OpenSSL 3 insists on; then silence."""
    connection.recv()
    body = b"\x03\x03" + os.urandom(32) + b"\x00" + b"\xc0\x2f" + b"\x00"  # no session, ECDHE-RSA-AES128-GCM-SHA256
    message = b"\x02" + struct.pack(">I", len(body))[1:] + body
    connection.send(struct.pack(">BHH", 22, 0x0303, len(message)) + message)
    raw.silent(connection)


@scene("ailing", "tls-legacy-renegotiation", "tls")
def rare_legacy_renegotiation(world: World) -> None:
    """An old load balancer without secure renegotiation: browsers go on, OpenSSL 3 does not"""
    world.raw(HOST, _server_hello_of_2009)


@scene("ailing", "tls-weak-key", "tls", argv=TORCH)
def rare_weak_key(world: World) -> None:
    """A server with an RSA key of 1024 bits: `ee key too small`, which is no matter of trust"""
    world.host(HOST, certificate="weak-key", nginx="ssl_ciphers ALL:@SECLEVEL=0;")


@scene("ailing", "tls-intercepted-local", "tls", argv=TORCH)
def rare_antivirus(world: World) -> None:
    """An antivirus on this machine re-signs TLS: the network and the server are not at fault"""
    for host in (HOST, "www.cloudflare.com", "example.com"):
        world.host(host, certificate="antivirus")


@scene("ailing", "tls-block-page-certificate", "tls")
def rare_block_page_certificate(world: World) -> None:
    """A filter answers with its own certificate in the server's place, before any page can be shown"""
    world.host(HOST, certificate="block-page")


@scene("ailing", "data-wrong-constant", "checksum", argv=(LABELS, "--sha256", "0" * 64))
def rare_wrong_constant(_world: World) -> None:
    """The file is right, and the number it is compared with is a mistake"""


@scene("ailing", "tcp-permission-denied", "tcp")
def rare_forbidden_by_this_machine(world: World) -> How | None:
    """A rule of this very machine forbids the address: no packet leaves it"""
    world.prohibit(HOST)
    return None


SCENES: tuple[Scene, ...] = collect(globals())
