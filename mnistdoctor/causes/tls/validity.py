"""Dates: a certificate that has ended or not begun, or a clock on this machine that is wrong."""

from __future__ import annotations

import statistics

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import tls, verify_codes
from mnistdoctor.causes.facts.issuers import product_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, on_windows, other_sources
from mnistdoctor.causes.tls.fixes import on_macos, tell_owner
from mnistdoctor.failure import Failure
from mnistdoctor.wording import day, shortened, span

_OFF_S = 300.0
"""A clock that is off by more than this is wrong; less is the delay of a network and rounding."""


def _refused_for(case: Case, *codes: int) -> ev.Handshake | None:
    handshake = case.stopped(ev.Handshake, Failure.INVALID_CERTIFICATE)
    return handshake if handshake and handshake.verify_code in codes else None


def _skews(case: Case) -> tuple[float, ...]:
    """Differences of Date fields from the local clock in seconds; may raise `OpenQuestion` (control ``portal``)."""
    exchanges = (*case.all(ev.Exchange), *case.ask(Control.PORTAL, ev.Exchange))
    return tuple(one.date_skew_s for one in exchanges if one.date_skew_s is not None)


def _off_by(case: Case) -> float | None:
    """How far the clock must be set forward (or back, when negative); None where no Date was seen."""
    skews = _skews(case)
    return statistics.median(skews) if skews else None


def _right_time(case: Case, off: float | None) -> float:
    """The local time, set right where the clock is wrong."""
    return case.machine.unix_time + (off if off is not None and abs(off) > _OFF_S else 0.0)


def _clock_is_right(off: float | None) -> str:
    """What shows that the clock is right, where something does."""
    return f"the local clock is right to {abs(off):.0f} s" if off is not None and abs(off) <= _OFF_S else ""


def _in_date(certificate: ev.Certificate, now: float) -> bool:
    return certificate.not_before <= now <= certificate.not_after


def _dates(handshake: ev.Handshake) -> str:
    """From when to when the server's certificate is valid, where it was shown."""
    if not handshake.chain:
        return ""
    leaf = handshake.chain[0]
    return f"its certificate is valid from {day(leaf.not_before)} to {day(leaf.not_after)}"


def tls_clock_wrong(case: Case) -> Finding | None:
    """Holds when the certificate is out of date by this machine's clock, and in date by that of the network."""
    handshake = _refused_for(case, verify_codes.NOT_YET_VALID, verify_codes.EXPIRED)
    now = case.machine.unix_time
    if handshake is None or (handshake.chain and _in_date(handshake.chain[0], now)):
        return None
    off = _off_by(case)
    if off is None or abs(off) <= _OFF_S:
        return None
    if not all(_in_date(one, now + off) for one in handshake.chain):
        return None  # it would be out of date by the right clock as well
    agree = all(abs(skew - off) <= _OFF_S for skew in _skews(case))
    way = "behind" if off > 0 else "ahead"
    other = "tls-cert-expired" if handshake.verify_code == verify_codes.EXPIRED else "tls-cert-not-yet-valid"
    return finding(
        f"the clock of this machine is {span(off)} {way}, so certificates that are in date look wrong",
        f"This machine takes today for {day(now)}; answers from the network say "
        f"{day(now + off)}. Certificates are valid between two dates, and by this clock that "
        "time has not come yet or is over. Laptops after a long sleep, WSL, virtual machines and "
        "boards without a battery are the usual places.",
        tls.verification(case, handshake),
        f"HTTP Date fields differ from the local clock by {off:+.0f} s ({len(_skews(case))} seen)",
        _dates(handshake),
        fixes=_clock_fixes(case),
        unlike=bool(handshake.chain) and {other: f"on {day(now + off)} the certificate is in date"},
        perhaps=not (handshake.chain and agree) and "tls-cert-expired",
    )


def _clock_fixes(case: Case) -> tuple[Fix, ...]:
    why = "it would set the machine's clock"
    if on_windows(case):
        line = command(case, "w32tm /resync")
        return (Fix(title="Set the clock from the network (as administrator)", commands=(line,), untried=why),)
    if on_macos(case):
        line = command(case, "sudo sntp -sS time.apple.com")
        return (Fix(title="Set the clock from the network", commands=(line,), untried=why),)
    first = Fix(
        title="Let the system set the clock from the network",
        commands=(command(case, "sudo timedatectl set-ntp true"),),
        untried=why,
    )
    if "microsoft" in case.machine.platform.lower() or "wsl" in case.machine.platform.lower():
        wsl = Fix(title="In WSL take it from the hardware", commands=(command(case, "sudo hwclock -s"),), untried=why)
        return (wsl, first)
    return (first,)


