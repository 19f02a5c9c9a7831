"""Trust stores that are at fault themselves: empty, not there, replaced, or other than the one that works."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import interpreter, tls, verify_codes
from mnistdoctor.causes.facts.chain import Reason, refused_for
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, on_windows, path_argument
from mnistdoctor.causes.tls import fixes
from mnistdoctor.causes.tls.authority import runners_up
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def tls_ca_path_wrong(case: Case) -> Finding | None:
    """Holds when a setting names a store that is not there, or one that no certificate can be read from."""
    unusable = case.stopped(ev.Trust, Failure.CA_FILE)
    chain = None if unusable else refused_for(case, Reason.PATH)
    store = unusable or (chain and chain.store)
    if store is None or not tls.named(store):
        return None
    client, name = case.client.name, _name(store)
    gone = ("is not there", "no such file, or it cannot be read")
    what, sentence = _WRONG.get(store.form, _WRONG["other"] if store.exists else gone)
    return finding(
        f"{name} names {store.path}, which {what}",
        f"The setting tells {client} to trust the authorities in that file and no others, and it finds none there. "
        + ("It stops before it connects. " if unusable else "It says nothing of it and then trusts nobody. ")
        + "A deleted environment, a moved bundle or a file in another form are the usual reasons.",
        f"{name} is {store.path}",
        sentence,
        bool(store.detail) and f"the client's own words: {shortened(store.detail)}",
        chain and chain.evidence,
        fixes=_path_fixes(case, store, chain.accepted if chain else ()),
        unlike={"tls-trust-store-empty": f"{name} names the store; it is not the default one"},
        perhaps=runners_up(chain),
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
    offered = (
        _mended_path(case, store),
        fixes.unset(case, store.label),
        fixes.use_store(case, fixes.public_first(accepted)),
    )
    return tuple(filter(None, offered)) or (
        Fix(title="Give it the path of a PEM bundle that is there", untried="only you know which was meant"),
    )


def _mended_path(case: Case, store: ev.Trust) -> Fix | None:
    """What makes the named path serve as it was meant to."""
    path, by_option = path_argument(case, store.path), store.label == "option"
    if store.form == "unexpanded" and not by_option:
        line = fixes.set_path(case, store.label, store.path)
        return Fix(title="Write the path in full", commands=(line,), change=Change(ca_file=store.path))
    if store.form == "der":
        lines = [command(case, f"openssl x509 -inform der -in {path} -out ca.pem")]
        if not by_option:
            lines.append(fixes.set_path(case, store.label, "./ca.pem"))
        return Fix(title="Turn it into PEM and name that", commands=tuple(lines), untried="it writes a file")
    if store.form == "folder" and not on_windows(case):
        title, line = "Give the certificates in that folder their hashed names", command(case, f"openssl rehash {path}")
        return Fix(title=title, commands=(line,), untried="it would change that folder")
    return None


def tls_trust_store_empty(case: Case) -> Finding | None:
    """Holds when the client's default store is not there, or holds nothing."""
    unusable = case.stopped(ev.Trust, Failure.CA_FILE)
    if unusable and not tls.named(unusable):
        return _default_unusable(case, unusable)
    chain = refused_for(case, Reason.EMPTY)
    if chain is None:
        return None
    store = tls.store_words(chain.store)
    return finding(
        f"this Python has no certificate authorities at all: {store} is empty",
        f"{case.client.name} verifies with {store}, which holds nothing, so no server in the world "
        "can be trusted with it. A fresh macOS installer and slim container images are like that. "
        "The server is not at fault.",
        f"{store} holds 0 authorities",
        chain.evidence,
        fixes=_empty_fixes(case, chain.accepted),
        unlike={"tls-ca-path-wrong": "no variable names the store"},
        perhaps=runners_up(chain),
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


def _empty_fixes(case: Case, accepted: tuple[ev.Trust, ...]) -> tuple[Fix | None, ...]:
    others = tuple(one for one in accepted if one.label != "certifi")
    return fixes.certifi_bundle(case, accepted), fixes.use_store(case, others), _filled_store(case)


def _filled_store(case: Case) -> Fix | None:
    """What fills the default store of this platform."""
    why = "it would change this machine"
    if on_windows(case):
        return None
    if fixes.on_macos(case):
        major, minor = interpreter.minor_release(case)
        line = f'open "/Applications/Python {major}.{minor}/Install Certificates.command"'
        return Fix(title="Run the installer's own step", commands=(command(case, line),), untried=why)
    line, title = "sudo apt-get install ca-certificates", "Install the system's authorities (Debian, Ubuntu)"
    return Fix(title=title, commands=(command(case, line),), untried=why)


def tls_ca_bundle_replaced(case: Case) -> Finding | None:
    """Holds when a setting names a bundle of a few authorities, and the server's is a public one."""
    chain = refused_for(case, Reason.REPLACED)
    store = chain and chain.store
    if chain is None or store is None:
        return None
    name, count = _name(store), store.certificates or 0
    authorities = "1 authority" if count == 1 else f"{count} authorities"
    joined = fixes.with_root(
        case,
        path_argument(case, store.path),
        "Make a bundle of certifi's authorities and your own, and name that",
        "it writes a file",
    )
    half = chain.code == verify_codes.ROOT_NOT_FOUND
    return finding(
        f"{name} names a bundle that holds an intermediate certificate and not the root above it"
        if half
        else f"{name} names a bundle with {authorities} only, so public servers are not trusted",
        f"{name} does not add authorities, it replaces them all. "
        + (
            "The bundle holds an intermediate certificate, and a chain has to end at a root that is trusted, so it "
            "leads nowhere."
            if half
            else "The bundle holds few, as an organisation's own is, and not the public ones: hosts that a gateway "
            "re-signs work with it, and hosts that it lets through fail."
        ),
        f"{store.path} holds {authorities}",
        chain.evidence,
        fixes=(fixes.use_store(case, fixes.public_first(chain.accepted)), joined),
        unlike={
            "tls-intercepted": bool(chain.accepted) and "the issuer is not that of a gateway; other stores accept it"
        },
        perhaps=runners_up(chain),
    )


def tls_trust_store_differs(case: Case) -> Finding | None:
    """Holds when another store of this machine accepts the chain that the client's refuses."""
    chain = refused_for(case, Reason.DIFFERS)
    if chain is None:
        return None
    return finding(
        f"{tls.store_name(chain.accepted[0])} trusts {tls.who(case, chain.handshake)}, "
        f"but {case.client.name} uses {tls.store_name(chain.store)}",
        "Each client keeps its own list of authorities: requests reads certifi's, urllib OpenSSL's "
        "default, a browser the system's. One list here knows this server's authority and the list "
        "of this client does not. That is why another program works on the same machine.",
        chain.evidence,
        fixes=fixes.use_store(case, chain.accepted),
        unlike=bool(chain.clean)
        and {"tls-intercepted": f"{chain.clean[0].server_name}, by the same way, is not re-signed"},
        perhaps=runners_up(chain),
    )


_NEEDS = (Control.TRUST, Control.UNRELATED_TLS)

CAUSES: tuple[Cause, ...] = (
    cause(tls_ca_path_wrong, needs=_NEEDS, machine_wide=True),
    cause(tls_trust_store_empty, needs=_NEEDS, machine_wide=True),
    cause(tls_ca_bundle_replaced, needs=_NEEDS, machine_wide=True),
    cause(tls_trust_store_differs, needs=_NEEDS, machine_wide=True),
)
