"""Certificates of known authorities that are wrong in themselves: their names, their dates, their keys."""

from __future__ import annotations

from urllib.parse import urlunsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Change, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import tls
from mnistdoctor.causes.facts.chain import Reason, judge, observed
from mnistdoctor.causes.facts.issuers import filter_of, product_of
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import download, other_sources
from mnistdoctor.causes.tls.near_match import is_address, near_match, same_name
from mnistdoctor.failure import Failure

_WEAK_CODES = frozenset({66, 67, 68})
_AUTHORITY_WEAK = frozenset({67, 68})
_WEAK_REASONS = (
    "DH_KEY_TOO_SMALL",
    "EE_KEY_TOO_SMALL",
    "CA_KEY_TOO_SMALL",
    "CA_MD_TOO_WEAK",
    "KEY_TOO_SMALL",
    "MODULUS_TOO_SMALL",
)
_S3 = ".amazonaws.com"


def _mismatched(case: Case) -> ev.Handshake | None:
    handshake = case.stopped(ev.Handshake, Failure.INVALID_HOSTNAME)
    return handshake if handshake and (handshake.verify_code in tls.HOSTNAME or handshake.verify_code is None) else None


def _names(handshake: ev.Handshake) -> tuple[str, ...]:
    return handshake.chain[0].names if handshake.chain else ()


