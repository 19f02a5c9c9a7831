"""Bodies that stop before their end: closed, reset, or silent in the middle."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, cause
from mnistdoctor.causes.facts.body import arrived, compared, digest_right, leftovers, size_right, unasked_part, wrong
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import fetch_again, other_sources
from mnistdoctor.failure import Failure
from mnistdoctor.wording import exact_bytes, period


def _stopped(case: Case, *failures: Failure) -> ev.Transfer | None:
    """The transfer of a success response that ended so."""
    one = case.stopped(ev.Transfer, *failures)
    return one if one is not None and case.status is not None and 200 <= case.status < 300 else None


def _incomplete(case: Case) -> ev.Transfer | None:
    one = _stopped(case, Failure.INCOMPLETE, Failure.EOF)
    # All bytes and then no close_notify is a habit of some servers, and no cut (RFC 9112 section 9.8).
    return None if one is None or one.complete or (one.declared is not None and one.received >= one.declared) else one


def _amount(one: ev.Transfer, due: int | None) -> str:
    """``400 of 4542 bytes``, or ``400 bytes`` where nobody says of how many."""
    whole = one.declared if one.declared is not None else due
    return (
        exact_bytes(one.received)
        if whole is None or whole <= one.received
        else f"{one.received} of {exact_bytes(whole)}"
    )


def _seen(case: Case, one: ev.Transfer) -> tuple[str, ...]:
    said = [f"{case.host} declared Content-Length: {one.declared}"] if one.declared is not None else []
    if one.framing == "chunked":
        said.append("the body came in chunks, and the last one never came")
    said.append(f"{exact_bytes(one.received)} came in {one.duration_s:.1f} s")
    return (*said, one.detail) if one.detail else tuple(said)


def _never_notices(case: Case, one: ev.Transfer) -> bool:
    """Whether this client takes the cut body for the whole. A broken chunk raises in every client."""
    return case.client.truncation == "silent" and one.framing != "chunked"


def body_truncated(case: Case) -> Finding | None:
    """Holds when the connection ended before the declared length, or a part was sent that nobody had asked for."""
    one = _incomplete(case)
    if one is None:
        return _in_part(case)
    if _never_notices(case, one):
        return None
    evidence = [*_seen(case, one), "the connection was closed without an error"]
    same_cut = False
    if case.proxied and one.received:
        second = case.ask(Control.AGAIN, ev.Transfer)
        same_cut = any(other.received == one.received and other.failure for other in second)
        if same_cut:
            evidence.append(f"a second fetch was cut at the same byte, {one.received}")
    return finding(
        f"{case.host} sent {_amount(one, case.subject.size)} and then closed the connection",
        "The download was cut: the sender announced more than it delivered, and said goodbye as if all "
        "were well. A line that drops, a server that gives up, or a box on the way with a limit does this. What came "
        f"is a beginning, so it can be resumed.{leftovers(case)}",
        tuple(evidence),
        fixes=(fetch_again(case, resume=True), other_sources(case)),
        unlike={
            "body-reset": "the connection was closed, not reset",
            "body-stalled": "the end came as a close, not as silence",
        },
        perhaps=same_cut and "proxy-size-or-type-limit",
    )


def _in_part(case: Case) -> Finding | None:
    """A part of the file, although the whole was asked for: less came than Content-Range says there is."""
    one, part = arrived(case), unasked_part(case)
    if one is None or part is None or digest_right(case, one):
        return None
    first, last, total = part
    known = case.subject.size if case.subject.digest_of == "file" else None
    same = known is None or known == total
    return finding(
        f"{case.host} sends a part of the file, {exact_bytes(last - first + 1)} of {exact_bytes(total)}, "
        "although the whole was asked for",
        "The answer is 206 (Partial Content), and no range had been asked for. A server may not do that; "
        "mostly it is a cache on the way that keeps pieces of files, or a box that forgets what was asked. The status "
        f"counts as success, so a program keeps the part as if it were the file.{leftovers(case)}",
        f"the request had no Range, the answer says Content-Range: bytes {first}-{last}/{total}",
        compared(case, one),
        known == total and f"the whole of {exact_bytes(total)} is what was due",
        fixes=(fetch_again(case), other_sources(case)),
        unlike=known == total and {"length-differs-from-manifest": "the whole file has the right length on the server"},
        perhaps=not same and "length-differs-from-manifest",
        side="server",
    )


def body_truncated_silent(case: Case) -> Finding | None:
    """Holds when the body is short of the known file, and nothing in the exchange says so."""
    one = _incomplete(case)
    if one is not None:
        return _unnoticed(case, one) if _never_notices(case, one) else None
    one = arrived(case)
    content = case.content
    if one is None or one.limited or content is None or digest_right(case, one) or size_right(case, one):
        return None
    if unasked_part(case):
        return None
    early = content.intact is False and content.damage == "ends early"
    known = _known_cut(case, one) if wrong(case) else None
    longer = case.subject.size is not None and one.written > case.subject.size
    # A short file that is declared as such is `length-differs-from-manifest`, unless it is a cut one known of old.
    declared = one.declared is not None and case.subject.size is not None
    if known is None and (not early or declared or longer):
        return None
    evidence = [*compared(case, one), f"the {content.what} content {content.damage}"]
    if one.framing == "close":
        evidence.append("neither Content-Length nor chunks: the end of the connection was the end of the body")
    if known:
        evidence.append(f"exactly this cut file is known: {known}")
    return finding(
        f"only {_amount(one, case.subject.size)} of the file came, and nothing said that it was cut",
        "What came is a beginning of the file, and the transfer ended as if it were the whole. No client "
        "can notice that while it downloads; the error comes later, as a bad checksum, a bad gzip file, an EOFError or "
        f"a JSONDecodeError.{leftovers(case)}",
        tuple(evidence),
        fixes=(fetch_again(case), other_sources(case)),
        unlike={"body-truncated": "no length was broken, so no client raises an error"},
        perhaps=not (known or one.framing == "close") and _otherwise(case),
        certain=known is not None or one.framing == "close",
        side="server" if known or one.declared is not None else "network",
    )


def _otherwise(case: Case) -> str:
    """What a short file with no broken length would be if nothing had been cut on the way."""
    return "body-error-document" if case.subject.size is None else "length-differs-from-manifest"


def _unnoticed(case: Case, one: ev.Transfer) -> Finding:
    """Cut under the eyes of a client that does not count."""
    name = case.subject.loader or case.subject.client
    return finding(
        f"{case.host} sent {_amount(one, case.subject.size)}, and {name} does not notice",
        f"The connection was closed before the announced end. {name} reads until nothing more comes and "
        "never compares that with the announced length, so it keeps the cut file and fails later: "
        f'"File not found or corrupted", a bad gzip file, an EOFError.{leftovers(case)}',
        _seen(case, one),
        f"{name} reads in a loop that takes a short body for the end of the file",
        fixes=(fetch_again(case, resume=True), other_sources(case)),
        unlike={"checksum-mismatch-corruption": "the file is short, not altered"},
    )


def _known_cut(case: Case, one: ev.Transfer) -> str | None:
    here = set(one.digests)
    for bad in case.catalogue.known_bad:
        if bad.kind == "truncated" and here.intersection((two.algorithm, two.value) for two in bad.digests):
            return f"{bad.name} of {bad.size} bytes, seen in {bad.origin[0]}" if bad.origin else bad.name
    return None


def body_reset(case: Case) -> Finding | None:
    """Holds when the connection was reset in the middle of the body."""
    one = _stopped(case, Failure.RESET, Failure.ABORTED)
    if one is None:
        return None
    return finding(
        f"the connection to {case.host} was reset after {_amount(one, case.subject.size)}",
        "Somebody tore the connection down in the middle of the body: a NAT or firewall with a limit on "
        "time or idleness, a filter that disliked the content, a roaming Wi-Fi, or the server. What came is a "
        "beginning, so it can be resumed. Resets at one fixed time or byte point to a box with a rule."
        + leftovers(case),
        _seen(case, one),
        fixes=(fetch_again(case, resume=True), other_sources(case)),
        unlike={"body-truncated": "a reset (RST) came, not an orderly close"},
    )


_SILENT = (
    "The answer began well and then stopped flowing while the connection stayed open. Suspended laptops, VPNs that "
    "renew their keys, roaming Wi-Fi, a gateway that scans before it lets go, and overloaded servers do this. urllib "
    "and requests have no time-out of their own and would hang."
)
_DRIPPED = (
    "The answer began well and then came in drips. Overloaded servers, a limit on speed, lines that lose most of their "
    "packets, and a gateway that scans before it lets go do this. A time-out for silence is no help, because a little "
    "always comes."
)


def _pace(case: Case, one: ev.Transfer, speed: float) -> str:
    """How long the rest would take, as a sentence; empty where nobody knows how much is left."""
    whole = one.declared if one.declared is not None else case.subject.size
    left = (whole or 0) - one.received
    return f" At this pace the rest would take {period(left / speed)}." if speed and left > 0 else ""


def body_stalled(case: Case) -> Finding | None:
    """Holds when the body stopped coming, or came slower than anybody would wait for."""
    one = _stopped(case, Failure.TIMEOUT, Failure.STALLED)
    if one is None:
        return None
    slow = one.failure == Failure.STALLED
    speed = one.received / one.duration_s if one.duration_s else 0.0
    how = f"slowed to {speed:.0f} bytes a second" if slow else "went silent"
    # Where large packets are lost (`tcp-mtu-blackhole`), neither a certificate chain nor two packets of data arrive.
    large = max([one.received, *(shake.received for shake in case.all(ev.Handshake, hop=case.hop))]) >= 3000
    early = not large and not slow
    return finding(
        f"the download from {case.host} {how} after {_amount(one, case.subject.size)}",
        (_DRIPPED + _pace(case, one, speed) if slow else _SILENT) + leftovers(case),
        _seen(case, one),
        f"the longest silence was {one.slowest_s:.1f} s",
        fixes=(fetch_again(case, resume=True), other_sources(case)),
        unlike={"body-truncated": "the connection was never closed"},
        perhaps="proxy-scan-stall" if case.proxied else early and "tcp-mtu-blackhole",
        certain=not early and not case.proxied,
    )


CAUSES: tuple[Cause, ...] = (
    cause(body_reset),
    cause(body_stalled),
    cause(body_truncated, needs=(Control.AGAIN,)),
    cause(body_truncated_silent),
)
