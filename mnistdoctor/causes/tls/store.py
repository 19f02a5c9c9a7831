"""Trust stores that are at fault themselves: empty, not there, replaced, old, or other than the one that works."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Change, Command, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import tls
from mnistdoctor.causes.facts.chain import Reason, observed
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, on_windows, path_argument
from mnistdoctor.causes.tls import fixes
from mnistdoctor.causes.tls.authority import judged, runners_up
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_DEFAULTS = ("certifi", "openssl", "system")
"""Labels of the stores that nobody named."""
_NO_ROOT = 2
"""X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT: an issuer was found, and its own issuer was not."""


def tls_ca_path_wrong(case: Case) -> Finding | None:
    """Holds when a setting names a store that is not there, or one that no certificate can be read from."""
    refused = case.stopped(ev.Trust, Failure.CA_FILE)
    if refused and refused.label in _DEFAULTS:
        return None
    verdict = None if refused else judged(case, Reason.PATH)
    store = refused or (verdict.facts.store if verdict else None)
    if store is None:
        return None
    client, name = case.client.name, _name(store)
    gone = ("is not there", "no such file, or it cannot be read")
    what, seen = _WRONG.get(store.form, _WRONG["other"] if store.exists else gone)
    evidence = [f"{name} is {store.path}", seen]
    evidence += [f"the client's own words: {shortened(store.detail)}"] if store.detail else []
    evidence += list(observed(verdict.facts)) if verdict else []
    accepted = verdict.facts.accepted if verdict else ()
    return finding(
        f"{name} names {store.path}, which {what}",
        f"The setting tells {client} to trust the authorities in that file and no others, and it finds none there. "
        + ("It stops before it connects. " if refused else "It says nothing of it and then trusts nobody. ")
        + "A deleted environment, a moved bundle or a file in another form are the usual reasons.",
        tuple(evidence),
        fixes=_path_fixes(case, store, accepted),
        unlike={"tls-trust-store-empty": f"{name} names the store; it is not the default one"},
        perhaps=runners_up(verdict) if verdict else None,
        certain=verdict is None or verdict.certain,
    )


_WRONG = {
    "folder": (
        "is a folder without hashed names",
        "it is a folder, and OpenSSL finds certificates there by hashed names",
    ),
    "der": ("is in DER form, not PEM", "it begins as a certificate in DER form does, and holds no PEM certificate"),
    "empty": ("is empty", "the file is empty"),
    "other": ("holds no certificate", "it holds no PEM certificate"),
    "pem": ("holds no certificate of an authority", "no certificate of an authority could be read from it"),
    "unexpanded": ("nobody but a shell would understand", "a variable's value is taken as it is, `~` and all"),
}
"""By `Trust.form`: what is wrong, as a clause and as a sentence."""


def _name(store: ev.Trust) -> str:
    return "`--ca-bundle`" if store.label == "option" else f"`{store.label}`"


def _path_fixes(case: Case, store: ev.Trust, accepted: tuple[ev.Trust, ...]) -> tuple[Fix, ...]:
    found: tuple[Fix, ...] = (
        *_mended_path(case, store),
        *fixes.unset(case, store.label),
        *fixes.use_store(case, fixes.public_first(accepted)),
    )
    return found or (
        Fix(title="Give it the path of a PEM bundle that is there", untried="only you know which was meant"),
    )


def _mended_path(case: Case, store: ev.Trust) -> tuple[Fix, ...]:
    """What makes the named path serve as it was meant to."""
    word = path_argument(case, store.path)
    if store.form == "unexpanded" and store.label != "option":
        line = fixes.set_path(case, store.label, store.path)
        return (Fix(title="Write the path in full", commands=(line,), change=Change(ca_file=store.path)),)
    if store.form == "der":
        lines: tuple[Command, ...] = (command(case, f"openssl x509 -inform der -in {word} -out ca.pem"),)
        if store.label != "option":
            lines += (fixes.set_path(case, store.label, "./ca.pem"),)
        return (Fix(title="Turn it into PEM and name that", commands=lines, untried="it writes a file"),)
    if store.form == "folder" and not on_windows(case):
        line = command(case, f"openssl rehash {word}")
        return (
            Fix(
                title="Give the certificates in that folder their hashed names",
                commands=(line,),
                untried="it would change that folder",
            ),
        )
    return ()


def tls_trust_store_empty(case: Case) -> Finding | None:
    """Holds when the client's default store is not there, or holds nothing."""
    refused = case.stopped(ev.Trust, Failure.CA_FILE)
    if refused and refused.label in _DEFAULTS:
        return _default_unusable(case, refused)
    verdict = judged(case, Reason.EMPTY)
    if verdict is None:
        return None
    facts, store = verdict.facts, tls.store_words(verdict.facts.store)
    return finding(
        f"this Python has no certificate authorities at all: {store} is empty",
        f"{case.client.name} verifies with {store}, which holds nothing, so no server in the world "
        "can be trusted with it. A fresh macOS installer and slim container images are like that. "
        "The server is not at fault.",
        f"{store} holds 0 authorities",
        observed(facts),
        fixes=_empty_fixes(case, facts.accepted),
        unlike={"tls-ca-path-wrong": "no variable names the store"},
        perhaps=runners_up(verdict),
        certain=verdict.certain,
    )


