"""One record as one readable line, and each request as a curl command: what `-v` adds."""

from __future__ import annotations

from collections.abc import Sequence

from mnistdoctor import evidence as ev
from mnistdoctor import wording
from mnistdoctor.failure import in_words
from mnistdoctor.report.curl import as_curl


def line(one: ev.Observation) -> str:
    """All of it, without columns."""
    number, stage = columns(one)
    return f"{number} {stage} {text(one)}"


def columns(one: ev.Observation) -> tuple[str, str]:
    """The record's id, and its stage or ``before``."""
    return one.id, one.stage or "before"


def text(one: ev.Observation) -> str:
    """Whose it is, what it was, how long it took, and what went wrong."""
    whose = "" if one.role == "target" else f"({one.control or one.role}) "
    hop = f"hop {one.hop} " if one.hop else ""
    told = f"{hop}{whose}{operation_text(one)}"
    if one.reused:
        told += f", as {one.reused}"
    elif one.stage is not None:
        told += f", {wording.duration(one.duration_s)}"
    if one.failure:
        told += f", failed: {in_words(one.failure)}" + (f", {one.detail}" if one.detail else "")
    elif one.detail:
        told += f" ({one.detail})"
    return wording.one_line(told)


def operation_text(one: ev.Observation) -> str:
    """The operation and what it saw, in a few words."""
    match one:
        case ev.Subject():
            size = f"{one.size} bytes" if one.size is not None else "length not known"
            digests = ", ".join(f"{name} {value}" for name, value in one.digests[:1]) or "no digest known"
            return f"expect {one.url} as {one.client}: {size}, {digests}"
        case ev.Machine():
            variables = " ".join(f"{name}={value}" for name, value in one.variables)
            return f"{one.platform}, {one.python}, {one.openssl}" + (f", {variables}" if variables else "")
        case ev.Address():
            return f"URL {one.url}"
        case ev.Route():
            by = f", decided by {one.decided_by}" if one.decided_by else ""
            return f"way {one.way}" + (f" by {one.proxy}" if one.proxy else "") + by
        case ev.Trust():
            return (
                f"trust store {one.label}" + (f" {one.path}" if one.path else "") + ("" if one.exists else " (missing)")
            )
        case ev.Lookup():
            return f"look up {one.name}: {', '.join(one.addresses) or one.code or 'no address'}"
        case ev.NameQuery():
            answer = ", ".join(
                (one.rcode or "no reply", *one.answers, *(f"EDE {a} {b}".rstrip() for a, b in one.extended))
            )
            return f"ask {one.server} for {one.name} {one.type}: {answer}"
        case ev.HostsFile():
            return f"{one.path} on {one.name}: {', '.join(one.addresses) or 'nothing'}"
        case _:
            return _on_the_wire(one)


def _on_the_wire(one: ev.Observation) -> str:
    match one:
        case ev.Reach():
            return f"a route for IPv{one.family}: {one.errno or 'yes'}"
        case ev.Connect():
            return f"connect to {one.address} port {one.port}" + (f": {one.errno}" if one.errno else "")
        case ev.Tunnel():
            got = (
                f"{one.status} {one.reason}".rstrip()
                if one.status
                else "-"
                if one.reply is None
                else f"reply {one.reply}"
            )
            return f"{one.protocol} tunnel to {one.target} by {one.proxy}: {got}"
        case ev.Handshake():
            issuer = f"issued by {one.chain[0].issuer}" if one.chain else ""
            said = filter(None, (one.version, one.cipher, one.alpn, issuer, one.verify_message, one.reason))
            return f"handshake with {one.server_name}, trusting {one.trust or '?'}: {', '.join(said) or '-'}"
        case ev.Exchange():
            to = f" -> {one.location}" if one.location else ""
            return (
                f"{one.method} {one.url}: {f'{one.status} {one.reason}'.rstrip() if one.status else 'no response'}{to}"
            )
        case ev.Transfer():
            declared = "no length declared" if one.declared is None else f"of {one.declared} declared"
            digests = ", ".join(f"{name} {value}" for name, value in one.digests)
            return f"{one.received} bytes received, {declared}" + (f", {digests}" if digests else "")
        case ev.Content():
            inner = f" of {one.inner}" if one.inner else ""
            return f"it is {one.what or 'unknown'}{inner}" + (f", and {one.damage}" if one.damage else "")
        case _:
            return one.kind


def curl_of(one: ev.Exchange, observations: Sequence[ev.Observation]) -> str:
    """The request as a curl command, by the way and to the address that it took here."""
    same = [r for r in observations if r.hop == one.hop and r.role == one.role and r.control == one.control]
    before = same[: same.index(one)] if one in same else same
    routes = [r for r in before if isinstance(r, ev.Route)]
    connects = [r for r in before if isinstance(r, ev.Connect) and r.failure is None and r.peer == "origin"]
    resolve = None
    if connects and connects[-1].name and connects[-1].name != connects[-1].address:
        last = connects[-1]
        address = f"[{last.address}]" if ":" in last.address else last.address
        resolve = f"{last.name}:{last.port}:{address}"
    stores = [r for r in before if isinstance(r, ev.Trust) and r.in_use and r.exists and r.path]
    ca_file = stores[-1].path if stores and stores[-1].path.endswith((".pem", ".crt")) else None
    return as_curl(one, routes[-1] if routes else None, resolve=resolve, ca_file=ca_file)
