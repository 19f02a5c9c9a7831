"""403 by the site or its store: gated, signed, not public, or without a reason; with the rest of its family."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import known_addresses, marks
from mnistdoctor.causes.facts.bot_checks import weak_mark
from mnistdoctor.causes.facts.http import (
    answer,
    answered,
    body,
    doubt,
    exchange_evidence,
    is_signed,
    listed,
    reason,
    says,
    served_again,
    user_agent,
)
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import fetch_again
from mnistdoctor.causes.http.fixes import other_places, tell_owner
from mnistdoctor.wording import shortened

_ACCEPT = re.compile(
    r"(must|need to|have to|please)( first)? (accept|agree to) [\w' ]{0,40}(rules|terms|licen[cs]e|conditions)", re.I
)


def http_403_gated(case: Case) -> Finding | None:
    """Holds when a hub says that terms must be accepted before the file is given."""
    exchange = answer(case, 401, 403)
    if exchange is None:
        return None
    hub = marks.hub_meaning(exchange)
    coded = hub is not None and hub[0] == "gated"
    words = _ACCEPT.search(body(case)) if exchange.status == 403 and hub is None else None
    if not coded and words is None:
        return None
    said = hub[1] if hub and coded else words[0] if words else ""
    page = _page(case.subject.url)
    return finding(
        f"{says(exchange)}: its terms must be accepted before it hands out the file",
        "The file lies behind a licence or rules that a signed-in person has to accept once. "
        "After that the program must send that person's token. A fine-grained token also needs the right "
        "to read gated repositories.",
        exchange_evidence(case, exchange),
        f"it says so: `{shortened(said, 100)}`",
        fixes=Fix(
            title=f"Sign in at {page}, accept the terms, then send your token",
            untried="only you can accept the terms",
        ),
        unlike=coded and {"http-401-repo-hidden": f"`{said}` is said of a repository that is there"},
        perhaps=not coded and doubt(exchange, "http-403-unexplained"),
        certain=coded,
    )


def _page(url: str) -> str:
    """The page about the data that the address belongs to."""
    return re.split(r"/(?:resolve|raw|blob)/", url.split("?")[0])[0]


def http_403_object_not_public(case: Case) -> Finding | None:
    """Holds when an object store knows the bucket and does not show this object to strangers."""
    exchange = answer(case, 400, 401, 403, 404, 409)
    store = marks.store_error(exchange, body(case)) if exchange else None
    if exchange is None or store is None or store.meaning != "private" or is_signed(exchange.url):
        return None
    special, near = _SPECIAL.get(store.code), case.catalogue.nearest(case.subject.url)
    open_bucket, shut = None, False
    if special is None and store.code == "AccessDenied":
        if known_addresses.slip(case) or known_addresses.gone(case):
            return None
        known = case.ask(Control.KNOWN_KEY, ev.Exchange)
        open_bucket, shut = answered(known), any(one.status in (401, 403) for one in known)
    certain = special is not None or shut or store.code != "AccessDenied"
    why = special or (
        "The store hands out another object of the same bucket, so the bucket is open: this one is "
        "private, or there is no such object."
        if open_bucket
        else "The store keeps this object from anonymous readers. It says the same of an object that does not exist."
    )
    told = [f"{open_bucket.url}, in the same bucket, answered {open_bucket.status}"] if open_bucket else []
    told += ["another known object of the same bucket is refused as well"] if shut and not open_bucket else []
    return finding(
        f"{says(exchange)}: the store does not give that object to anonymous readers (`{store.code}`)",
        f"{why} The program's name, the proxy and the certificates have no part in it.",
        exchange_evidence(case, exchange),
        told,
        listed(case),
        fixes=(other_places(case), tell_owner(exchange)),
        unlike={"http-403-signature": "no signature was sent"},
        perhaps=not (certain and open_bucket is None) and ("http-404-typo" if near else "http-404-moved"),
    )


_SPECIAL = {
    "UserProjectMissing": "The bucket's owner lets the reader pay: name a billing project of yours in the "
    "store's own client.",
    "UserProjectAccountProblem": "The bucket's owner lets the reader pay, and the account to be billed is closed "
    "or not in order.",
    "InvalidObjectState": "The object is in an archive: its owner has to restore it before anybody can read it.",
    "BlobArchived": "The object is in an archive: its owner has to restore it before anybody can read it.",
    "PublicAccessNotPermitted": "The owner of the storage account has switched public access off.",
    "AllAccessDisabled": "The store's operator has shut the bucket altogether.",
}


def http_403_unexplained(case: Case) -> Finding | None:
    """Holds when the origin answers 403, and no mark says why."""
    exchange = answer(case, 403)
    if exchange is None:
        return None
    tried = [one for one in case.ask(Control.AGENTS, ev.Exchange) if one.status is not None and not answered((one,))]
    once = served_again(case)
    store = marks.store_error(exchange, body(case))
    check = weak_mark(case, exchange, "challenge")
    title = f"{says(exchange)} and " + (f"says `{shortened(store.code, 40)}`" if store else "does not say why")
    unknown = "the code it gives is none that this release knows"
    reasons = unknown if store else "neither its fields nor its page give a reason"
    return finding(
        title + ("; asked again, it serves the file" if once else ""),
        f"The server understood the request and refuses it, and {reasons}. It may be a rule "
        "about your address, a change at the site, or a fault there. "
        + ("It did not last." if once else "Another source is the quickest way to the file."),
        exchange_evidence(case, exchange),
        (f"the same request as `{user_agent(one)}` was answered `{reason(one)}`" for one in tried[:2]),
        listed(case),
        check,
        fixes=(once and fetch_again(case), other_places(case), tell_owner(exchange)),
        unlike=bool(tried) and {"http-403-user-agent": "another honest agent was refused as well"},
        perhaps=doubt(
            exchange,
            *(("http-403-challenge",) if check else ()),
            "http-403-ip-or-geo" if tried else "http-403-user-agent",
        ),
        certain=False,
        retry="yes" if once else None,
    )


CAUSES: tuple[Cause, ...] = (
    cause(http_403_gated),
    cause(
        http_403_object_not_public,
        needs=(Control.KNOWN_KEY, Control.NEAREST),
    ),
    cause(
        http_403_unexplained,
        needs=(Control.AGENTS, Control.AGAIN),
    ),
)
