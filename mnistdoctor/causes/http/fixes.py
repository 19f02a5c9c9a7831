"""What the rules of HTTP offer to do: another place, another name, credentials, a word to the server's owner."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Source
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Change, Fix
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import http, landing_pages
from mnistdoctor.causes.facts.known_addresses import retired
from mnistdoctor.causes.facts.urls import file_name, split_url
from mnistdoctor.wording import shortened


def other_places(case: Case, most: int = 2) -> tuple[Fix, ...]:
    """The same file from current places; for a retired one each names the releases that know it."""
    entry = retired(case)
    if entry is None:
        return fixes.other_sources(case, most)
    places = case.catalogue.moved(case.subject.url) or case.catalogue.sources_of(entry[1].id)
    return tuple(
        fixes.take(case, url, f"Take it from {split_url(url).hostname}{_known_to(case, source)}")
        for source, url in places[:most]
        if url != case.subject.url
    )


def _known_to(case: Case, source: Source) -> str:
    users = [user for user in source.users if user.name.lower() == (case.subject.loader or "").lower()]
    users = users or list(source.users)
    if not users:
        return ""
    since = f" {users[0].since} and later" if users[0].since else ""
    return f", where {users[0].name}{since} looks for it"


_IDENTIFIES = re.compile(
    r"x-amz-request-id|x-amz-cf-id|x-ms-request-id|x-guploader-uploadid|cf-ray|x-request-id|date", re.IGNORECASE
)
"""Fields by which the owner of a server finds one answer again."""


def tell_owner(exchange: ev.Exchange, wish: str = "") -> Fix:
    """A message to whoever runs the server, with what identifies the answer."""
    ids = [
        f"{name}: {value}"
        for name, value in exchange.fields
        if _IDENTIFIES.fullmatch(name) and re.fullmatch(r"[\w:.,=/+ -]{1,80}", value)
    ]
    what = shortened("; ".join(filter(None, (wish, *ids))), 200)
    owner = f"the owner of {http.host(exchange)}"
    return fixes.ask(owner, f"({what})" if what else "", verb="Tell", why="a person has to act")


def as_the_site_says(case: Case) -> Fix | None:
    """What to do about a refusal of a site whose refusals are known."""
    meaning = landing_pages.meaning(case)
    return Fix(title=meaning.advice, untried="a person has to act") if meaning else None


def sign_in(case: Case, exchange: ev.Exchange) -> Fix:
    """How credentials are given to that host."""
    service = http.credentials(exchange)
    wants = service.get("wants", f"the credentials that {http.host(exchange)} gave you")
    commands = (fixes.command(case, service["command"]),) if "command" in service else ()
    return Fix(title=f"Give the program {wants}", commands=commands, untried="only you have the credentials")


def over_https(case: Case, url: str, title: str) -> Fix:
    """The same ``http`` address with ``https``."""
    return fixes.take(case, "https" + url[4:], title)


def name_the_program(case: Case, name: str) -> Fix:
    """How this client sends that User-Agent."""
    url, client = case.exchange.url if case.exchange else case.subject.url, case.client
    if client.family == "urllib" and client.user_agent.startswith("Python-urllib"):
        title = "Give urllib a name before you call the loader (put your own project's in)"
        lines = (
            "import urllib.request",
            "opener = urllib.request.build_opener()",
            f"opener.addheaders = [('User-Agent', {name!r})]",
            "urllib.request.install_opener(opener)",
        )
    elif client.name == "requests":
        title = "Give requests a name (put your own project's in)"
        lines = (
            "import pathlib, requests",
            f"answer = requests.get({url!r}, headers={{'User-Agent': {name!r}}}, timeout=60)",
            "answer.raise_for_status()",
            f"pathlib.Path({file_name(case.subject.url)!r}).write_bytes(answer.content)",
        )
    else:
        title = "Fetch the file with a program that says who it is (put your own project's name in)"
        return Fix(title=title, commands=fixes.download(case, url, "-A", name), change=Change(user_agent=name))
    return Fix(title=title, commands=tuple(map(fixes.python_line, lines)), change=Change(user_agent=name))
