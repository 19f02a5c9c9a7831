"""NO_PROXY: an entry that frees too much, or one that was meant to free this host and does not."""

from __future__ import annotations

import ipaddress
import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Command, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import known_proxies as known
from mnistdoctor.causes.facts import proxy as words
from mnistdoctor.causes.facts.known_proxies import Opened
from mnistdoctor.causes.fixes import set_variable, unset_variables
from mnistdoctor.causes.proxy.unused_proxies import finding, known_by


def _setting(case: Case) -> tuple[str, str] | None:
    """NO_PROXY as it is set, by the spelling that Python and curl prefer."""
    given = dict(case.machine.variables)
    return next(((name, given[name]) for name in ("no_proxy", "NO_PROXY") if given.get(name)), None)


def _entries(value: str) -> list[str]:
    return [entry.strip() for entry in value.split(",") if entry.strip()]


def _frees(entry: str, host: str) -> bool:
    """Whether an entry frees the host by the rules of any client: requests before 2.34 took every suffix."""
    bare = entry.lower().lstrip("*").lstrip(".")
    return entry == "*" or (bool(bare) and host.endswith(bare)) or _network_holds(entry, host)


def _names(entry: str, host: str) -> bool:
    """Whether an entry names the host, a domain above it, or a block of addresses with it: what was plainly meant."""
    bare = entry.lower().lstrip(".")
    return (bool(bare) and f".{host}".endswith(f".{bare}")) or _network_holds(entry, host)


def _freeing(value: str, host: str, family: str) -> list[str]:
    """The entries that free the host, those that name it first; the whole value where none can be told."""
    named = [one for one in _entries(value) if one == "*" or _names(one.lstrip("*"), host)]
    # requests before 2.34 takes any ending: to leave such an entry in might leave the host free.
    loose = [one for one in _entries(value) if one not in named and _frees(one, host)]
    return named + (loose if family == "requests" or not named else []) or [value]


