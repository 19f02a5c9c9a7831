"""What the rules of HTTP offer to do."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Source
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Change, Fix
from mnistdoctor.causes.facts.http import host, retired
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.wording import shortened


def other_places(case: Case, most: int = 2) -> tuple[Fix, ...]:
    """The same file from current places; for a retired one each names the releases that know it."""
    found = retired(case)
    if found is None:
        return fixes.other_sources(case, most)
    places = case.catalogue.moved(case.subject.url) or case.catalogue.sources_of(found[1].id)
    return tuple(
        Fix(
            title=f"Take it from {split_url(url).hostname}{_known_to(case, source)}",
            commands=(fixes.download(case, url),),
            change=Change(url=url),
        )
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


_IDENTIFIES = (
    "x-amz-request-id",
    "x-amz-cf-id",
    "x-ms-request-id",
    "x-guploader-uploadid",
    "cf-ray",
    "x-request-id",
    "date",
)
"""Fields by which the owner of a server finds one answer again."""


def tell_owner(exchange: ev.Exchange, *wishes: str) -> Fix:
    """A message to whoever runs the server, with what identifies the answer."""
    ids = [
        f"{name}: {value}"
        for name, value in exchange.fields
        if name.lower() in _IDENTIFIES and re.fullmatch(r"[\w:.,=/+ -]{1,80}", value)
    ]
    what = shortened("; ".join([*wishes, *ids]), 200)
    return Fix(
        title=f"Tell the owner of {host(exchange)}" + (f" ({what})" if what else ""), untried="a person has to act"
    )