def _date_evidence(case: Case, handshake: ev.Handshake, off: float | None) -> tuple[str, ...]:
    match = product_of(handshake.chain)
    sentences = (
        tls.verification(case, handshake),
        _dates(handshake),
        f"the local clock is right: HTTP Date fields differ by {off:+.0f} s"
        if off is not None
        else "no HTTP Date field was seen to compare the local clock with",
        f"the issuer is {match.product.vendor}: the certificate may be its own, not the server's" if match else "",
    )
    return tuple(filter(None, sentences))


def tls_cert_expired(case: Case) -> Finding | None:
    """Holds when a certificate of the chain has ended by the right time, or was revoked."""
    handshake = _refused_for(case, verify_codes.EXPIRED, verify_codes.REVOKED)
    if handshake is None:
        return None
    if handshake.verify_code == verify_codes.REVOKED:
        return _revoked(case, handshake)
    upper = bool(handshake.chain) and _in_date(handshake.chain[0], case.machine.unix_time)
    if upper and not (tls.refusing(case) and not tls.accepting(case)):
        return None  # `tls-trust-store-old`
    off = None if upper else _off_by(case)
    now = _right_time(case, off)
    dead = next((one for one in handshake.chain if one.not_after < now), None)
    if handshake.chain and dead is None:
        return None  # `tls-clock-wrong`, or a dead root in the store
    who = tls.who(case, handshake)
    title = f"the certificate of {who} has expired"
    if dead and upper:
        title = f"{who} sends an authority's certificate that expired on {day(dead.not_after)}"
    elif dead:
        title = f"the certificate of {who} expired on {day(dead.not_after)}, {span(now - dead.not_after)} ago"
    certain = off is not None and dead is not None
    return finding(
        title,
        "Certificates are valid between two dates, and this one has not been renewed in time. The "
        "data behind it is probably as it was, but nothing shows any longer that it comes from the "
        "right server. The owner has to renew it.",
        _date_evidence(case, handshake, off),
        dead and upper and f"{shortened(dead.subject, 80)} ended on {day(dead.not_after)}",
        fixes=(other_sources(case), tell_owner(case, handshake)),
        unlike={"tls-clock-wrong": _clock_is_right(off)},
        perhaps=not certain and ("tls-trust-store-old" if upper else "tls-clock-wrong"),
        side="proxy" if handshake.peer == "proxy" else None,
    )


def _revoked(case: Case, handshake: ev.Handshake) -> Finding:
    return finding(
        f"the certificate of {tls.who(case, handshake)} was revoked by its authority",
        "The authority has withdrawn the certificate before its time. The server needs a new one.",
        tls.verification(case, handshake),
        fixes=(other_sources(case), tell_owner(case, handshake)),
    )


def tls_cert_not_yet_valid(case: Case) -> Finding | None:
    """Holds when a certificate of the chain has not begun by the right time."""
    handshake = _refused_for(case, verify_codes.NOT_YET_VALID)
    if handshake is None:
        return None
    off, who = _off_by(case), tls.who(case, handshake)
    now = _right_time(case, off)
    early = next((one for one in handshake.chain if one.not_before > now), None)
    if handshake.chain and early is None:
        return None  # `tls-clock-wrong`
    title = f"the certificate of {who} is not valid yet"
    if early:
        wait = span(early.not_before - now)
        title = f"the certificate of {who} begins on {day(early.not_before)}, in {wait}"
    certain = off is not None and early is not None
    return finding(
        title,
        "The server shows a certificate whose time has not come. Either it was installed too early, "
        "or the machine that made it had a wrong clock.",
        _date_evidence(case, handshake, off),
        fixes=(other_sources(case), Fix(title=f"Wait, or tell the owner of {who}", untried="it needs time")),
        unlike={"tls-clock-wrong": _clock_is_right(off)},
        perhaps=not certain and "tls-clock-wrong",
        retry_after_s=max(0.0, early.not_before - now) if early else None,
    )


CAUSES: tuple[Cause, ...] = (
    cause(tls_clock_wrong, needs=(Control.PORTAL,), machine_wide=True),
    cause(tls_cert_not_yet_valid, needs=(Control.PORTAL,)),
    cause(tls_cert_expired, needs=(Control.PORTAL, Control.TRUST)),
)
