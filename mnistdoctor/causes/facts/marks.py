"""Marks of who made an answer: proxies, filters, application firewalls, hubs. See ``marks.toml``.

Each function reads the fields and the beginning of the body of one answer (an `Exchange` or a `Tunnel`). Weights
follow one rule: ``high`` is enough alone, ``medium`` needs a second witness, ``low`` never decides (`convincing`).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Literal, NamedTuple, final, get_args

from mnistdoctor.causes.facts.tables import table
from mnistdoctor.evidence import Exchange, Fields, Tunnel, field

Answer = Exchange | Tunnel | None

Group = Literal["proxy", "filter", "page", "harmless", "wall", "interstitial"]
"""Products by their fields; block pages; a proxy's error pages; parked pages; CDN and bot checks; stand-ins."""

_LOOKED_AT = 65_536
"""Characters of a body that are searched."""


@final
@dataclass(frozen=True, slots=True)
class Mark:
    """One thing by which an answer shows who made it."""

    group: Group
    id: str
    vendor: str
    weight: Literal["high", "medium", "low"]
    meaning: str | None
    """What it says of the answer, in the words of ``marks.toml``: ``challenge``, ``firewall`` ..."""
    quote: str
    """What was found, ready to be quoted: ``Server: Zscaler/6.2`` or the words in the body."""


class HubReason(NamedTuple):
    """The reason that a hub, such as Hugging Face or GitHub, gives in a field of its own."""

    meaning: str
    """In the words of ``marks.toml``."""
    quote: str
    """The field as it was seen."""


@final
@dataclass(frozen=True, slots=True)
class HopError:
    """An error that a hop names in Proxy-Status (RFC 9209)."""

    hop: str
    error: str
    kind: str | None
    """What it means, in the words of ``marks.toml``; None for a name that is not listed there."""
    relayed: bool
    """Whether the hop also names a ``received-status``: then the answer came from further on."""


@dataclass(frozen=True, slots=True)
class _Rule:
    mark: Mark
    """Without a quote."""
    patterns: tuple[tuple[str, re.Pattern[str]], ...]
    all: bool
    status: tuple[int, ...]


def matching(answer: Answer, text: str, *groups: Group, host: str = "") -> tuple[Mark, ...]:
    """The marks of these groups (all groups when none is named) that the answer bears, weightiest first.

    ``text`` is the beginning of its body, ``host`` the name that answered.
    """
    fields = answer.fields if answer else ()
    status = answer.status if answer else None
    text = text[:_LOOKED_AT]
    if "&#" in text:  # Akamai writes even the dots of its address as references
        text += html.unescape(text)
    found = [
        replace(rule.mark, quote=quote)
        for rule in _rules()
        if (not groups or rule.mark.group in groups) and (not rule.status or status in rule.status)
        for quote in [_quote(rule, fields, text, host)]
        if quote
    ]
    return tuple(sorted(found, key=lambda mark: ("high", "medium", "low").index(mark.weight)))


def convincing(marks: tuple[Mark, ...], *, witness: bool = False) -> Mark | None:
    """The first mark that may decide: a high one, or a medium one with a second of its vendor or another witness."""
    for mark in marks:
        others = [one for one in marks if one is not mark and one.vendor == mark.vendor and one.weight != "low"]
        if mark.weight == "high" or (mark.weight == "medium" and (witness or others)):
            return mark
    return None


def proxy_marks(answer: Answer, text: str = "") -> tuple[Mark, ...]:
    """Marks of proxies on the way, whether they made the answer or only passed it on."""
    return matching(answer, text, "proxy", "page")


def made_by_proxy(answer: Answer, text: str = "") -> str | None:
    """What shows that a proxy made this answer itself rather than passing it on, ready to be quoted, or None.

    A ``Via`` alone is also on what a proxy relays: it counts only where no ``Server`` names an origin.
    """
    if answer is None:
        return None
    name = squid_error(answer.fields)
    if name:
        return f"X-Squid-Error: {name[0]}"
    for error in proxy_status(answer.fields):
        if not error.relayed:
            return f"Proxy-Status: {error.hop}; error={error.error}"
    own = [mark for mark in proxy_marks(answer, text) if mark.weight == "high"]
    for mark in own:
        relays = mark.quote.lower().startswith("via:") and field(answer.fields, "server") is not None
        if not relays:
            return mark.quote
    return None