def _default_unusable(case: Case, store: ev.Trust) -> Finding:
    """The client's own default store, which no variable named, is not there or holds nothing: it stops at once."""
    what = tls.store_words(store)
    return finding(
        f"{case.client.name} has no certificate authorities at all: {what} "
        + ("is empty" if store.exists else "is not there"),
        f"{case.client.name} verifies with {what}, and without it no server in the world can be trusted. "
        "Slim container images are like that. The server is not at fault; it was not even asked.",
        f"{what}: {shortened(store.detail) or 'it cannot be read'}",
        fixes=_empty_fixes(case, ()),
        unlike={"tls-ca-path-wrong": "no variable names the store"},
    )


def _empty_fixes(case: Case, accepted: tuple[ev.Trust, ...]) -> tuple[Fix, ...]:
    why = "it would change this machine"
    offered: list[Fix] = [fixes.certifi_bundle(case, accepted)]
    offered += fixes.use_store(case, tuple(one for one in accepted if one.label != "certifi"))
    if case.machine.platform.startswith(("Darwin", "macOS")):
        release = ".".join(case.machine.python.split()[-1].split(".")[:2])
        line = f'open "/Applications/Python {release}/Install Certificates.command"'
        offered.append(Fix(title="Or run the installer's own step", commands=(command(case, line),), untried=why))
    elif not on_windows(case):
        line = "sudo apt-get install ca-certificates"
        offered.append(
            Fix(
                title="Or install the system's authorities (Debian, Ubuntu)",
                commands=(command(case, line),),
                untried=why,
            )
        )
    return tuple(offered)


def tls_ca_bundle_replaced(case: Case) -> Finding | None:
    """Holds when a setting names a bundle of a few authorities, and the server's is a public one."""
    verdict = judged(case, Reason.REPLACED)
    if verdict is None or verdict.facts.store is None:
        return None
    facts, store = verdict.facts, verdict.facts.store
    assert store is not None
    count = store.certificates or 0
    name = _name(store)
    ones = "1 authority" if count == 1 else f"{count} authorities"
    joined = fixes.with_root(
        case,
        path_argument(case, store.path),
        "Make a bundle of certifi's authorities and your own, and name that",
        "it writes a file",
    )
    half = facts.code == _NO_ROOT
    return finding(
        f"{name} names a bundle that holds an intermediate certificate and not the root above it"
        if half
        else f"{name} names a bundle with {ones} only, so public servers are not trusted",
        f"{name} does not add authorities, it replaces them all. "
        + (
            "The bundle holds an intermediate certificate, and a chain has to end at a root that is trusted, so it "
            "leads nowhere."
            if half
            else "The bundle holds few, as an organisation's own is, and not the public ones: hosts that a gateway "
            "re-signs work with it, and hosts that it lets through fail."
        ),
        f"{store.path} holds {ones}",
        observed(facts),
        fixes=(fixes.use_store(case, fixes.public_first(facts.accepted)), joined),
        unlike={
            "tls-intercepted": bool(facts.accepted) and "the issuer is not that of a gateway; other stores accept it"
        },
        perhaps=runners_up(verdict),
        certain=verdict.certain,
    )


def tls_trust_store_differs(case: Case) -> Finding | None:
    """Holds when another store of this machine accepts the chain that the client's refuses."""
    verdict = judged(case, Reason.DIFFERS)
    if verdict is None:
        return None
    facts = verdict.facts
    accepted = facts.accepted[0]
    return Finding(
        title=f"{tls.store_name(accepted)} trusts {tls.who(case, facts.handshake)}, "
        f"but {case.client.name} uses {tls.store_name(facts.store)}",
        explanation=(
            "Each client keeps its own list of authorities: requests reads certifi's, urllib OpenSSL's "
            "default, a browser the system's. One list here knows this server's authority and the list "
            "of this client does not. That is why another program works on the same machine."
        ),
        evidence=observed(facts),
        certain=verdict.certain,
        fixes=fixes.use_store(case, facts.accepted),
        ruled_out=tuple(
            ("tls-intercepted", f"{one.server_name}, by the same way, is not re-signed") for one in facts.clean[:1]
        ),
        also_possible=runners_up(verdict),
    )


CAUSES: tuple[Cause, ...] = (
    cause(
        tls_ca_path_wrong,
        needs=(Control.UNRELATED_TLS, Control.TRUST),
        machine_wide=True,
    ),
    cause(
        tls_trust_store_empty,
        needs=(Control.UNRELATED_TLS, Control.TRUST),
        machine_wide=True,
    ),
    cause(
        tls_ca_bundle_replaced,
        needs=(Control.UNRELATED_TLS, Control.TRUST),
        machine_wide=True,
    ),
    cause(
        tls_trust_store_differs,
        needs=(Control.UNRELATED_TLS, Control.TRUST),
        machine_wide=True,
    ),
)