def _list(names: tuple[str, ...], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else (shown or "no name at all")


def _twins(case: Case, handshake: ev.Handshake) -> tuple[ev.Handshake, ...]:
    """Unrelated hosts that show this very certificate, or one of the same foreign names."""
    if not handshake.chain:
        return ()
    leaf = handshake.chain[0]
    return tuple(
        one
        for one in tls.unrelated(case)
        if one.failure
        and one.chain
        and ((leaf.sha256 and one.chain[0].sha256 == leaf.sha256) or (leaf.names and one.chain[0].names == leaf.names))
    )


def tls_hostname_mismatch(case: Case) -> Finding | None:
    """Holds when the chain is trusted, and its certificate carries another name than the one asked for."""
    handshake = _mismatched(case)
    if handshake is None or (handshake.chain and filter_of(handshake.chain[0])) or _twins(case, handshake):
        return None
    clean = tuple(one for one in tls.unrelated(case) if tls.knows(one))
    who, names = tls.who(case, handshake), _list(_names(handshake))
    dotted = _path_style(case)
    if not dotted and same_name(handshake):
        return near_match(case, handshake)
    certain = bool(clean) or dotted is not None or handshake.peer == "proxy"
    return Finding(
        title=f"{who} shows a certificate for another name: {names}",
        explanation=(
            "The certificate is genuine and belongs to another name, so nothing shows that this is the "
            "server you meant. "
            + (
                "A wildcard covers one label only: a bucket with dots in its name can never match it."
                if dotted
                else "The server is set up for other names, or the address leads to another machine."
            )
        ),
        evidence=(
            f"{who}: {tls.verdict(handshake)}",
            f"the certificate's names: {_list(_names(handshake), 8)}",
            *(f"{one.server_name}, an unrelated host, shows its own name" for one in clean[:1]),
        ),
        certain=certain,
        fixes=_mismatch_fixes(case, handshake, dotted),
        ruled_out=tuple(("tls-block-page-certificate", f"{one.server_name} is not affected") for one in clean[:1]),
        also_possible=() if certain else ("tls-block-page-certificate", "captive-portal"),
    )


def _mismatch_fixes(case: Case, handshake: ev.Handshake, dotted: str | None) -> tuple[Fix, ...]:
    tell = tls.tell(case, handshake)
    if handshake.peer == "proxy":
        return (tell,)
    if dotted:
        title = "Use the path-style address of the same object"
        return (Fix(title=title, commands=(download(case, dotted),), change=Change(url=dotted)), *other_sources(case))
    renamed = _renamed(case, handshake)
    if renamed:
        title = f"Use the name that the certificate carries: {split_url(renamed).hostname}"
        return (
            Fix(title=title, commands=(download(case, renamed),), change=Change(url=renamed)),
            *other_sources(case),
            tell,
        )
    return (*other_sources(case), tell)


def _url(case: Case) -> str:
    return case.address.url if case.address and case.address.url else case.subject.url


def _path_style(case: Case) -> str | None:
    """``https://s3.REGION.amazonaws.com/BUCKET/KEY`` where a bucket with dots is asked for by its host name."""
    bucket, mark, rest = case.host.rpartition(".s3")
    if not mark or "." not in bucket or not rest.endswith(_S3):
        return None
    region = rest.removesuffix(_S3).strip(".-")
    parts = split_url(_url(case))
    return urlunsplit(
        (parts.scheme, f"s3.{region}{_S3}" if region else f"s3{_S3}", f"/{bucket}{parts.path}", parts.query, "")
    )


def _renamed(case: Case, handshake: ev.Handshake) -> str | None:
    """The same URL by a name of the certificate: for an address, and for a `www.` too many or too few."""
    names, host = _names(handshake), case.host.lower()
    plain = tuple(one for one in names if "*" not in one and not is_address(one))
    twin = host.removeprefix("www.") if host.startswith("www.") else f"www.{host}"
    found = twin if twin in plain else (plain[0] if is_address(host) and len(plain) == 1 else None)
    if found is None:
        return None
    parts = split_url(_url(case))
    return urlunsplit((parts.scheme, found + (f":{parts.port}" if parts.port else ""), parts.path, parts.query, ""))


def tls_block_page_certificate(case: Case) -> Finding | None:
    """Holds when the certificate is a filter's, or unrelated hosts show the same foreign one."""
    verdict = judge(case)
    if verdict is not None:
        if verdict.reason is not Reason.BLOCK_PAGE:
            return None
        handshake, twins, evidence, certain = (
            verdict.facts.handshake,
            verdict.facts.same,
            observed(verdict.facts),
            verdict.certain,
        )
    else:
        found = _mismatched(case)
        if found is None or found.peer == "proxy":
            return None
        handshake, twins, certain = found, (), True
        known = filter_of(handshake.chain[0]) if handshake.chain else None
        twins = () if known else _twins(case, handshake)
        if not known and not twins:
            return None
        evidence = (
            f"{case.host}: {tls.verdict(handshake)}",
            f"the certificate's names: {_list(_names(handshake), 8)}",
            *(f"{one.server_name}, an unrelated host, shows the same certificate" for one in twins[:2]),
        )
    portal = bool(twins) and _portal(case)
    vendor = filter_of(handshake.chain[0]) if handshake.chain else None
    owner = vendor[0] if vendor else f'"{_list(_names(handshake), 2)}"'
    return finding(
        f"something on the way answers in place of {case.host}, with a certificate of {owner}",
        "The certificate belongs to a filter, a portal or a router, which shows a page of its own "
        "instead of the server. Whoever runs the network decides that; the server is not at fault "
        "and was not reached.",
        evidence,
        fixes=(
            Fix(
                title="Open any web page in a browser on this network: sign in, or read who blocks and why",
                untried="it needs a person",
            ),
            Fix(title=f"Ask whoever runs the network to allow {case.host}", untried="somebody else has to act"),
            other_sources(case),
        ),
        unlike={"tls-hostname-mismatch": f"the name is {owner}'s, not another of the same server"},
        perhaps=portal and "captive-portal",
        certain=certain and not portal,
    )


def _portal(case: Case) -> bool:
    """Whether plain-HTTP controls with known answers were redirected, or did not come back at all."""
    answers = case.ask(Control.PORTAL, ev.Exchange)
    return not any(one.status in (200, 204) for one in answers)


def tls_weak_key(case: Case) -> Finding | None:
    """Holds when OpenSSL refuses a key or a hash of the chain for its strength."""
    handshake = case.stopped(ev.Handshake, Failure.INVALID_CERTIFICATE, Failure.HANDSHAKE)
    if handshake is None or (handshake.verify_code not in _WEAK_CODES and handshake.reason not in _WEAK_REASONS):
        return None
    if handshake.verify_code in _AUTHORITY_WEAK and product_of(handshake.chain):
        return None  # `tls-ca-strict-rejected`: the authority is a gateway's
    who = tls.who(case, handshake)
    keys = ", ".join(dict.fromkeys(f"{one.key} signed with {one.signature}" for one in handshake.chain if one.key))
    what = (
        handshake.verify_message if handshake.verify_code in _WEAK_CODES else handshake.reason.replace("_", " ").lower()
    ) or "weak"
    return finding(
        f"{who} offers cryptography that is too weak for {case.machine.openssl}: {what}",
        "The server's key, or the hash in its certificate, is so short or old that OpenSSL's "
        "security level refuses it. An older OpenSSL may still take it, which is why another machine "
        "works. The server must be repaired.",
        f"{who}: {tls.verdict(handshake)}",
        keys and f"its certificates: {keys}",
        fixes=(
            other_sources(case),
            Fix(
                title=f"Tell the owner of {who} to use RSA 2048 or EC, and SHA-256", untried="somebody else has to act"
            ),
        ),
        unlike={"tls-handshake-failure": "it is the strength that was refused, not the choice of ciphers"},
    )


CAUSES: tuple[Cause, ...] = (
    cause(
        tls_block_page_certificate,
        needs=(Control.PORTAL, Control.UNRELATED_TLS, Control.TRUST),
    ),
    cause(tls_hostname_mismatch, needs=(Control.UNRELATED_TLS,)),
    cause(tls_weak_key),
)
