"""Web pages that come in place of the data, by who made them."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Command, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import marks
from mnistdoctor.causes.facts.body import arrived, in_place_of_data, leftovers
from mnistdoctor.causes.facts.pages import body_text, page_expected
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import other_sources
from mnistdoctor.failure import Failure
from mnistdoctor.wording import exact_bytes, shortened


def _page(case: Case) -> ev.Transfer | None:
    """The transfer of a web page that a success response brought where data was due."""
    one = in_place_of_data(case)
    return one if one is not None and case.content is not None and case.content.what == "html" else None


def _seen(case: Case, one: ev.Transfer) -> tuple[str, ...]:
    """Status, type, title and beginning of the page."""
    kind = case.exchange.field("Content-Type") if case.exchange else None
    packed = f" packed as {shortened(one.coding, 20)}" if one.coding and not one.decodes else ""
    media_type = shortened(kind or "none", 60)
    said = [f"status {case.status}, {exact_bytes(one.received)} of HTML{packed}, Content-Type: {media_type}"]
    if case.content is not None and case.content.title:
        said.append(f'the page\'s title is "{shortened(case.content.title)}"')
    hops = [exchange.url for exchange in case.all(ev.Exchange)]
    if len(hops) > 1:
        said.append(f"redirected {len(hops) - 1} times, in the end to {shortened(hops[-1])}")
    return tuple(said)


def body_block_page(case: Case) -> Finding | None:
    """Holds when the page that came in place of the data bears the marks of a filter."""
    refused = case.stopped(ev.Exchange, Failure.STATUS)
    if refused is not None and refused.status in (401, 403, 407, 511):
        return None
    if refused is None and _page(case) is None:
        return None
    one = case.transfer
    sent = [one for hop in case.all(ev.Exchange) for one in marks.matching(hop, "", "filter")]  # their Location
    mark = marks.convincing((*marks.matching(case.exchange, body_text(case), "filter", host=case.host), *sent))
    if mark is None or one is None:
        return None
    # A filter that redirects to its own page blocks the host that was asked for, not the one of its page.
    host = split_url(case.subject.url).hostname or case.host if mark in sent else case.host
    return finding(
        f"{mark.vendor} on your network blocks {host} and sends its own page",
        f"The page that came in place of the file was written by {mark.vendor}, a filter on the way, and "
        f"not by {host}. Its rules have to be changed by those who run it; another address of the same file may "
        f"be allowed already.{leftovers(case)}",
        f'the page bears the mark of {mark.vendor}: "{shortened(mark.seen)}"',
        _seen(case, one),
        fixes=(
            Fix(
                title=f"Ask your network's administrators to allow {host}, and quote the page's category",
                untried="only they can change the filter",
            ),
            other_sources(case),
        ),
        unlike={"body-html-instead-of-data": f"the page is {mark.vendor}'s, not the server's"},
    )


def body_challenge_page(case: Case) -> Finding | None:
    """Holds when a bot check came in place of the data, with a status that says success."""
    one = case.transfer
    empty = case.content is not None and case.content.what == "empty"
    if in_place_of_data(case) is None or one is None or not (empty or _page(case)):
        return None
    found = marks.matching(case.exchange, body_text(case), "wall", host=case.host)
    theirs = bool(found) and found[0].vendor == "Cloudflare" and marks.by_cloudflare(case.exchange)
    mark = marks.convincing(found, witness=theirs)
    action = case.exchange.field("x-amzn-waf-action") if case.exchange else None
    if mark is None and not (empty and action):
        return None
    # In a page of success every wall's mark is a check of the visitor: one that refuses would say 403.
    vendor, seen = (mark.vendor, mark.seen) if mark else ("AWS WAF", f"x-amzn-waf-action: {shortened(action or '')}")
    test = mark is None or mark.meaning == "challenge"
    return finding(
        f"{case.host} wants to see a browser: {vendor} answers with {'a bot check' if test else 'its own page'}",
        f"{vendor} stands before the server and sends a page that only a browser with JavaScript can pass. "
        "No download client can, and none should pretend to. Such checks come and go with the load and with the "
        f"address you come from.{leftovers(case)}",
        f'the answer bears the mark of {vendor}: "{shortened(seen)}"',
        _seen(case, one),
        fixes=(
            other_sources(case),
            Fix(
                title=f"Ask the owner of {case.host} for an address meant for programs",
                untried="only the owner can provide it",
            ),
        ),
        unlike={"body-html-instead-of-data": f"the page is that of {vendor}"},
    )


def body_drive_interstitial(case: Case) -> Finding | None:
    # Nobody asks for this page itself, so it needs no expectation of data to be wrong.
    """Holds when Google Drive's page about a file that is large, or asked for too often, came in place of it."""
    one = arrived(case)
    if one is None or case.content is None or case.content.what != "html":
        return None
    found = [
        mark
        for mark in marks.matching(case.exchange, body_text(case), "interstitial", host=case.host)
        if mark.meaning == "drive-page"
    ]
    if not found:
        return None
    quota = any(mark.id == "drive-quota" for mark in found)
    scan = any(mark.id == "drive-virus-scan" for mark in found)
    what = (
        "says that too many people have downloaded the file"
        if quota
        else "asks for a confirmation, because it cannot scan a file that large"
        if scan
        else "does not give the file out"
    )
    explanation = {
        (True, False): "The file is over Google's quota for a day or so, for everybody; each further try counts too. "
        "A copy in your own Drive or another source is the way out.",
        (
            False,
            True,
        ): "Google Drive shows a page with a button before it sends large files, and a plain download saves "
        "that page. gdown presses the button.",
    }.get((quota, scan), "The owner has not shared the file with everybody, or it is gone.")
    return finding(
        f"Google Drive {what}",
        explanation + leftovers(case),
        f'the page says "{shortened(found[0].seen)}"',
        _seen(case, one),
        fixes=(_gdown(case, quota, scan), other_sources(case)),
        unlike={"body-html-instead-of-data": "the page is one of Google Drive's own"},
        retry="later" if quota else "no",
    )


