"""Fixes for a client that does not trust a certificate: which variable, which file, how a bundle is made."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Change, Command, Fix
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.tls import BUILT_IN, store_words, who
from mnistdoctor.causes.fixes import ask, command, on_windows, path_argument, unset_variables


def on_macos(case: Case) -> bool:
    """Whether commands should be written for macOS."""
    return case.machine.platform.startswith(("Darwin", "macOS"))


def tell_owner(case: Case, handshake: ev.Handshake, what: str = "") -> Fix:
    """What only the owner of the peer can mend."""
    return ask(f"the owner of {who(case, handshake)}", what, verb="Tell")


def variable(case: Case) -> str | None:
    """The variable with which this client is given another CA file, or None where it reads none."""
    names = [name for name in case.client.ca_variables if name != "SSL_CERT_DIR"]
    return names[0] if names else None


def set_path(case: Case, name: str, path: str) -> Command:
    """Sets the variable to a path, as this platform's shell writes it."""
    word = path_argument(case, path)
    return command(case, f"$env:{name} = {word}" if on_windows(case) else f"export {name}={word}")


def use_store(case: Case, stores: tuple[ev.Trust, ...]) -> Fix | None:
    """Points the client at the first of these stores that is a file: the conductor can try it."""
    store = next((one for one in stores if one.path and one.exists), None)
    name = variable(case)
    if store is None:
        return None
    if name is None:
        return Fix(title=f"Let the client verify with {store_words(store)}", change=Change(ca_file=store.path))
    return Fix(
        title=f"Let {case.client.name} verify with {store_words(store)}, which accepts the certificate",
        commands=(set_path(case, name, store.path),),
        change=Change(ca_file=store.path),
    )


def unset(case: Case, label: str) -> Fix | None:
    """Removes the variable, so that the client goes back to its own store; None where no variable named it."""
    if label in BUILT_IN or label == "option":
        return None
    title = f"Remove `{label}`: {case.client.name} then verifies with its own store again"
    return Fix(title=title, commands=(unset_variables(case, label),), change=Change(unset=(label,)))


def public_first(stores: tuple[ev.Trust, ...]) -> tuple[ev.Trust, ...]:
    """Stores of public authorities before those that a variable names."""
    return tuple(sorted(stores, key=lambda one: BUILT_IN.index(one.label) if one.label in BUILT_IN else 9))


def with_root(case: Case, root: str, title: str, untried: str) -> Fix:
    """A bundle of certifi's certificates and one more, in PEM form, for this client."""
    name, bundle = variable(case) or "SSL_CERT_FILE", _certifi(case)
    if on_windows(case):
        lines = (
            f'Get-Content {bundle}, {root} | Set-Content -Encoding ascii "$HOME\\ca-bundle.pem"',
            f'$env:{name} = "$HOME\\ca-bundle.pem"',
        )
    else:
        lines = (f'cat {bundle} {root} > "$HOME/ca-bundle.pem"', f'export {name}="$HOME/ca-bundle.pem"')
    return Fix(title=title, commands=tuple(command(case, line) for line in lines), untried=untried)


def _certifi(case: Case) -> str:
    """The bundle of certifi, by its path: the shell's own `python3` may be another one, and have none."""
    if case.machine.certifi:
        return path_argument(case, case.machine.certifi)
    return "(python -m certifi)" if on_windows(case) else '"$(python3 -m certifi)"'


def organisation_root(case: Case) -> Fix:
    """The organisation's root certificate, which only its IT can hand out."""
    return with_root(
        case,
        "corp-root.pem",
        "Ask IT for the root certificate as PEM (`corp-root.pem`), compare its fingerprint with them, and add it",
        "get corp-root.pem from your IT first",
    )


def certifi_bundle(case: Case, stores: tuple[ev.Trust, ...]) -> Fix:
    """Lets the client verify with certifi's bundle; tried where certifi was seen to accept the chain."""
    name = variable(case) or "SSL_CERT_FILE"
    line = f"$env:{name} = {_certifi(case)}" if on_windows(case) else f"export {name}={_certifi(case)}"
    certifi = next((one for one in stores if one.label == "certifi" and one.path), None)
    return Fix(
        title="Let it verify with certifi's bundle of public authorities",
        commands=(command(case, line),),
        change=Change(ca_file=certifi.path) if certifi else None,
        untried="" if certifi else "certifi was not seen to accept this server",
    )
