"""Proxies that this machine knows of and that a client does not use: in variables, start files, other programs.

Nothing is sent. Files are read to a limit, never executed, and odd content is passed over.
"""

from __future__ import annotations

import os
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mnistdoctor.catalogue import Client
from mnistdoctor.evidence import ProxyPlace
from mnistdoctor.settings import programs, start_files
from mnistdoctor.settings.desktop import system_settings
from mnistdoctor.settings.model import Environment, Settings
from mnistdoctor.settings.proxy_setting import ProxySetting, read_text, without_credentials
from mnistdoctor.settings.route import choose_route

MOST_ANCESTORS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedProxy:
    """A proxy, or a PAC file, that somebody on this machine knows."""

    place: ProxyPlace
    key: str
    where: str = ""
    line: int | None = None
    value: str = field(default="", repr=False)
    """As it is written there, with its credentials: never a record."""
    pac: str = ""

    @property
    def proxy(self) -> str:
        """The proxy's URL without credentials; empty where only a PAC file is named."""
        return without_credentials(self.value)[0]

    @property
    def has_credentials(self) -> bool:
        """Whether a user name or password is written there."""
        return without_credentials(self.value)[1]


def unused_proxies(
    client: Client, url: str, settings: Settings, environment: Environment, home: Path | None = None
) -> tuple[UnusedProxy, ...]:
    """All of them for this URL, each proxy once, those nearest to this process first."""
    scheme = url.partition(":")[0].lower()
    home = home or _home()
    found: list[UnusedProxy] = list(_own_variables(client, url, settings, environment))
    found += _of("ancestor", _ancestors(scheme, environment))
    found += _of("profile", start_files.proxies(home, scheme))
    # Any proxy variable, NO_PROXY alone included, keeps `urllib.request.getproxies` from the system's own setting.
    reads_system = not client.is_program and not urllib.request.getproxies_environment()
    found += _of("system", system_settings(home, scheme, python=reads_system))
    found += _of("program", programs.proxies(home, scheme, environment))
    seen: set[str] = set()
    kept = []
    for one in found:
        name = one.proxy or one.pac
        if name and name not in seen:
            seen.add(name)
            kept.append(one)
    return tuple(kept)


def _home() -> Path:
    try:
        return Path.home()
    except (RuntimeError, OSError):  # a container's user without a home: nothing lies below this device
        return Path(os.devnull)


def _of(place: ProxyPlace, found: Iterator[ProxySetting]) -> Iterator[UnusedProxy]:
    for one in found:
        yield UnusedProxy(place=place, key=one.key, where=one.where, line=one.line, value=one.value, pac=one.pac)


def _names(scheme: str) -> tuple[str, ...]:
    """Variables that could concern a URL of this scheme, best first."""
    return (f"{scheme}_proxy", f"{scheme.upper()}_PROXY", "all_proxy", "ALL_PROXY")


def _own_variables(client: Client, url: str, settings: Settings, environment: Environment) -> Iterator[UnusedProxy]:
    """Variables of this very process that the client did not follow."""
    choice = choose_route(client, url, settings, environment)
    if choice.way != "direct" or settings.proxy is not None or settings.direct:
        return
    exempt = bool(choice.decided_by and "no_proxy" in choice.decided_by.lower())
    scheme = url.partition(":")[0].lower()
    other = "http" if scheme == "https" else "https"
    for name in (*_names(scheme), *(() if exempt else _names(other)[:2])):
        value = environment.variables.get(name, "").strip()
        if value:
            yield UnusedProxy(place="exempted" if exempt else "variable", key=name, where="this process", value=value)


def _ancestors(scheme: str, environment: Environment) -> Iterator[ProxySetting]:
    """Variables that a parent process has and this one has not: `sudo`, a service or a notebook lost them."""
    if sys.platform != "linux":
        return
    pid = os.getpid()
    for _ in range(MOST_ANCESTORS):
        pid = _parent(pid)
        if pid <= 1:
            return
        variables = _environment_of(pid)
        name = (read_text(Path(f"/proc/{pid}/comm")) or "?").strip()
        for key in _names(scheme):
            if variables.get(key, "").strip() and not environment.variables.get(key):
                yield ProxySetting(key=key, where=f"{name} (process {pid})", value=variables[key].strip())


def _parent(pid: int) -> int:
    text = read_text(Path(f"/proc/{pid}/stat")) or ""
    fields = text.rpartition(")")[2].split()  # the name before it may hold anything
    return int(fields[1]) if len(fields) > 1 else 0


def _environment_of(pid: int) -> dict[str, str]:
    text = read_text(Path(f"/proc/{pid}/environ")) or ""
    return dict(entry.split("=", 1) for entry in text.split("\0") if "=" in entry)
