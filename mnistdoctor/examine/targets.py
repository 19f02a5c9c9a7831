"""What the user named -> the files to examine, with their sources in order and what is known of each."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from urllib.parse import urlsplit

from mnistdoctor import paths
from mnistdoctor.catalogue import (
    Catalogue,
    Client,
    UnknownName,
    loader_datasets,
    nearest_names,
)
from mnistdoctor.examine import known_by
from mnistdoctor.examine.expectation import BadTarget, Expectation, expected_file, knowing
from mnistdoctor.examine.loader_targets import of_loader
from mnistdoctor.examine.local_target import local_target, no_file
from mnistdoctor.examine.manifest.entry import ManifestEntry
from mnistdoctor.examine.target import Target
from mnistdoctor.redact import shown
from mnistdoctor.settings import Environment, Python

LOADERS = ("torchvision", "keras", "sklearn", "tfds", "huggingface")
"""Loaders whose MNIST is examined when no target is named, where they are installed."""

_HOST_AND_PATH = re.compile(r"[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}(:\d+)?(/.*)?")
"""What was probably meant as a URL, without its scheme."""


def plan(
    names: tuple[str | ManifestEntry, ...],
    client: Client | None,
    expectation: Expectation,
    catalogue: Catalogue,
    environment: Environment | None = None,
    root: Path | None = None,
) -> tuple[Target, ...]:
    """All targets that the names, or the entries of manifests, mean, in their order, each once. Raises `BadTarget`.

    ``root`` is the folder that the caller of a loader names, such as torchvision's.
    """
    environment = environment or Environment()
    targets: list[Target] = []
    for name in names or default_names(catalogue, environment.python):
        if isinstance(name, ManifestEntry):
            targets += _of_entry(name, client, catalogue, environment, root)
        else:
            targets += _targets_of(name, client, expectation, catalogue, environment, root)
    if root is not None and not any(target.loader for target in targets):
        raise BadTarget(
            "`--root` is the folder of a loader, and no loader's dataset is to be examined",
            "name one, such as `torchvision:mnist`",
        )
    if expectation.is_given and any(isinstance(name, ManifestEntry) for name in names):
        raise BadTarget(
            "`--sha256`, `--md5`, `--length` and `--expect` describe one file, and a manifest describes its own",
            "name the file's URL, or leave the options out",
        )
    if expectation.is_given and len(targets) > 1:
        raise BadTarget(
            f"`--sha256`, `--md5`, `--length` and `--expect` describe one file, and {len(targets)} are to be examined",
            "name one URL or one local file",
        )
    return tuple(dict.fromkeys(targets))


def default_names(catalogue: Catalogue, python: Python) -> tuple[str, ...]:
    """MNIST as each loader installed in that Python would fetch it, or the plain dataset where none is."""
    found = []
    for name in LOADERS:
        loader = catalogue.loader(name)
        if loader.installed(python.release):
            found.append(f"{name}:{loader.datasets[0].name}")
    return tuple(found) or ("mnist",)


def _targets_of(
    name: str,
    client: Client | None,
    expectation: Expectation,
    catalogue: Catalogue,
    environment: Environment,
    root: Path | None,
) -> tuple[Target, ...]:
    if "://" in name or re.match(r"(?i)(https?|s3|gs|ftp|hf|az|file):/", name):
        return (_url(name, client, expectation, catalogue),)
    path = Path(name)
    if paths.is_file(path) or name.startswith((".", "/", "~")):
        return (local_target(name, expectation, catalogue),)
    if _HOST_AND_PATH.fullmatch(name):
        raise BadTarget(f"no dataset, loader or file is called {name!r}", f"for a URL write `https://{name}`")
    if len(path.parts) > 1 and ":" not in name:
        return (local_target(name, expectation, catalogue),)
    return _by_name_alone(name, client, expectation, catalogue, environment, root)


def _of_entry(
    entry: ManifestEntry, client: Client | None, catalogue: Catalogue, environment: Environment, root: Path | None
) -> tuple[Target, ...]:
    """What a manifest names: a URL, a dataset or a loader's dataset, and no file on this disk."""
    try:
        known = Expectation(length=entry.length, stated=entry.digests)
        if "://" in entry.target:
            return (_url(entry.target, client, known, catalogue),)
        return _by_name_alone(entry.target, client, known, catalogue, environment, root)
    except BadTarget as error:
        raise BadTarget(f"{entry.place}: {error}", error.hint) from None


