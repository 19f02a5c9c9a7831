"""Handshakes that the peer refuses or does not understand: versions, ciphers, renegotiation, no TLS at all."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Finding, Fix, cause
from mnistdoctor.causes.facts import tls
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import other_sources
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

# Alert descriptions, RFC 8446 section 6 and RFC 6066 section 3
_HANDSHAKE, _VERSION, _UNRECOGNIZED, _CERTIFICATE_REQUIRED, _PROTOCOL = 40, 70, 112, 116, 120
_ALERTS = {
    0: "close_notify",
    10: "unexpected_message",
    20: "bad_record_mac",
    21: "decryption_failed",
    22: "record_overflow",
    40: "handshake_failure",
    42: "bad_certificate",
    43: "unsupported_certificate",
    47: "illegal_parameter",
    48: "unknown_ca",
    49: "access_denied",
    50: "decode_error",
    51: "decrypt_error",
    70: "protocol_version",
    71: "insufficient_security",
    80: "internal_error",
    86: "inappropriate_fallback",
    90: "user_canceled",
    109: "missing_extension",
    110: "unsupported_extension",
    112: "unrecognized_name",
    116: "certificate_required",
    120: "no_application_protocol",
}
_OLD_REASONS = (
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "LEGACY_SIGALG_DISALLOWED_OR_UNSUPPORTED",
    "WRONG_SSL_VERSION",
    "NO_PROTOCOLS_AVAILABLE",
    "VERSION_TOO_LOW",
    "SSLV3_ALERT_PROTOCOL_VERSION",
)
_REFUSED_REASONS = (
    "NO_SHARED_CIPHER",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "NO_CIPHERS_AVAILABLE",
    "NO_SUITABLE_SIGNATURE_ALGORITHM",
    "NO_SUITABLE_KEY_SHARE",
    "NO_SHARED_GROUPS",
    "WRONG_CURVE",
    "WRONG_SIGNATURE_TYPE",
    "WRONG_CIPHER_RETURNED",
    "TLSV1_UNRECOGNIZED_NAME",
    "TLSV1_ALERT_ACCESS_DENIED",
    "TLSV1_ALERT_INSUFFICIENT_SECURITY",
    "TLSV1_ALERT_INTERNAL_ERROR",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "TLSV1_ALERT_UNKNOWN_CA",
)
_RENEGOTIATION = "UNSAFE_LEGACY_RENEGOTIATION_DISABLED"
_PEER_REFUSED = frozenset({40, 71, 80, 112, 116, 49, 42, 43, 48, 47, 109, 110, 120, 50, 51, 10})


_REASONS = {
    49: "It read the offer and refuses this client by its own rules, or a device before it does (access_denied).",
    80: "It ran into an error of its own while it answered (internal_error): this side offered nothing wrong.",
    120: "It speaks none of the protocols that the client named (ALPN), and this client names HTTP/1.1: another "
    "service is there, or one that serves HTTP/2 alone.",
}
"""What an alert means that has nothing to do with ciphers."""
_MOSTLY = (
    "Mostly no cipher, curve or kind of signature is known to both. A hardened policy (FIPS) on either side does "
    "that, and very old servers do."
)


def _failed(case: Case) -> ev.Handshake | None:
    return case.stopped(ev.Handshake, Failure.HANDSHAKE)


def alert_words(number: int) -> str:
    """``alert 40 (handshake_failure)``."""
    known = _ALERTS.get(number)
    return f"alert {number} ({known})" if known else f"alert {number}"


def _said(handshake: ev.Handshake) -> str:
    alert = alert_words(handshake.alert) if handshake.alert is not None else ""
    return " and ".join(one for one in (alert, handshake.reason) if one) or shortened(handshake.detail) or "no reason"


def _openssl(case: Case) -> tuple[int, ...]:
    found = re.search(r"(\d+)\.(\d+)\.(\d+)", case.machine.openssl)
    return tuple(int(one) for one in found.groups()) if found else ()


def _old_here(case: Case) -> bool:
    """OpenSSL before 1.1.1 has no TLS 1.3: then it is this side that is old."""
    release = _openssl(case)
    return case.machine.openssl.startswith("OpenSSL") and bool(release) and release < (1, 1, 1)


def tls_protocol_version(case: Case) -> Finding | None:
    """Holds when the two sides have no version of TLS in common."""
    handshake = _failed(case)
    if handshake is None or (handshake.alert != _VERSION and handshake.reason not in _OLD_REASONS):
        return None
    who, here = tls.who(case, handshake), _old_here(case)
    sigalg = handshake.reason.startswith("LEGACY_SIGALG")
    newer = Fix(title="Use a newer Python, or a newer image", untried="it needs another Python")
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
        f"{who}: {_said(handshake)}",
        f"this side: {case.machine.openssl}, {case.machine.python}",
        fixes=newer if here else (other_sources(case), tls.tell(case, handshake, "to offer TLS 1.2 or 1.3")),
        unlike={"tls-handshake-failure": "it is the version that was refused, not the ciphers"},
        side="you" if here else None,
    )


def tls_handshake_failure(case: Case) -> Finding | None:
    """Holds when the server refuses the handshake for anything but its version, or wants a client certificate."""
    wanted = _client_certificate(case)
    if wanted is not None:
        return wanted
    handshake = _failed(case)
    if handshake is None or handshake.alert == _VERSION or handshake.reason in (*_OLD_REASONS, _RENEGOTIATION):
        return None
    if handshake.alert not in _PEER_REFUSED and handshake.reason not in _REFUSED_REASONS:
        return None
    who = tls.who(case, handshake)
    unknown = handshake.alert == _UNRECOGNIZED or handshake.reason == "TLSV1_UNRECOGNIZED_NAME"
    short = alert_words(handshake.alert) if handshake.alert is not None else handshake.reason
    clear = unknown or handshake.alert in (_HANDSHAKE, _PROTOCOL) or handshake.reason == "NO_SHARED_CIPHER"
    return finding(
        f"the server at {handshake.address or 'that address'} does not serve the name {handshake.server_name}"
        if unknown
        else f"{who} refuses the TLS handshake: {short}",
        "The server answered that it has no such name. The address may belong to another machine, or "
        "the host has moved away from it."
        if unknown
        else "The server received the offer and ended the handshake with an alert. "
        + _REASONS.get(handshake.alert or 0, _MOSTLY),
        f"{who}: {_said(handshake)}",
        f"this side: {case.machine.openssl}",
        fixes=(other_sources(case), tls.tell(case, handshake, "which alert it sends to which client")),
        unlike={
            "tls-protocol-version": clear and "it is not the alert for the version",
            "tls-sni-blocked": "an alert came; a filter resets or stays silent",
        },
        perhaps=not clear and "tls-protocol-version",
    )


def _client_certificate(case: Case) -> Finding | None:
    """A server that wants a certificate from the client; in TLS 1.3 it says so only after the handshake."""
    handshake, late = _failed(case), case.stopped(ev.Exchange, Failure.HANDSHAKE)
    after = late is not None and "CERTIFICATE_REQUIRED" in late.detail
    during = handshake is not None and (
        handshake.alert == _CERTIFICATE_REQUIRED or "CERTIFICATE_REQUIRED" in handshake.reason
    )
    if not after and not during:
        return None
    who = tls.who(case, handshake) if handshake else case.host
    return finding(
        f"{who} wants a client certificate, and none was sent",
        "The server lets in only those who show a certificate of their own. Public datasets are "
        "never served that way: the URL is an internal one, or it leads to another service.",
        f"{who}: {alert_words(_CERTIFICATE_REQUIRED)}",
        fixes=(
            Fix(title="If you have such a certificate, name it with `--cert` and `--key`", untried="only you have it"),
            other_sources(case),
        ),
        side="you",
    )


def tls_legacy_renegotiation(case: Case) -> Finding | None:
    """Holds when OpenSSL refuses a peer without secure renegotiation (RFC 5746)."""
    handshake = _failed(case)
    if handshake is None or handshake.reason != _RENEGOTIATION:
        return None
    who = tls.who(case, handshake)
    return finding(
        f"{who}, or a box before it, lacks secure renegotiation, and {case.machine.openssl} insists on it",
        "OpenSSL 3 refuses peers that cannot renegotiate safely, a flaw that was repaired in 2010. "
        "Today it is mostly an old inspecting proxy or firewall that lacks it, not the server. "
        "OpenSSL 1.1.1 still let it pass, which is why another machine works.",
        f"{who}: {_said(handshake)}",
        f"this side: {case.machine.openssl}",
        fixes=(
            Fix(
                title="Ask whoever runs the network's proxy or firewall whether it inspects TLS, and to update it",
                untried="somebody else has to act",
            ),
            other_sources(case),
        ),
        unlike={"tls-protocol-version": "the versions agree; the extension is missing"},
    )


CAUSES: tuple[Cause, ...] = (
    cause(tls_protocol_version),
    cause(tls_legacy_renegotiation),
    cause(tls_handshake_failure),
)
