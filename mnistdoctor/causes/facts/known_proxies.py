"""Proxies that this machine knows and the client did not use: which of them would have opened the way."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Change, Command, Control, Fix
from mnistdoctor.causes.facts import dns as replies
from mnistdoctor.causes.facts.marks import made_by_proxy
from mnistdoctor.causes.fixes import command, on_windows, set_variable
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_UNANSWERED = (
    Failure.TIMEOUT, Failure.REFUSED, Failure.RESET, Failure.ABORTED, Failure.HOST_UNREACHABLE,
    Failure.NETWORK_UNREACHABLE, Failure.NETWORK_DOWN,
)  # fmt: skip
_CUT = (Failure.TIMEOUT, Failure.RESET, Failure.EOF)


@dataclass(frozen=True, slots=True)
class Opened:
    """A known proxy that let this very URL through, or that would for a password."""

    known: ev.KnownProxy
    seen: str
    """What it answered, in words."""
    wants_password: bool = False


def no_way_out(case: Case) -> str | None:
    """What the direct way met before the server said anything; None where it did not go directly, or was answered."""
    stop, route = case.stopped_by, case.route
    if route is None or route.way != "direct" or _inside(case.host):
        return None
    if isinstance(stop, ev.Lookup) and stop.peer == "origin" and stop.failure != Failure.URL_INVALID:
        return f"{stop.name} could not be looked up here: {stop.code or stop.failure}"
    if isinstance(stop, ev.Connect) and stop.peer == "origin" and stop.failure in _UNANSWERED:
        first = next(one for one in case.all(ev.Connect, hop=case.hop) if one.failure)
        return f"{first.address} port {first.port}, asked directly: {first.errno or first.failure}"
    if isinstance(stop, ev.Handshake) and stop.peer == "origin" and stop.failure in _CUT and not stop.received:
        return f"the direct TLS handshake with {case.host} got no answer: {stop.failure}"
    return None


def _inside(host: str) -> bool:
    """Whether the target is on this machine or an address of its own network: no proxy leads there."""
    return host == "localhost" or replies.is_private(host) or replies.is_sink(host)


def candidates(case: Case) -> tuple[ev.KnownProxy, ...]:
    """Every known proxy, those that a PAC file returned last. May raise `OpenQuestion`."""
    found = case.ask(Control.PROXIES, ev.KnownProxy)
    return (*found, *case.ask(Control.PAC, ev.KnownProxy))


def opened(case: Case) -> Opened | None:
    """The known proxy that opened the way; None where there is none, or none did. May raise `OpenQuestion`."""
    known = [one for one in candidates(case) if one.proxy and not one.failure]
    if not known:
        return None
    asked: ev.KnownProxy | None = None
    locked: Opened | None = None
    for record in case.ask(Control.BY_PROXY, ev.Observation):
        if isinstance(record, ev.Route):
            asked = next((one for one in known if _same(one.proxy, record.proxy)), None)
        elif asked is not None and (word := through(record)) is not None:
            return Opened(asked, word)
        elif asked is not None and _locked(record):
            locked = locked or Opened(asked, "it answered 407: it wants a user name and a password", True)
    return locked


def through(record: ev.Observation) -> str | None:
    """In words, what shows that the proxy let the request through; None for a record that does not."""
    if isinstance(record, ev.Handshake) and record.peer == "origin" and record.chain:
        return f"through it {record.server_name} showed its certificate"
    if not isinstance(record, ev.Exchange) or record.status in (None, 407, 502, 503, 504):
        return None
    if record.status and record.status >= 400 and made_by_proxy(record):
        return None
    return f"through it the same URL was answered with {record.status} {record.reason}".rstrip()


def _locked(record: ev.Observation) -> bool:
    return isinstance(record, (ev.Tunnel, ev.Exchange)) and record.status == 407


def _same(known: str, asked: str | None) -> bool:
    one, other = urlsplit(known), urlsplit(asked or "")
    try:
        return one.hostname == other.hostname and one.port in (None, other.port)
    except ValueError:
        return False


def at(known: ev.KnownProxy) -> str:
    """Where it is written, in words."""
    line = f" line {known.line}" if known.line else ""
    return f"`{known.key}` in {known.where}{line}" if known.where else f"`{known.key}`"


def evidence(found: Opened, met: str) -> tuple[str, ...]:
    """What was met, which proxy is known, and what it answered."""
    known = found.known
    return (met, f"{at(known)} names the proxy {known.proxy}", f"{known.proxy}: {shortened(found.seen)}")


def set_proxy(case: Case, found: Opened, title: str) -> Fix:
    """Sets that proxy in every spelling that some client reads; tried unless a password would have to be known."""
    known = found.known
    here = known.place in ("variable", "exempted")
    if here:
        # The variable is named, not its value: a password in it is not printed.
        value = f"$env:{known.key}" if on_windows(case) else f'"${known.key}"'
        lines = _assign(case, value)
        change = Change(proxy_variable=known.key)
    else:
        lines = tuple(set_variable(case, name, known.proxy) for name in _spellings(case))
        change = Change(proxy=known.proxy)
    if found.wants_password:
        return Fix(title=title, commands=lines, untried="the proxy wants a user name and a password as well")
    return Fix(title=title, commands=lines, change=change)


def _spellings(case: Case) -> tuple[str, ...]:
    # Windows knows no difference; elsewhere curl reads `http_proxy` in lower case only, and Go upper case first.
    upper = ("HTTPS_PROXY", "HTTP_PROXY")
    return upper if on_windows(case) else (*upper, "https_proxy", "http_proxy")


def _assign(case: Case, value: str) -> tuple[Command, ...]:
    if on_windows(case):
        return tuple(command(case, f"$env:{name} = {value}") for name in _spellings(case))
    return tuple(command(case, f"export {name}={value}") for name in _spellings(case) if f'"${name}"' != value)
