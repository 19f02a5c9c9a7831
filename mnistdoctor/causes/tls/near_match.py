"""Certificates that carry the right name, and not in the way in which this client reads it (RFC 9525)."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlunsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Change, Finding, Fix
from mnistdoctor.causes.facts import tls
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import download, other_sources


def is_address(text: str) -> bool:
    """Whether it is an IP address, with or without brackets."""
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def same_name(handshake: ev.Handshake) -> bool:
    """Whether the certificate says the very name that was asked for, but for a final dot."""
    names = handshake.chain[0].names if handshake.chain else ()
    return handshake.server_name.rstrip(".").lower() in {one.lower() for one in names}


def near_match(case: Case, handshake: ev.Handshake) -> Finding:
    """What to say of it: the URL has a final dot, or the certificate has no alternative name."""
    return _dotted(case, handshake) if handshake.server_name.endswith(".") else _no_alternative(case, handshake)


def _dotted(case: Case, handshake: ev.Handshake) -> Finding:
    client, name = case.client.name, handshake.server_name
    fixes = (tls.tell(case, handshake, "to leave the final dot out"),)
    if handshake.peer == "origin" and case.address is not None:
        parts = split_url(case.address.url)
        host = (parts.hostname or "").rstrip(".") + (f":{parts.port}" if parts.port else "")
        url = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
        fixes = (
            Fix(title="Leave the final dot out of the URL", commands=(download(case, url),), change=Change(url=url)),
        )
    return finding(
        f"the host is written with a final dot, `{name}`, and {client} looks for that dot in the certificate",
        "With and without the dot it is one name in DNS, and certificates are written without it. requests and "
        "curl take it off before they compare; urllib does not, and so finds another name. The server is well.",
        _seen(case, handshake),
        fixes=fixes,
        unlike={"tls-block-page-certificate": "the certificate is for this very name"},
        side="server" if case.hop else "you",
    )


def _no_alternative(case: Case, handshake: ev.Handshake) -> Finding:
    who, address = tls.who(case, handshake), is_address(handshake.server_name)
    kind = "address" if address else "name"
    return finding(
        f"{who} shows a certificate that says this {kind} only where clients no longer read it",
        f"The certificate is for this very {kind} and comes from a known authority. But "
        + (
            "an address counts only where the list of alternative names has it as an address"
            if address
            else "the name stands as its common name alone, and only the list of alternative names counts"
        )
        + " (RFC 9525). The server needs a new certificate.",
        _seen(case, handshake),
        fixes=(
            handshake.peer == "origin" and other_sources(case),
            tls.tell(case, handshake, f"to put the {kind} into the certificate's alternative names"),
        ),
        unlike={"tls-block-page-certificate": f"the certificate is for this very {kind}"},
        side="proxy" if handshake.peer == "proxy" else None,
    )


def _seen(case: Case, handshake: ev.Handshake) -> tuple[str, ...]:
    return (
        f"{tls.who(case, handshake)}: {tls.verdict(handshake)}",
        f"asked for: {handshake.server_name}; the certificate says: {', '.join(handshake.chain[0].names[:8])}",
    )
