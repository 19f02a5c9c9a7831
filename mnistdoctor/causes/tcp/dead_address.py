"""The cause of a host of several addresses, one of which is ill."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Command, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import other_address
from mnistdoctor.causes.facts.tcp import CUT
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_STRANGER = (Failure.UNKNOWN_AUTHORITY, Failure.INVALID_HOSTNAME, Failure.INVALID_CERTIFICATE, Failure.NOT_TLS)
_SILENT = (Failure.TIMEOUT, Failure.STALLED)


def tcp_dead_address(case: Case) -> Finding | None:
    """Holds when one address of the host fails at each asking, and another address of the same name serves the file."""
    connect, ended = case.last(ev.Connect), _ended(case)
    lookup = next((one for one in reversed(case.all(ev.Lookup, hop=case.hop)) if one.peer == "origin"), None)
    if connect is None or not ended or lookup is None or len(set(lookup.addresses)) < 2:
        return None
    other = other_address.serving(case)
    if other is None or other.address not in lookup.addresses:
        return None
    again = [one for one in case.ask(Control.AGAIN, ev.Observation) if not isinstance(one, ev.Trust)]
    if again and not any(one.failure for one in again):
        return None  # it passed by itself
    ill, well = connect.address, other.address
    return finding(
        f"one address of {case.host} is ill: {ill}; {well} serves the file",
        f"{case.host} has several addresses, and each of them should serve the same. The first that connects is taken, "
        "and no download program asks the next one once the connection stands. Which one comes first changes from "
        "lookup to lookup, so the same download works for some people and at some times.",
        f"at {ill} it ended: {ended}",
        bool(again) and f"asked once more at {ill}, it failed again",
        other.evidence,
        fixes=(
            Fix(
                title=f"Fetch it from {well}",
                commands=_from(case, well),
                untried=f"{well} was asked just now, and served it",
            ),
            fixes.other_sources(case),
            fixes.ask(f"the owner of {case.host}", f"that {ill} is ill", verb="Tell"),
        ),
        unlike=bool(again) and {"http-503-overload": f"{well} served it while {ill} failed twice"},
        perhaps=not again and "http-503-overload",
    )


def _ended(case: Case) -> str:
    """How it ended at that address, in words; empty where every address of a host would say the same."""
    match case.stopped_by:
        case ev.Handshake(peer="origin", failure=failure) as shake if failure in (*CUT, *_SILENT, *_STRANGER):
            return f"the TLS handshake, {shortened(shake.verify_message or str(failure))}"
        case ev.Exchange(via="origin", status=None, failure=failure) if failure in (*CUT, *_SILENT):
            return f"no answer, {failure}"
        case ev.Exchange(via="origin", status=int(status)) if status >= 500:
            return f"status {status}"
        case ev.Transfer(failure=failure) if failure in (*CUT, *_SILENT, Failure.INCOMPLETE):
            return f"in the body, {failure}"
    return ""


def _from(case: Case, address: str) -> tuple[Command, ...]:
    port = case.address.port if case.address else 443
    where = f"[{address}]" if ":" in address else address
    return fixes.download(case, case.subject.url, "--resolve", f"{case.host}:{port}:{where}")


CAUSES: tuple[Cause, ...] = (cause(tcp_dead_address, needs=(Control.OTHER_ADDRESS, Control.AGAIN)),)
