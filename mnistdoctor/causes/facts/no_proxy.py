"""NO_PROXY, the list of hosts that go round the proxy: what its entries free, and what they were meant to free."""

from __future__ import annotations

import ipaddress
import re

from mnistdoctor.causes.case import Case

_APART = re.compile(r"(?:[;,\s]|\\x0[9-d])+")
"""What people put between entries. Records write a line end as ``\\x0a``."""


def variable(case: Case) -> tuple[str, str] | None:
    """NO_PROXY as it is set, name and value, by the spelling that Python and curl prefer."""
    variables = dict(case.machine.variables)
    return next(((name, variables[name]) for name in ("no_proxy", "NO_PROXY") if variables.get(name)), None)


def entries(value: str) -> list[str]:
    """The list taken apart at its commas, as every client does."""
    return [entry.strip() for entry in value.split(",") if entry.strip()]


def freeing(value: str, host: str, family: str) -> list[str]:
    """The entries that free the host, those that name it first; the whole value where none can be told."""
    named = [one for one in entries(value) if one == "*" or _names(one.lstrip("*"), host)]
    # requests before 2.34 takes any ending: to leave such an entry in might leave the host free.
    loose = [one for one in entries(value) if one not in named and _frees(one, host)]
    return named + (loose if family == "requests" or not named else []) or [value]


def _frees(entry: str, host: str) -> bool:
    """Whether an entry frees the host by the rules of any client: requests before 2.34 took every suffix."""
    bare = entry.lower().lstrip("*").lstrip(".")
    return entry == "*" or (bool(bare) and host.endswith(bare)) or _network_holds(entry, host)


def _names(entry: str, host: str) -> bool:
    """Whether an entry names the host, a domain above it, or a block of addresses with it: what was plainly meant."""
    bare = entry.lower().lstrip(".")
    return (bool(bare) and f".{host}".endswith(f".{bare}")) or _network_holds(entry, host)


def _network_holds(entry: str, host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def misread(value: str, host: str, family: str) -> tuple[str, str] | None:
    """The first entry that plainly names the host in a form that this family of clients does not read, and why."""
    return next(((entry, why) for entry in entries(value) if (why := _why_misread(entry, value, host, family))), None)


def _why_misread(entry: str, value: str, host: str, family: str) -> str | None:
    if _named_apart(entry, host):
        return "its items stand apart by blanks, line ends or semicolons, and only commas are read"
    bare = entry.strip("'\"")
    if bare.endswith(".") and family != "curl" and _names(bare.rstrip("."), host):
        return "the dot at its end is compared as well"
    if bare != entry and _names(bare, host):
        return "the quote marks became a part of it"
    if bare.startswith("*.") and host.endswith(bare[1:].lower()):
        return "a star is taken as it stands by all but Go"
    if "://" in bare and not family.startswith("httpx") and _names(bare.split("://")[1].strip("/"), host):
        return "an entry is a host, and not a URL"
    if "/" in bare and "://" not in bare and _network_holds(bare, host):
        return "a block of addresses is not read by this client"
    if re.fullmatch(r"[\d.]+\.\*", bare) and host.startswith(bare[:-1]):
        return "a star in an address is not read"
    if bare == "*" and len(entries(value)) > 1:
        return "a star counts only where it stands alone"
    if family.startswith("httpx") and bare.startswith(".") and host == bare[1:].lower():
        return "with a dot before it, it frees what lies below the name and not the name itself"
    if re.fullmatch(r".+:\d+", bare) and "]" not in bare and _names(bare.rpartition(":")[0], host):
        return "an entry with a port is not read by this client, or names another port"
    return None


def _named_apart(entry: str, host: str) -> bool:
    items = [one for one in _APART.split(entry) if one]
    return len(items) > 1 and any(_names(one.strip("'\""), host) for one in items)


def portable(value: str, host: str) -> str:
    """The list with commas, without quotes, stars and schemes, and with this host's name in both forms."""
    items = []
    for one in _APART.split(value):
        bare = one.strip("'\"").removeprefix("*").split("://")[-1].strip("/").rstrip(".")
        if not bare or bare == "*":
            continue
        items += [bare.lstrip("."), bare] if bare.startswith(".") else [bare]
    if not any(_names(one, host) and "/" not in one and not one.startswith(".") for one in items):
        items.append(host)
    return ",".join(dict.fromkeys(items))
