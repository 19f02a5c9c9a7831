"""Scenes of names and ports: nothing was sent to the server yet."""

from __future__ import annotations

from mnistdoctor.demo.dns_rules import nxdomain, servfail, silence
from mnistdoctor.demo.scenes.ground import HOST, PATH, Ground
from mnistdoctor.demo.scenes.scene import ailing
from mnistdoctor.demo.servers import RefusingPort, SilentPort


def _only_the_name(ground: Ground) -> None:
    """The data's host never gets to do anything."""
    ground.target(f"https://{HOST}{PATH}")


@ailing("dns-nxdomain", "dns")
def no_such_host(ground: Ground) -> None:
    """The host's name is gone from the name service, and the program says only "connection error"."""
    _only_the_name(ground)


@ailing("dns-filtered", "dns")
def name_blocked(ground: Ground) -> None:
    """The network's name server keeps the host from being found, and admits it to those who ask."""
    ground.name(HOST, nxdomain(((15, "gambling, games, machine learning"),)))
    _only_the_name(ground)


@ailing("dns-servfail", "dns")
def name_server_fails(ground: Ground) -> None:
    """The name server answers with an error: the zone's signatures do not hold."""
    ground.name(HOST, servfail(((6, "bogus signatures"),)))
    _only_the_name(ground)


@ailing("dns-temporary-failure", "dns")
def name_server_silent(ground: Ground) -> None:
    """No answer from the name server, as after a VPN has gone."""
    ground.name(HOST, silence)
    _only_the_name(ground)


@ailing("tcp-refused", "tcp", proven=True)
def refused(ground: Ground) -> None:
    """The server's program is down, and its machine says so at once; a mirror has the same file."""
    ground.place(RefusingPort(), HOST)
    ground.source(ground.url())
    ground.mirror()


@ailing("tcp-filtered", "tcp", proven=True)
def connect_timeout(ground: Ground) -> None:
    """The connection is never answered, and the program seems to hang."""
    ground.place(SilentPort(), HOST)
    ground.source(ground.url())
    ground.mirror()
    ground.options["timeout_s"] = 1.0
