"""A text judged: the causes that it shows, the likeliest first, in the sentences of the examination."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Catalogue
from mnistdoctor.causes.base import Case, Cause, Finding, Fix
from mnistdoctor.causes.facts.traceback import final_error
from mnistdoctor.causes.order import by_id
from mnistdoctor.causes.stages import home_stage
from mnistdoctor.causes.text import Retry, Side
from mnistdoctor.diagnosis import Certainty, judge
from mnistdoctor.failure import Failure
from mnistdoctor.redact import for_this_user
from mnistdoctor.symptoms.context import Context, context_of
from mnistdoctor.symptoms.dangers import Danger, dangers_in
from mnistdoctor.symptoms.lines import lines_of
from mnistdoctor.symptoms.read import Message, errors_of
from mnistdoctor.wording import shortened

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

TriageVerdict = Literal["download-failure", "not-a-download-failure", "inconclusive"]

_MOST_SYMPTOMS = 40
"""Exceptions of one text that become records: the last ones."""


@dataclass(frozen=True)
class Match:
    """A cause that the text shows."""

    cause: str
    certainty: Certainty
    stage: ev.Stage | None
    side: Side
    retry: Retry
    loader: str | None
    url: str | None
    excerpt: str
    """The words that show it, without secrets."""
    title: str
    explanation: str
    also_possible: tuple[str, ...]
    fixes: tuple[Fix, ...]


@dataclass(frozen=True)
class Reading:
    """What a text came to."""

    verdict: TriageVerdict
    matches: tuple[Match, ...]
    context: Context
    dangers: tuple[Danger, ...] = ()
    """Harmful advice and mistaken code in the text."""
    survived: str = ""
    """The words of an error that was met, and after which the download went on and ended well."""


@cache
def _templates() -> tuple[tuple[re.Pattern[str], dict[str, Any]], ...]:
    rows = tomllib.loads(files("mnistdoctor.symptoms").joinpath("templates.toml").read_text(encoding="utf-8"))[
        "template"
    ]
    return tuple((re.compile(row["says"]), row) for row in rows)


# What every template has at least one of: lines without any of it are passed over at once.
_HINT = re.compile(
    r"(?i)err|fail|except|refus|denied|time|certif|ssl|tls|proxy|socks|resolv|resolution|[45]\d\d|expired|reach|route"
    r"|not (?:a|in|found|available|known)|unknown|unavailable|corrupt|checksum|hash|md5|truncat|incomplete|end of|ended"
    r"|lfs|html|quota|limit|space|permission|url|gate|offline|bytes|json|reset|closed|too many|drive|cafile|scheme"
    r"|hostname|拒绝|超时|名|不可达|没有到|ist nicht|inconnu|refus|interrompu|zurück|abgelehnt|invalid"
)


def read(text: str, catalogue: Catalogue) -> Reading:
    """Read a pasted text. Time and memory grow with its length, which is bounded; nothing is sent."""
    lines = lines_of(text)
    said = errors_of(lines)
    shown = _shown(said)
    near, row, match = _decisive(said, lines)
    context = context_of(said, lines, near)
    survived = _survived(lines, near)
    symptoms = _case(shown, context, catalogue, ())
    program = _program(symptoms)
    matches: list[Match] = []
    if row is not None and match is not None:
        matches = list(_of_row(row, match, near, context, catalogue))
    if program is not None:
        ours = _of_finding(*program, context, _excerpt([_final(said)] if said else []))
        # What torchvision says when all of its mirrors failed is no reason of its own: the last one's error is.
        masked = program[0].id == "fw-mirror-loop-masks-error"
        if matches and (masked or not _program_decides(symptoms, near)):
            matches.append(ours)
        else:
            matches.insert(0, ours)
    unique = {item.cause: item for item in reversed(matches)}
    ordered = tuple(unique[cause] for cause in dict.fromkeys(item.cause for item in matches))
    dangers = dangers_in(lines)
    if survived:
        return Reading("not-a-download-failure", (), context, dangers, survived)
    if not ordered and said and all(one.ignored for one in said):
        return Reading("not-a-download-failure", (), context, dangers, said[-1].message)
    return Reading(_verdict(ordered), ordered, context, dangers)


def _verdict(matches: Sequence[Match]) -> TriageVerdict:
    if not matches:
        return "inconclusive"
    return "not-a-download-failure" if matches[0].cause.startswith("program-") else "download-failure"


# --- which error decides


def _decisive(
    said: Sequence[Message], lines: Sequence[str]
) -> tuple[list[Message], dict[str, Any] | None, re.Match[str] | None]:
    """The errors that decide, and the template of the first of them that has one.

    They are the last exception that something is known of with what was being handled when it was raised, innermost
    first; without one, the last line that something is known of.
    """
    whole = " ".join(lines[-400:])
    known: dict[str, tuple[dict[str, Any], re.Match[str]] | None] = {}
    traits = _surrounding_traits(said, whole)

    def of(one: Message) -> tuple[dict[str, Any], re.Match[str]] | None:
        if one.text not in known:
            known[one.text] = _template(one.text, traits)
        return known[one.text]

    for kind in (True, False):
        for place in range(len(said) - 1, -1, -1):
            one = said[place]
            if bool(one.exception) is not kind or not of(one):
                continue
            chain = [one]
            before = place - 1
            while before >= 0 and (not said[before].exception or said[before].earlier):
                if said[before].exception:
                    chain.insert(0, said[before])
                before -= 1
            if not kind:
                chain = [one]
            decided = next(item for item in chain if of(item))
            found = of(decided)
            assert found is not None
            rest = [item for item in chain if item is not decided]
            return [decided, *rest], found[0], found[1]
    folded = _template(re.sub(r"\s+", " ", whole), traits) if said else None
    if folded:
        return [Message(message=shortened(folded[1][0], 200))], folded[0], folded[1]
    return [], None, None


def _surrounding_traits(said: Sequence[Message], whole: str) -> frozenset[str]:
    return context_of(said, whole.splitlines(), [Message(message=whole)]).traits


def _template(text: str, traits: frozenset[str]) -> tuple[dict[str, Any], re.Match[str]] | None:
    if not _HINT.search(text):
        return None
    for pattern, row in _templates():
        if not traits.issuperset(row.get("where", ())):
            continue
        match = pattern.search(text)
        if match:
            return row, match
    return None


_BEGAN = re.compile(r"(?i)^\s*downloading\b")
_ENDED_WELL = re.compile(
    r"^\s*(?:100(?:\.0)?%|Extracting |Using downloaded and verified|Successfully downloaded|Download complete)|saved \["
)


def _survived(lines: Sequence[str], near: Sequence[Message]) -> str:
    """The decisive words, where the program went on by itself (another mirror) and the download ended well."""
    if not near or any(one.exception for one in near):
        return ""
    after = [bool(_ENDED_WELL.search(line)) for line in lines[near[0].place + 1 :] if _is_step(line)]
    return near[0].text if after and after[-1] else ""


def _is_step(line: str) -> bool:
    return bool(_BEGAN.search(line) or _ENDED_WELL.search(line))


# --- records, and what the rules say of them


def _shown(said: Sequence[Message]) -> list[ev.Symptom]:
    """The exceptions as records; a text without any is told by its last lines."""
    clean = for_this_user().text
    chosen = [one for one in said if one.exception][-_MOST_SYMPTOMS:] or list(said[-3:])
    return [
        ev.Symptom(
            id="",
            stage=None,
            exception=one.exception,
            message=clean(one.message)[:4000],
            raised_in=one.packages,
            earlier=one.earlier,
        )
        for one in chosen
    ]


def _final(said: Sequence[Message]) -> Message:
    return next((one for one in reversed(said) if one.exception), said[-1])


def _case(
    symptoms: Iterable[ev.Observation], context: Context, catalogue: Catalogue, records: Iterable[ev.Observation]
) -> Case:
    """What the text tells, as an examination that could ask nothing further would have recorded it."""
    url = context.url or (f"https://{context.host}/" if context.host else "")
    parts = urlsplit(url)
    known = catalogue.by_url(url) if context.url else None
    clients = {client.name for client in catalogue.clients}
    loaders = {loader.name for loader in catalogue.loaders}
    way: ev.Way = "tunnel" if context.proxied else "direct"
    found: list[ev.Observation] = [
        ev.Subject(
            id="",
            stage=None,
            url=url,
            file=known[1].id if known else None,
            client=context.loader if context.loader in clients else "requests",
            loader=context.loader if context.loader in loaders else None,
            release=context.release,
        ),
        ev.Machine(id="", stage=None, platform=context.platform, python=context.python or "3", openssl=""),
        ev.Address(
            id="",
            stage=None,
            url=url,
            scheme=parts.scheme,
            host=context.host or "the server",
            path=parts.path,
            port=context.port or 443,
        ),
        ev.Route(id="", stage=None, way=way),
        *symptoms,
        *records,
    ]
    from dataclasses import replace

    numbered = tuple(replace(one, id=f"o{number}") for number, one in enumerate(found, 1))
    return Case(numbered, catalogue)


def _program(case: Case) -> tuple[Cause, Finding] | None:
    """What the rules say of the exceptions alone."""
    judgement = judge(case)
    if judgement.cause is None or judgement.finding is None or judgement.cause.id == "unexplained":
        return None
    return judgement.cause, judgement.finding


def _program_decides(case: Case, near: Sequence[Message]) -> bool:
    """Whether the program ended with an error of its own, and not with the download's."""
    error = final_error(case)
    if error is None or not error.exception or error.of_network:
        return False
    return not any(one.exception == error.exception and one.exception for one in near)


