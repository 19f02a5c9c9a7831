"""Every regular expression of the package, and texts of its own alphabet on which a bad one takes for ever.

The patterns are found, not listed: compiled ones and tables in the modules, calls with a pattern in the source, and
every text in a TOML table that is a pattern.
"""

from __future__ import annotations

import ast
import importlib
import itertools
import pkgutil
import re
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mnistdoctor

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # renamed in 3.11
    import sre_constants
    import sre_parse

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(mnistdoctor.__file__).parent
_METHODS = ("search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer", "compile")
_ANCHORED = ("match", "fullmatch")
_WHOLE = ("sites.toml",)
"""Tables whose patterns are held against a whole text."""
_PLAIN_S = 0.06
"""More than this for the longest text needs no further text."""
_SIZE = 1000
"""Characters of the shortest text, n."""
_LEAST_S = 0.015
"""Below this no growth is told from noise; a text of the longest length then costs nobody anything."""
_MOST = 9.0
"""Linear is 4, quadratic is 16."""
_MOST_PIECES = 14
_REPEATS = (sre_constants.MAX_REPEAT, sre_constants.MIN_REPEAT)

AnyPattern = re.Pattern[str] | re.Pattern[bytes]
Found = tuple[str, AnyPattern, str]
"""Where it stands, the pattern, and the method with which it is used."""


def patterns() -> list[Found]:
    """Every pattern that holds an unbounded repetition, once for each way in which it is used."""
    found = itertools.chain(_of_modules(), _of_sources(), _of_tables())
    unique = {(one[1].pattern, one[1].flags, one[2] in _ANCHORED): one for one in found if _is_unbounded(one[1])}
    return sorted(unique.values(), key=lambda one: (one[0], str(one[1].pattern)))


def grows(pattern: AnyPattern, method: str) -> str:
    """Empty, or how the pattern grows: more than nine times for four times the text, twice in a row."""
    for _ in range(2):
        took, ratio, text = growth(pattern, method)
        if took < _LEAST_S or ratio < _MOST:
            return ""
    return f"{took * 1000:.0f} ms, {ratio:.0f} times as long for four times the text: {text}"


