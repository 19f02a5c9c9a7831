"""Dates: a certificate that has ended or not begun, or a clock on this machine that is wrong."""

from __future__ import annotations

import statistics

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import tls
from mnistdoctor.causes.facts.issuers import product_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, on_windows, other_sources
from mnistdoctor.failure import Failure
from mnistdoctor.wording import day, shortened, span

_NOT_YET, _EXPIRED, _REVOKED = 9, 10, 23
OFF_S = 300.0
"""A clock that is off by more than this is wrong; less is the delay of a network and rounding."""


def _shake(case: Case, *codes: int) -> ev.Handshake | None:
    handshake = case.stopped(ev.Handshake, Failure.INVALID_CERTIFICATE)
    return handshake if handshake and handshake.verify_code in codes else None


def skews(case: Case) -> tuple[float, ...]:
    """Differences of Date fields from the local clock in seconds; may raise `OpenQuestion` (control ``portal``)."""
    own = tuple(one.date_skew_s for one in case.all(ev.Exchange) if one.date_skew_s is not None)
    asked = tuple(one.date_skew_s for one in case.ask(Control.PORTAL, ev.Exchange) if one.date_skew_s is not None)
    return own + asked


def _off_by(case: Case) -> float | None:
    """How far the clock must be set forward (or back, when negative); None where no Date was seen."""
    found = skews(case)
    return statistics.median(found) if found else None


def _agree(case: Case, off: float) -> bool:
    return all(abs(one - off) <= OFF_S for one in skews(case))


def _in_date(certificate: ev.Certificate, now: float) -> bool:
    return certificate.not_before <= now <= certificate.not_after


def _wrong_dates(handshake: ev.Handshake, now: float) -> tuple[ev.Certificate, ...]:
    return tuple(one for one in handshake.chain if not _in_date(one, now))


def _span_of(leaf: ev.Certificate | None) -> tuple[str, ...]:
    if leaf is None:
        return ()
    return (f"its certificate is valid from {day(leaf.not_before)} to {day(leaf.not_after)}",)


def tls_clock_wrong(case: Case) -> Finding | None:
    """Holds when the certificate is out of date by this machine's clock, and in date by that of the network."""
    handshake = _shake(case, _NOT_YET, _EXPIRED)
    if handshake is None or (handshake.chain and _in_date(handshake.chain[0], case.machine.unix_time)):
        return None
    off = _off_by(case)
    if off is None or abs(off) <= OFF_S:
        return None
    now = case.machine.unix_time
    if handshake.chain and _wrong_dates(handshake, now + off):
        return None  # it would be out of date by the right clock as well
    certain = bool(handshake.chain) and _agree(case, off)
    way = "behind" if off > 0 else "ahead"
    leaf = handshake.chain[0] if handshake.chain else None
    return finding(
        f"the clock of this machine is {span(off)} {way}, so certificates that are in date look wrong",
        f"This machine takes today for {day(now)}; answers from the network say "
        f"{day(now + off)}. Certificates are valid between two dates, and by this clock that "
        "time has not come yet or is over. Laptops after a long sleep, WSL, virtual machines and "
        "boards without a battery are the usual places.",
        f"{tls.who(case, handshake)}: {tls.verdict(handshake)}",
        f"HTTP Date fields differ from the local clock by {off:+.0f} s ({len(skews(case))} seen)",
        _span_of(leaf),
        fixes=_clock_fixes(case),
        unlike=leaf
        and {
            "tls-cert-expired"
            if handshake.verify_code == _EXPIRED
            else "tls-cert-not-yet-valid": f"on {day(now + off)} the certificate is in date"
        },
        perhaps=not certain and "tls-cert-expired",
    )


def _clock_fixes(case: Case) -> tuple[Fix, ...]:
    why = "it would set the machine's clock"
    if on_windows(case):
        line = command(case, "w32tm /resync")
        return (Fix(title="Set the clock from the network (as administrator)", commands=(line,), untried=why),)
    if case.machine.platform.startswith(("Darwin", "macOS")):
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
    leaf = handshake.chain[0] if handshake.chain else None
    dates = _span_of(leaf)
    clock = (
        f"the local clock is right: HTTP Date fields differ by {off:+.0f} s"
        if off is not None
        else ("no HTTP Date field was seen to compare the local clock with")
    )
    match = product_of(handshake.chain)
    gateway = (
        (f"the issuer is {match.product.vendor}: the certificate may be its own, not the server's",) if match else ()
    )
    return (f"{tls.who(case, handshake)}: {tls.verdict(handshake)}", *dates, clock, *gateway)


