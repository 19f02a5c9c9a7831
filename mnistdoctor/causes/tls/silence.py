"""Handshakes that get no answer: a filter on the name, a server that is silent, a connection that is closed."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import proxy, tls
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import duration


def tls_sni_blocked(case: Case) -> Finding | None:
    """Holds when connections that name this host are cut, and the same address answers under another name."""
    handshake = tls.cut_before_certificate(case)
    answer = handshake and tls.answer_to_other_name(case, handshake)
    if not handshake or not answer:
        return None
    times = len(tls.repeats(case, handshake))
    silent = handshake.failure == Failure.TIMEOUT
    return finding(
        f"something on the way cuts TLS connections that name {case.host}",
        "The name of the server stands readable in the first message of TLS. Connections with this name are cut, "
        "while the same address answers under another name. That is a filter, and not the server: a server does not "
        "know the one from the other before it has read the message.",
        tls.how_it_ended(case, handshake),
        f"the same address under the name {answer.server_name} answered: {tls.shown(answer)}",
        times > 1 and f"seen {times} times",
        fixes=(fixes.other_sources(case), fixes.ask(fixes.NETWORK, f"to allow {case.host}")),
        unlike={"tcp-filtered": "the TCP connection stands"},
        perhaps="tls-handshake-timeout" if silent else times < 2 and "tls-handshake-failure",
        side="proxy" if case.proxied else None,
    )


def tls_handshake_timeout(case: Case) -> Finding | None:
    """Holds when the peer accepts the connection and stays silent, whatever name it is asked for."""
    handshake = tls.cut_before_certificate(case)
    if handshake is None or handshake.failure != Failure.TIMEOUT or tls.answer_to_other_name(case, handshake):
        return None
    if handshake.peer == "origin" and case.proxied and tls.unrelated_end_alike(case, handshake):
        return _nothing_behind_the_proxy(case, handshake)
    who, swap = tls.who(case, handshake), tls.other_name_unanswered(case, handshake)
    within = f" within {duration(handshake.duration_s)}" if handshake.duration_s else ""
    by_proxy, wordless = handshake.peer == "proxy", handshake.peer == "origin" and not handshake.received
    return finding(
        f"{who} accepts the connection but does not answer the TLS handshake{within}",
        "TCP works, and then nothing comes back to the first message of TLS"
        + (f" beyond {handshake.received} bytes" if handshake.received else "")
        + ". The server is overloaded, or a device on the way drops large packets. No data was asked for yet: requests "
        "calls it a read time-out, which misleads.",
        tls.how_it_ended(case, handshake),
        swap and f"an unrelated name to the same address got no answer either: {failure_of(swap)}",
        fixes=(
            fixes.other_sources(case),
            Fix(title="Try again later, with a pause between tries", untried="it needs time"),
        ),
        unlike=swap and {"tls-sni-blocked": "the silence does not depend on the name"},
        perhaps=(
            wordless and not swap and "tls-sni-blocked",
            by_proxy and "proxy-env-https-scheme",
            "tcp-mtu-blackhole",
        ),
        side="proxy" if by_proxy else None,
    )


def _nothing_behind_the_proxy(case: Case, handshake: ev.Handshake) -> Finding:
    """The proxy opens tunnels, and nothing answers in any of them."""
    who = proxy.the_proxy(case)
    hosts = " and ".join(one.server_name for one in tls.unrelated_end_alike(case, handshake)[:2])
    return finding(
        f"{who} opens tunnels and nothing answers in them: {case.host} and unrelated hosts alike",
        "The proxy said that the way is open, and then no host's answer came through it. Its own way out is broken or "
        "blocked, or it holds everything back. The server of the data is hardly the reason: the others are as silent.",
        tls.how_it_ended(case, handshake),
        f"through the same proxy the same: {hosts}",
        fixes=(
            fixes.ask("whoever runs", f"{who} that its tunnels carry nothing", verb="Tell"),
            Fix(title="Try again later, with a pause between tries", untried="it needs time"),
        ),
        unlike={"tls-sni-blocked": "the silence does not depend on the name"},
        perhaps="proxy-upstream-failed",
        side="proxy",
    )


def tls_unexpected_eof(case: Case) -> Finding | None:
    """Holds when the peer closes the connection before its certificate, whatever name it is asked for."""
    handshake = tls.cut_before_certificate(case)
    if handshake is None or handshake.failure != Failure.EOF or tls.answer_to_other_name(case, handshake):
        return None
    who, swap = tls.who(case, handshake), tls.other_name_unanswered(case, handshake)
    by_proxy, alike = handshake.peer == "proxy", bool(swap or handshake.received)
    return finding(
        f"{who} closes the connection in the middle of the TLS handshake",
        "The connection was accepted and then closed without an answer or an alert. A load balancer without a living "
        "server behind it does that, a rate limit, or a service at that port that expects something else.",
        tls.how_it_ended(case, handshake),
        swap and f"under the name {swap.server_name} the same: {failure_of(swap)}",
        fixes=(
            fixes.other_sources(case),
            Fix(title=f"Try again in a few minutes; if it stays, tell the owner of {who}", untried="it needs time"),
        ),
        unlike=swap and {"tls-sni-blocked": "it does not depend on the name"},
        perhaps=not alike and ("proxy-env-https-scheme" if by_proxy else "tls-sni-blocked"),
        side="proxy" if by_proxy else None,
    )


CAUSES: tuple[Cause, ...] = (
    cause(tls_sni_blocked, needs=(Control.SERVER_NAME, Control.PROXY_PLAIN)),
    cause(tls_handshake_timeout, needs=(Control.SERVER_NAME, Control.PROXY_PLAIN, Control.UNRELATED_TLS)),
    cause(tls_unexpected_eof, needs=(Control.SERVER_NAME, Control.PROXY_PLAIN)),
)
