"""Scenes of names and ports: nothing was sent to the server yet."""

from __future__ import annotations

from mnistdoctor.demo.dns_rules import nxdomain, servfail, silence
from mnistdoctor.demo.scenes.scene import ailing
from mnistdoctor.demo.scenes.testbed import HOST, PATH, Testbed
from mnistdoctor.demo.servers import RefusingPort, SilentPort


def _only_the_name(testbed: Testbed) -> None:
    """The data's host never gets to do anything."""
    testbed.target(f"https://{HOST}{PATH}")


@ailing("dns-nxdomain", "dns")
def no_such_host(testbed: Testbed) -> None:
    """The host's name is gone from the name service, and the program says only "connection error"."""
    _only_the_name(testbed)


@ailing("dns-filtered", "dns")
def name_blocked(testbed: Testbed) -> None:
    """The network's name server keeps the host from being found, and admits it to those who ask."""
    testbed.name(HOST, nxdomain(((15, "gambling, games, machine learning"),)))
    _only_the_name(testbed)


@ailing("dns-servfail", "dns")
def name_server_fails(testbed: Testbed) -> None:
    """The name server answers with an error: the zone's signatures do not hold."""
    testbed.name(HOST, servfail(((6, "bogus signatures"),)))
    _only_the_name(testbed)


@ailing("dns-temporary-failure", "dns")
def name_server_silent(testbed: Testbed) -> None:
    """No answer from the name server, as after a VPN has gone."""
    testbed.name(HOST, silence)
    _only_the_name(testbed)


@ailing("tcp-refused", "tcp", proven=True)
def refused(testbed: Testbed) -> None:
    """The server's program is down, and its machine says so at once; a mirror has the same file."""
    testbed.place(RefusingPort(), HOST)
    testbed.source(testbed.url())
    testbed.mirror()


@ailing("tcp-filtered", "tcp", proven=True)
def connect_timeout(testbed: Testbed) -> None:
    """The connection is never answered, and the program seems to hang."""
    testbed.place(SilentPort(), HOST)
    testbed.source(testbed.url())
    testbed.mirror()
    testbed.options["timeout_s"] = 1.0
