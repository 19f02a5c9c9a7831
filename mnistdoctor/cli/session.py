"""From options to an examination, and from its report to output and an exit code."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mnistdoctor import interrupt, paths
from mnistdoctor.cli import output
from mnistdoctor.cli.group import Wrong
from mnistdoctor.exhaustive import assert_never

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from mnistdoctor.catalogue import Catalogue
    from mnistdoctor.examine.conductor import Listener, Report
    from mnistdoctor.examine.manifest.entry import ManifestEntry
    from mnistdoctor.examine.target import Target
    from mnistdoctor.settings import Environment, Settings

LARGEST_CATALOGUE = 16 * 2**20
"""The built-in one has a hundredth of that."""


def catalogue_of(path: Path | None) -> Catalogue:
    """The built-in catalogue with the user's file over it; a bad file is wrong usage."""
    from mnistdoctor.catalogue import CatalogueError, load

    if path is not None and not paths.is_file(path):
        raise Wrong(f"{str(path)!r} is no file", "a catalogue is read whole, and more than once")
    if path is not None and (size := path.stat().st_size) > LARGEST_CATALOGUE:
        raise Wrong(f"{str(path)!r} is larger than any catalogue: {size} bytes", "is it the right file?")
    try:
        return load(path)
    except (CatalogueError, RecursionError, ValueError) as error:
        told = str(error) if isinstance(error, CatalogueError) else f"{str(path)!r} cannot be read: {error}"
        raise Wrong(told, "`mnistdoctor list --catalogue FILE` checks a catalogue file") from None


def read_by(options: dict[str, Any]) -> list[tuple[str, Path | str | None]]:
    """The files that options name, in words and with their paths."""
    names = ("ca_bundle", "cert", "key", "catalogue", "pac")
    return [(f"what `--{name.replace('_', '-')}` names", options[name]) for name in names]


def environment_of(options: dict[str, Any]) -> Environment:
    """The process environment with the user's Python; one that does not run is wrong usage."""
    from mnistdoctor.settings import NoPython, of_user
    from mnistdoctor.settings.model import TIMEOUT_S

    try:
        return of_user(options["python"], options.get("timeout") or TIMEOUT_S)
    except NoPython as error:
        raise Wrong(f"`--python` names {options['python']!r}, {error}", error.hint) from None


def with_manifests(names: tuple[str, ...], base_url: str | None) -> tuple[str | ManifestEntry, ...]:
    """What is to be examined, manifests replaced by what they name; without a name, what the project here names."""
    from mnistdoctor.examine.manifest.entry import BadManifest, ManifestEntry
    from mnistdoctor.examine.manifest.reader import expanded, of_folder

    project = of_folder(Path()) if not names else None
    try:
        found = expanded((project,) if project else names, base_url)
    except BadManifest as error:
        raise Wrong(str(error), error.hint) from None
    if base_url is not None and not any(isinstance(one, ManifestEntry) for one in found):
        raise Wrong("`--base-url` is for a manifest, and none is named", "name one, such as `SHA256SUMS`")
    return found


def targets_of(
    names: tuple[str | ManifestEntry, ...], options: dict[str, Any], catalogue: Catalogue, environment: Environment
) -> tuple[Target, ...]:
    """The files to examine; a target that cannot be is wrong usage."""
    from mnistdoctor.catalogue import UnknownName
    from mnistdoctor.examine.expectation import BadTarget, Expectation
    from mnistdoctor.examine.targets import plan

    try:
        client = catalogue.client(options["client"]) if options["client"] else None
    except UnknownName as error:
        near = f"did you mean `{error.nearest[0]}`? " if error.nearest else ""
        raise Wrong(f"no client is called {error.name!r}", f"{near}clients: {', '.join(error.choices)}") from None
    words = [name if isinstance(name, str) else name.target for name in names]
    loader_names = [word for word in words if ":" in word and "://" not in word]
    if client is not None and loader_names:
        raise Wrong(
            f"`--as {client.name}` contradicts {loader_names[0]!r}, which goes out as its loader does",
            "leave `--as` out, or name the dataset or a URL",
        )
    try:
        known = Expectation(**{name: options[name] for name in ("sha256", "md5", "length", "expect")})
        return plan(names, client, known, catalogue, environment, root=options["root"])
    except BadTarget as error:
        near = _near_command(names[0]) if names and error.unknown == names[0] else ""
        raise Wrong(str(error), near + error.hint) from None


def _near_command(word: str) -> str:
    """The command that the first word was probably meant to be: what is no command is taken for a target."""
    from mnistdoctor.catalogue import nearest_names

    context = click.get_current_context(silent=True)
    root = context.find_root().command if context else None
    if not isinstance(root, click.Group) or not word.isalpha():
        return ""
    near = nearest_names(word, root.commands, 1)
    return f"did you mean the command `mnistdoctor {near[0]}`? " if near else ""


