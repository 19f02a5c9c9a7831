"""Proxy variables in the files that a login or a shell reads: a process started otherwise has not read them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from mnistdoctor.settings.found import Found, read_text

_ETC = ("/etc/environment", "/etc/profile", "/etc/bash.bashrc", "/etc/zsh/zshenv")
_ETC_FOLDERS = (("/etc/profile.d", "*.sh"),)
_HOME = (
    ".profile", ".bash_profile", ".bash_login", ".bashrc", ".zshenv", ".zprofile", ".zshrc", ".pam_environment",
    ".config/fish/config.fish",
)  # fmt: skip
_HOME_FOLDERS = ((".config/environment.d", "*.conf"), (".config/fish/conf.d", "*.fish"))

_SET = re.compile(
    r"^\s*(?:export\s+|declare\s+-x\s+|setenv\s+|set\s+-\w*x\w*\s+)?([A-Za-z_]+)(?:\s*=\s*|\s+)(.+?)\s*;?\s*$"
)
_MARK = re.compile(r"\$\{?([A-Za-z_]\w*)\}?")


def proxies(home: Path, scheme: str) -> Iterator[Found]:
    """Each proxy variable for URLs of this scheme that a start file sets, as far as its value can be told."""
    wanted = {f"{scheme}_proxy", "all_proxy"}
    for path in _files(home):
        text = read_text(path)
        if text is not None:
            yield from (one for one in assignments(text, str(path)) if one.key.lower() in wanted)


def _files(home: Path) -> Iterator[Path]:
    yield from (Path(name) for name in _ETC)
    yield from (home / name for name in _HOME)
    folders = [(Path(name), mark) for name, mark in _ETC_FOLDERS]
    folders += [(home / name, mark) for name, mark in _HOME_FOLDERS]
    for folder, mark in folders:
        try:
            yield from sorted(folder.glob(mark))[:40]
        except OSError:
            continue


def assignments(text: str, where: str) -> Iterator[Found]:
    """Each assignment in a start file, in sh, csh or fish; what depends on unknown variables is left out."""
    known: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = None if line.lstrip().startswith("#") else _SET.match(line)
        if match is None:
            continue
        name, value = match[1], _unquoted(match[2])
        value = _MARK.sub(lambda mark: known.get(mark[1], mark[0]), value)
        if "$" in value or "`" in value:
            continue
        known[name] = value
        if value and " " not in value:
            yield Found(key=name, where=where, line=number, value=value)


def _unquoted(text: str) -> str:
    try:
        words = shlex.split(text, comments=True)
    except ValueError:
        return ""
    return words[0] if words else ""
