"""Proxy variables in the files that a login or a shell reads: a process started otherwise has not read them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from mnistdoctor.settings.proxy_setting import ProxySetting, read_text

_ETC = ("/etc/environment", "/etc/profile", "/etc/bash.bashrc", "/etc/zsh/zshenv")
_ETC_FOLDERS = (("/etc/profile.d", "*.sh"),)
_HOME = (
    ".profile", ".bash_profile", ".bash_login", ".bashrc", ".zshenv", ".zprofile", ".zshrc", ".pam_environment",
    ".config/fish/config.fish",
)  # fmt: skip
_HOME_FOLDERS = ((".config/environment.d", "*.conf"), (".config/fish/conf.d", "*.fish"))

LONGEST = 4096
"""Characters of a value; one that doubles itself from line to line would fill the memory."""
_NAME = re.compile(r"[A-Za-z_]\w*")
_EQUATION = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_MARK = re.compile(r"\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_FUNCTION = re.compile(r"(\s*)(?:function\s+[\w:.-]+|[\w:.-]+\s*\(\s*\))")
_HERE = re.compile(r"(?<=\s)<<-?['\"]?([A-Za-z_]\w*)['\"]?")
_SETTERS = ("export", "declare", "typeset", "readonly", "local")
_REMOVERS = ("unset", "unsetenv")
_OPENERS = ("then", "else", "do", "{")


def proxies(home: Path, scheme: str) -> Iterator[ProxySetting]:
    """Each proxy variable for URLs of this scheme that a start file leaves set, as far as its value can be told."""
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


def assignments(text: str, where: str) -> Iterator[ProxySetting]:
    """What a start file leaves set, in sh, csh or fish; what depends on unknown variables is left out.

    So is what a function would set once it is called, and what is set for one command only. What is set or unset again
    further down counts only where nothing shows that it depends on a condition.
    """
    known: dict[str, str] = {}
    found: dict[str, list[ProxySetting]] = {}
    for number, line in _lines(text):
        for place, statement in enumerate(_statements(line)):
            always = place == 0 and bool(line[:1].strip())  # not indented, and not behind `then` or `&&`
            for name, raw in _set_by(statement):
                value = _MARK.sub(lambda mark: known.get(mark[1] or mark[2], mark[0]), raw)
                told = "$" not in value and "`" not in value and len(value) <= LONGEST
                if always:
                    found.pop(name, None)
                if told:
                    known[name] = value
                else:
                    known.pop(name, None)
                if told and value and " " not in value:
                    found.setdefault(name, []).append(ProxySetting(key=name, where=where, line=number, value=value))
            for name in _unset_by(statement) if always else ():
                known.pop(name, None)
                found.pop(name, None)
    yield from sorted((one for several in found.values() for one in several), key=lambda one: one.line or 0)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The commands of the file itself with their lines' numbers: without functions and here-documents."""
    depth: int | None = None  # the indent of the function that we are in
    mark = ""  # the word that ends the here-document that we are in
    for number, line in _joined(text):
        if mark:
            mark = "" if line.strip() == mark else mark
        elif depth is not None:
            depth = None if re.match(rf"\s{{0,{depth}}}(?:\}}|end\b)", line) else depth
        elif opening := _FUNCTION.match(line):
            bare = _COMMENT.sub("", line)
            depth = None if "}" in bare and bare.count("{") == bare.count("}") else len(opening[1])
        else:
            mark = here[1] if (here := _HERE.search(line)) else ""
            yield number, line


def _joined(text: str) -> Iterator[tuple[int, str]]:
    """Lines, those that a backslash continues made one."""
    begun, first = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first if begun else number
        if _COMMENT.sub("", line).endswith("\\"):
            begun += line[:-1] + " "
            continue
        yield first, begun + line
        begun = ""


def _statements(line: str) -> list[list[str]]:
    """The words of a line, parted where one command ends and the next begins; none for what is no whole line."""
    lexer = shlex.shlex(_COMMENT.sub("", line), posix=True, punctuation_chars=";&|")
    lexer.whitespace_split, lexer.commenters = True, ""
    statements: list[list[str]] = [[]]
    try:
        for word in lexer:
            if word.strip(";&|"):
                statements[-1].append(word)
            else:
                statements.append([])
    except ValueError:  # a quote that ends on a later line
        return []
    return statements


def _set_by(words: list[str]) -> list[tuple[str, str]]:
    """What one command sets: `export A=1 B=2`, `A=1`, `setenv A 1`, `set -gx A 1`."""
    while words and words[0] in _OPENERS:
        words = words[1:]
    if not words:
        return []
    first, rest = words[0], [word for word in words[1:] if not word.startswith("-")]
    flags = [word for word in words[1:] if word.startswith("-")]
    if first == "setenv" or (first == "set" and any("x" in flag for flag in flags)):
        return [(rest[0], rest[1])] if len(rest) == 2 and _NAME.fullmatch(rest[0]) else []
    equations = [_EQUATION.fullmatch(word) for word in (rest if first in _SETTERS else words)]
    if first in _SETTERS:
        return [(found[1], found[2]) for found in equations if found]
    # `A=1 program` sets it for that program alone.
    return [(found[1], found[2]) for found in equations if found] if all(equations) else []


def _unset_by(words: list[str]) -> list[str]:
    """The names that one command removes: `unset A B`, `unsetenv A`, `set -e A`."""
    flags = [word for word in words[1:] if word.startswith("-")]
    erases = words[:1] == ["set"] and any(re.fullmatch(r"-[a-df-zA-Z]*e[a-zA-Z]*|--erase", flag) for flag in flags)
    removes = erases or (bool(words) and words[0] in _REMOVERS)
    return [word for word in words[1:] if removes and not word.startswith("-")]
