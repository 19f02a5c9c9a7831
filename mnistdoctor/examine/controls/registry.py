"""All controls in one table: how each is made, what its answer depends on, and what people are told of it."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts.dns import ALLOW_LISTED
from mnistdoctor.examine.controls import connection, fetches, names, neutral, proxies
from mnistdoctor.examine.controls.base import LOOKUP_PATIENCE_S, PATIENCE_S, ControlRequest
from mnistdoctor.exhaustive import assert_never
from mnistdoctor.failure import Late
from mnistdoctor.run import Recorder, Run, Stopped
from mnistdoctor.settings.model import PORTAL_CONTROLS, TLS_CONTROLS
from mnistdoctor.wording import listed

Scope = Literal["way", "host", "url"]
"""What an answer depends on, and so with whom it is shared in a run: all targets that go out the same way, those of the
same host and port, or those of the same URL."""


@dataclass(frozen=True, slots=True)
class ControlKind:
    """One control."""

    make: Callable[[ControlRequest], None]
    """Records; may raise `Stopped`, and what was recorded until then stands."""
    scope: Scope
    sentence: str
    """Who is asked, and for what: it follows "it may ask"."""


def _hosts(urls: tuple[str, ...]) -> str:
    return listed([urlsplit(url).hostname or "" for url in urls])


CONTROLS: dict[Control, ControlKind] = {
    Control.HOSTS_FILE: ControlKind(names.hosts_file, "host", "this machine's hosts file for the name"),
    Control.REACH: ControlKind(names.reach, "way", "the system for a route out, in IPv4 and in IPv6; nothing is sent"),
    Control.RESOLVER: ControlKind(
        names.resolver, "host", "this machine's name servers directly, and the one that `--resolver` names"
    ),
    Control.OTHER_RESOLVER: ControlKind(
        names.other_resolver, "host", "the name server that `--resolver` names, if any"
    ),
    Control.TARGET_NAME: ControlKind(
        names.target_name, "host", "this machine for the target's own name, which the proxy looks up otherwise"
    ),
    Control.NAMES: ControlKind(
        names.names, "way", f"this machine for the names of three unrelated hosts, and for {listed(ALLOW_LISTED)}"
    ),
    Control.OTHER_PORT: ControlKind(
        connection.other_port, "host", "the same addresses for a connection to the other one of ports 80 and 443"
    ),
    Control.PORTAL: ControlKind(
        neutral.portal, "way", f"{_hosts(PORTAL_CONTROLS)} for a page with a known answer, by plain http"
    ),
    Control.UNRELATED_TLS: ControlKind(
        neutral.unrelated_tls, "way", f"{_hosts(TLS_CONTROLS)} for a TLS handshake; no request is sent"
    ),
    Control.NEUTRAL_ANSWER: ControlKind(
        neutral.neutral_answer, "way", f"{_hosts(TLS_CONTROLS)} for a page over TLS, where a box signs for all of them"
    ),
    Control.TRUST: ControlKind(
        connection.trust, "host", "the same server for a handshake with each other trust store; no request is sent"
    ),
    Control.SERVER_NAME: ControlKind(
        connection.server_name, "host", "the same address for a handshake under an unrelated name"
    ),
    Control.PROXY_PLAIN: ControlKind(
        connection.proxy_plain, "host", "the proxy for a tunnel in clear, without credentials"
    ),
    Control.AGENTS: ControlKind(fetches.other_agent, "url", "the same server for the same URL, under an honest name"),
    Control.IDENTITY: ControlKind(fetches.identity, "url", "the same server for the same URL without any coding"),
    Control.AGAIN: ControlKind(fetches.again, "url", "the same server for the same URL once more"),
    Control.KNOWN_KEY: ControlKind(fetches.known_key, "url", "the same bucket for an object that is known to be there"),
    Control.NEAREST: ControlKind(fetches.nearest, "url", "the known address that is nearest to the one asked for"),
    Control.OTHER_SOURCE: ControlKind(fetches.other_source, "url", "another source of the same file"),
    Control.OTHER_ADDRESS: ControlKind(
        fetches.other_address, "url", "the same URL at another address of the same host, two at most"
    ),
    Control.PROXIES: ControlKind(
        proxies.known_proxies, "host", "this machine's variables, files and processes for proxies; nothing is sent"
    ),
    Control.PAC: ControlKind(proxies.pac_file, "url", "the PAC file that the system or `--pac` names"),
    Control.BY_PROXY: ControlKind(proxies.by_known_proxy, "url", "a proxy that this machine knows for the same URL"),
    Control.PATIENT: ControlKind(fetches.patient, "url", "the same server for the same URL, with more patience"),
}


def make(run: Run, key: str, case: Case, control: Control, url: str) -> tuple[ev.Observation, ...]:
    """The records of the control for this target; made now, or shared with a target that asked before."""
    patience = min(run.settings.timeout_s, PATIENCE_S)
    lookup_s = min(run.settings.lookup_s or patience, LOOKUP_PATIENCE_S)
    settings = dataclasses.replace(run.settings, timeout_s=patience, lookup_s=lookup_s)
    short = dataclasses.replace(run, settings=settings)
    rec = Recorder(short, key, "control", control.value)
    kind = CONTROLS[control]

    def first() -> tuple[ev.Observation, ...]:
        with contextlib.suppress(Stopped, Late):
            kind.make(ControlRequest(rec, case, url, run))
        return tuple(rec.records)

    records, shared = run.controls.get((control, _scope_key(kind.scope, case, url)), first)
    return tuple(rec.record_reuse(one) for one in records) if shared else records


def _scope_key(scope: Scope, case: Case, url: str) -> object:
    way = (case.route.way, case.route.proxy) if case.route else ()
    match scope:
        case "way":
            return way
        case "host":
            parts = urlsplit(url)
            return way, parts.scheme, parts.netloc.rpartition("@")[2], case.subject.client
        case "url":
            return url, case.subject.client, case.subject.file
        case other:
            assert_never(other)