def by_cloudflare(answer: Answer) -> bool:
    """Whether the answer came through Cloudflare, by its fields; that alone says nothing bad."""
    fields = {name.lower(): value.lower() for name, value in answer.fields} if answer else {}
    return fields.get("server") == "cloudflare" or "cf-ray" in fields


def cloudflare_code(answer: Answer, text: str) -> int | None:
    """The number of Cloudflare's own error page, where the answer is Cloudflare's; None otherwise."""
    if not by_cloudflare(answer) and "cloudflare" not in text[:_LOOKED_AT].lower():
        return None
    pattern = r"(?:cf-error-code[^>]{0,40}>|\berror code:?|\berror(?:</span>|\s|<span[^>]{0,60}>){1,6})\s*(\d{3,4})\b"
    found = re.search(pattern, text[:_LOOKED_AT], re.IGNORECASE)
    code = int(found.group(1)) if found else None
    return code if code in _reversed("cloudflare") else None


def cloudflare_meaning(code: int | None) -> str | None:
    """What one of Cloudflare's numbers means, in the words of ``marks.toml``."""
    return _reversed("cloudflare").get(code)


def hub_reason(answer: Answer) -> HubReason | None:
    """The reason that a hub states in a field of the answer."""
    if answer is None:
        return None
    for row in table("marks")["hub"]:
        value = field(answer.fields, row["field"])
        if value == row["value"] and (not row.get("status") or answer.status in row["status"]):
            return HubReason(row["meaning"], f"{_titled(row['field'])}: {value}")
    return None


def protocol(first_bytes: str) -> str | None:
    """What is spoken where an answer begins so and is no HTTP: ``SSH``, ``a page without a head``; None if unknown."""
    return next(
        (row["name"] for row in table("marks")["protocol"] if first_bytes.startswith(tuple(row["begins"]))), None
    )


def proxy_status(fields: Fields) -> tuple[HopError, ...]:
    """The errors that hops name in Proxy-Status (RFC 9209 section 2.1), the hop nearest to the origin first."""
    found = []
    for value in (value for name, value in fields if name.lower() == "proxy-status"):
        for member in re.findall(r'(?:[^",]|"[^"]*"?)+', value):
            error = re.search(r';\s*error\s*=\s*"?([a-z_]+)', member)
            if error:
                hop = member.split(";")[0].strip().strip('"')
                relayed = re.search(r";\s*received-status\s*=", member) is not None
                kind = _reversed("proxy-status").get(error.group(1))
                found.append(HopError(hop, error.group(1), kind, relayed))
    return tuple(found)


def squid_error(fields: Fields) -> tuple[str, str | None] | None:
    """(name, kind) from X-Squid-Error, such as ``ERR_DNS_FAIL`` and ``dns``."""
    name = (field(fields, "x-squid-error") or "").split(" ")[0]
    return (name, _reversed("squid").get(name)) if name.startswith("ERR_") else None


def _quote(rule: _Rule, fields: Fields, text: str, host: str) -> str | None:
    """What the rule found, or None."""
    hits = [_find(where, pattern, fields, text, host) for where, pattern in rule.patterns]
    if rule.all and None in hits:
        return None
    return next((hit for hit in hits if hit), None)


def _find(where: str, pattern: re.Pattern[str], fields: Fields, text: str, host: str) -> str | None:
    if where in ("body", "anywhere"):
        found = pattern.search(text)
        if found:
            return " ".join(found.group().split())
        if where == "body":
            return None
    if where == "host":
        return host if pattern.search(host) else None
    name = "location" if where == "anywhere" else where
    hits = (value for key, value in fields if key.lower() == name and pattern.search(value))
    value = next(hits, None)
    return None if value is None else f"{_titled(name)}: {value}"


def _titled(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


@cache
def _reversed(name: str) -> dict[Any, str]:
    """A table of ``word = [values]`` the other way round."""
    return {value: word for word, values in table("marks")[name].items() for value in values}


@cache
def _rules() -> tuple[_Rule, ...]:
    return tuple(_rule(group, row) for group in get_args(Group) for row in table("marks")[group])


def _rule(group: Group, row: dict[str, Any]) -> _Rule:
    mark = Mark(group, row.get("id", row["vendor"]), row["vendor"], row["weight"], row.get("meaning"), quote="")
    pairs = [pair for pattern in row.get("all") or row["any"] for pair in pattern.items()]
    patterns = tuple((where, re.compile(pattern, re.IGNORECASE)) for where, pattern in pairs)
    return _Rule(mark, patterns, "all" in row, tuple(row.get("status", ())))