def _gdown(case: Case, quota: bool, scan: bool) -> tuple[Fix, ...]:
    if quota:
        return (Fix(title="Copy the file to your own Drive, or come back tomorrow", untried="the quota is Google's"),)
    parts = split_url(case.subject.url)
    identity = re.search(r"/d/([\w-]{10,80})", parts.path) or re.fullmatch(
        r"([\w-]{10,80})", parse_qs(parts.query).get("id", [""])[0]
    )
    if not scan or identity is None:
        return (Fix(title="Ask the owner to share the file with everybody", untried="only the owner can"),)
    install, fetch = Command("python -m pip install -U gdown"), Command(f"python -m gdown {identity[1]}")
    return (Fix(title="Let gdown confirm it", commands=(install, fetch), untried="installs a package"),)


def body_html_instead_of_data(case: Case) -> Finding | None:
    """Holds when a web page came where data was due, and no mark says whose it is."""
    one = _page(case)
    if one is None or page_expected(case):
        return None
    # A page of a filter, a portal or a sign-in can look like any other: a mark that is too weak to decide is named.
    weak = marks.matching(case.exchange, body_text(case), "filter", "wall", host=case.host)
    redirected = len(case.all(ev.Exchange)) > 1
    # A portal is judged before this cause: where its control was made, it is ruled out.
    asked = any(one.control == Control.PORTAL for one in case.observations)
    also = ["captive-portal"] if case.address is not None and case.address.scheme == "http" and not asked else []
    also += ["body-block-page"] if any(mark.group == "filter" for mark in weak) else []
    also += ["http-redirect-to-login"] if redirected else []
    hints = [f'it resembles a page of {mark.vendor} ("{shortened(mark.seen, 60)}")' for mark in weak[:1]]
    title = case.content.title if case.content else ""
    named = f' titled "{shortened(title, 60)}"' if title else ""
    return finding(
        f"{case.host} sends a web page{named} in place of the file",
        "The status says success, but the body is HTML. Servers do that when a file has gone and a page "
        "takes its place, or when the site now wants a click first. A loader that saves it fails later with "
        f'"not a gzip file" or a bad magic number.{leftovers(case)}',
        _seen(case, one),
        hints,
        fixes=(
            other_sources(case),
            Fix(title="Look at the page in a browser: it may say where the file is now", untried="it needs a person"),
        ),
        unlike={
            "body-challenge-page": not weak and "no mark of a bot check is in the page",
            "captive-portal": asked and "plain-HTTP addresses with a known answer gave it",
        },
        perhaps=tuple(also),
        certain=not also,
    )


CAUSES: tuple[Cause, ...] = (
    cause(body_drive_interstitial),
    cause(body_block_page),
    cause(body_challenge_page),
    cause(body_html_instead_of_data),
)
