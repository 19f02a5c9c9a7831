"""Gateways that look into files: they refuse the large ones, or hold them back until they have been scanned."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Change, Command, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import proxy as words
from mnistdoctor.causes.facts.marks import made_by_proxy, proxy_status, squid_error
from mnistdoctor.causes.fixes import command, set_variable
from mnistdoctor.failure import Failure
from mnistdoctor.wording import exact_bytes, shortened

SIZE = "proxy-size-or-type-limit"
_ROUND = (2**20, 10**6, 2**19)
"""Limits are set in whole mebibytes or megabytes."""


def proxy_size_or_type_limit(case: Case) -> Finding | None:
    return _refused(case) or _cut_at_a_round_number(case)


def _refused(case: Case) -> Finding | None:
    """A refusal in the proxy's own words: too big, or not of an allowed type."""
    exchange = words.refused(case)
    if exchange is None or exchange.status not in (403, 413, 502):
        return None
    text = case.transfer.text if case.transfer else ""
    error = squid_error(exchange.fields)
    named = [(error[0], error[1])] if error else []
    named += [(hop.error, hop.cause) for hop in proxy_status(exchange.fields)]
    word = next((name for name, cause in named if cause == SIZE), "")
    by = made_by_proxy(exchange, text)
    if not (word or (exchange.status == 413 and by)):
        return None
    return _finding(
        f"the proxy refuses the file for its size or type: {word or f'status {exchange.status}'}",
        (f"the request was answered with {exchange.status} {exchange.reason}".rstrip(),
         *((f"the proxy's word for it: {word}",) if word else ()), *((f"it was made by {by}",) if by else ())),
        certain=True,
    )  # fmt: skip


def _cut_at_a_round_number(case: Case) -> Finding | None:
    one = case.transfer
    if one is None or not case.by_proxy or one.limited or case.status is None or not 200 <= case.status < 300:
        return None
    if one.declared is None or one.received >= one.declared or not _is_round(one.received):
        return None
    again = [other for other in case.ask(Control.AGAIN, ev.Transfer) if other.received]
    if not any(other.received == one.received for other in again):
        return None
    return _finding(
        f"{words.the_proxy(case)} cuts the file at {exact_bytes(one.received)}",
        (
            f"{one.received} of {exact_bytes(one.declared)} came",
            f"a second fetch was cut at the same {exact_bytes(one.received)}",
        ),
        certain=False,
    )


def _is_round(number: int) -> bool:
    return number >= min(_ROUND) and any(number % step == 0 for step in _ROUND)


def _finding(title: str, seen: tuple[str, ...], *, certain: bool) -> Finding:
    return Finding(
        title=title,
        explanation=(
            "A gateway on the way limits what may be fetched: small files and pages pass, archives do not. The data's "
            "server is well and has nothing to do with it; the rule is the network owner's."
        ),
        evidence=seen,
        certain=certain,
        also_possible=() if certain else ("body-truncated",),
        fixes=(
            words.ask_owner("Ask who runs the proxy for an exception for this host and type of file"),
            words.ask_owner("Or fetch it on another network and bring it here"),
        ),
        ruled_out=(("proxy-connect-denied", "the host itself may be asked"),),
    )


# --- held back for a scan ---------------------------------------------------------------------------------------


def proxy_scan_stall(case: Case) -> Finding | None:
    stop = case.stopped_by
    silent = (
        isinstance(stop, (ev.Exchange, ev.Transfer))
        and stop.failure in (Failure.TIMEOUT, Failure.STALLED)
        and (isinstance(stop, ev.Transfer) or stop.status is None)
    )
    if not silent or not _gateway(case):
        return None
    longer = next((one for one in case.ask(Control.PATIENT, ev.Transfer) if not one.failure), None)
    if longer is None or not (longer.complete or longer.complete is None):
        return None
    asked = next((one for one in case.ask(Control.PATIENT, ev.Exchange) if one.status), None)
    if asked is None or asked.status is None or not 200 <= asked.status < 300:
        return None
    wait = max(asked.duration_s, longer.slowest_s)
    patience = float(max(60, int(wait * 4) + 1))
    assert stop is not None
    return Finding(
        title=f"{words.the_proxy(case)} holds the file back for {wait:.0f} s before it lets it through",
        explanation=(
            "A gateway fetches the whole file, scans it, and only then sends it on. For so long the connection is "
            f"silent, and a client that waits less gives up. With more patience {exact_bytes(longer.received)} came."
        ),
        evidence=(
            f"with the usual patience: {stop.failure} after {stop.duration_s:.1f} s of silence",
            f"with more patience {exact_bytes(longer.received)} came, after a silence of {wait:.1f} s",
        ),
        certain=False,  # a slow origin behind a proxy that scans nothing looks the same from here
        also_possible=("http-503-overload",),
        fixes=(_more_patience(case, patience),),
        ruled_out=(("body-stalled", "it went on after the silence"), ("tcp-mtu-blackhole", "large packets arrive")),
    )


def _gateway(case: Case) -> bool:
    """Whether something on the way could scan: a proxy, or one that signs TLS in the server's place."""
    if case.by_proxy:
        return True
    exchange = case.exchange
    return exchange is not None and made_by_proxy(exchange) is not None


def _more_patience(case: Case, patience: float) -> Fix:
    seconds, loader = int(patience), case.subject.loader
    lines: tuple[Command, ...] = ()
    if loader == "huggingface":
        lines = (set_variable(case, "HF_HUB_DOWNLOAD_TIMEOUT", str(seconds)),)
    elif case.client.family == "curl":
        lines = (command(case, f"curl -fLO --speed-limit 1 --speed-time {seconds} {shortened(case.subject.url, 400)}"),)
    elif case.client.timeout_s is None and case.client.family == "urllib":
        return Fix(
            title=f"Wait: {case.client.name} sets no time-out of its own, so let it run for {seconds} s and more",
            change=Change(timeout_s=patience),
        )
    return Fix(
        title=f"Raise the client's read time-out to {seconds} s; do not start several downloads at once",
        commands=lines, change=Change(timeout_s=patience),
    )  # fmt: skip


CAUSES: tuple[Cause, ...] = (
    cause(proxy_size_or_type_limit, needs=(Control.AGAIN,)),
    cause(proxy_scan_stall, needs=(Control.PATIENT,)),
)
