"""Controls that ask hosts which have nothing to do with the target."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.examine.controls.base import ControlRequest
from mnistdoctor.probe import hop
from mnistdoctor.run import Recorder


def portal(request: ControlRequest) -> None:
    """Pages with a known answer, in clear: whoever answers in every server's place answers them wrongly."""
    request.side_by_side(request.run.settings.portal_controls, _fetch)


def _fetch(request: ControlRequest, own: Recorder, url: str) -> None:
    subject = ev.Subject(id="", stage=None, url=url, client=request.case.subject.client)
    hop.examine_url(own, url, subject, request.case.client, home=request.case.subject.url)


def unrelated_tls(request: ControlRequest) -> None:
    """TLS with unrelated hosts; no request is sent."""
    request.side_by_side(request.run.settings.tls_controls, _handshake)


def _handshake(request: ControlRequest, own: Recorder, url: str) -> None:
    address, _ = hop.take_apart(own, url, request.case.client)
    line = hop.open_line(own, url, address, request.case.client)
    if line is not None:
        line.stream.end()


def neutral_answer(request: ControlRequest) -> None:
    """Pages of unrelated hosts over TLS: a box that answers in every server's name says there what it says here."""
    request.side_by_side(request.run.settings.tls_controls, _fetch)
