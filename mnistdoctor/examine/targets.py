"""What the user named -> the files to examine, with their sources in order and what is known of each."""

from __future__ import annotations

import dataclasses
import re
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import (
    Catalogue,
    Client,
    File,
    UnknownName,
    cache_folder,
    loader_datasets,
    nearest_names,
)
from mnistdoctor.content.unfinished import when_whole
from mnistdoctor.examine import known_by
from mnistdoctor.examine.loader_targets import of_loader
from mnistdoctor.examine.manifest.entry import Entry
from mnistdoctor.examine.target import Target, about
from mnistdoctor.redact import shown
from mnistdoctor.settings import Environment, Python

LOADERS = ("torchvision", "keras", "sklearn", "tfds", "huggingface")
"""Loaders whose MNIST is examined when no target is named, where they are installed."""

_HOST_AND_PATH = re.compile(r"[\w-]+(\.[\w-]+)*\.[A-Za-z]{2,}(:\d+)?(/.*)?")
"""What was probably meant as a URL, without its scheme."""

_DIGEST_LENGTHS = {"md5": 32, "sha1": 40, "sha256": 64}


class BadTarget(Exception):  # noqa: N818 - shown to the user as a sentence
    """A target that cannot be examined; `hint` names the nearest valid choice."""

    def __init__(self, message: str, hint: str = "", *, unknown: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        self.unknown = unknown
        """The word that is nothing known: it may have been meant as something else, such as a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What the user says is known of a URL or a local file."""

    sha256: str | None = None
    md5: str | None = None
    length: int | None = None
    expect: str | None = None
    """The name or id of a catalogued file."""
    stated: ev.Pairs = ()
    """Digests that a manifest states, by any algorithm."""

    def __post_init__(self) -> None:
        """Raises `BadTarget` for a digest of the wrong length or alphabet, or a negative length."""
        for name, value in (("sha256", self.sha256), ("md5", self.md5)):
            if value is None:
                continue
            wanted = _DIGEST_LENGTHS[name]
            if not re.fullmatch(rf"[0-9a-fA-F]{{{wanted}}}", value):
                raise BadTarget(
                    f"`--{name}` takes {wanted} hexadecimal digits, not {value!r} ({len(value)} characters)",
                    f"`--md5` takes {_DIGEST_LENGTHS['md5']} digits, `--sha256` {_DIGEST_LENGTHS['sha256']}",
                )
        if self.length is not None and self.length < 0:
            raise BadTarget(
                f"`--length` takes a number of bytes, not {self.length}", "leave it out where it is not known"
            )

    @property
    def is_given(self) -> bool:
        """Whether the user said anything."""
        return any(value is not None for value in (self.sha256, self.md5, self.length, self.expect))

    @property
    def digests(self) -> ev.Pairs:
        """Strongest first."""
        given = (("sha256", self.sha256), ("md5", self.md5))
        return (*((name, value.lower()) for name, value in given if value), *self.stated)


def plan(
    names: tuple[str | Entry, ...],
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
        if isinstance(name, Entry):
            targets += _of_entry(name, client, catalogue, environment, root)
        else:
            targets += _targets_of(name, client, expectation, catalogue, environment, root)
    if root is not None and not any(target.loader for target in targets):
        raise BadTarget(
            "`--root` is the folder of a loader, and no loader's dataset is to be examined",
            "name one, such as `torchvision:mnist`",
        )
    if expectation.is_given and any(isinstance(name, Entry) for name in names):
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
    if path.is_file() or name.startswith((".", "/", "~")):
        return (_local(name, expectation, catalogue),)
    if _HOST_AND_PATH.fullmatch(name):
        raise BadTarget(f"no dataset, loader or file is called {name!r}", f"for a URL write `https://{name}`")
    if len(path.parts) > 1 and ":" not in name:
        return (_local(name, expectation, catalogue),)
    return _by_name_alone(name, client, expectation, catalogue, environment, root)


def _of_entry(
    entry: Entry, client: Client | None, catalogue: Catalogue, environment: Environment, root: Path | None
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
    if Path(name).is_dir():
        return _no_file(name, catalogue)
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
    file = _expected_file(expectation, catalogue)
    if file is None and place is not None:
        # A source that may serve other bytes under the well-known name is not condemned by a digest.
        file = place[1] if place[0].same_bytes else dataclasses.replace(place[1], digests=(), size=None)
    target = Target(name=None, urls=(url,), client=client.name if client else "requests")
    return _knowing(
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


def _local(name: str, expectation: Expectation, catalogue: Catalogue) -> Target:
    path = Path(name).expanduser()
    if not path.exists():
        raise BadTarget(f"there is no file {name!r}", "`mnistdoctor list` shows the datasets that can be named instead")
    if not path.is_file():
        raise _no_file(name, catalogue)
    target = Target(name=path.name, urls=(f"file:{path}",), client="requests", path=path)
    file = _expected_file(expectation, catalogue) or known_by.digests(expectation.digests, catalogue)
    if file is None and not expectation.is_given and (named := when_whole(path.name)):
        return _knowing(target, *_when_whole(named, expectation, catalogue))
    if file is None and not expectation.is_given:
        bytes_known = known_by.content(path, catalogue)
        file = _by_name(path.name, path.stat().st_size, catalogue) or _namesake(path.name, bytes_known, catalogue)
        if bytes_known and file in (None, bytes_known.file):
            promised = bytes_known.form == "bare" and path.suffix in (".gz", ".xz")
            return about(target, bytes_known.file) if promised else bytes_known.of(target)
        if file is None:
            target = replace(target, content=_kind_by_name(path.name, catalogue))
    return _knowing(target, file, expectation)


def _when_whole(name: str, expectation: Expectation, catalogue: Catalogue) -> tuple[File | None, Expectation]:
    """What is known of a file whose download has not ended, by the name that it will have."""
    if digests := known_by.in_url(f"/{name}"):
        algorithm, value = digests[0]
        known = Expectation(sha256=value) if algorithm == "sha256" else expectation
        return known_by.digests(digests, catalogue), known
    same = [one for one in catalogue.files if one.name.rpartition("/")[2] == name]
    return (same[0] if len(same) == 1 else None), expectation


def _namesake(name: str, found: known_by.Known | None, catalogue: Catalogue) -> File | None:
    """The file of that name in the dataset whose content was found: the one that the name promises."""
    if found is None:
        return None
    same = [one for one in catalogue.files_of(found.file.dataset, secondary=True) if one.name == name]
    return found.file if found.file in same else next(iter(same), None)


def _no_file(name: str, catalogue: Catalogue) -> BadTarget:
    """A folder, or a device: a folder may be one in which a loader keeps its files."""
    path = Path(name).expanduser()
    if not path.is_dir():
        return BadTarget(f"{name!r} is not a file", "name a file")
    found = cache_folder(catalogue, path)
    if found is None:
        return BadTarget(
            f"{name!r} is a folder", "name a file in it, or a loader's dataset and `--root` for its folder"
        )
    target, root = found
    where = shlex.quote(name if root == path else str(root))
    hint = f"`mnistdoctor {target} --root {where}` examines them"
    return BadTarget(f"{name!r} is a folder, and holds files of {target}", hint)


def _by_name(name: str, size: int, catalogue: Catalogue) -> File | None:
    """The catalogued file of that name where only one has it, or where the length tells which."""
    same = [file for file in catalogue.files if file.name.rpartition("/")[2] == name]
    fitting = [file for file in same if file.size == size]
    if len(fitting) == 1:
        return fitting[0]
    return same[0] if len(same) == 1 else None


def _kind_by_name(name: str, catalogue: Catalogue) -> str | None:
    """What all catalogued files of that name are, where several have it."""
    kinds = {file.kind for file in catalogue.files if file.name.rpartition("/")[2] == name}
    return kinds.pop() if len(kinds) == 1 else None


def _expected_file(expectation: Expectation, catalogue: Catalogue) -> File | None:
    if expectation.expect is None:
        return None
    wanted = expectation.expect.casefold()
    found = [one for one in catalogue.files if wanted in (one.id.casefold(), one.name.casefold())]
    if len(found) == 1 or (found and found[0].id.casefold() == wanted):
        return found[0]
    if found:
        raise BadTarget(
            f"{len(found)} files are called {expectation.expect!r}",
            f"say which: {', '.join(f'`{one.id}`' for one in found[:4])}",
        )
    near = nearest_names(expectation.expect, [one.id for one in catalogue.files])
    hint = f"nearest: {', '.join(f'`{one}`' for one in near[:3]) or 'none'}; `mnistdoctor list` shows all of them"
    raise BadTarget(f"the catalogue has no file {expectation.expect!r}", hint)


def _knowing(target: Target, file: File | None, expectation: Expectation) -> Target:
    """The target with what the catalogue knows, overridden by what the user says."""
    if file is not None:
        target = about(target, file)
    given = expectation.digests
    if given and not (target.digest_of == "file" and set(given) <= set(target.digests)):
        target = replace(target, digests=given, digest_of="file")
    if expectation.length is not None:
        target = replace(target, size=expectation.length)
    return target


def _of_dataset(name: str, client: Client | None, expectation: Expectation, catalogue: Catalogue) -> tuple[Target, ...]:
    dataset = catalogue.dataset(name)
    targets = []
    for file in catalogue.files_of(dataset.id):
        urls = tuple(url for _, url in catalogue.sources_of(file.id))
        if not urls:
            urls = tuple(url for _, url in catalogue.sources_of(file.id, current_only=False))
        if urls:
            target = Target(name=f"{dataset.id}/{file.name}", urls=urls, client=client.name if client else "requests")
            targets.append(_knowing(target, file, expectation))
    if not targets:
        raise BadTarget(f"the catalogue knows no source for {dataset.title}", "`mnistdoctor list` shows which it knows")
    return tuple(targets)
