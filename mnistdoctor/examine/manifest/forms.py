"""The forms of a line: the text in, what it says out; None where it is none of that form."""

from __future__ import annotations

import re
import shlex

from mnistdoctor.examine.manifest.entry import BY_LENGTH, Named

_GNU = re.compile(r"(\\?)([0-9a-fA-F]{32,128}) [ *](.+)")
_BSD = re.compile(r"\\?([A-Z0-9-]+) ?\((.+)\) ?= ([0-9a-fA-F]+)")


def _sums(text: str) -> Named | None:
    """``DIGEST  NAME``; GNU marks a name with escapes by a backslash before the digest."""
    match = _GNU.fullmatch(text.rstrip())
    if match is None or (algorithm := BY_LENGTH.get(len(match[2]))) is None:
        return None
    return Named(_unescaped(match[3]) if match[1] else match[3], ((algorithm, match[2]),))


def _unescaped(name: str) -> str:
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "r": "\r"}.get(match[1], match[1]), name)


def _tagged(text: str) -> Named | None:
    """``SHA256 (NAME) = DIGEST``, as ``--tag``, the BSDs and `openssl dgst` write it."""
    match = _BSD.fullmatch(text.strip())
    if match is None:
        return None
    algorithm = match[1].lower().replace("sha2-", "sha").replace("-", "")
    return Named(match[2], ((algorithm, match[3]),))


def _registry(text: str) -> Named | None:
    """``NAME [ALGORITHM:]DIGEST [URL]``; names with blanks are quoted, as pooch reads them with `shlex`."""
    try:
        parts = shlex.split(text)
    except ValueError:
        return None
    if len(parts) not in (2, 3) or (len(parts) == 3 and not is_url(parts[2])):
        return None
    algorithm, colon, digest = parts[1].rpartition(":")
    if colon and re.fullmatch(r"[a-z0-9_]+", algorithm) and digest:
        pair = (algorithm, digest)
    elif len(parts[1]) in BY_LENGTH and re.fullmatch("[0-9a-fA-F]+", parts[1]):
        pair = (BY_LENGTH[len(parts[1])], parts[1])
    else:
        return None
    return Named(parts[2], (pair,), is_url=True) if len(parts) == 3 else Named(parts[0], (pair,))


def _tfds(text: str) -> Named | None:
    """``URL<TAB>LENGTH<TAB>SHA256<TAB>NAME``; releases before 4 wrote the first three, with blanks between them."""
    parts = text.split("\t") if "\t" in text else text.split()
    parts = [part.strip() for part in parts]
    if len(parts) not in (3, 4) or not is_url(parts[0]) or not re.fullmatch(r"[0-9]{1,18}", parts[1]):
        return None
    if not re.fullmatch("[0-9a-fA-F]{64}", parts[2]):
        return None
    return Named(parts[0], (("sha256", parts[2]),), int(parts[1]), is_url=True)


def _list(text: str) -> Named | None:
    """A URL."""
    parts = text.split()
    return Named(parts[0], is_url=True) if len(parts) == 1 and is_url(parts[0]) else None


FORMS = (_tfds, _list, _sums, _tagged, _registry)


def is_url(text: str) -> bool:
    """Whether it begins as a URL of any scheme."""
    return bool(re.match(r"[a-z][a-z0-9+.-]*://", text, re.I))
