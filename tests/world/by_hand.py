"""Does what a user would do with a fix that was proven: pastes its commands, then downloads with other software.

The download is made by requests, urllib or curl themselves, with no line of mnistdoctor in it.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mnistdoctor.catalogue import Catalogue, load

from .world import World

WORKS, FAILS, NO_COMMANDS = "works", "fails", "nothing to paste"

_REQUESTS = "import sys,requests;r=requests.get(sys.argv[1],timeout=60);r.raise_for_status();o=r.content"
_URLLIB = (
    "import sys,urllib.request as u;q=u.Request(sys.argv[1],headers={'User-Agent':sys.argv[3]});o=u.urlopen(q).read()"
)
_SAVE = ";open(sys.argv[2],'wb').write(o)"
_AGENTS = {"torchvision": "pytorch/vision", "torchvision-0.8": "Python-urllib/3.11"}
_SAVED = re.compile(r"""(?:^|\s)-o\s+("[^"]+"|'[^']+'|\S+)|(?:Path|open)\(['"]([^'"]+)['"]""")


@dataclass(frozen=True, slots=True)
class ByHand:
    """One proven fix, done by hand."""

    target: str
    title: str
    outcome: str
    """`WORKS`, `FAILS` or `NO_COMMANDS`."""
    told: str = ""


def redo(world: World, how: Mapping[str, Any], report: Mapping[str, Any]) -> tuple[ByHand, ...]:
    """Every proven fix of a report, in the world in which the report was made."""
    found: dict[tuple[str, ...], ByHand] = {}
    for target in report["targets"]:
        for fix in (target["diagnosis"] or {"fixes": ()})["fixes"]:
            steps = tuple(one["text"] for one in fix["commands"] if one["shell"] != "powershell")
            # Four files that one step cures are cured once.
            if fix["trial"]["status"] == "proven" and (not steps or steps not in found):
                found[steps or (str(len(found)),)] = _redo(world, how, target, fix)
    return tuple(found.values())


def _redo(world: World, how: Mapping[str, Any], target: Mapping[str, Any], fix: Mapping[str, Any]) -> ByHand:
    name = target["name"] or target["url"]
    lines = [one["text"] for one in fix["commands"] if one["shell"] != "powershell"]
    if not lines:
        return ByHand(name, fix["title"], NO_COMMANDS)
    subject = next(one for one in target["observations"] if one["kind"] == "subject")
    url = subject.get("instead_of") or target["url"]
    saved = next((_named(match) for line in lines if (match := _SAVED.search(line))), None)
    if any(one["shell"] == "python" for one in fix["commands"]):
        code = "\n".join(lines)
        if saved is None:
            saved = "fetched-by-hand"
            code += f"\nimport urllib.request as u; open({saved!r}, 'wb').write(u.urlopen({url!r}).read())"
        done = world.run(sys.executable, "-c", code, **how)
    else:
        script = ["set -e", *lines]
        if saved is None:
            saved = "fetched-by-hand"
            script.append(_download(target["client"], url, saved))
        done = world.run("bash", "-c", "\n".join(script), **how)
    told = f"$ {' ; '.join(lines)}\nexit {done.returncode}: {done.stderr.strip()[-300:]}"
    file = world.home / saved.removeprefix("$HOME/")
    if not file.exists():  # kept packed, as scikit-learn keeps it
        file = file.with_name(file.name + ".gz")
    if done.returncode or not file.exists():
        return ByHand(name, fix["title"], FAILS, told)
    right = _right(file.read_bytes(), subject)
    file.unlink()
    return ByHand(name, fix["title"], WORKS if right else FAILS, told if right else f"{told}\nthe digest is wrong")


def _named(match: re.Match[str]) -> str:
    """The file that a command writes: curl's `-o`, or Python's."""
    return shlex.split(match[1])[0] if match[1] else match[2]


def _download(client: str, url: str, saved: str) -> str:
    """A line that downloads as this client's library does."""
    word = shlex.quote(url)
    if client == "curl":
        return f"curl -sS -fL -o {saved} {word}"
    urllib = client.startswith(("keras", "torchvision", "sklearn", "urllib"))
    code = shlex.quote((_URLLIB if urllib else _REQUESTS) + _SAVE)
    agent = shlex.quote(_AGENTS.get(client, f"Python-urllib/{sys.version_info[0]}.{sys.version_info[1]}"))
    return f"{shlex.quote(sys.executable)} -c {code} {word} {saved} {agent}"


def _right(body: bytes, subject: Mapping[str, Any]) -> bool:
    if subject.get("digest_of") == "decoded":
        import gzip

        body = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
    known = subject.get("digests") or ()
    if known:
        return any(hashlib.new(name, body).hexdigest() == value for name, value in known)
    # A mistyped address has no digest of its own: the file must be one that the catalogue knows.
    return bool(_catalogue().by_digest("sha256", hashlib.sha256(body).hexdigest()))


@cache
def _catalogue() -> Catalogue:
    return load()
