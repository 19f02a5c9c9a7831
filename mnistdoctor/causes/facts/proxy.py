"""The proxy on the way: its name, who chose it, what is odd in its setting, and whether it can be reached."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.addresses import is_loopback
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

UNENCODED = ("reserved", "backslash")
"""Oddities of a setting whose user name or password should have been percent-encoded (RFC 3986 section 2.1)."""

WRAPPED = ("quotes", "newline", "blank")
"""Oddities of a setting that something came along with, while it was pasted or read from a file."""


def name(case: Case) -> str:
    """``proxy.corp:3128``, or a word for it where the setting names none."""
    route = case.route
    if route is None or not route.proxy_host:
        return "the proxy"
    host = f"[{route.proxy_host}]" if ":" in route.proxy_host else route.proxy_host
    return f"{host}:{route.proxy_port}" if route.proxy_port else host


def the_proxy(case: Case) -> str:
    """The same with its article, also for one that nobody set."""
    return f"the proxy {name(case)}" if case.route and case.route.proxy_host else "a proxy on the way"


def deciding_variable(case: Case) -> str | None:
    """The variable that chose the proxy, or None where an option or the system's settings did."""
    decided = case.route.decided_by if case.route else None
    return decided if decided and decided.lower().endswith("_proxy") else None


def setting(case: Case) -> str:
    """Who chose the proxy, in words: a variable, an option or the system."""
    decided = case.route.decided_by if case.route else None
    if not decided:
        return "the proxy setting"
    by_hand = decided.startswith("-") or deciding_variable(case)
    return f"`{decided}`" if by_hand else "the system's proxy setting"


def read_at_start(case: Case) -> str | None:
    """The variable that the client reads when it starts and that is not the one for this URL, where it stopped at it.

    httpx makes a transport for each proxy variable, whatever it will be asked for.
    """
    name, stopped = deciding_variable(case), case.stopped(ev.Route)
    if stopped is None or name is None:
        return None
    scheme, variables = split_url(case.subject.url).scheme.lower(), dict(case.machine.variables)
    if case.address is not None:
        scheme = case.address.scheme
    own = any(variables.get(spelt) for spelt in (f"{scheme}_proxy", f"{scheme.upper()}_PROXY"))
    for_this = (f"{scheme}_proxy",) if own else (f"{scheme}_proxy", "all_proxy")
    return None if name.lower() in for_this else name


def names_no_host(case: Case) -> bool:
    """Whether what the client takes for the proxy's host can be nobody's name (RFC 1123 section 2.1), and no packet
    was sent that would have shown it."""
    host = (case.route and case.route.proxy_host) or ""
    sent = bool(case.all(ev.Lookup)) or bool(case.all(ev.Connect))
    return bool(host) and not sent and re.fullmatch(r"[\w.:%-]+", host) is None


def is_socks(case: Case) -> bool:
    """Whether the setting names a SOCKS proxy, whatever the client makes of it."""
    return case.route is not None and (case.route.proxy_scheme or "").startswith("socks")


def oddities(case: Case, *names: str) -> tuple[str, ...]:
    """What is unusual in the setting's value: all of it, or what is among these names."""
    every = case.route.oddities if case.route else ()
    return tuple(one for one in every if one in names) if names else every


def described_oddities(case: Case, *names: str) -> tuple[str, ...]:
    """The same in sentences, and what the client said when it stopped at it."""
    meaning = table("proxies")["oddities"]
    sentences = [f"{setting(case)}: {meaning[one]}" for one in oddities(case, *names) if one in meaning]
    detail = case.stopped_by.detail if case.stopped_by else ""
    return (*sentences, f"the client's own words: {shortened(detail)}") if detail else tuple(sentences)


def error_response(case: Case) -> ev.Exchange | None:
    """The response with an error status that ended the examination, whatever became of its body."""
    stopped, exchange = case.stopped_by, case.exchange
    if exchange is None or not exchange.failure:
        return None
    return exchange if stopped is exchange or isinstance(stopped, (ev.Transfer, ev.Content)) else None


def failed_connects(case: Case) -> tuple[ev.Connect, ...]:
    """The attempts on the proxy that ended the examination; empty where something else did."""
    last = case.stopped(ev.Connect)
    if last is None or last.peer != "proxy":
        return ()
    return tuple(one for one in case.all(ev.Connect, hop=case.hop) if one.peer == "proxy" and one.failure)


def refused_here(attempts: tuple[ev.Connect, ...]) -> bool:
    """Whether all of them were refused by this machine itself: nothing listens at that port of it."""
    return all(one.failure == Failure.REFUSED and is_loopback(one.address) for one in attempts)


def described_connects(attempts: tuple[ev.Connect, ...]) -> tuple[str, ...]:
    """``10.0.0.1 port 3128: ETIMEDOUT after 5.0 s``, one sentence each."""
    return tuple(f"{one.address} port {one.port}: {failure_of(one)} after {one.duration_s:.1f} s" for one in attempts)


def failed_at_proxy(case: Case) -> bool:
    """Whether the proxy itself is where it ended: at its name, its connection, its handshake or by its answer."""
    match case.stopped_by:
        case ev.Lookup() | ev.Connect() | ev.Handshake() as stop:
            return stop.peer == "proxy"
        case ev.Tunnel():
            return True
    response = error_response(case)
    return response is not None and response.via == "proxy"
