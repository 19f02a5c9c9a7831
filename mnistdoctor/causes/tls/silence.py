"""Handshakes that get no answer: a filter on the name, a server that is silent, a connection that is closed."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Finding, Fix
from mnistdoctor.causes.proxy.words import ask_owner, the_proxy
from mnistdoctor.causes.remedies import other_sources
from mnistdoctor.causes.tls import words
from mnistdoctor.failure import Failure

_ENDS = (Failure.RESET, Failure.EOF, Failure.TIMEOUT)
_HOW = {
    Failure.RESET.value: "reset the connection",
    Failure.EOF.value: "closed the connection",
    Failure.TIMEOUT.value: "stayed silent",
}


def _cut(case: Case) -> ev.Handshake | None:
    shake = case.stopped(ev.Handshake, *_ENDS)
    if shake is None or shake.verify_code is not None or shake.alert is not None:
        return None
    if shake.peer == "proxy" and any(one.status for one in case.control("proxy-plain", ev.Tunnel)):
        return None  # `proxy-env-https-scheme`
    return shake


def _answered(shake: ev.Handshake) -> bool:
    """Whether anything at all came back: a certificate for another name is an answer."""
    return shake.received > 0 or shake.verify_code is not None or shake.version is not None or not shake.failure


def _swapped(case: Case, shake: ev.Handshake) -> tuple[ev.Handshake, ...]:
    """Handshakes with the same address under an unrelated name."""
    swaps = case.control("server-name", ev.Handshake)
    return tuple(one for one in swaps if one.server_name.lower() != shake.server_name.lower())


def _by_name(case: Case, shake: ev.Handshake) -> ev.Handshake | None:
    """The answer to an unrelated name where the target's own name got none; None where nothing shows that."""
    if shake.peer != "origin" or shake.received:
        return None
    return next((one for one in _swapped(case, shake) if _answered(one)), None)


def _repeats(case: Case, shake: ev.Handshake) -> tuple[ev.Handshake, ...]:
    """All handshakes with the target's own name that ended the same way, those of controls included."""
    found = [one for one in case.observations if isinstance(one, ev.Handshake) and one.failure == shake.failure]
    return tuple(one for one in found if one.server_name == shake.server_name and one.received == 0)


def _after(case: Case, shake: ev.Handshake) -> str:
    return (
        f"{words.who(case, shake)} {_HOW[shake.failure or '']} {shake.duration_s:.1f} s after the "
        f"ClientHello, {shake.received} bytes received"
    )


def _blocked(case: Case) -> Finding | None:
    shake = _cut(case)
    answer = _by_name(case, shake) if shake else None
    if shake is None or answer is None:
        return None
    repeats = _repeats(case, shake)
    certain = shake.failure != Failure.TIMEOUT and len(repeats) > 1
    what = answer.version or (f"verify code {answer.verify_code}" if answer.verify_code else "") or (
        f"{answer.received} bytes of TLS"
    )  # fmt: skip
    behind = case.by_proxy
    return Finding(
        title=f"something on the way cuts TLS connections that name {case.host}",
        explanation=(
            "The name of the server stands readable in the first message of TLS. Connections with this "
            "name are cut, while the same address answers under another name. That is a filter, and not "
            "the server: a server does not know the one from the other before it has read the message."
        ),
        evidence=(
            _after(case, shake),
            f"the same address under the name {answer.server_name} answered: {what}",
            *((f"seen {len(repeats)} times",) if len(repeats) > 1 else ()),
        ),
        certain=certain,
        fixes=(
            *other_sources(case),
            Fix(title=f"Ask whoever runs the network to allow {case.host}", untried="somebody else has to act"),
        ),
        ruled_out=(("tcp-filtered", "the TCP connection stands"),),
        also_possible=() if certain else (
            ("tls-handshake-timeout",) if shake.failure == Failure.TIMEOUT else ("tls-handshake-failure",)
        ),
        side="proxy" if behind else None,
    )  # fmt: skip


def _timeout(case: Case) -> Finding | None:
    shake = _cut(case)
    if shake is None or shake.failure != Failure.TIMEOUT or _by_name(case, shake) is not None:
        return None
    if shake.peer == "origin" and case.by_proxy and _all_behind(case, shake):
        return _nothing_behind(case, shake)
    who, swaps = words.who(case, shake), _swapped(case, shake) if shake.peer == "origin" and not shake.received else ()
    also = ["tcp-mtu-blackhole"]
    if shake.peer == "proxy":
        also.insert(0, "proxy-env-https-scheme")
    if not swaps and shake.peer == "origin" and not shake.received:
        also.insert(0, "tls-sni-blocked")
    return Finding(
        title=f"{who} accepts the connection but does not answer the TLS handshake within {shake.duration_s:.0f} s",
        explanation=(
            "TCP works, and then nothing comes back to the first message of TLS"
            + (f" beyond {shake.received} bytes" if shake.received else "")
            + ". The server is overloaded, or a device on the way drops large packets. No data was asked for yet: "
            "requests calls it a read time-out, which misleads."
        ),
        evidence=(
            _after(case, shake),
            *(f"an unrelated name to the same address got no answer either: {one.failure}" for one in swaps[:1]),
        ),
        certain=False,
        fixes=(
            *other_sources(case),
            Fix(title="Try again later, with a pause between tries", untried="it needs time"),
        ),
        ruled_out=(("tls-sni-blocked", "the silence does not depend on the name"),) if swaps else (),
        also_possible=tuple(also),
        side="proxy" if shake.peer == "proxy" else None,
    )


