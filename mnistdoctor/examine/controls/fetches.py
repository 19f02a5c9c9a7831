"""Controls that ask for a URL once more: the same one with one thing changed, or another of the catalogue's."""

from __future__ import annotations

import dataclasses

from mnistdoctor import __version__
from mnistdoctor.causes.facts.other_address import untried
from mnistdoctor.causes.facts.user_agents import user_agent
from mnistdoctor.examine.controls.base import ControlRequest
from mnistdoctor.probe import hop
from mnistdoctor.run import Run
from mnistdoctor.settings import Environment

_PURPOSE = "looks into failed downloads of datasets"

_MOST_ADDRESSES = 2
_ANOTHER_AGENT = f"mnistdoctor/{__version__}"

_MORE_PATIENCE = 6
_LONGEST_PATIENCE_S = 60.0


def identifying_agent(environment: Environment) -> str:
    """An honest User-Agent: the program, its purpose, and whom to ask where the user says so (RFC 9110, 10.1.5)."""
    contact = environment.contact
    return f"mnistdoctor/{__version__} ({_PURPOSE}{f'; {contact}' if contact else ''})"


def again(request: ControlRequest) -> None:
    """The same URL, with nothing changed."""
    _fetch(request, request.run, request.url)


def other_agent(request: ControlRequest) -> None:
    """The same URL under a name that says who asks, and that the target's own request did not bear."""
    sent = user_agent(request.case.exchange) if request.case.exchange else ""
    own = identifying_agent(request.run.environment)
    other = next(name for name in (own, _ANOTHER_AGENT) if name != sent)
    settings = dataclasses.replace(request.run.settings, user_agent=other)
    _fetch(request, dataclasses.replace(request.run, settings=settings), request.url)


def identity(request: ControlRequest) -> None:
    """The same URL with ``Accept-Encoding: identity``."""
    settings = dataclasses.replace(request.run.settings, accept_encoding_identity=True)
    _fetch(request, dataclasses.replace(request.run, settings=settings), request.url)


def patient(request: ControlRequest) -> None:
    """The same URL with the time that a gateway's scan may need."""
    run = request.whole
    longer = min(_LONGEST_PATIENCE_S, _MORE_PATIENCE * run.settings.timeout_s)
    _fetch(request, dataclasses.replace(run, settings=dataclasses.replace(run.settings, timeout_s=longer)), request.url)


def other_source(request: ControlRequest) -> None:
    """The next best source of the same file."""
    sources = request.case.sources()
    if sources:
        _fetch(request, request.run, sources[0])


def other_address(request: ControlRequest) -> None:
    """The same URL at other addresses of its host, until one serves it."""
    case = request.case
    if case.address is None:
        return
    host, port = case.address.host.lower(), case.address.port
    for address in untried(case)[:_MOST_ADDRESSES]:
        settings = request.run.settings
        settings = dataclasses.replace(settings, resolve=((host, port, address), *settings.resolve))
        before = len(request.rec.records)
        _fetch(request, dataclasses.replace(request.run, settings=settings), request.url)
        if not any(one.failure for one in request.rec.records[before:]):
            return


def known_key(request: ControlRequest) -> None:
    """The smallest catalogued object of the same bucket."""
    places = request.case.catalogue.same_bucket(request.url)
    if places:
        _head(request, min(places, key=lambda place: place[1].size or 2**40)[2])


def nearest(request: ControlRequest) -> None:
    """The known address that is nearest to the one asked for."""
    near = request.case.catalogue.nearest(request.url)
    if near is not None:
        _head(request, near.url)


def _fetch(request: ControlRequest, run: Run, url: str) -> None:
    own = request.recorder(run)
    own.records = request.rec.records
    subject = dataclasses.replace(request.case.subject, until=None)
    hop.examine_url(own, url, subject, request.case.client, home=request.case.subject.url)


def _head(request: ControlRequest, url: str) -> None:
    """A GET of which only the head of the response is read: HEAD is refused or answered wrongly by many servers."""
    subject = dataclasses.replace(request.case.subject, url=url, until="http")
    hop.examine_url(request.rec, url, subject, request.case.client, home=request.case.subject.url)
