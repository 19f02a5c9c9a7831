"""Bodies that stop before their end: closed, reset, or silent in the middle."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import body, expected, formats
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, fetch_again, other_sources
from mnistdoctor.content.damage import ENDS_EARLY
from mnistdoctor.failure import Failure
from mnistdoctor.wording import exact_bytes, period


def _cut(case: Case) -> ev.Transfer | None:
    """The transfer that was closed before the end that its framing announced."""
    transfer = body.interrupted(case, Failure.INCOMPLETE, Failure.EOF)
    if transfer is None or transfer.complete:
        return None
    # All bytes and then no close_notify is a habit of some servers, and no cut (RFC 9112 section 9.8).
    return None if transfer.declared is not None and transfer.received >= transfer.declared else transfer


def _announced(case: Case, transfer: ev.Transfer) -> int | None:
    """The length that was declared, or else the one that is known of the file."""
    return transfer.declared if transfer.declared is not None else case.subject.size


def _amount(case: Case, transfer: ev.Transfer) -> str:
    """``400 of 4542 bytes``, or ``400 bytes`` where nobody says of how many."""
    whole = _announced(case, transfer)
    if whole is None or whole <= transfer.received:
        return exact_bytes(transfer.received)
    return f"{transfer.received} of {exact_bytes(whole)}"


def _evidence(case: Case, transfer: ev.Transfer) -> tuple[str | None, ...]:
    return (
        None if transfer.declared is None else f"{case.host} declared Content-Length: {transfer.declared}",
        "the body came in chunks, and the last one never came" if transfer.framing == "chunked" else None,
        f"{exact_bytes(transfer.received)} came in {transfer.duration_s:.1f} s",
        transfer.detail,
    )


def _unnoticed(case: Case, transfer: ev.Transfer) -> bool:
    """Whether this client takes the cut body for the whole. A broken chunk raises in every client."""
    return case.client.truncation == "silent" and transfer.framing != "chunked"


def _made_of_it(case: Case, transfer: ev.Transfer) -> str:
    """What the client, and the loader around it, make of a cut body: one sentence."""
    name, plan = case.subject.loader or case.client.name, expected.loader_plan(case)
    if not _unnoticed(case, transfer):
        return f"{name} counts the bytes, and ends with an error."
    blind = f"{name} does not count, and takes the end of the connection for the end of the file"
    if plan is None or plan.digest is None:
        return f"{blind}: it keeps what came, and fails later, with a bad gzip file, an EOFError or a wrong checksum."
    then = (
        "goes on to its next mirror"
        if "digest-mismatch" in plan.fallback
        else "reports a wrong checksum or a corrupted file, and not the cut"
    )
    return f"{blind}; it then compares the {plan.digest}, and {then}."


_PLACES: dict[body.CutPlace, str] = {
    "unknown": "A line that drops, a server that gives up, or a box on the way with a limit does this; one fetch does "
    "not tell which.",
    "none": "A second fetch brought the whole, so what cut the first did not last: a line that drops, or a server that "
    "gives up under load.",
    "moved": "A second fetch ended at another byte, which speaks for the line, or for a server that gives up under "
    "load, and not for a fault of the file.",
    "same": "A second fetch ended at the very same byte, and no line drops twice in one place: whoever sends it has no "
    "more, or a limit there.",
}


def body_truncated(case: Case) -> Finding | None:
    """Holds when the connection ended before the declared length, or a part was sent that nobody had asked for."""
    transfer = _cut(case)
    if transfer is None:
        return _in_part(case)
    if expected.digest_right(case, transfer):
        return _ends_there(case, transfer, "the digest of what came is that of the whole file", whole=True)
    again = body.cut_again(case, transfer)
    if again.place == "same" and not case.proxied:
        return _ends_there(case, transfer, again.evidence, whole=False)
    return finding(
        f"{case.host} sent {_amount(case, transfer)} and then closed the connection",
        "The download was cut: the sender announced more than it delivered, and said goodbye as if all were well. "
        f"{_PLACES[again.place]} {_made_of_it(case, transfer)}{body.leftovers(case)}",
        _evidence(case, transfer),
        "the connection was closed without an error",
        again.evidence,
        fixes=(fetch_again(case, resume=again.place != "same"), other_sources(case)),
        unlike={
            "body-reset": "the connection was closed, not reset",
            "body-stalled": "the end came as a close, not as silence",
        },
        perhaps="proxy-size-or-type-limit" if again.place == "same" else "http-503-overload",
    )


def _ends_there(case: Case, transfer: ev.Transfer, evidence: str, *, whole: bool) -> Finding:
    """Every fetch ends at the same byte, or what came is the whole file: what is announced is not what is there."""
    why = "What came has the digest of the whole file: nothing is missing, and the length announced is too large."
    limit = not whole and body.is_round(transfer.received)
    declared = transfer.declared is not None
    return finding(
        f"{case.host} announces {exact_bytes(transfer.declared or 0)} and sends {transfer.received}, "
        + ("which are the whole file" if whole else "at every fetch")
        if declared
        else f"{case.host} ends its answer after {exact_bytes(transfer.received)}, before its own end mark",
        f"{why if whole else _PLACES['same']} That is a fault of the server, or of the file as it lies there, and "
        f"asking again does not change it. {_made_of_it(case, transfer)}{body.leftovers(case)}",
        _evidence(case, transfer),
        evidence,
        fixes=(
            other_sources(case),
            ask(f"the owner of {case.host}", "that the announced length is not what is sent", verb="Tell"),
        ),
        unlike={
            "body-reset": "the connection was closed, not reset",
            "http-503-overload": not whole and "a server under load does not end twice in one place",
            "proxy-size-or-type-limit": not limit and not case.proxied and "no proxy is on the way",
        },
        perhaps=limit and "proxy-size-or-type-limit",
        side="server",
        retry="no",
    )


def _in_part(case: Case) -> Finding | None:
    """A part of the file, although the whole was asked for: less came than Content-Range says there is."""
    transfer, part = body.completed(case), body.unasked_part(case)
    if transfer is None or part is None or expected.digest_right(case, transfer):
        return None
    first, last, total = part
    size = case.subject.size if case.subject.digest_of == "file" else None
    return finding(
        f"{case.host} sends a part of the file, {exact_bytes(last - first + 1)} of {exact_bytes(total)}, "
        "although the whole was asked for",
        "The answer is 206 (Partial Content), and no range had been asked for. A server may not do that; "
        "mostly it is a cache on the way that keeps pieces of files, or a box that forgets what was asked. The status "
        f"counts as success, so a program keeps the part as if it were the file.{body.leftovers(case)}",
        f"the request had no Range, the answer says Content-Range: bytes {first}-{last}/{total}",
        expected.comparison(case, transfer),
        size == total and f"the whole of {exact_bytes(total)} is what was due",
        fixes=(fetch_again(case), other_sources(case)),
        unlike=size == total and {"length-differs-from-manifest": "the whole file has the right length on the server"},
        perhaps=size not in (None, total) and "length-differs-from-manifest",
        side="server",
    )


def body_truncated_silent(case: Case) -> Finding | None:
    """Holds when the body is short of the known file, and nothing in the exchange says so."""
    transfer, content, size = body.completed(case), case.content, case.subject.size
    if transfer is None or transfer.limited or content is None or body.unasked_part(case):
        return None
    if body.unfinished_name(case) and (case.subject.digests or not body.passes_own_check(content)):
        return _unfinished(case, transfer)
    if expected.digest_right(case, transfer) or expected.size_right(case, transfer):
        return None
    early = content.intact is False and content.damage == ENDS_EARLY and formats.shows_its_end(case)
    known = expected.known_cut(case, transfer) if expected.mismatch(case) else None
    # A short file that is declared as such is `length-differs-from-manifest`, unless it is a cut one known of old.
    if known is None and (
        not early or (size is not None and (transfer.declared is not None or transfer.written > size))
    ):
        return None
    sure = known is not None or transfer.framing == "close"
    otherwise = "body-error-document" if size is None else "length-differs-from-manifest"
    return finding(
        f"only {_amount(case, transfer)} of the file came, and nothing said that it was cut",
        "What came is a beginning of the file, and the transfer ended as if it were the whole. No client "
        "can notice that while it downloads; the error comes later, as a bad checksum, a bad gzip file, an EOFError or "
        f"a JSONDecodeError.{body.leftovers(case)}",
        expected.comparison(case, transfer),
        f"the {content.what} content {content.damage}",
        transfer.framing == "close"
        and "neither Content-Length nor chunks: the end of the connection was the end of the body",
        known and f"exactly this cut file is known: {known}",
        fixes=(fetch_again(case), other_sources(case)),
        unlike={"body-truncated": "no length was broken, so no client raises an error"},
        perhaps=not sure and otherwise,
        side="server" if known or transfer.declared is not None else "network",
    )


def _unfinished(case: Case, transfer: ev.Transfer) -> Finding | None:
    """A download that was broken off, and whose name still says so."""
    if expected.digest_right(case, transfer):
        return None
    name, wrong = body.unfinished_name(case) or "", expected.digest_right(case, transfer) is False
    algorithm, value = next(iter(case.subject.digests), ("", ""))
    return finding(
        f"the download of {name} has not ended: {_amount(case, transfer)} came",
        "The program that downloads gives a file this name until it is whole, and takes the ending away then. It is "
        "still going on, or it was broken off; what is there is a beginning, to be gone on from or removed.",
        f"its name says that it is not whole: without its ending it is {name}",
        wrong and f"{algorithm} {value[:16]}… is due of the whole file, and this is not it",
        expected.comparison(case, transfer),
        fixes=Fix(
            title="Let the program that began it go on, or remove this file and download anew",
            untried="only you know whether it is still at work",
        ),
        unlike=wrong and {"checksum-upstream-changed": "its own name says that it is not whole"},
        perhaps=not wrong and "unexplained",
        side="you",
    )


def body_reset(case: Case) -> Finding | None:
    """Holds when the connection was reset in the middle of the body."""
    transfer = body.interrupted(case, Failure.RESET, Failure.ABORTED)
    if transfer is None:
        return None
    again = body.cut_again(case, transfer)
    return finding(
        f"the connection to {case.host} was reset after {_amount(case, transfer)}",
        "Somebody tore the connection down in the middle of the body: a NAT or firewall with a limit on "
        "time or idleness, a filter that disliked the content, a roaming Wi-Fi, or the server. What came is a "
        "beginning, so it can be resumed. Resets at one fixed time or byte point to a box with a rule."
        + body.leftovers(case),
        _evidence(case, transfer),
        again.evidence,
        fixes=(fetch_again(case, resume=True), other_sources(case)),
        unlike={"body-truncated": "a reset (RST) came, not an orderly close"},
        perhaps="http-503-overload",
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


def _remaining_time(case: Case, transfer: ev.Transfer, speed: float) -> str:
    """How long the rest would take, as a sentence; empty where nobody knows how much is left."""
    left = (_announced(case, transfer) or 0) - transfer.received
    return f" At this pace the rest would take {period(left / speed)}." if speed and left > 0 else ""


def body_stalled(case: Case) -> Finding | None:
    """Holds when the body stopped coming, or came slower than anybody would wait for."""
    transfer = body.interrupted(case, Failure.TIMEOUT, Failure.STALLED)
    if transfer is None:
        return None
    slow = transfer.failure == Failure.STALLED
    speed = transfer.received / transfer.duration_s if transfer.duration_s else 0.0
    how = f"slowed to {speed:.0f} bytes a second" if slow else "went silent"
    # Where large packets are lost (`tcp-mtu-blackhole`), neither a certificate chain nor two packets of data arrive.
    handshakes = case.all(ev.Handshake, hop=case.hop)
    large = max([transfer.received, *(handshake.received for handshake in handshakes)]) >= 3000
    return finding(
        f"the download from {case.host} {how} after {_amount(case, transfer)}",
        (_DRIPPED + _remaining_time(case, transfer, speed) if slow else _SILENT) + body.leftovers(case),
        _evidence(case, transfer),
        f"the longest silence was {transfer.slowest_s:.1f} s",
        fixes=(fetch_again(case, resume=True), other_sources(case)),
        unlike={"body-truncated": "the connection was never closed"},
        perhaps="proxy-scan-stall" if case.proxied else not large and not slow and "tcp-mtu-blackhole",
    )


CAUSES: tuple[Cause, ...] = (
    cause(body_reset, needs=(Control.AGAIN,)),
    cause(body_stalled),
    cause(body_truncated, needs=(Control.AGAIN,)),
    cause(body_truncated_silent),
)
