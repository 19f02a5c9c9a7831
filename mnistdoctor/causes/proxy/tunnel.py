"""Answers that a proxy makes itself: it may not, or it cannot, reach the server."""

from __future__ import annotations

from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import proxy as words
from mnistdoctor.causes.facts.http import pause, wait_s
from mnistdoctor.causes.facts.marks import made_by_proxy, matching, proxy_status, squid_error
from mnistdoctor.causes.fixes import other_sources
from mnistdoctor.failure import Failure
from mnistdoctor.wording import period, shortened

DENIED, FAILED = "proxy-connect-denied", "proxy-upstream-failed"

# RFC 1928 section 6; 91 to 93 are of version 4
_SOCKS_REPLIES = {
    1: "general failure", 2: "not allowed by its rules", 3: "network unreachable", 4: "host unreachable",
    5: "connection refused by the server", 6: "TTL expired", 7: "command not supported",
    8: "address type not supported", 91: "rejected or failed", 92: "it finds no ident service on this machine",
    93: "the ident service of this machine names another user",
}  # fmt: skip
_OPEN_REPLIES = {7: DENIED, 91: DENIED, 92: FAILED, 93: FAILED}
"""Replies that do not say whether the proxy may not or cannot, each with the runner-up."""
_DNS = ("dns_timeout", "dns_error", "destination_not_found", "ERR_DNS_FAIL")
_REACH = (
    "destination_unavailable", "destination_ip_unroutable", "connection_refused", "connection_terminated",
    "connection_timeout", "connection_read_timeout", "connection_write_timeout", "ERR_CONNECT_FAIL", "ERR_READ_TIMEOUT",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What the proxy itself said, and the cause that it points to."""

    cause: str | None
    said: str
    """Status line or SOCKS reply, ready to be quoted."""
    mark: str | None
    """What shows that the proxy made it."""
    word: str | None = None
    """The proxy's own name for the error: ``ERR_DNS_FAIL``, ``dns_error``."""
    status: int | None = None
    certain: bool = True
    also: str = ""
    """The runner-up where it is not certain."""


def answer(case: Case) -> Answer | None:
    """The proxy's own refusal or failure that ended the examination, or None where there was none."""
    tunnel, exchange = case.stopped(ev.Tunnel), words.refused(case)
    if tunnel and tunnel.reply in _SOCKS_REPLIES:
        return _socks(case, tunnel)
    if tunnel and tunnel.status is not None and tunnel.status != 407:
        cause, word = _named(tunnel)
        said = f"CONNECT {tunnel.target} was answered with {tunnel.status} {tunnel.reason}".rstrip()
        plain = tunnel.status in (403, 405, 451) or (tunnel.status >= 500 and tunnel.status != 511)
        odd = cause is None and not plain
        cause = _narrowed(cause, tunnel.status) or _by_status(tunnel.status)  # whoever signs it, it is the proxy's own
        return Answer(cause, said, made_by_proxy(tunnel, tunnel.text), word, tunnel.status, not odd)
    if tunnel and tunnel.failure in (Failure.RESET, Failure.EOF, Failure.TIMEOUT):
        return _silent(case, tunnel)
    if exchange and exchange.via == "proxy" and exchange.status not in (None, 401, 407):
        return _forwarded(case, exchange)
    return None


def _socks(case: Case, tunnel: ev.Tunnel) -> Answer | None:
    if tunnel.reply == 8 and case.route and case.route.proxy_scheme in ("socks5", "socks4"):
        return None  # `proxy-socks-dns-local`
    assert tunnel.reply is not None
    meaning = _SOCKS_REPLIES[tunnel.reply]
    said = f"the SOCKS proxy answered reply {tunnel.reply} ({meaning}) for {tunnel.target}"
    cause = DENIED if tunnel.reply in (2, 92, 93) else FAILED
    also = _OPEN_REPLIES.get(tunnel.reply, "")
    return Answer(cause, said, "a SOCKS reply is the proxy's own", meaning, certain=not also, also=also)


def _forwarded(case: Case, exchange: ev.Exchange) -> Answer | None:
    """A plain-http answer through the proxy is the server's unless the proxy has signed it."""
    text = case.transfer.text if case.transfer else ""
    mark = made_by_proxy(exchange, text)
    if mark is None or exchange.failure != Failure.STATUS or exchange.status in (None, 404):
        return None
    if mark.startswith("Proxy-Status:") and not _nearest(exchange):
        return None
    cause, word = _named(exchange)
    assert exchange.status is not None
    if cause is None:
        if word or exchange.status not in (403, 451, 502, 503, 504, 508):
            return None
        cause = _by_status(exchange.status)
    said = f"the request was answered with {exchange.status} {exchange.reason}".rstrip()
    return Answer(cause, said, mark, word, exchange.status) if cause in (DENIED, FAILED) else None


def _nearest(exchange: ev.Exchange) -> bool:
    """Whether the hop that signed is the last one on the way here: a CDN before the server may sign too."""
    via = (exchange.field("via") or "").split(",")[-1].lower()
    hops = proxy_status(exchange.fields)
    return not via.strip() or not hops or hops[-1].hop.lower() in via


def _named(record: ev.Tunnel | ev.Exchange) -> tuple[str | None, str | None]:
    """(cause, word) by the name that the proxy gave to its error."""
    squid = squid_error(record.fields)
    if squid:
        return squid[1], squid[0]
    own = [one for one in proxy_status(record.fields) if not one.relayed]
    return (own[-1].cause, own[-1].error) if own else (None, None)


def _narrowed(cause: str | None, status: int) -> str | None:
    """On CONNECT whatever the proxy could not do is its own failure, even where its name fits an HTTP cause."""
    if cause is None or cause in (DENIED, FAILED, "proxy-size-or-type-limit"):
        return cause
    return _by_status(status)


def _by_status(status: int) -> str:
    # 511 wants a sign-in (RFC 6585 section 6): the proxy can reach the host and does not let this client.
    return FAILED if status in (408, 421, 425, 429) or (status >= 500 and status != 511) else DENIED


def _silent(case: Case, tunnel: ev.Tunnel) -> Answer | None:
    """No answer to CONNECT for this host, while the same proxy serves another: it is about this host."""
    if tunnel.status is not None or tunnel.reply is not None:
        return None
    opened = next((one for one in case.ask(Control.UNRELATED_TLS, ev.Tunnel) if not one.failure), None)
    if opened is None:
        return None
    cause = FAILED if tunnel.failure == Failure.TIMEOUT else DENIED
    said = f"CONNECT {tunnel.target}: {tunnel.failure}, while CONNECT {opened.target} was granted"
    return Answer(cause, said, None, certain=False)


def _target(case: Case) -> str:
    return f"{case.host}:{case.address.port}" if case.address and case.address.port else case.host


def proxy_connect_denied(case: Case) -> Finding | None:
    seen = answer(case)
    if seen is None or seen.cause != DENIED:
        return None
    proxy, target = words.proxy(case), _target(case)
    tunnel = case.stopped(ev.Tunnel)
    text = tunnel.text if tunnel else (case.transfer.text if case.transfer else "")
    pages = matching(tunnel or case.exchange, text, "filter")
    evidence = [seen.said, f"the proxy was set by {words.setting(case)}"]
    evidence += [seen.mark] if seen.mark else []
    evidence += [f"its page: {shortened(pages[0].seen)} ({pages[0].vendor})"] if pages else []
    sends = ev.field(tunnel.fields, "location") if tunnel else None
    evidence += [f"it sends us to {shortened(sends, 120)}"] if sends else []
    asks = seen.status is not None and (seen.status < 400 or seen.status == 511)
    title, why, ask = _refusal(case, seen, f"the proxy {proxy}", target)
    ending = () if seen.certain else (seen.also or ("captive-portal" if asks else FAILED),)
    return Finding(
        title=title,
        explanation=(
            f"The refusal is the proxy's own: it came before {case.host} was asked for anything, so the "
            f"server and the file are not at fault. {why}"
        ),
        evidence=tuple(evidence),
        certain=seen.certain,
        fixes=(words.ask_owner(ask), *other_sources(case)),
        ruled_out=(("http-403-unexplained", "the status is the proxy's, given before the server was reached"),)
        if seen.status == 403 else (),
        also_possible=ending,
    )  # fmt: skip


def _refusal(case: Case, seen: Answer, proxy: str, target: str) -> tuple[str, str, str]:
    """The title, the reason and what to ask for."""
    ask = f"Ask whoever runs {words.proxy(case)} to allow {target}, and send them the evidence above"
    if seen.status is not None and (300 <= seen.status < 400 or seen.status == 511):
        ask = "Sign in where the proxy sends you (in a browser that uses it), then try again; or ask its owner"
    odd = case.stopped(ev.Tunnel) is not None and case.address is not None and case.address.port != 443
    ports = f" Many proxies open tunnels to port 443 only, and this one was to port {case.address.port}." if (
        odd and case.address) else ""  # fmt: skip
    return (
        f"{proxy} does not allow {target}",
        "Whoever runs the proxy decides which hosts and kinds may pass." + ports,
        ask,
    )


def proxy_upstream_failed(case: Case) -> Finding | None:
    seen = answer(case)
    if seen is None or seen.cause != FAILED:
        return None
    if seen.status == 429:
        return _limited(case, seen)
    proxy, target, host = words.proxy(case), _target(case), case.host
    controls = case.ask(Control.UNRELATED_TLS, ev.Tunnel)
    opened = next((one for one in controls if not one.failure), None)
    barred = bool(controls) and opened is None
    own = "it" if seen.also else "its own resolver or way out"
    if seen.word in _DNS:
        title = f"the proxy {proxy} cannot resolve {host}"
    elif seen.word == "proxy_loop_detected" or seen.status == 508:
        title = f"the proxy {proxy} is in a loop: it forwards requests to itself"
    elif seen.word == _SOCKS_REPLIES[7]:
        title = f"the proxy {proxy} says that it does not carry out CONNECT at all"
    elif seen.word in _REACH or seen.word in _SOCKS_REPLIES.values():
        title = f"the proxy {proxy} cannot connect to {target}"
    else:
        title = f"the proxy {proxy} could not reach {target}"
    evidence = [seen.said, f"the proxy was set by {words.setting(case)}"]
    evidence += [seen.mark] if seen.mark else []
    if opened:
        evidence.append(f"the same proxy opened a tunnel to {opened.target}")
    elif barred:
        evidence.append(f"the same proxy could not reach {controls[0].target} either")
    return Finding(
        title=title,
        explanation=(
            f"Your side reached the proxy, and the proxy did not get through to {host}. "
            + ("It reaches other hosts, so the host may be down, gone or unknown to the proxy's resolver."
               if opened else
               f"It reaches an unrelated host no better, so {own} is at fault."
               if barred else "Whether the proxy or the host is at fault needs another host to be tried through it.")
        ),
        evidence=tuple(evidence),
        certain=seen.certain,
        fixes=_failed_fixes(case, barred),
        ruled_out=(("http-502-504-gateway", "the answer is the proxy's own, not one that came from behind it"),)
        if seen.status and seen.status >= 500 else (),
        also_possible=() if seen.certain else (seen.also or "proxy-unreachable",),
    )  # fmt: skip


def _limited(case: Case, seen: Answer) -> Finding:
    """429 to CONNECT: the proxy counts its clients' requests. No cause of its own stands for that."""
    tunnel, proxy = case.stopped(ev.Tunnel), words.proxy(case)
    wait = wait_s(case, tunnel) if tunnel else None
    return Finding(
        title=f"the proxy {proxy} limits how often it may be asked, and has had enough for now",
        explanation=(
            "Your side reached the proxy, and it answered 429 for itself: it counts what this machine, or everybody "
            f"behind it, asks for. {case.host} was not asked for anything. Asking again at once makes the wait longer."
        ),
        evidence=(seen.said, f"the proxy was set by {words.setting(case)}",
                  *((f"it asks for a pause of {period(wait)}",) if wait is not None else ())),
        certain=False,
        fixes=(pause(wait), words.ask_owner(f"If it stays so, ask whoever runs {proxy} for a higher limit")),
        ruled_out=(("http-429-rate-limited", "the answer is the proxy's own, given before the server was asked"),),
        also_possible=(DENIED,),
        retry="wait",
        retry_after_s=wait,
    )  # fmt: skip


def _failed_fixes(case: Case, barred: bool) -> tuple[Fix, ...]:
    tell = words.ask_owner(f"Tell whoever runs {words.proxy(case)} that it cannot reach {_target(case)}")
    others = other_sources(case)
    return (tell, *others) if barred else (*others, tell)


CAUSES: tuple[Cause, ...] = (
    cause(proxy_connect_denied, needs=(Control.UNRELATED_TLS,)),
    cause(proxy_upstream_failed, needs=(Control.UNRELATED_TLS,)),
)
