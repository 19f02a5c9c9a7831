"""Gateways that look into files: they refuse the large ones, or hold them back until they have been scanned."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Change, Command, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import body, proxy, proxy_answers
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.facts.marks import made_by_proxy
from mnistdoctor.causes.finding import Sentences, finding
from mnistdoctor.causes.fixes import ask, download, set_variable
from mnistdoctor.failure import Failure
from mnistdoctor.wording import duration, exact_bytes


def proxy_size_or_type_limit(case: Case) -> Finding | None:
    """Holds when the proxy refuses the file for its size or type, or cuts it twice at the same round number."""
    return _refused(case) or _cut_at_a_round_number(case)


def _refused(case: Case) -> Finding | None:
    """A refusal in the proxy's own words: too big, or not of an allowed type."""
    exchange = proxy.error_response(case)
    if exchange is None or exchange.status not in (403, 413, 502):
        return None
    word = proxy_answers.too_large(exchange)
    maker = made_by_proxy(exchange, case.transfer.text if case.transfer else "")
    if not word and not (maker and exchange.status == 413):
        return None
    return _limit(
        f"the proxy refuses the file for its size or type: {word or f'status {exchange.status}'}",
        f"the request was answered with {exchange.status} {exchange.reason}".rstrip(),
        word and f"the proxy's word for it: {word}",
        maker and f"it was made by {maker}",
    )


def _cut_at_a_round_number(case: Case) -> Finding | None:
    transfer = case.transfer
    if transfer is None or not case.proxied or transfer.limited or not 200 <= (case.status or 0) < 300:
        return None
    received, declared = transfer.received, transfer.declared
    if declared is None or received >= declared or not body.is_round(received):
        return None
    if not any(one.received == received for one in case.ask(Control.AGAIN, ev.Transfer)):
        return None
    return _limit(
        f"{proxy.the_proxy(case)} cuts the file at {exact_bytes(received)}",
        f"{received} of {exact_bytes(declared)} came",
        f"a second fetch was cut at the same {exact_bytes(received)}",
        perhaps="body-truncated",
    )


def _limit(title: str, *evidence: Sentences, perhaps: str = "") -> Finding:
    return finding(
        title,
        "A gateway on the way limits what may be fetched: small files and pages pass, archives do not. The data's "
        "server is well and has nothing to do with it; the rule is the network owner's.",
        *evidence,
        fixes=(
            ask("who runs the proxy", "for an exception for this host and type of file"),
            Fix(title="Fetch it on another network and bring it here", untried="somebody else has to act"),
        ),
        unlike={"proxy-connect-denied": "the host itself may be asked"},
        perhaps=perhaps,
    )


def proxy_scan_stall(case: Case) -> Finding | None:
    """Holds when a gateway on the way is silent for so long that the client gives up, and more patience brings it."""
    stop = _silence(case)
    if stop is None or not _could_scan(case):
        return None
    longer = next((one for one in case.ask(Control.PATIENT, ev.Transfer) if not one.failure), None)
    answer = next((one for one in case.ask(Control.PATIENT, ev.Exchange) if one.status), None)
    if longer is None or longer.complete is False or answer is None or not 200 <= (answer.status or 0) < 300:
        return None
    wait, size = max(answer.duration_s, longer.slowest_s), exact_bytes(longer.received)
    return finding(
        f"{proxy.the_proxy(case)} holds the file back for {duration(wait)} before it lets it through",
        "A gateway fetches the whole file, scans it, and only then sends it on. For so long the connection is silent, "
        f"and a client that waits less gives up. With more patience {size} came.",
        f"with the usual patience: {failure_of(stop)} after {stop.duration_s:.1f} s of silence",
        f"with more patience {size} came, after a silence of {wait:.1f} s",
        fixes=_more_patience(case, max(60, int(wait * 4) + 1)),
        unlike={"body-stalled": "it went on after the silence", "tcp-mtu-blackhole": "large packets arrive"},
        perhaps="http-503-overload",  # a slow origin behind a proxy that scans nothing looks the same from here
    )


def _silence(case: Case) -> ev.Exchange | ev.Transfer | None:
    """The record that ended the examination because nothing more came in time."""
    match case.stopped_by:
        case ev.Exchange(failure=Failure.TIMEOUT | Failure.STALLED, status=None) as exchange:
            return exchange
        case ev.Transfer(failure=Failure.TIMEOUT | Failure.STALLED) as transfer:
            return transfer
    return None


def _could_scan(case: Case) -> bool:
    """Whether something on the way could scan: a proxy, or one that signs TLS in the server's place."""
    return case.proxied or made_by_proxy(case.exchange) is not None


def _more_patience(case: Case, seconds: int) -> Fix:
    client, change = case.client, Change(timeout_s=float(seconds))
    lines: tuple[Command, ...] = ()
    if case.subject.loader == "huggingface":
        lines = (set_variable(case, "HF_HUB_DOWNLOAD_TIMEOUT", str(seconds)),)
    elif client.family == "curl":
        lines = download(case, case.subject.url, "--speed-limit", "1", "--speed-time", str(seconds))
    elif client.timeout_s is None and client.family == "urllib":
        title = f"Wait: {client.name} sets no time-out of its own, so let it run for {seconds} s and more"
        return Fix(title=title, change=change)
    title = f"Raise the client's read time-out to {seconds} s; do not start several downloads at once"
    return Fix(title=title, commands=lines, change=change)


CAUSES: tuple[Cause, ...] = (
    cause(proxy_size_or_type_limit, needs=(Control.AGAIN,)),
    cause(proxy_scan_stall, needs=(Control.PATIENT,)),
)