def growth(pattern: AnyPattern, method: str) -> tuple[float, float, str]:
    """The worst processor time for 4n characters, its ratio to that for n, and the piece of which the text is made."""
    worst = (0.0, 0.0, "")
    for begin, piece, end in _texts(pattern):
        times = []
        for size in (_SIZE, 2 * _SIZE, 4 * _SIZE):
            times.append(_time(pattern, method, begin + piece * (size // len(piece)) + end))
        ratio = times[-1] / max(times[0], 1e-5)
        if times[-1] > worst[0]:
            worst = (times[-1], ratio, f"{begin[:40]!r} + n * {piece[:40]!r} + {end!r}")
        if worst[0] > _PLAIN_S:
            break
    return worst


def _time(pattern: AnyPattern, method: str, text: str) -> float:
    subject: Any = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
    used = pattern.match if method == "match" else pattern.fullmatch if method == "fullmatch" else pattern.finditer
    started = time.process_time()
    result: Any = used(subject)
    if used == pattern.finditer:
        for _ in result:
            pass
    return time.process_time() - started


def _texts(pattern: AnyPattern) -> Iterator[tuple[str, str, str]]:
    """(beginning, piece to repeat, end) of the pattern's own characters."""
    plain = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    words = list(dict.fromkeys(_words(sre_parse.parse(plain, pattern.flags & ~re.UNICODE & ~re.DEBUG))))
    singles = list(dict.fromkeys(character for word in words for character in word))
    inner = sorted(singles, key=lambda one: (one.isalnum(), one))
    pieces = [
        *inner[:_MOST_PIECES],
        "a",
        "1",
        " ",
        *(f"{a}{b}" for a in inner[:6] for b in ("a", "1", " ", *inner[:3])),
    ]
    pieces += [word for word in words if 1 < len(word) < 40][:_MOST_PIECES]
    begins = ["", *[word for word in words if len(word) > 1][:2], _one_of(pattern, plain)]
    for begin, piece in itertools.product(dict.fromkeys(begins), dict.fromkeys(pieces)):
        yield begin, piece, "\x00"


def _one_of(pattern: AnyPattern, plain: str) -> str:
    """One text that the pattern may begin to match: the first branch of everything, the least of every repetition."""
    return "".join(_least(sre_parse.parse(plain, pattern.flags & ~re.UNICODE & ~re.DEBUG)))[:200]


def _least(parsed: Any) -> Iterator[str]:
    for operator, value in parsed:
        if operator in _REPEATS:
            yield from list(_least(value[2])) * min(max(value[0], 1), 20)
        elif operator is sre_constants.BRANCH:
            yield from _least(value[1][0])
        elif operator is sre_constants.SUBPATTERN:
            yield from _least(value[3])
        else:
            yield from itertools.islice(_characters(operator, value), 1)


def _words(parsed: Any) -> Iterator[str]:
    """Runs of literal characters, and one character of every class."""
    run = ""
    for operator, value in parsed:
        if operator is sre_constants.LITERAL:
            run += chr(value)
            continue
        if run:
            yield run
            run = ""
        if operator in _REPEATS:
            yield from _words(value[2])
        elif operator is sre_constants.BRANCH:
            for branch in value[1]:
                yield from _words(branch)
        elif operator is sre_constants.SUBPATTERN:
            yield from _words(value[3])
        elif operator in (sre_constants.ASSERT, sre_constants.ASSERT_NOT):
            yield from _words(value[1])
        else:
            yield from itertools.islice(_characters(operator, value), 6)
    if run:
        yield run


_CATEGORIES = {"DIGIT": "1", "SPACE": " ", "WORD": "a", "NOT_DIGIT": "a", "NOT_SPACE": "a", "NOT_WORD": "."}


def _characters(operator: Any, value: Any) -> Iterator[str]:
    if operator is sre_constants.LITERAL:
        yield chr(value)
    elif operator in (sre_constants.ANY, sre_constants.NOT_LITERAL):
        yield "a"
    elif operator is sre_constants.IN:
        if value[0][0] is sre_constants.NEGATE:
            yield "a"
            return
        for kind, one in value:
            if kind is sre_constants.LITERAL:
                yield chr(one)
            elif kind is sre_constants.RANGE:
                yield chr(one[0])
            elif kind is sre_constants.CATEGORY:
                yield _CATEGORIES[str(one).removeprefix("CATEGORY_")]


def _is_unbounded(pattern: AnyPattern) -> bool:
    plain = pattern.pattern if isinstance(pattern.pattern, str) else pattern.pattern.decode("latin-1")
    return _repeats(sre_parse.parse(plain, pattern.flags & ~re.UNICODE & ~re.DEBUG))


def _repeats(value: Any) -> bool:
    if isinstance(value, tuple) and len(value) == 2 and value[0] in _REPEATS and value[1][1] is sre_constants.MAXREPEAT:
        return True
    parts = value.data if isinstance(value, sre_parse.SubPattern) else value
    return isinstance(parts, (list, tuple)) and any(_repeats(one) for one in parts)


def _of_modules() -> Iterator[Found]:
    for module in pkgutil.walk_packages([str(ROOT)], "mnistdoctor."):
        if module.name.endswith("__main__"):
            continue
        imported = importlib.import_module(module.name)
        source = Path(str(imported.__file__)).read_text(encoding="utf-8")
        for name, value in vars(imported).items():
            used = set(re.findall(rf"\b{re.escape(name)}\.({'|'.join(_METHODS)})\b", source))
            method = min(used) if used and used <= set(_ANCHORED) else "search"
            for pattern in _within(value, 0):
                yield f"{module.name}.{name}", pattern, method


def _within(value: object, depth: int) -> Iterator[AnyPattern]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict) and depth < 4:
        for one in value.values():
            yield from _within(one, depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)) and depth < 4:
        for one in value:
            yield from _within(one, depth + 1)


def _of_sources() -> Iterator[Found]:
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS
                and isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.args
            ):  # fmt: skip
                text = _constant(node.args[0])
                flags = _flags(node)
                if text is not None and node.func.attr != "compile":
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", re.compile(text, flags), node.func.attr


def _constant(node: ast.expr) -> Any:
    """The pattern that the expression makes; what a variable brings to it is a word."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "word" for one in node.values)
    return None


def _flags(node: ast.Call) -> int:
    names = {
        one.attr
        for part in (*node.args[1:], *node.keywords)
        for one in ast.walk(part)
        if isinstance(one, ast.Attribute)
    }
    return sum(int(getattr(re, name)) for name in names if isinstance(getattr(re, name, None), re.RegexFlag))


def _of_tables() -> Iterator[Found]:
    """Every text in a table that can be read as a pattern; most are sentences, and cost nothing."""
    for path in sorted(ROOT.rglob("*.toml")):
        for where, text in _strings(tomllib.loads(path.read_text(encoding="utf-8")), path.name):
            if re.search(r"[*+?\\|]|\{\d*,", text):
                try:
                    yield where, re.compile(text, re.IGNORECASE), "fullmatch" if path.name in _WHOLE else "search"
                except re.error:
                    continue


def _strings(value: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from _strings(one, f"{where}.{key}")
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _strings(one, f"{where}[{number}]")
