"""Certificates for another name, and those that carry the right one where this client does not read it (RFC 9525)."""

from __future__ import annotations

from urllib.parse import urlunsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import hostnames, tls
from mnistdoctor.causes.facts.issuers import filter_of
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import other_sources, take
from mnistdoctor.causes.tls.fixes import tell_owner

_S3 = ".amazonaws.com"


def tls_hostname_mismatch(case: Case) -> Finding | None:
    """Holds when the chain is trusted, and its certificate carries another name than the one asked for."""
    handshake = hostnames.mismatched(case)
    if handshake is None or (handshake.chain and filter_of(handshake.chain[0])):
        return None
    if hostnames.same_certificate(case, handshake):
        return None
    clean = next((one.server_name for one in tls.unrelated(case) if tls.chain_accepted(one)), "")
    path_style = _path_style(case)
    if not path_style and hostnames.same_name(handshake):
        return _final_dot(case, handshake) if handshake.server_name.endswith(".") else _common_name(case, handshake)
    certain = clean or path_style or handshake.peer == "proxy"
    return finding(
        f"{tls.who(case, handshake)} shows a certificate for another name: {hostnames.names_shown(handshake)}",
        "The certificate is genuine and belongs to another name, so nothing shows that this is the "
        "server you meant. "
        + (
            "A wildcard covers one label only: a bucket with dots in its name can never match it."
            if path_style
            else "The server is set up for other names, or the address leads to another machine."
        ),
        tls.verification(case, handshake),
        f"the certificate's names: {hostnames.names_shown(handshake, 8)}",
        clean and f"{clean}, an unrelated host, shows its own name",
        fixes=_mismatch_fixes(case, handshake, path_style),
        unlike={"tls-block-page-certificate": clean and f"{clean} is not affected"},
        perhaps=not certain and ("tls-block-page-certificate", "captive-portal"),
    )


def _mismatch_fixes(case: Case, handshake: ev.Handshake, path_style: str | None) -> tuple[Fix, ...]:
    tell = tell_owner(case, handshake)
    if handshake.peer == "proxy":
        return (tell,)
    if path_style:
        return take(case, path_style, "Use the path-style address of the same object"), *other_sources(case)
    if renamed := _renamed(case, handshake):
        title = f"Use the name that the certificate carries: {split_url(renamed).hostname}"
        return take(case, renamed, title), *other_sources(case), tell
    return *other_sources(case), tell


def _url(case: Case) -> str:
    return case.address.url if case.address and case.address.url else case.subject.url


def _at_host(url: str, host: str) -> str:
    """The same URL at another host; the port stays."""
    parts = split_url(url)
    port = f":{parts.port}" if parts.port else ""
    return urlunsplit((parts.scheme, host + port, parts.path, parts.query, ""))


def _path_style(case: Case) -> str | None:
    """``https://s3.REGION.amazonaws.com/BUCKET/KEY`` where a bucket with dots is asked for by its host name."""
    bucket, mark, rest = case.host.rpartition(".s3")
    if not mark or "." not in bucket or not rest.endswith(_S3):
        return None
    region = rest.removesuffix(_S3).strip(".-")
    parts, host = split_url(_url(case)), f"s3.{region}{_S3}" if region else f"s3{_S3}"
    return urlunsplit((parts.scheme, host, f"/{bucket}{parts.path}", parts.query, ""))


def _renamed(case: Case, handshake: ev.Handshake) -> str | None:
    """The same URL by a name of the certificate: for an address, and for a `www.` too many or too few."""
    host = case.host.lower()
    names = tuple(name for name in hostnames.names(handshake) if "*" not in name and not hostnames.is_address(name))
    twin = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    if twin in names:
        return _at_host(_url(case), twin)
    return _at_host(_url(case), names[0]) if hostnames.is_address(host) and len(names) == 1 else None


def _final_dot(case: Case, handshake: ev.Handshake) -> Finding:
    client, name, fix = (
        case.client.name,
        handshake.server_name,
        tell_owner(case, handshake, "to leave the final dot out"),
    )
    if handshake.peer == "origin" and case.address is not None:
        host = (split_url(case.address.url).hostname or "").rstrip(".")
        fix = take(case, _at_host(case.address.url, host), "Leave the final dot out of the URL")
    return finding(
        f"the host is written with a final dot, `{name}`, and {client} looks for that dot in the certificate",
        "With and without the dot it is one name in DNS, and certificates are written without it. requests and "
        "curl take it off before they compare; urllib does not, and so finds another name. The server is well.",
        _names_compared(case, handshake),
        fixes=fix,
        unlike={"tls-block-page-certificate": "the certificate is for this very name"},
        side="server" if case.hop else "you",
    )


def _common_name(case: Case, handshake: ev.Handshake) -> Finding:
    """The name stands outside the list of alternative names."""
    address = hostnames.is_address(handshake.server_name)
    kind = "address" if address else "name"
    return finding(
        f"{tls.who(case, handshake)} shows a certificate that says this {kind} only where clients no longer read it",
        f"The certificate is for this very {kind} and comes from a known authority. But "
        + (
            "an address counts only where the list of alternative names has it as an address"
            if address
            else "the name stands as its common name alone, and only the list of alternative names counts"
        )
        + " (RFC 9525). The server needs a new certificate.",
        _names_compared(case, handshake),
        fixes=(
            handshake.peer == "origin" and other_sources(case),
            tell_owner(case, handshake, f"to put the {kind} into the certificate's alternative names"),
        ),
        unlike={"tls-block-page-certificate": f"the certificate is for this very {kind}"},
        side="proxy" if handshake.peer == "proxy" else None,
    )


def _names_compared(case: Case, handshake: ev.Handshake) -> tuple[str, ...]:
    said = ", ".join(hostnames.names(handshake)[:8])
    return tls.verification(case, handshake), f"asked for: {handshake.server_name}; the certificate says: {said}"


CAUSES: tuple[Cause, ...] = (cause(tls_hostname_mismatch, needs=(Control.UNRELATED_TLS,)),)
