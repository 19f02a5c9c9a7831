"""From a file on this disk to the targets that it names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path

from mnistdoctor.examine.manifest.entry import BadManifest, Line, ManifestEntry, Named, entry, merged
from mnistdoctor.examine.manifest.forms import FORMS
from mnistdoctor.examine.manifest.project import PROJECT, of_project

MOST_BYTES = 16 * 2**20
"""Of a manifest; TFDS' largest has 2 MB."""

_HINT = "`DIGEST  NAME` as `sha256sum` prints it, `NAME DIGEST [URL]` as pooch has it, or a URL a line"


def expanded(names: Iterable[str], base_url: str | None = None) -> tuple[str | ManifestEntry, ...]:
    """The names in their order, each manifest among them replaced by what it names. Raises `BadManifest`.

    A target that several manifests name stands once, at its first place.
    """
    found: list[str | ManifestEntry] = []
    for name in names:
        path = Path(name)
        named = entries(path, base_url) if "://" not in name and path.is_file() else None
        found += [name] if named is None else named
    whole = {one.target: one for one in merged(one for one in found if isinstance(one, ManifestEntry))}
    # Of each target the first mention takes what all of them say, and the others go.
    taken = (whole.pop(one.target, None) if isinstance(one, ManifestEntry) else one for one in found)
    return tuple(one for one in taken if one is not None)


def entries(path: Path, base_url: str | None = None) -> tuple[ManifestEntry, ...] | None:
    """The targets that the file names, each once, in its order; None where it is no manifest but a file to examine.

    ``base_url`` stands before the names in files that name no addresses. Raises `BadManifest`.
    """
    text = _text(path)
    if text is None:
        return None
    if path.suffix == ".toml":
        return of_project(text, path)
    lines = [
        Line(line, str(path), number)
        for number, line in enumerate(text.split("\n"), 1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    read = next((form for form in FORMS if lines and form(lines[0].text) is not None), None)
    if read is None:
        if not _is_called_a_manifest(path):
            return None
        raise (
            lines[0].wrong("this is no line of a checksum file, of a registry or of a list of URLs", _HINT)
            if lines
            else BadManifest(f"{path} names nothing", _HINT)
        )
    return merged(entry(line, _read(line, read), base_url) for line in lines)


def of_folder(folder: Path) -> str | None:
    """The project file of that folder where it names targets."""
    path = folder / PROJECT
    text = _text(path) if path.is_file() else None
    return str(path) if text is not None and re.search(r"^\s*\[+tool\.mnistdoctor[\].]", text, re.M) else None


def _text(path: Path) -> str | None:
    """The file as text; None where it is none, or cannot be read, or is larger than any manifest."""
    try:
        with path.open("rb") as file:
            body = file.read(MOST_BYTES + 1)
        text = body.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    return None if len(body) > MOST_BYTES or "\0" in text else text.replace("\r\n", "\n")


_CALLED = re.compile(r"(?:sha\d+|md5|check)-?sums?(?:\.\w+)?|.+\.(?:sha\d+|md5)(?:sums?)?|registry\.txt", re.I)


def _is_called_a_manifest(path: Path) -> bool:
    """Whether its name promises one, so that what stands in it must be one."""
    return bool(_CALLED.fullmatch(path.name))


def _read(line: Line, form: Callable[[str], Named | None]) -> Named:
    named = form(line.text)
    if named is None:
        raise line.wrong("this line has another form than the first one", _HINT)
    return named
