"""How each control is made: further observations that tell a cause from its look-alikes.

They run only after a failure, only when a cause asks, once a run for what they have in common, by the target's own
route.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from mnistdoctor import __version__
from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case
from mnistdoctor.causes.facts.tcp import attempts
from mnistdoctor.examine import reopened, ways
from mnistdoctor.examine.question import PATIENCE_S, Question
from mnistdoctor.probe import dns, hop, tcp
from mnistdoctor.run import Recorder, Run, Stopped

IDENTIFYING_AGENT = f"mnistdoctor/{__version__} (+https://pypi.org/project/mnistdoctor/)"
"""An honest User-Agent that names the program and where to read about it (RFC 9110 section 10.1.5)."""


def make(run: Run, key: str, case: Case, name: str, url: str) -> tuple[ev.Observation, ...]:
    """The records of the control for this target; made now, or shared with a target that asked before."""
    patient = dataclasses.replace(
        run, settings=dataclasses.replace(run.settings, timeout_s=min(run.settings.timeout_s, PATIENCE_S))
    )
    rec = Recorder(patient, key, "control", name)
    asked = Question(rec, case, url, run)
    maker, about = _MAKERS[name], _about(name, case, url)

    def first() -> tuple[ev.Observation, ...]:
        with contextlib.suppress(Stopped):
            maker(asked)
        return tuple(rec.records)

    records, shared = run.controls.get((name, about), first)
    return tuple(rec.share(one) for one in records) if shared else records


def _about(name: str, case: Case, url: str) -> object:
    """What the answer depends on: nothing but the way out, the host and port, or the URL."""
    route = case.route
    way = (route.way, route.proxy) if route else ()
    if name in ("reach", "names", "portal", "unrelated-tls"):
        return way
    if name in ("agents", "identity", "again", "known-key", "nearest", "other-source", "patient", "by-proxy", "pac"):
        return url, case.subject.client, case.subject.file
    parts = urlsplit(url)
    return way, parts.scheme, parts.netloc.rpartition("@")[2], case.subject.client


def _together(question: Question, urls: tuple[str, ...], work: Callable[[Question, Recorder, str], None]) -> None:
    """Asks several addresses at once; the records of each stay together."""

    def one(own: Recorder, url: str) -> None:
        with contextlib.suppress(Stopped):
            work(question, own, url)

    recorders = [Recorder(question.run, question.rec.key, "control", question.rec.control) for _ in urls]
    threads = [threading.Thread(target=one, args=pair, daemon=True) for pair in zip(recorders, urls, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(4 * PATIENCE_S)
    for own in recorders:
        question.rec.records += tuple(own.records)


def _failed_name(case: Case) -> str:
    lookup = case.last(ev.Lookup)
    return lookup.name if lookup is not None else case.host


def _resolver(question: Question) -> None:
    dns.explain(question.rec, _failed_name(question.case), question.run.settings.resolver)


def _hosts_file(question: Question) -> None:
    dns.hosts_file(question.rec, _failed_name(question.case))


def _reach(question: Question) -> None:
    dns.reach(question.rec)


def _target_name(question: Question) -> None:
    dns.resolve(question.rec, question.case.host, question.case.address.port if question.case.address else 443)


def _names(question: Question) -> None:
    settings = question.run.settings
    hosts = [urlsplit(url).hostname or "" for url in (*settings.tls_controls, *settings.portal_controls)]
    _together(question, tuple(dict.fromkeys(hosts))[:3], _name_control)


def _name_control(_question: Question, own: Recorder, host: str) -> None:
    dns.resolve(own, host, 443)


def _other_port(question: Question) -> None:
    """The addresses whose failure decided, two at most: the last one tried may be of a family that has no way out."""
    tried = attempts(question.case)
    for connect in tried.deciding[:2] if tried else ():
        other = 80 if connect.port != 80 else 443
        stream, _ = tcp.attempt(question.rec, connect.address, other, connect.peer, connect.name)
        if stream is not None:
            stream.end()
            return


def _portal(question: Question) -> None:
    _together(question, question.run.settings.portal_controls, _plain_control)


def _plain_control(question: Question, own: Recorder, url: str) -> None:
    subject = ev.Subject(id="", stage=None, url=url, client=question.case.subject.client)
    hop.examine_url(own, url, subject, question.case.client)


def _unrelated_tls(question: Question) -> None:
    _together(question, question.run.settings.tls_controls, _tls_control)


def _tls_control(question: Question, own: Recorder, url: str) -> None:
    line = hop.open_line(own, url, hop.take_apart(own, url), question.case.client)
    if line is not None:
        line.stream.end()


def _again(question: Question, **changes: Any) -> None:
    """The same URL once more, with one thing about the request changed."""
    run = dataclasses.replace(question.run, settings=dataclasses.replace(question.run.settings, **changes))
    _fetch(question, run, question.url)


def _fetch(question: Question, run: Run, url: str) -> None:
    own = Recorder(run, question.rec.key, question.rec.role, question.rec.control)
    own.records = question.rec.records
    hop.examine_url(own, url, dataclasses.replace(question.case.subject, until=None), question.case.client)


def _known_key(question: Question) -> None:
    places = question.case.catalogue.same_bucket(question.url)
    if places:
        _head_only(question, min(places, key=lambda place: place[1].size or 2**40)[2])


def _nearest(question: Question) -> None:
    near = question.case.catalogue.nearest(question.url)
    if near is not None:
        _head_only(question, near.url)


def _head_only(question: Question, url: str) -> None:
    """A GET of which only the head of the response is read: HEAD is refused or answered wrongly by many servers."""
    subject = dataclasses.replace(question.case.subject, url=url, until="http")
    hop.examine_url(question.rec, url, subject, question.case.client)


def _other_source(question: Question) -> None:
    sources = question.case.sources()
    if sources:
        _fetch(question, question.run, sources[0])


_MAKERS: dict[str, Callable[[Question], None]] = {
    "hosts-file": _hosts_file,
    "reach": _reach,
    "resolver": _resolver,
    "target-name": _target_name,
    "names": _names,
    "other-port": _other_port,
    "portal": _portal,
    "unrelated-tls": _unrelated_tls,
    "trust": reopened.trust,
    "server-name": reopened.server_name,
    "plain-text": reopened.plain_text,
    "proxy-plain": reopened.proxy_plain,
    "agents": lambda question: _again(question, user_agent=IDENTIFYING_AGENT),
    "identity": lambda question: _again(question, accept_encoding_identity=True),
    "again": _again,
    "known-key": _known_key,
    "nearest": _nearest,
    "other-source": _other_source,
    "proxies": lambda question: ways.known_proxies(question.rec, question.case, question.url),
    "pac": lambda question: ways.ask_pac(question.rec, question.case, question.url),
    "by-proxy": lambda question: ways.by_known_proxy(question.rec, question.case, question.url),
    "patient": lambda question: _fetch(question, ways.with_patience(question.whole), question.url),
}
