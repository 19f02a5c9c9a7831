"""The proxy that the desktop or the operating system is set to: what browsers use."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from mnistdoctor.settings.proxy_setting import ProxySetting, read_text

PATIENCE_S = 0.5
"""For a program that reads a setting; a daemon that hangs must not hold the examination."""


def system_settings(home: Path, scheme: str, *, python: bool) -> Iterator[ProxySetting]:
    """The system's proxy and PAC file. What urllib reads by itself (macOS, Windows) is left out for Python clients."""
    if sys.platform == "darwin":
        yield from macos(_output_of("scutil", "--proxy"), scheme, python=python)
    elif sys.platform == "win32":
        yield from _windows(scheme, python=python)
    else:
        yield from _gnome(scheme)
        path = home / ".config/kioslaverc"
        yield from kde(read_text(path) or "", str(path), scheme)


def macos(text: str, scheme: str, *, python: bool) -> Iterator[ProxySetting]:
    """From the words of `scutil --proxy`."""
    values: dict[str, str] = {}
    depth = 0
    for line in text.splitlines():
        # Deeper down stand the settings of single interfaces (`__SCOPED__`), which are not the system's.
        if depth == 1 and (match := re.fullmatch(r"\s*(\w+)\s*:\s*(\S+)\s*", line)):
            values[match[1]] = match[2]
        depth += line.count("{") - line.count("}")
    prefix = "HTTPS" if scheme == "https" else "HTTP"
    if not python and values.get(f"{prefix}Enable") == "1" and values.get(f"{prefix}Proxy"):
        value = f"http://{values[f'{prefix}Proxy']}:{values.get(f'{prefix}Port', '80')}"
        yield ProxySetting(key=f"{prefix}Proxy", where="the network settings of macOS", value=value)
    if values.get("ProxyAutoConfigEnable") == "1" and values.get("ProxyAutoConfigURLString"):
        pac = values["ProxyAutoConfigURLString"]
        yield ProxySetting(key="ProxyAutoConfigURLString", where="the network settings of macOS", pac=pac)


def _windows(scheme: str, *, python: bool) -> Iterator[ProxySetting]:
    if sys.platform != "win32":
        return
    import winreg

    where = "the Internet Settings of Windows"
    try:
        path = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, path) as key:
            names = ("AutoConfigURL", "ProxyEnable", "ProxyServer")
            values = {name: _registry(winreg, key, name) for name in names}
    except OSError:
        return
    if values["AutoConfigURL"]:
        yield ProxySetting(key="AutoConfigURL", where=where, pac=str(values["AutoConfigURL"]))
    server = windows_server(str(values["ProxyServer"] or ""), scheme)
    if not python and values["ProxyEnable"] and server:
        yield ProxySetting(key="ProxyServer", where=where, value=server)


def windows_server(text: str, scheme: str) -> str:
    """The proxy for URLs of this scheme: the setting names one for all, or `http=a:80;https=b:80`."""
    if "=" not in text:
        return text.strip()
    named = dict(part.strip().lower().split("=", 1) for part in text.split(";") if "=" in part)
    return named.get(scheme, "")


def _registry(winreg: object, key: object, name: str) -> object:
    try:
        return getattr(winreg, "QueryValueEx")(key, name)[0]  # noqa: B009 - the module exists on Windows only
    except OSError:
        return None


def _gnome(scheme: str) -> Iterator[ProxySetting]:
    """GNOME and the desktops that share its settings; `gsettings` asks no network."""
    mode = _gsetting("org.gnome.system.proxy", "mode")
    where = "the desktop's network settings"
    if mode == "auto" and (pac := _gsetting("org.gnome.system.proxy", "autoconfig-url")):
        yield ProxySetting(key="autoconfig-url", where=where, pac=pac)
    if mode == "manual":
        schema = f"org.gnome.system.proxy.{scheme}"
        host, port = _gsetting(schema, "host"), _gsetting(schema, "port")
        if host and port not in ("", "0"):
            yield ProxySetting(key=f"{schema} host", where=where, value=f"http://{host}:{port}")


def kde(text: str, where: str, scheme: str) -> Iterator[ProxySetting]:
    """From KDE's own file. Types 1 and 2 are a fixed proxy and a PAC file; 3 asks the network, and is not followed."""
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
    try:
        parser.read_string(text)
        section = parser["Proxy Settings"]
    except (configparser.Error, KeyError):
        return
    kind = section.get("ProxyType")
    if kind == "1" and (server := section.get(f"{scheme}Proxy")):
        yield ProxySetting(
            key=f"{scheme}Proxy", where=where, value=re.sub(r"(?<!\s)\s+(?=\d+/?$)", ":", server.strip())
        )
    if kind == "2" and (pac := section.get("Proxy Config Script")):
        yield ProxySetting(key="Proxy Config Script", where=where, pac=pac)


def _gsetting(schema: str, key: str) -> str:
    return _output_of("gsettings", "get", schema, key).strip().strip("'")


def _output_of(*argv: str) -> str:
    """What a program of the system prints; empty where there is none, or where it fails or takes too long."""
    program = shutil.which(argv[0])
    if program is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - two programs of the system, with fixed words
            [program, *argv[1:]], capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeError):
        return ""
    return done.stdout if done.returncode == 0 else ""