def _by_name_alone(
    name: str,
    client: Client | None,
    expectation: Expectation,
    catalogue: Catalogue,
    environment: Environment,
    root: Path | None,
) -> tuple[Target, ...]:
    """A dataset, or a loader's."""
    loader, colon, dataset = name.partition(":")
    try:
        if not colon:
            return _of_dataset(name, client, expectation, catalogue)
        targets = of_loader(loader, dataset, catalogue, environment, root)
    except UnknownName as error:
        raise _unknown(name, error, catalogue) from None
    for target in targets:
        if target.instead_of:
            _check_endpoint(target, catalogue)
    return targets


def _check_endpoint(target: Target, catalogue: Catalogue) -> None:
    """Raises `BadTarget` where the variable that sends a loader elsewhere makes a URL that has no parts at all."""
    try:
        urlsplit(target.urls[0])
    except ValueError:
        variable = catalogue.loader(target.loader or "").env_override
        sentence = f"`{variable}` makes a URL that cannot be read: {shown(target.urls[0], target.urls[0])!r}"
        raise BadTarget(sentence, f"correct `{variable}`, or unset it") from None


def _unknown(name: str, error: UnknownName, catalogue: Catalogue) -> BadTarget:
    if ":" in name:
        loader, _, dataset = name.partition(":")
        meant = " or ".join(f"`{one}`" for one in loader_datasets(catalogue, loader, dataset))
        return BadTarget(
            str(error), f"did you mean {meant}? " * bool(meant) + "`mnistdoctor list` shows every loader and dataset"
        )
    if paths.is_folder(name):
        return no_file(name, catalogue)
    loaders = [f"{loader.name}:{one.name}" for loader in catalogue.loaders for one in loader.datasets]
    near = nearest_names(name, [*(one.id for one in catalogue.datasets), *loaders])
    hint = f"did you mean {', '.join(f'`{one}`' for one in near[:3])}? " if near else ""
    return BadTarget(
        f"no dataset, loader, URL or file is called {name!r}",
        hint + "`mnistdoctor list` shows all that is known",
        unknown=name,
    )


def _url(url: str, client: Client | None, expectation: Expectation, catalogue: Catalogue) -> Target:
    check_url(url)
    place = catalogue.by_url(url)
    file = expected_file(expectation, catalogue)
    if file is None and place is not None:
        # A source that may serve other bytes under the well-known name is not condemned by a digest.
        file = place[1] if place[0].same_bytes else dataclasses.replace(place[1], digests=(), size=None)
    target = Target(name=None, urls=(url,), client=client.name if client else "requests")
    return knowing(
        target, file or known_by.digests(expectation.digests or known_by.in_url(url), catalogue), expectation
    )


def check_url(url: str) -> None:
    """Raises `BadTarget` with the sentence of `url-malformed` for what cannot be parsed, its secrets left out."""
    try:
        _check_url(url)
    except BadTarget as error:
        raise BadTarget(shown(str(error), url), error.hint) from None


def _check_url(url: str) -> None:
    hint = "quote the URL in the shell, and write blanks as `%20`"
    if any(ord(character) < 32 or ord(character) == 127 for character in url):
        raise BadTarget(f"this URL holds a control character: {url!r}", hint)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadTarget(f"this URL cannot be parsed, {str(error)[:1].lower()}{str(error)[1:]}: {url!r}", hint) from None
    if parts.scheme.lower() not in ("http", "https"):
        return
    if not host or not url.partition(":")[2].startswith("//"):
        raise BadTarget(f"this URL names no host: {url!r}", "a URL begins with `https://` and a host name")
    if port == 0:
        raise BadTarget(f"this URL has port 0: {url!r}", "ports go from 1 to 65535")
    if any(character in host for character in ' <>"{}|\\^`'):
        raise BadTarget(f"this URL's host {host!r} holds a character that no host name may have", hint)
    labels = host.rstrip(".").split(".")
    if ":" not in host and any(not label or len(label) > 63 for label in labels):
        raise BadTarget(
            f"this URL's host {host!r} has a part that is empty or longer than 63 characters", "check the dots"
        )


def _of_dataset(name: str, client: Client | None, expectation: Expectation, catalogue: Catalogue) -> tuple[Target, ...]:
    dataset = catalogue.dataset(name)
    targets = []
    for file in catalogue.files_of(dataset.id):
        urls = tuple(url for _, url in catalogue.sources_of(file.id))
        if not urls:
            urls = tuple(url for _, url in catalogue.sources_of(file.id, current_only=False))
        if urls:
            target = Target(name=f"{dataset.id}/{file.name}", urls=urls, client=client.name if client else "requests")
            targets.append(knowing(target, file, expectation))
    if not targets:
        raise BadTarget(f"the catalogue knows no source for {dataset.title}", "`mnistdoctor list` shows which it knows")
    return tuple(targets)