def _all_behind(case: Case, shake: ev.Handshake) -> tuple[ev.Handshake, ...]:
    """Handshakes of unrelated hosts through the same proxy, where all of them got no answer either."""
    others = words.unrelated(case)
    mute = all(one.failure == shake.failure and not one.received for one in others)
    return others if mute and not shake.received else ()


def _nothing_behind(case: Case, shake: ev.Handshake) -> Finding:
    """The proxy opens tunnels, and nothing answers in any of them."""
    proxy, others = the_proxy(case), _all_behind(case, shake)
    hosts = " and ".join(one.server_name for one in others[:2])
    return Finding(
        title=f"{proxy} opens tunnels and nothing answers in them: {case.host} and unrelated hosts alike",
        explanation=(
            "The proxy said that the way is open, and then no host's answer came through it. Its own way out is "
            "broken or blocked, or it holds everything back. The server of the data is hardly the reason: the others "
            "are as silent."
        ),
        evidence=(_after(case, shake), f"through the same proxy the same: {hosts}"),
        certain=False,
        fixes=(
            ask_owner(f"Tell whoever runs {proxy} that its tunnels carry nothing"),
            Fix(title="Try again later, with a pause between tries", untried="it needs time"),
        ),
        ruled_out=(("tls-sni-blocked", "the silence does not depend on the name"),),
        also_possible=("proxy-upstream-failed",),
        side="proxy",
    )


def _closed(case: Case) -> Finding | None:
    shake = _cut(case)
    if shake is None or shake.failure != Failure.EOF or _by_name(case, shake) is not None:
        return None
    who = words.who(case, shake)
    swaps = _swapped(case, shake) if shake.peer == "origin" and not shake.received else ()
    certain = bool(swaps) or shake.received > 0
    return Finding(
        title=f"{who} closes the connection in the middle of the TLS handshake",
        explanation=(
            "The connection was accepted and then closed without an answer or an alert. A load balancer "
            "without a living server behind it does that, a rate limit, or a service at that port that "
            "expects something else."
        ),
        evidence=(
            _after(case, shake),
            *(f"under the name {one.server_name} the same: {one.failure}" for one in swaps[:1]),
        ),
        certain=certain,
        fixes=(
            *other_sources(case),
            Fix(title=f"Try again in a few minutes; if it stays, tell the owner of {who}", untried="it needs time"),
        ),
        ruled_out=(("tls-sni-blocked", "it does not depend on the name"),) if swaps else (),
        also_possible=() if certain else ("proxy-env-https-scheme" if shake.peer == "proxy" else "tls-sni-blocked",),
        side="proxy" if shake.peer == "proxy" else None,
    )


CAUSES: tuple[Cause, ...] = (
    Cause(
        id="tls-sni-blocked",
        side="network",
        retry="no",
        summary="Something on the way cuts TLS connections that name this host",
        story="""\
A filter reads the server's name (SNI) in the first message of TLS, which is not encrypted, and cuts the
connection: by a reset, by closing it, or by silence.

`tcp-filtered` fails before TLS. In `tls-handshake-timeout` and `tls-unexpected-eof` an unrelated name to
the same address fares no better. That swap of names is the test.

Ask for the host to be allowed, or use a mirror. Do not try to get round a lawful or workplace block.""",
        holds=_blocked,
    ),
    Cause(
        id="tls-handshake-timeout",
        side="server",
        retry="yes",
        summary="The server accepts the connection and does not answer the TLS handshake",
        story="""\
TCP connects, the first message of TLS goes out, and no answer comes in time. Servers under load do that,
and devices that cannot cope with a large first message.

`tls-sni-blocked` depends on the name. `tcp-mtu-blackhole` passes small packets and loses large ones, on
every host behind the same path.

Try later, or take another source. Do not read requests' read time-out as slow data: nothing was asked
for yet.""",
        holds=_timeout,
    ),
    Cause(
        id="tls-unexpected-eof",
        side="server",
        retry="yes",
        summary="The server closes the connection in the middle of the TLS handshake",
        story="""\
The peer closes the connection after the first message of TLS, with no alert: UNEXPECTED_EOF_WHILE_READING
in OpenSSL 3. A load balancer with nothing behind it, a rate limit, or another service at that port.

`tls-sni-blocked` closes for this name only. `tls-plaintext-port` answers with text first. `tcp-reset` is a
reset and not a close.

Try again after a pause, then another source. Do not repeat it in a tight loop.""",
        holds=_closed,
    ),
)
