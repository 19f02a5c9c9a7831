"""404 and 410: mistyped, moved, another revision, or simply not there."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import http, known_addresses, landing_pages, marks, spelling
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import take
from mnistdoctor.causes.http.fixes import as_the_site_says, other_places, tell_owner


def http_404_typo(case: Case) -> Finding | None:
    """Holds when a known address is one slip away from the one asked for, and it answers."""
    slip = known_addresses.slip(case)
    if slip is None:
        return None
    nearest, served = slip.nearest, slip.served
    wrong, right = spelling.difference(nearest)
    asked = "was asked in this run, and it answered" if served else "could not be asked just now"
    return finding(
        f"{http.says(slip.exchange)}: that address was mistyped ({wrong} → {right})",
        "The server is well and knows no such file. The address differs from one in the catalogue by "
        f"{spelling.kind_of_slip(nearest)}. The known one {asked}.",
        spelling.in_columns(case.subject.url, nearest),
        http.exchange_evidence(case, slip.exchange),
        served and f"the known address {nearest.url} answered {served.status}",
        fixes=take(case, nearest.url, f"Use the right address: {right} for {wrong}"),
        unlike=served and {"http-404-moved": f"the known address {nearest.url} answers {served.status}"},
        perhaps=not served and "http-404-moved",
    )


def http_404_moved(case: Case) -> Finding | None:
    """Holds when the address was good once, or the store or hub says that nothing has this name any more."""
    gone = known_addresses.gone(case)
    if gone is None:
        return None
    exchange, entry, places = gone.exchange, case.catalogue.by_url(case.subject.url), other_places(case)
    if entry and entry[0].status == "never_existed":
        what = "no file was ever at that address"
        why = "The address is quoted in guides, but the project never held a file there."
    else:
        what = "the file is no longer there" if gone.certain or entry else "the store holds nothing by that name"
        what = "the hub has withdrawn it" if known_addresses.withdrawn(exchange) else what
        why = "The host is up and says that it has nothing there" + (
            ", where there once was the file." if entry else "."
        )
    if places:
        advice = "Current places of the same file are known, and their bytes can be checked."
    else:
        advice = "No current place of this file is known to the catalogue."
    neighbours = case.recorded(Control.KNOWN_KEY, ev.Exchange)
    return finding(
        f"{http.says(exchange)}: {what}",
        f"{why} {advice} Asking again will give the same answer.",
        http.exchange_evidence(case, exchange),
        known_addresses.retirement(case),
        (f"{one.url}, in the same place, answered {one.status}" for one in neighbours if one.status),
        fixes=places or tell_owner(exchange),
        unlike=entry and {"http-404-typo": "the address is in the catalogue"},
        perhaps=not gone.certain and ("http-404-unexplained" if entry else "http-404-typo"),
    )


_BRANCH = re.compile(
    r"^(https?://(?:raw\.githubusercontent\.com/[^/]+/[^/]+/(?:refs/heads/)?"
    r"|github\.com/[^/]+/[^/]+/(?:raw|archive)/(?:refs/heads/)?"
    r"|codeload\.github\.com/[^/]+/[^/]+/(?:zip|tar\.gz)/(?:refs/heads/)?))(master|main)(/.+|\.zip|\.tar\.gz|)$",
    re.IGNORECASE,
)


def http_404_revision_or_path(case: Case) -> Finding | None:
    """Holds when a hub knows the repository, and not the branch or the path in it."""
    exchange = http.answer(case, 404)
    hub = marks.hub_reason(exchange)
    if exchange and hub and hub.meaning in ("revision", "path"):
        return _not_in_repository(case, exchange, hub)
    address = _BRANCH.match(case.subject.url)
    if exchange is None or address is None or known_addresses.retired(case):
        return None
    head, branch, path = address.groups()
    other = "main" if branch.lower() == "master" else "master"
    return finding(
        f"{http.says(exchange)}: nothing at that path on the branch `{branch}`",
        "Many repositories renamed their default branch, and old addresses then end in 404. "
        f"The same path on `{other}` is worth one try. A private repository answers in the same way.",
        http.exchange_evidence(case, exchange),
        fixes=(take(case, f"{head}{other}{path}", f"Try the branch `{other}`"), other_places(case)),
        perhaps=("http-404-moved", "http-401-repo-hidden"),
    )


def _not_in_repository(case: Case, exchange: ev.Exchange, hub: marks.HubReason) -> Finding:
    what, name = ("revision", "branch, tag or commit") if hub.meaning == "revision" else ("file", "path")
    return finding(
        f"{http.says(exchange)}: the repository is there, but not that {what}",
        f"The hub found the repository and not the {name} named in the address. Names are case-sensitive there. "
        "Pinning a commit hash keeps an address good for ever.",
        http.exchange_evidence(case, exchange),
        f"the hub's own word: `{hub.quote}`",
        fixes=(
            other_places(case),
            Fix(title="Look up the name in the repository's file list", untried="the right name is not known"),
        ),
        unlike={"http-401-repo-hidden": f"`{hub.quote}` is said of a repository that exists"},
    )


def http_410_gone(case: Case) -> Finding | None:
    """Holds when the origin answers 410: taken away on purpose."""
    exchange = http.answer(case, 410)
    if exchange is None:
        return None
    return finding(
        f"{http.says(exchange)}: the file was taken away for good",
        "410 is a server's way to say that a file was here, was removed on purpose, and will not come back. Programs "
        "and guides that still ask for it need another address.",
        http.exchange_evidence(case, exchange),
        known_addresses.retirement(case),
        fixes=other_places(case) or as_the_site_says(case) or tell_owner(exchange),
        unlike={"http-404-unexplained": "410 says that the absence is meant to last (RFC 9110 section 15.5.11)"},
    )


def http_404_unexplained(case: Case) -> Finding | None:
    """Holds when the origin answers 404, and nothing says why."""
    exchange = http.answer(case, 404)
    if exchange is None:
        return None
    meaning = landing_pages.meaning(case)
    return finding(
        f"{http.says(exchange)}: it has no file at that address",
        f"{meaning.means} The catalogue knows neither this address nor one that is close to it."
        if meaning
        else "The server is up and denies the path. The catalogue knows neither this address nor one that is close to "
        "it, so whether it was mistyped, moved or is hidden cannot be told from here.",
        http.exchange_evidence(case, exchange),
        known_addresses.retirement(case),
        fixes=(
            other_places(case),
            as_the_site_says(case)
            or Fix(title="Open the page that gave you the address and copy it anew", untried="a person has to look"),
        ),
        perhaps="http-404-moved",
    )


CAUSES: tuple[Cause, ...] = (
    cause(http_404_typo, needs=(Control.NEAREST,)),
    cause(http_404_moved, needs=(Control.KNOWN_KEY,)),
    cause(http_404_revision_or_path),
    cause(http_410_gone),
    cause(http_404_unexplained),
)