def tls_cert_expired(case: Case) -> Finding | None:
    """Holds when a certificate of the chain has ended by the right time, or was revoked."""
    handshake = _shake(case, _EXPIRED, _REVOKED)
    if handshake is None:
        return None
    who, now = tls.who(case, handshake), case.machine.unix_time
    fixes = (*other_sources(case), Fix(title=f"Tell the owner of {who}", untried="somebody else has to act"))
    if handshake.verify_code == _REVOKED:
        return finding(
            f"the certificate of {who} was revoked by its authority",
            "The authority has withdrawn the certificate before its time. The server needs a new one.",
            f"{who}: {tls.verdict(handshake)}",
            fixes=fixes,
        )
    upper = bool(handshake.chain) and _in_date(handshake.chain[0], now)
    if upper and not (tls.refusing(case) and not tls.accepting(case)):
        return None  # `tls-trust-store-old`
    off = None if upper else _off_by(case)
    real = now + off if off is not None and abs(off) > OFF_S else now
    dead = next((one for one in handshake.chain if one.not_after < real), None)
    if handshake.chain and dead is None:
        return None  # `tls-clock-wrong`, or a dead root in the store
    title = f"the certificate of {who} has expired"
    if dead and upper:
        title = f"{who} sends an authority's certificate that expired on {day(dead.not_after)}"
    elif dead:
        title = f"the certificate of {who} expired on {day(dead.not_after)}, {span(real - dead.not_after)} ago"
    certain = off is not None and dead is not None
    return finding(
        title,
        "Certificates are valid between two dates, and this one has not been renewed in time. The "
        "data behind it is probably as it was, but nothing shows any longer that it comes from the "
        "right server. The owner has to renew it.",
        _date_evidence(case, handshake, off),
        dead and upper and f"{shortened(dead.subject, 80)} ended on {day(dead.not_after)}",
        fixes=fixes,
        unlike=off is not None
        and abs(off) <= OFF_S
        and {"tls-clock-wrong": f"the local clock is right to {abs(off):.0f} s"},
        perhaps=not certain and ("tls-trust-store-old" if upper else "tls-clock-wrong"),
        side="proxy" if handshake.peer == "proxy" else None,
    )


def tls_cert_not_yet_valid(case: Case) -> Finding | None:
    """Holds when a certificate of the chain has not begun by the right time."""
    handshake = _shake(case, _NOT_YET)
    if handshake is None:
        return None
    off, who = _off_by(case), tls.who(case, handshake)
    real = case.machine.unix_time + (off if off is not None and abs(off) > OFF_S else 0.0)
    early = next((one for one in handshake.chain if one.not_before > real), None)
    if handshake.chain and early is None:
        return None  # `tls-clock-wrong`
    title = f"the certificate of {who} is not valid yet"
    if early:
        wait = span(early.not_before - real)
        title = f"the certificate of {who} begins on {day(early.not_before)}, in {wait}"
    certain = off is not None and early is not None
    return finding(
        title,
        "The server shows a certificate whose time has not come. Either it was installed too early, "
        "or the machine that made it had a wrong clock.",
        _date_evidence(case, handshake, off),
        fixes=(other_sources(case), Fix(title=f"Wait, or tell the owner of {who}", untried="it needs time")),
        unlike=off is not None
        and abs(off) <= OFF_S
        and {"tls-clock-wrong": f"the local clock is right to {abs(off):.0f} s"},
        perhaps=not certain and "tls-clock-wrong",
        retry_after_s=max(0.0, early.not_before - real) if early else None,
    )


CAUSES: tuple[Cause, ...] = (
    cause(tls_clock_wrong, needs=(Control.PORTAL,), machine_wide=True),
    cause(tls_cert_not_yet_valid, needs=(Control.PORTAL,)),
    cause(
        tls_cert_expired,
        needs=(Control.PORTAL, Control.TRUST),
    ),
)