def _network_holds(entry: str, host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return False


def proxy_no_proxy_too_wide(case: Case) -> Finding | None:
    given = _setting(case)
    if given is None or not case.route or "no_proxy" not in (case.route.decided_by or "").lower():
        return None
    found = known_by(case, "exempted")
    if found is None:
        return None
    one, met = found
    name, value = given
    freeing = _freeing(value, case.host.lower(), case.client.family)
    entry = freeing[0]
    return finding(one, met,
        f"`{name}` frees {case.host} from the proxy (entry `{entry}`), and directly there is no way out",
        f"The proxy is set, and `{name}` tells {case.client.name} to go round it for this host. The network does not "
        "let anything out but through the proxy. An entry frees every host that ends in it, so a short one such as "
        "`com` or `amazonaws.com` frees far more than was meant.",
        _narrowed(case, name, value, freeing, one),
        seen=(f"`{name}` holds the entry `{entry}`",),
    )  # fmt: skip


def _narrowed(case: Case, name: str, value: str, freeing: list[str], found: Opened) -> Fix:
    """Takes out every entry that frees the host: one that is left would free it as before."""
    rest = ",".join(one for one in _entries(value) if one not in freeing)
    both = sorted({name.lower(), name.upper()})
    lines: tuple[Command, ...] = (unset_variables(case, *both),)
    if rest:
        lines = tuple(set_variable(case, one, rest) for one in both)
    done = known.set_proxy(case, found, f"Take {_quoted(freeing)} out of NO_PROXY, and leave the others in")
    return Fix(title=done.title, commands=lines, change=done.change, untried=done.untried)


def _quoted(entries: list[str]) -> str:
    return ("the entry " if len(entries) == 1 else "the entries ") + ", ".join(f"`{one}`" for one in entries)


# --- not matching -----------------------------------------------------------------------------------------------


def proxy_no_proxy_not_matching(case: Case) -> Finding | None:
    given = _setting(case)
    if given is None or not case.by_proxy or not _failed_at_proxy(case):
        return None
    if words.decided_by(case) is None:  # NO_PROXY has no say over an option
        return None
    name, value = given
    host = case.host.lower()
    meant = next(((entry, why) for entry, why in _meant(value, host, case.client.family)), None)
    if meant is None:
        return None
    entry, why = meant
    portable = _portable(value, host)
    return Finding(
        title=f"`{name}` was meant to free {case.host} from the proxy, and {case.client.name} does not read it so",
        explanation=(
            f"The entry `{entry}` names this host, but {why}. So the request went to the proxy, which cannot or may "
            "not fetch it. Each client has rules of its own for this variable; plain suffixes and whole addresses, "
            "between commas and without blanks, are what all of them read alike."
        ),
        evidence=(
            f"`{name}` is `{value}`",
            f"{case.client.name} went to {case.host} through {words.proxy(case)} all the same",
            f"there: {case.stopped_by.detail or case.stopped_by.failure}" if case.stopped_by else "the proxy failed",
        ),
        fixes=(
            Fix(
                title="Write the list in the form that every client reads",
                commands=tuple(set_variable(case, one, portable) for one in ("NO_PROXY", "no_proxy")),
                untried="going round a proxy is not tried here",
            ),
        ),
        ruled_out=(("proxy-connect-denied", "the host was never meant to go through the proxy"),),
    )


def _failed_at_proxy(case: Case) -> bool:
    stop = case.stopped_by
    if isinstance(stop, (ev.Lookup, ev.Connect, ev.Handshake)):
        return stop.peer == "proxy"
    if isinstance(stop, ev.Tunnel):
        return True
    refused = words.refused(case)
    return refused is not None and refused.via == "proxy"


def _meant(value: str, host: str, family: str) -> list[tuple[str, str]]:
    """Entries that plainly name the host in a form that some client does not read, and why."""
    found = []
    for entry in _entries(value):
        if _named_apart(entry, host):
            found.append((entry, "its items stand apart by blanks or semicolons, and only commas are read"))
            continue
        bare = entry.strip("'\"")
        if bare != entry and _names(bare, host):
            found.append((entry, "the quote marks became a part of it"))
        elif bare.startswith("*.") and host.endswith(bare[1:].lower()):
            found.append((entry, "a star is taken as it stands by all but Go"))
        elif "://" in bare and family != "httpx" and _names(bare.split("://")[1].strip("/"), host):
            found.append((entry, "an entry is a host, and not a URL"))
        elif "/" in bare and "://" not in bare and _network_holds(bare, host):
            found.append((entry, "a block of addresses is not read by this client"))
        elif re.fullmatch(r"[\d.]+\.\*", bare) and host.startswith(bare[:-1]):
            found.append((entry, "a star in an address is not read"))
        elif bare == "*" and len(_entries(value)) > 1:
            found.append((entry, "a star counts only where it stands alone"))
        elif family == "httpx" and bare.startswith(".") and host == bare[1:].lower():
            found.append((entry, "with a dot before it, it frees what lies below the name and not the name itself"))
        elif re.fullmatch(r".+:\d+", bare) and "]" not in bare and _names(bare.rpartition(":")[0], host):
            found.append((entry, "an entry with a port is not read by this client, or names another port"))
    return found


def _named_apart(value: str, host: str) -> bool:
    items = [one for one in re.split(r"[;\s]+", value) if one]
    return len(items) > 1 and any(_names(one.strip("'\""), host) for one in items)


def _portable(value: str, host: str) -> str:
    """The list with commas, without quotes, stars and schemes, and with this host's name in both forms."""
    items = []
    for one in re.split(r"[;,\s]+", value):
        bare = one.strip("'\"").removeprefix("*").split("://")[-1].strip("/")
        if not bare or bare == "*":
            continue
        items += [bare.lstrip("."), bare] if bare.startswith(".") else [bare]
    if not any(_names(one, host) and "/" not in one and not one.startswith(".") for one in items):
        items.append(host)
    return ",".join(dict.fromkeys(items))


CAUSES: tuple[Cause, ...] = (
    cause(
        proxy_no_proxy_too_wide,
        needs=(Control.PROXIES, Control.PAC, Control.BY_PROXY),
    ),
    cause(proxy_no_proxy_not_matching),
)
