"""Answers that a proxy makes itself: it may not, or it cannot, reach the server."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import proxy, proxy_answers
from mnistdoctor.causes.facts.marks import matching
from mnistdoctor.causes.facts.proxy_answers import Refusal
from mnistdoctor.causes.facts.waits import wait_s
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, other_sources, pause
from mnistdoctor.wording import period, shortened


def _target(case: Case) -> str:
    return f"{case.host}:{case.address.port}" if case.address and case.address.port else case.host


def _name(case: Case) -> str:
    return proxy.name(case) if case.proxied else "the gateway of this network"


def proxy_connect_denied(case: Case) -> Finding | None:
    """Holds when the proxy itself refuses to open the way to this host."""
    refusal = proxy_answers.refusal(case)
    if refusal is None or not refusal.denied:
        return None
    tunnel, name, target, status = case.stopped(ev.Tunnel), proxy.the_proxy(case), _target(case), refusal.status or 403
    text = tunnel.text if tunnel else (case.transfer.text if case.transfer else "")
    page = next(iter(matching(tunnel or case.exchange, text, "filter")), None)
    sent_on = tunnel and ev.field(tunnel.fields, "location")
    sign_in = 300 <= status < 400 or status == 511
    port = case.address.port if tunnel and case.address and case.address.port != 443 else None
    return finding(
        f"{name} does not allow {target}",
        f"The refusal is the proxy's own: {case.host} was not asked for anything, so the server and the "
        "file are not at fault. Whoever runs the proxy decides which hosts and kinds may pass."
        + (f" Many proxies open tunnels to port 443 only, and this one was to port {port}." if port else ""),
        refusal.answer,
        case.proxied and f"the proxy was set by {proxy.setting(case)}",
        refusal.mark,
        page and f"its page: {shortened(page.quote)} ({page.vendor})",
        sent_on and f"it sends us to {shortened(sent_on, 120)}",
        fixes=(
            Fix(
                title="Sign in where the proxy sends you (in a browser that uses it), then try again; or ask its owner",
                untried="somebody else has to act",
            )
            if sign_in
            else ask(f"whoever runs {_name(case)}", f"to allow {target}, and send them the evidence above"),
        ),
        unlike=refusal.status == 403
        and {"http-403-unexplained": "the status is the proxy's, given before the server was reached"},
        perhaps=not refusal.clear and ("captive-portal" if sign_in or status < 300 else "proxy-upstream-failed"),
    )


def proxy_upstream_failed(case: Case) -> Finding | None:
    """Holds when the proxy itself says that it did not get through to this host."""
    refusal = proxy_answers.refusal(case)
    if refusal is None or refusal.denied:
        return None
    if refusal.status == 429:
        return _limited(case, refusal)
    others = proxy_answers.other_tunnels(case)
    opened = next((one for one in others if not one.failure), None)
    barred = bool(others) and opened is None
    if opened:
        why = "It reaches other hosts, so the host may be down, gone or unknown to the proxy's resolver."
        compared = f"the same proxy opened a tunnel to {opened.target}"
    elif barred:
        own = "it" if refusal.either else "its own resolver or way out"
        why = f"It reaches an unrelated host no better, so {own} is at fault."
        compared = f"the same proxy could not reach {others[0].target} either"
    else:
        why, compared = "Whether the proxy or the host is at fault needs another host to be tried through it.", ""
    tell = ask(f"whoever runs {_name(case)}", f"that it cannot reach {_target(case)}", verb="Tell")
    return finding(
        f"{proxy.the_proxy(case)} {_what_failed(case, refusal)}",
        f"Your side reached the proxy, and the proxy did not get through to {case.host}. {why}",
        refusal.answer,
        case.proxied and f"the proxy was set by {proxy.setting(case)}",
        refusal.mark,
        compared,
        fixes=(tell, other_sources(case)) if barred else (other_sources(case), tell),
        unlike=(refusal.status or 0) >= 500
        and {"http-502-504-gateway": "the answer is the proxy's own, not one that came from behind it"},
        perhaps=not refusal.clear and ("proxy-connect-denied" if refusal.either else "proxy-unreachable"),
    )


def _what_failed(case: Case, refusal: Refusal) -> str:
    if refusal.kind == "dns":
        return f"cannot resolve {case.host}"
    if refusal.kind == "loop" or refusal.status == 508:
        return "is in a loop: it forwards requests to itself"
    if refusal.kind == "command":
        return "says that it does not carry out CONNECT at all"
    return f"{'cannot connect to' if refusal.kind == 'connect' else 'could not reach'} {_target(case)}"


def _limited(case: Case, refusal: Refusal) -> Finding:
    """429 to CONNECT: the proxy counts its clients' requests. No cause of its own stands for that."""
    tunnel, name = case.stopped(ev.Tunnel), proxy.name(case)
    wait = wait_s(case, tunnel) if tunnel else None
    return finding(
        f"{proxy.the_proxy(case)} limits how often it may be asked, and has had enough for now",
        "Your side reached the proxy, and it answered 429 for itself: it counts what this machine, or everybody behind "
        f"it, asks for. {case.host} was not asked for anything. Asking again at once makes the wait longer.",
        refusal.answer,
        case.proxied and f"the proxy was set by {proxy.setting(case)}",
        None if wait is None else f"it asks for a pause of {period(wait)}",
        fixes=(pause(wait), ask(f"whoever runs {name}", "for a higher limit", verb="If it stays so, ask")),
        unlike={"http-429-rate-limited": "the answer is the proxy's own, given before the server was asked"},
        perhaps="proxy-connect-denied",
        retry="wait",
        retry_after_s=wait,
    )


CAUSES: tuple[Cause, ...] = (
    cause(proxy_connect_denied, needs=(Control.UNRELATED_TLS, Control.TRUST)),
    cause(proxy_upstream_failed, needs=(Control.UNRELATED_TLS, Control.TRUST)),
)