_RECORDS: dict[str, tuple[type[ev.Observation], ev.Stage]] = {
    "lookup": (ev.Lookup, "dns"),
    "connect": (ev.Connect, "tcp"),
    "tunnel": (ev.Tunnel, "proxy"),
    "handshake": (ev.Handshake, "tls"),
    "exchange": (ev.Exchange, "http"),
}


def _record(row: dict[str, Any], match: re.Match[str], context: Context) -> ev.Observation:
    kind, stage = _RECORDS[row["record"]]
    groups = {name: value for name, value in match.groupdict().items() if value}
    fields: dict[str, Any] = {**row.get("with", {}), **groups}
    fields["failure"] = Failure(fields["failure"])
    if "status" in fields:
        fields["status"] = int(fields["status"])
    peer: ev.Peer = "proxy" if context.proxied else "origin"
    host = context.proxy_host or context.host or "the server"
    address = "127.0.0.1" if host == "localhost" else host
    usual: dict[str, dict[str, Any]] = {
        "lookup": {"name": host, "peer": peer},
        "connect": {"address": address, "port": context.port or 443, "family": 4, "peer": peer, "name": host},
        "tunnel": {"target": f"{host}:{context.port or 443}", "proxy": "the proxy"},
        "handshake": {"server_name": host},
        "exchange": {"method": "GET", "url": context.url or ""},
    }
    return kind(id="", stage=stage, **{**usual[row["record"]], **fields})


