"""Proxies in the settings of other programs: whoever set them there knew the way out of this network."""

from __future__ import annotations

import configparser
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mnistdoctor.settings.model import Environment
from mnistdoctor.settings.proxy_setting import ProxySetting, read_text

_APT = re.compile(r'"([^"]*)"|//[^\n]*|/\*.*?(?:\*/|\Z)|#[^\n]*|([{};])|([^\s{};"]+)', re.DOTALL)
_GIT = re.compile(r"^\s*\[\s*(https?)(?:\s[^\]]*)?\]\s*$|^\s*(proxy)\s*=\s*(\S+)", re.IGNORECASE)
_PLAIN = re.compile(r"^\s*-*(https?-proxy|https?_proxy|proxy)\s*[:=\s]\s*\"?([^\s\"]+)", re.IGNORECASE)


def proxies(home: Path, scheme: str, environment: Environment) -> Iterator[ProxySetting]:
    """Each proxy that a program's own settings name for URLs of this scheme, or for all."""
    if value := environment.variables.get("PIP_PROXY", "").strip():  # pip alone reads it, above its files
        yield ProxySetting(key="PIP_PROXY", where="this process", value=value)
    yield from _apt(scheme)
    for path in (home / ".gitconfig", home / ".config/git/config", Path("/etc/gitconfig")):
        yield from _git(path)
    own = Path(environment.python.prefix)  # of a virtual environment
    for path in (own / "pip.conf", home / ".pip/pip.conf", home / ".config/pip/pip.conf", Path("/etc/pip.conf")):
        yield from _pip(path)
    yield from _docker(home / ".docker/config.json", scheme)
    yield from _conda(home / ".condarc", scheme)
    for path in (home / ".npmrc", home / ".wgetrc", Path("/etc/wgetrc"), home / ".curlrc"):
        yield from _lines(path, scheme)
    yield from _services(scheme)


def _number(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _apt(scheme: str) -> Iterator[ProxySetting]:
    folder = Path("/etc/apt/apt.conf.d")
    try:
        # apt passes over names such as `proxy.conf.disabled`: apt.conf(5).
        files = [path for path in sorted(folder.iterdir()) if path.suffix in ("", ".conf")] if folder.is_dir() else []
    except OSError:
        return
    for path in (Path("/etc/apt/apt.conf"), *files[:60]):
        for one in apt_proxies(read_text(path) or "", str(path)):
            if one.key.lower() in (f"acquire::{scheme}::proxy", "acquire::http::proxy"):
                yield one


def apt_proxies(text: str, where: str) -> Iterator[ProxySetting]:
    """What apt.conf(5) sets below `Acquire`, in one word (`Acquire::http::Proxy`) or in nested braces."""
    groups: list[str] = []
    words: list[str] = []
    for match in _APT.finditer(text):
        mark = match[2]
        if not mark:
            if match[1] is not None or match[3]:  # and no comment
                words.append(match[3] or match[1])
            continue
        if mark == "{":
            groups.append(words[0] if words else "")
        elif mark == ";" and len(words) == 2:
            key = "::".join([*groups, words[0]])
            if key.lower().startswith("acquire::") and key.lower().endswith("::proxy"):
                yield ProxySetting(key=key, where=where, line=_number(text, match.start()), value=words[1])
        elif mark == "}" and groups:
            groups.pop()
        words = []


def _git(path: Path) -> Iterator[ProxySetting]:
    """git's own format, read by its lines: https://git-scm.com/docs/git-config#_configuration_file"""
    section = ""
    for number, line in enumerate((read_text(path) or "").splitlines(), 1):
        match = _GIT.match(line)
        if line.lstrip().startswith("["):
            section = match[1] if match and match[1] else ""
        elif match and match[2] and section:
            yield ProxySetting(key="http.proxy", where=str(path), line=number, value=match[3].strip('"'))


def _pip(path: Path) -> Iterator[ProxySetting]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(read_text(path) or "")
    except configparser.Error:
        return
    for section in parser.sections():
        if parser.has_option(section, "proxy"):
            yield ProxySetting(key=f"{section}.proxy", where=str(path), value=parser.get(section, "proxy"))


def _docker(path: Path, scheme: str) -> Iterator[ProxySetting]:
    """https://docs.docker.com/engine/cli/proxy/"""
    try:
        values: Any = json.loads(read_text(path) or "{}")
        given = values["proxies"]["default"]
        value = given.get(f"{scheme}Proxy")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return
    if isinstance(value, str):
        yield ProxySetting(key=f"{scheme}Proxy", where=str(path), value=value)


def _conda(path: Path, scheme: str) -> Iterator[ProxySetting]:
    """The one nested table of .condarc that matters; no YAML reader is needed for two keys."""
    inside = False
    for number, line in enumerate((read_text(path) or "").splitlines(), 1):
        if re.match(r"proxy_servers\s*:", line):
            inside = True
        elif line[:1].strip() and not line.startswith("#"):
            inside = False
        elif inside and (match := re.match(rf"\s+['\"]?{scheme}['\"]?\s*:\s*['\"]?([^\s'\"]+)", line)):
            yield ProxySetting(key=f"proxy_servers.{scheme}", where=str(path), line=number, value=match[1])


def _lines(path: Path, scheme: str) -> Iterator[ProxySetting]:
    """npm, wget and curl: a word and a value on a line."""
    for number, line in enumerate((read_text(path) or "").splitlines(), 1):
        match = _PLAIN.match(line)
        if match and match[1].lower().replace("_", "-") in ("proxy", f"{scheme}-proxy"):
            yield ProxySetting(key=match[1], where=str(path), line=number, value=match[2])


def _services(scheme: str) -> Iterator[ProxySetting]:
    """What an administrator gave to Docker's own service: https://docs.docker.com/engine/daemon/proxy/"""
    try:
        files = sorted(Path("/etc/systemd/system").glob("*.service.d/*.conf"))[:40]
    except OSError:
        return
    for path in files:
        for number, line in enumerate((read_text(path) or "").splitlines(), 1):
            key, equals, rest = line.strip().partition("=")
            if key.strip() != "Environment" or not equals:
                continue
            for name, value in environment_line(rest):
                if name.lower() == f"{scheme}_proxy":
                    yield ProxySetting(key=name, where=str(path), line=number, value=value)


def environment_line(text: str) -> Iterator[tuple[str, str]]:
    """The variables of an `Environment=` line of systemd.exec(5): several, each in quotes or not; `%%` is a percent."""
    try:
        words = shlex.split(text)
    except ValueError:
        return
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            yield name, value.replace("%%", "%")
