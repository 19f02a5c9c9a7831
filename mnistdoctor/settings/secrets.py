"""The secrets that a run was given: in its options, its environment, its URLs, and the user's netrc."""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from mnistdoctor import paths
from mnistdoctor.redact import basic, parameters, userinfo
from mnistdoctor.settings.model import Environment, Settings

_TOKENS = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "KAGGLE_KEY", "OPENML_APIKEY", "GITHUB_TOKEN", "GH_TOKEN")

_HARMLESS = frozenset(
    {
        "accept", "accept-charset", "accept-encoding", "accept-language", "cache-control", "connection", "content-type",
        "if-match", "if-modified-since", "if-none-match", "if-range", "origin", "pragma", "range", "referer",
        "user-agent",
    }
)  # fmt: skip
"""Fields that hold no credentials; any other that the user sends may."""

_LARGEST_NETRC = 1 << 20
"""Bytes; the library reads one character at a time, and a larger file is none that a person wrote."""

_LONG_ENOUGH = 6
"""Shorter values of fields and cookies are words such as `true`, and no secrets."""


def known_secrets(settings: Settings, environment: Environment, urls: Iterable[str]) -> tuple[str, ...]:
    """All of them in every form in which they go out, for `mnistdoctor.redact.Redactor`."""
    proxies = [value for name, value in environment.steering() if name.lower().endswith("_proxy")]
    proxies += [environment.variables.get(name, "") for name in ("PIP_PROXY", "HF_ENDPOINT")]
    proxies += [settings.proxy or "", settings.pac or ""]
    found = [secret for value in proxies for secret in userinfo(value)]
    found += [environment.variables.get(name, "") for name in _TOKENS]
    for name, value in settings.headers:
        found += _of_field(name, value)
    found += parameters(settings.pac or "")
    for url in (*urls, *settings.controls):
        found += [*userinfo(urlsplit(url).netloc), *parameters(url)]
    found += _of_netrc(environment)
    return tuple(dict.fromkeys(secret for secret in found if secret))


def secret_fields(settings: Settings) -> tuple[str, ...]:
    """Names of the fields that the user sends and whose values may be credentials."""
    return tuple(name for name, _ in settings.headers if name.lower() not in _HARMLESS)


def _of_field(name: str, value: str) -> Iterator[str]:
    if name.lower() in _HARMLESS:
        return
    parts = [value, *value.split()]
    if name.lower() == "cookie":
        parts += [pair.partition("=")[2].strip().strip('"') for pair in value.split(";")]
    yield from (part for part in parts if len(part) >= _LONG_ENOUGH)
    scheme, _, credentials = value.partition(" ")
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(credentials.strip()).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            return
        yield from userinfo(f"{pair}@")


def _of_netrc(environment: Environment) -> Iterator[str]:
    """The passwords of every host: a redirect may lead to any of them."""
    import netrc

    try:
        given = environment.variables.get("NETRC")
        path = next(one for one in _netrc_files(given) if one.is_file() and one.stat().st_size <= _LARGEST_NETRC)
        hosts = netrc.netrc(str(path)).hosts
    except (StopIteration, OSError, RuntimeError, UnicodeError, netrc.NetrcParseError):
        return
    for name, _, password in hosts.values():
        if password:
            yield from (password, *basic(name or "", password))


def netrc_problem() -> str:
    """Why the file from which requests takes its logins stops it, by raising what it does not catch or by never ending.

    Empty where it does not: there is none, or one that is read, or one of which requests says nothing.
    """
    import netrc

    given = os.environ.get("NETRC")
    for path in _netrc_files(given):
        if not paths.is_there(path):
            continue
        if not paths.is_file(path):
            return "" if paths.is_folder(path) else f"{path} is no file, and to read it has no end"
        try:
            if path.stat().st_size > _LARGEST_NETRC:
                return f"{path} is larger than any file of logins"
            netrc.netrc(str(path))
        except UnicodeError:
            return f"{path} is in another encoding than UTF-8, and requests cannot read it"
        except (OSError, netrc.NetrcParseError):
            return ""
        return ""
    return ""


def _netrc_files(given: str | None) -> tuple[Path, ...]:
    """Where requests looks (``requests.utils.get_netrc_auth``)."""
    return tuple(map(paths.with_home, (given,) if given else ("~/.netrc", "~/_netrc")))
