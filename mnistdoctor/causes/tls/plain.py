"""A port that answers in clear where TLS was expected."""

from __future__ import annotations

import re
from urllib.parse import urlunsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control, none_of
from mnistdoctor.causes.facts import tls
from mnistdoctor.causes.facts.proxy import the_proxy
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import NETWORK, ask, other_sources, take
from mnistdoctor.causes.tls.fixes import tell_owner
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
"""How records write control characters."""

_PROTOCOLS = (
    (r"HTTP/\d", "plain HTTP"),
    (r"SSH-\d", "SSH"),
    (r"220[ -].*FTP", "FTP"),
    (r"220[ -]", "mail (SMTP)"),
    (r"\+OK", "mail (POP3)"),
    (r"\* OK", "mail (IMAP)"),
    (r"\s*<", "a web page in clear"),
)
"""How protocols greet, and what speaks so."""


def tls_plaintext_port(case: Case) -> Finding | None:
    """Holds when the server answers the handshake in clear."""
    handshake = case.stopped(ev.Handshake, Failure.NOT_TLS)
    if handshake is None or handshake.peer == "proxy":
        return None
    who, port = tls.who(case, handshake), (case.address.port if case.address else handshake.port)
    first = handshake.first_bytes
    protocol = _protocol(first)
    others = tls.unrelated(case) if port == 443 else ()
    hijacked = none_of(others) and any(one.failure == Failure.NOT_TLS for one in others)
    alone = "captive-portal" if hijacked else "tls-handshake-failure"
    behind = "the proxy" if case.proxied else "something on the way"
    return finding(
        f"{who} answers {protocol or 'something that is no TLS'} on port {port}, where TLS was expected",
        "The client began a TLS handshake and the other side answered in clear. "
        + (
            f"Unrelated hosts do the same, so {behind} answers for all of them. "
            if hijacked
            else f"An https URL names a port (here {port}) at which the server does not speak TLS"
            + (", or something before the server answers there. " if port == 443 else ". ")
        )
        + "OpenSSL words it as a wrong version number, which misleads.",
        f'it began with "{shortened(_readable(first), 60)}"' if first else tls.verification(case, handshake),
        hijacked and (f"{one.server_name}, an unrelated host, answers in clear too" for one in others),
        case.proxied and f"all of it came through {the_proxy(case)}",
        fixes=_hijacked_fixes(case) if hijacked else _plain_fixes(case, handshake, port),
        unlike={"proxy-env-https-scheme": "the peer of the handshake is the server, not the proxy"},
        perhaps=(hijacked or not protocol) and ("proxy-upstream-failed" if case.proxied else alone),
        side=("proxy" if case.proxied else "network") if hijacked else None,
    )


def _hijacked_fixes(case: Case) -> tuple[Fix, ...]:
    """Nobody who runs a server can mend what answers in every server's place."""
    if case.proxied:
        return (ask(f"whoever runs {the_proxy(case)}", "why it answers in place of the servers"),)
    return (
        ask(NETWORK, "what answers on port 443 in place of the servers"),
        Fix(title="Open any http page in a browser: a sign-in page may be waiting", untried="it needs a person"),
    )


def _readable(first: str) -> str:
    """The first line of the answer."""
    return re.split(r"\\x0d|\\x0a|[\r\n]", first, maxsplit=1)[0]


def _protocol(first: str) -> str:
    """What speaks so in clear; an empty string where that is not known."""
    name = next((name for pattern, name in _PROTOCOLS if re.match(pattern, first)), "")
    if name:
        return name
    # Binary protocols have control characters among their first bytes; text has none but line ends and tabs.
    bare = _ESCAPE.sub(lambda escape: chr(int(escape.group(1), 16)), first)
    return "plain text" if len(bare) > 4 and re.fullmatch(r"[\x20-\x7e\r\n\t]+", bare) else ""


def _plain_fixes(case: Case, handshake: ev.Handshake, port: int) -> tuple[Fix, ...]:
    url = case.address.url if case.address and case.address.url else case.subject.url
    parts = split_url(url)
    tell = tell_owner(case, handshake, f"that port {port} does not speak TLS")
    if port == 443 or not parts.hostname:
        return (*other_sources(case), tell)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    usual = urlunsplit((parts.scheme, host, parts.path, parts.query, ""))
    return take(case, usual, "Leave the port out of the URL: TLS is at 443"), *other_sources(case), tell


CAUSES: tuple[Cause, ...] = (cause(tls_plaintext_port, needs=(Control.UNRELATED_TLS,)),)
