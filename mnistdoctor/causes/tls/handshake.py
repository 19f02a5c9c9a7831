"""Handshakes that the peer refuses or does not understand: versions, ciphers, renegotiation."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import refusals, tls
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, other_sources
from mnistdoctor.causes.tls.fixes import tell_owner
from mnistdoctor.failure import Failure

_CLEAR = ("handshake_failure", "no_application_protocol")
"""Alerts that are not sent for a version."""
_RENEGOTIATION = "UNSAFE_LEGACY_RENEGOTIATION_DISABLED"


def _refused(case: Case) -> ev.Handshake | None:
    return case.stopped(ev.Handshake, Failure.HANDSHAKE)


def _old_here(case: Case) -> bool:
    """OpenSSL before 1.1.1 has no TLS 1.3: then it is this side that is old."""
    release = re.search(r"^OpenSSL\D{0,40}(\d{1,6})\.(\d{1,6})\.(\d{1,6})", case.machine.openssl)
    return release is not None and tuple(int(number) for number in release.groups()) < (1, 1, 1)


def tls_protocol_version(case: Case) -> Finding | None:
    """Holds when the two sides have no version of TLS in common."""
    handshake = _refused(case)
    if handshake is None or not refusals.of_version(handshake):
        return None
    who, here = tls.who(case, handshake), _old_here(case)
    sigalg = handshake.reason.startswith("LEGACY_SIGALG")
    return finding(
        f"{case.machine.openssl} of this Python is too old for {who}"
        if here
        else f"{who} speaks only an old version of TLS, which {case.machine.openssl} no longer accepts",
        "Client and server have no version of TLS in common. "
        + (
            "This OpenSSL has no TLS 1.3, and the server wants nothing older. "
            if here
            else "TLS 1.0 and 1.1 were withdrawn in 2021 (RFC 8996), and Python accepts 1.2 and newer. "
        )
        + ("It is the kind of signature that is too old. " if sigalg else "")
        + "An inspecting device on the way may be the old party too.",
        f"{who}: {refusals.shown(handshake)}",
        f"this side: {case.machine.openssl}, {case.machine.python}",
        fixes=Fix(title="Use a newer Python, or a newer image", untried="it needs another Python")
        if here
        else (other_sources(case), tell_owner(case, handshake, "to offer TLS 1.2 or 1.3")),
        unlike={"tls-handshake-failure": "it is the version that was refused, not the ciphers"},
        side="you" if here else None,
    )


def tls_handshake_failure(case: Case) -> Finding | None:
    """Holds when the server refuses the handshake for anything but its version, or wants a client certificate."""
    if wanted := _client_certificate(case):
        return wanted
    handshake = _refused(case)
    if handshake is None or refusals.of_version(handshake) or not refusals.of_offer(handshake):
        return None
    if handshake.reason == _RENEGOTIATION:
        return None
    who, alert = tls.who(case, handshake), refusals.alert(handshake.alert)
    unknown = alert.name == "unrecognized_name" or handshake.reason == "TLSV1_UNRECOGNIZED_NAME"
    clear = unknown or alert.name in _CLEAR or handshake.reason == "NO_SHARED_CIPHER"
    return finding(
        f"the server at {handshake.address or 'that address'} does not serve the name {handshake.server_name}"
        if unknown
        else f"{who} refuses the TLS handshake: {str(alert) or handshake.reason}",
        "The server answered that it has no such name. The address may belong to another machine, or "
        "the host has moved away from it."
        if unknown
        else "The server received the offer and ended the handshake with an alert. " + alert.means,
        f"{who}: {refusals.shown(handshake)}",
        f"this side: {case.machine.openssl}",
        fixes=(other_sources(case), tell_owner(case, handshake, "which alert it sends to which client")),
        unlike={
            "tls-protocol-version": clear and "it is not the alert for the version",
            "tls-sni-blocked": "an alert came; a filter resets or stays silent",
        },
        perhaps=not clear and "tls-protocol-version",
    )


def _client_certificate(case: Case) -> Finding | None:
    """A server that wants a certificate from the client; in TLS 1.3 it says so only after the handshake."""
    handshake, late = _refused(case), case.stopped(ev.Exchange, Failure.HANDSHAKE)
    after = late is not None and "CERTIFICATE_REQUIRED" in late.detail
    during = handshake is not None and (
        handshake.alert == refusals.CERTIFICATE_REQUIRED or "CERTIFICATE_REQUIRED" in handshake.reason
    )
    if not after and not during:
        return None
    who = tls.who(case, handshake) if handshake else case.host
    return finding(
        f"{who} wants a client certificate, and none was sent",
        "The server lets in only those who show a certificate of their own. Public datasets are "
        "never served that way: the URL is an internal one, or it leads to another service.",
        f"{who}: {refusals.alert(refusals.CERTIFICATE_REQUIRED)}",
        fixes=(
            Fix(title="If you have such a certificate, name it with `--cert` and `--key`", untried="only you have it"),
            other_sources(case),
        ),
        side="you",
    )


def tls_legacy_renegotiation(case: Case) -> Finding | None:
    """Holds when OpenSSL refuses a peer without secure renegotiation (RFC 5746)."""
    handshake = _refused(case)
    if handshake is None or handshake.reason != _RENEGOTIATION:
        return None
    who = tls.who(case, handshake)
    return finding(
        f"{who}, or a box before it, lacks secure renegotiation, and {case.machine.openssl} insists on it",
        "OpenSSL 3 refuses peers that cannot renegotiate safely, a flaw that was repaired in 2010. "
        "Today it is mostly an old inspecting proxy or firewall that lacks it, not the server. "
        "OpenSSL 1.1.1 still let it pass, which is why another machine works.",
        f"{who}: {refusals.shown(handshake)}",
        f"this side: {case.machine.openssl}",
        fixes=(
            ask("whoever runs the network's proxy or firewall", "whether it inspects TLS, and to update it"),
            other_sources(case),
        ),
        unlike={"tls-protocol-version": "the versions agree; the extension is missing"},
    )


CAUSES: tuple[Cause, ...] = (
    cause(tls_protocol_version),
    cause(tls_legacy_renegotiation),
    cause(tls_handshake_failure),
)