def settings_of(options: dict[str, Any], **more: Any) -> Settings:
    """The run's settings; options that contradict each other are wrong usage."""
    from mnistdoctor.settings import Settings
    from mnistdoctor.settings.model import LOOKUP_S, TIMEOUT_S

    if options["four"] and options["six"]:
        raise Wrong("`-4` contradicts `-6`", "give one of them, or none for both families")
    if options["key"] and not options["cert"]:
        raise Wrong("`--key` needs `--cert`", "name the client certificate too")
    _check_certificate(options["cert"], options["key"])
    if options["offline"] and options["controls"]:
        raise Wrong("`--control` contradicts `--offline`", "offline, nothing is sent")
    if options["no_controls"] and options["controls"]:
        raise Wrong("`--control` contradicts `--no-controls`", "give one of them")
    _check_pac(options["pac"])
    return Settings(
        timeout_s=options["timeout"] or TIMEOUT_S,
        lookup_s=options["timeout"] or LOOKUP_S,
        jobs=options["jobs"],
        per_host=options["per_host"],
        family=4 if options["four"] else (6 if options["six"] else None),
        proxy=options["proxy"],
        pac=options["pac"],
        ca_bundle=_path(options["ca_bundle"]),
        cert=_path(options["cert"]),
        key=_path(options["key"]),
        headers=options["headers"],
        resolver=options["resolver"],
        resolve=options["resolve"],
        full=options["full"],
        controls_allowed=not options["no_controls"],
        offline=options["offline"],
        controls=options["controls"],
        allow_private_redirect=options["allow_private_redirect"],
        until=options["until"],
        **more,
    )


def settings_for(options: dict[str, Any], **more: Any) -> Settings:
    """The settings of a command that has few of the options: time-out, deadline, proxy and authorities."""
    from mnistdoctor.settings import Settings

    return Settings(
        timeout_s=options["timeout"],
        deadline_s=options["deadline"],
        proxy=options["proxy"],
        ca_bundle=_path(options["ca_bundle"]),
        **more,
    )


def _check_pac(given: str | None) -> None:
    """A PAC file that is not there is wrong usage; what an http address answers is seen when it is asked."""
    if not given or given.lower().startswith(("http://", "https://", "file:")):
        return
    path = paths.with_home(given)
    if not paths.is_file(path) or not os.access(path, os.R_OK):
        raise Wrong(f"`--pac` names {given!r}, which is no file that can be read", "name a file, or an http(s) URL")


def _check_certificate(cert: Path | None, key: Path | None) -> None:
    """A client certificate that cannot be used is wrong usage, and no fault of the server or of a trust store."""
    if cert is None:
        return
    import ssl

    def no_password() -> str:
        raise Wrong(
            f"the key of {str(cert)!r} is protected by a password", "clients cannot ask for it: decrypt it first"
        )

    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(cert, key, no_password)
    except (OSError, ValueError) as error:
        files = f"{str(cert)!r}" + (f" with {str(key)!r}" if key else "")
        if isinstance(error, ssl.SSLError):  # OpenSSL says `PEM lib` of whatever it cannot read
            other = error.reason == "KEY_VALUES_MISMATCH"
            reason = "the key is another certificate's" if other else "no PEM certificate with a key is in it"
        else:
            reason = getattr(error, "strerror", None) or str(error)
        raise Wrong(
            f"{files} cannot be used as a client certificate: {reason}",
            "`--cert` takes a PEM file with the certificate, and its key there or in `--key`",
        ) from None


def _path(path: Path | None) -> str | None:
    return None if path is None else str(path)


def run(
    targets: tuple[Target, ...],
    settings: Settings,
    catalogue: Catalogue,
    listener: Listener | None,
    environment: Environment,
) -> tuple[Report, int]:
    """Examines, and says with which code the user ended it (0 where nobody did)."""
    from mnistdoctor.examine.conductor import Listener as Silent
    from mnistdoctor.examine.conductor import examine

    listener = listener or Silent()
    listener.on_error = output.note_details
    interrupt.hold()
    report = examine(targets, settings, catalogue, listener, environment=environment, interrupted=interrupt.noted)
    return report, interrupt.code()


def live(form: str) -> AbstractContextManager[Listener | None]:
    """Progress on stderr while people watch; nothing for pipes and machines."""
    if form == "json" or not sys.stderr.isatty():
        return contextlib.nullcontext()
    from mnistdoctor.report.live import watch

    return watch(sys.stderr)


def allowing(report: Report, causes: frozenset[str]) -> Report:
    """The report with the targets marked that fail for one of these causes."""
    from dataclasses import replace

    targets = tuple(
        replace(one, allowed=True) if one.diagnosis and one.diagnosis.cause in causes else one for one in report.targets
    )
    return replace(report, targets=targets)


def known_causes(given: tuple[str, ...]) -> frozenset[str]:
    """Ids of causes; a word that is none is wrong usage."""
    from mnistdoctor.catalogue import nearest_names
    from mnistdoctor.causes.order import ORDER

    for one in given:
        if one not in ORDER:
            near = nearest_names(one, ORDER)
            hint = f"did you mean `{near[0]}`? " if near else ""
            raise Wrong(f"no cause is called {one!r}", f"{hint}`mnistdoctor explain --list` shows all of them")
    return frozenset(given)


def exit_code(report: Report, ended_by: int, *, strict: bool, allowed: frozenset[str] = frozenset()) -> int:
    """The one place that decides: 0 healthy, 1 ailing, 3 inconclusive, and the user's own way to end it (128 + n).

    What fails for an `allowed` cause, or warns of one, counts as healthy.
    """
    from mnistdoctor.examine.conductor import overall

    if ended_by:
        return ended_by
    counted = tuple(one for one in report.targets if not one.allowed)
    match overall(counted):
        case "healthy":
            warned = any(one.cause not in allowed for target in report.targets for one in target.warnings)
            return 1 if strict and warned else 0
        case "ailing":
            return 1
        case "inconclusive":
            return 3
        case other:
            assert_never(other)