def _of_row(
    row: dict[str, Any],
    match: re.Match[str],
    near: Sequence[Message],
    context: Context,
    catalogue: Catalogue,
) -> Iterable[Match]:
    excerpt = _excerpt(near)
    told = tuple(row.get("causes", ()))
    if row.get("record") == "exchange" and _gone(context, catalogue):
        told = ("fw-url-stale", *told)
    if "record" in row:
        record = _record(row, match, context)
        judgement = judge(_case((), context, catalogue, (record,)))
        if told[:1] == ("fw-url-stale",):
            yield _of_text("fw-url-stale", told[1:], context, excerpt, certain=False)
        if judgement.cause and judgement.finding and judgement.cause.id != "unexplained":
            others = judgement.finding.also_possible
            told = (*others, *told)
            if context.host or context.proxy_host:
                yield _of_finding(judgement.cause, judgement.finding, context, excerpt, certain=False)
            else:  # a sentence of the examination names the host
                yield _of_text(judgement.cause.id, others, context, excerpt, certain=False)
    for cause in told:
        yield _of_text(cause, tuple(one for one in told if one != cause), context, excerpt, certain=len(told) == 1)


def _gone(context: Context, catalogue: Catalogue) -> bool:
    """Whether the catalogue knows the address as one that nobody should ask any more."""
    known = catalogue.by_url(context.url) if context.url else None
    return known is not None and not known[0].current


def _excerpt(near: Sequence[Message]) -> str:
    return for_this_user().text(shortened(near[0].text, 300)) if near else ""


def _stage(cause: str) -> ev.Stage | None:
    place = home_stage(cause)
    return place if place in ev.STAGES else None


def _of_finding(
    cause: Cause, finding: Finding, context: Context, excerpt: str, *, certain: bool | None = None
) -> Match:
    return Match(
        cause=cause.id,
        certainty="certain" if (finding.certain if certain is None else certain) else "likely",
        stage=_stage(cause.id),
        side=finding.side or cause.text.side,
        retry=finding.retry or cause.text.retry,
        loader=context.loader,
        url=context.url,
        excerpt=excerpt,
        title=finding.title,
        explanation=finding.explanation,
        also_possible=finding.also_possible,
        fixes=tuple(fix for fix in finding.fixes if context.url or not fix.commands or cause.id.startswith("program-")),
    )


def _of_text(cause: str, others: tuple[str, ...], context: Context, excerpt: str, *, certain: bool) -> Match:
    """A match in the words of `explain`: what it is, and what to do."""
    text = by_id()[cause].text
    paragraphs = [" ".join(part.split()) for part in text.story.split("\n\n")]
    return Match(
        cause=cause,
        certainty="certain" if certain else "likely",
        stage=_stage(cause),
        side=text.side,
        retry=text.retry,
        loader=context.loader,
        url=context.url,
        excerpt=excerpt,
        title=text.summary,
        explanation=f"What that means: {paragraphs[0]}",
        also_possible=others,
        fixes=(Fix(title=paragraphs[-1], untried="a text was read, and nothing was tried"),),
    )
