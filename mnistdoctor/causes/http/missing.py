"""404 and 410: mistyped, moved, another revision, or simply not there."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes as remedies
from mnistdoctor.causes.base import Case, Cause, Change, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import known_addresses, marks
from mnistdoctor.causes.facts.http import answer, exchange_evidence, listed, retired, says
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.fixes import other_places, tell_owner

_BRANCH = re.compile(
    r"^(https?://(?:raw\.githubusercontent\.com/[^/]+/[^/]+/(?:refs/heads/)?"
    r"|github\.com/[^/]+/[^/]+/raw/(?:refs/heads/)?))(master|main)(/.+)$",
    re.IGNORECASE,
)


def http_404_moved(case: Case) -> Finding | None:
    """Holds when the address was good once, or the store or hub says that nothing has this name any more."""
    gone = known_addresses.gone(case)
    return _moved(case, gone.exchange, certain=gone.certain) if gone else None


def _moved(case: Case, exchange: ev.Exchange, *, certain: bool) -> Finding:
    entry = case.catalogue.by_url(case.subject.url)
    never = entry is not None and entry[0].status == "never_existed"
    known = certain or entry is not None
    if never:
        what, why = (
            "no file was ever at that address",
            "The address is quoted in guides, but the project never held a file there. ",
        )
    else:
        what = (
            "the hub has withdrawn it"
            if known_addresses.withdrawn(exchange)
            else "the file is no longer there"
            if known
            else "the store holds nothing by that name"
        )
        why = "The host is up and says that it has nothing there" + (
            ", where there once was the file. " if entry else ". "
        )
    fixes = other_places(case)
    advice = (
        "Current places of the same file are known, and their bytes can be checked."
        if fixes
        else ("No current place of this file is known to the catalogue.")
    )
    return finding(
        f"{says(exchange)}: {what}",
        why + advice + " Asking again will give the same answer.",
        exchange_evidence(case, exchange),
        listed(case),
        _controls(case),
        fixes=fixes or (tell_owner(exchange),),
        unlike=entry and {"http-404-typo": "the address is in the catalogue"},
        perhaps=not certain and ("http-404-unexplained" if entry else "http-404-typo"),
    )


def _controls(case: Case) -> tuple[str, ...]:
    made = [one for one in case.observations if one.control == Control.KNOWN_KEY and isinstance(one, ev.Exchange)]
    return tuple(f"{one.url}, in the same place, answered {one.status}" for one in made if one.status)


def http_404_revision_or_path(case: Case) -> Finding | None:
    """Holds when a hub knows the repository, and not the branch or the path in it."""
    exchange = answer(case, 404)
    hub = marks.hub_meaning(exchange) if exchange else None
    if exchange and hub and hub[0] == "revision":
        branch = "Revision" in hub[1]
        return finding(
            f"{says(exchange)}: the repository is there, but not that {'revision' if branch else 'file'}",
            "The hub found the repository and not the "
            f"{'branch, tag or commit' if branch else 'path'} named in the address. Names are "
            "case-sensitive there. Pinning a commit hash keeps an address good for ever.",
            exchange_evidence(case, exchange),
            f"the hub's own word: `{hub[1]}`",
            fixes=(
                other_places(case),
                Fix(title="Look up the name in the repository's file list", untried="the right name is not known"),
            ),
            unlike={"http-401-repo-hidden": f"`{hub[1]}` is said of a repository that exists"},
        )
    branch_of = _BRANCH.match(case.subject.url) if exchange and not retired(case) else None
    if exchange is None or branch_of is None:
        return None
    head, branch_name, tail = branch_of.groups()
    other = "main" if branch_name.lower() == "master" else "master"
    url = f"{head}{other}{tail}"
    return finding(
        f"{says(exchange)}: nothing at that path on the branch `{branch_name}`",
        "Many repositories renamed their default branch, and old addresses then end in 404. "
        f"The same path on `{other}` is worth one try. A private repository answers in the same way.",
        exchange_evidence(case, exchange),
        fixes=(
            Fix(title=f"Try the branch `{other}`", commands=(remedies.download(case, url),), change=Change(url=url)),
            other_places(case),
        ),
        perhaps=("http-404-moved", "http-401-repo-hidden"),
    )


def http_404_unexplained(case: Case) -> Finding | None:
    """Holds when the origin answers 404, and nothing says why."""
    exchange = answer(case, 404)
    if exchange is None:
        return None
    fixes = other_places(case)
    return finding(
        f"{says(exchange)}: it has no file at that address",
        "The server is up and denies the path. The catalogue knows neither this address nor "
        "one that is close to it, so whether it was mistyped, moved or is hidden cannot be told from here.",
        exchange_evidence(case, exchange),
        listed(case),
        fixes=(
            fixes,
            Fix(title="Open the page that gave you the address and copy it anew", untried="a person has to look"),
        ),
        perhaps="http-404-moved",
    )


def http_410_gone(case: Case) -> Finding | None:
    """Holds when the origin answers 410: taken away on purpose."""
    exchange = answer(case, 410)
    if exchange is None:
        return None
    return finding(
        f"{says(exchange)}: the file was taken away for good",
        "410 is a server's way to say that a file was here, was removed on purpose, and will "
        "not come back. Programs and guides that still ask for it need another address.",
        exchange_evidence(case, exchange),
        listed(case),
        fixes=other_places(case) or (tell_owner(exchange),),
        unlike={"http-404-unexplained": "410 says that the absence is meant to last (RFC 9110 section 15.5.11)"},
    )


CAUSES: tuple[Cause, ...] = (
    cause(http_404_moved, needs=(Control.KNOWN_KEY,)),
    cause(http_404_revision_or_path),
    cause(http_410_gone),
    cause(http_404_unexplained),
)
