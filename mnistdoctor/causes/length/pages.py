"""Web pages that come in place of the data, by who made them."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import body, http, marks, pages, resigned
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, ask_network_owner, by_browser, for_programs, other_sources
from mnistdoctor.causes.length.fixes import gdown
from mnistdoctor.failure import Failure
from mnistdoctor.wording import exact_bytes, shortened


def _evidence(case: Case, transfer: ev.Transfer) -> tuple[str | None, ...]:
    """Status, type and title of the page, and the redirects to it."""
    coding = f" packed as {shortened(transfer.coding, 20)}" if transfer.coding and not transfer.decodes else ""
    what, title = f"{exact_bytes(transfer.received)} of HTML{coding}", case.content.title if case.content else ""
    media_type = shortened((case.exchange and case.exchange.field("Content-Type")) or "none", 60)
    hops = [exchange.url for exchange in case.all(ev.Exchange)]
    return (
        f"status {case.status}, {what}, Content-Type: {media_type}" if case.exchange else None,
        f'the page\'s title is "{shortened(title)}"' if title else None,
        f"redirected {len(hops) - 1} times, in the end to {shortened(hops[-1])}" if len(hops) > 1 else None,
    )


def body_block_page(case: Case) -> Finding | None:
    """Holds when the page in place of the data bears a filter's marks, or unrelated hosts send the very same one."""
    refused, transfer = case.stopped(ev.Exchange, Failure.STATUS), case.transfer
    if refused is not None and refused.status in (401, 403, 407, 511):
        return None
    if transfer is None or (refused is None and pages.html_in_place_of_data(case) is None):
        return None
    in_redirects = [mark for hop in case.all(ev.Exchange) for mark in marks.matching(hop, "", "filter")]
    in_page = marks.matching(case.exchange, http.body(case), "filter", host=case.host)
    mark = marks.convincing((*in_page, *in_redirects))
    if mark is None:
        return _of_every_host(case, transfer)
    # A filter that redirects to its own page blocks the host that was asked for, not the one of its page.
    host = split_url(case.subject.url).hostname or case.host if mark in in_redirects else case.host
    return finding(
        f"{mark.vendor} on your network blocks {host} and sends its own page",
        f"The page that came in place of the file was written by {mark.vendor}, a filter on the way, and "
        f"not by {host}. Its rules have to be changed by those who run it."
        f"{body.leftovers(case)}",
        f'the page bears the mark of {mark.vendor}: "{shortened(mark.quote)}"',
        _evidence(case, transfer),
        fixes=ask(
            "your network's administrators",
            f"to allow {host}, and quote the page's category",
            why="only they can change the filter",
        ),
        unlike={"body-html-instead-of-data": f"the page is {mark.vendor}'s, not the server's"},
    )


def _of_every_host(case: Case, transfer: ev.Transfer) -> Finding | None:
    """A box signs in every server's name, and sends unrelated hosts' readers the same bytes."""
    shown = resigned.boxs_own(case)
    if not shown:
        return None
    return finding(
        f"a box on your network sends its own page in the name of {case.host}, and of other hosts",
        f"The page that came in place of the file was not written by {case.host}. Somebody on the way signs "
        "certificates in every server's name, and sends unrelated hosts' readers the same page. Its root is trusted "
        f"here, so nothing failed before.{body.leftovers(case)}",
        shown,
        _evidence(case, transfer),
        fixes=ask_network_owner(f"to allow {case.host}, and quote what the page says", why="only they can change it"),
        unlike={"body-html-instead-of-data": "unrelated hosts send the same page"},
    )


def body_challenge_page(case: Case) -> Finding | None:
    """Holds when a bot check came in place of the data, with a status that says success."""
    transfer, exchange = pages.in_place_of_data(case), case.exchange
    empty = case.content is not None and case.content.what == "empty"
    if transfer is None or not (empty or pages.is_html(case)):
        return None
    found = marks.matching(exchange, http.body(case), "wall", host=case.host)
    by_its_fields = bool(found) and found[0].vendor == "Cloudflare" and marks.by_cloudflare(exchange)
    mark = marks.convincing(found, witness=by_its_fields)
    action = exchange.field("x-amzn-waf-action") if exchange and empty else None
    if mark is None and not action:
        return None
    vendor, quote = (mark.vendor, mark.quote) if mark else ("AWS WAF", f"x-amzn-waf-action: {shortened(action or '')}")
    # In a page of success every wall's mark is a check of the visitor: one that refuses would say 403.
    test = mark is None or mark.meaning == "challenge"
    return finding(
        f"{case.host} wants to see a browser: {vendor} answers with {'a bot check' if test else 'its own page'}",
        f"{vendor} stands before the server and sends a page that only a browser with JavaScript can pass. "
        "No download client can, and none should pretend to. Such checks come and go with the load and with the "
        f"address you come from.{body.leftovers(case)}",
        f'the answer bears the mark of {vendor}: "{shortened(quote)}"',
        _evidence(case, transfer),
        fixes=(
            for_programs(case),
            other_sources(case),
            test and by_browser(case),
            ask(f"the owner of {case.host}", "for an address meant for programs", why="only the owner can provide it"),
        ),
        unlike={"body-html-instead-of-data": f"the page is that of {vendor}"},
    )


_DRIVE = {
    "drive-quota": (
        "says that too many people have downloaded the file",
        "The file is over Google's quota for a day or so, for everybody; each further try counts too. "
        "A copy in your own Drive or another source is the way out.",
    ),
    "drive-virus-scan": (
        "asks for a confirmation, because it cannot scan a file that large",
        "Google Drive shows a page with a button before it sends large files, and a plain download saves "
        "that page. gdown presses the button.",
    ),
    "drive-error": (
        "does not give the file out",
        "The owner has not shared the file with everybody, or it is gone.",
    ),
}
"""What each of Google Drive's pages in ``marks.toml`` does, and why."""


def body_drive_interstitial(case: Case) -> Finding | None:
    """Holds when Google Drive's page about a file that is large, or asked for too often, came in place of it."""
    # Nobody asks for this page itself, so it needs no expectation of data to be wrong.
    transfer = body.completed(case)
    if transfer is None or not pages.is_html(case):
        return None
    found = marks.matching(case.exchange, http.body(case), "interstitial", host=case.host)
    found = tuple(mark for mark in found if mark.meaning == "drive-page")
    if not found:
        return None
    kind = next((kind for kind in _DRIVE if any(mark.id == kind for mark in found)), "drive-error")
    what, why = _DRIVE[kind]
    tomorrow = Fix(title="Copy the file to your own Drive, or come back tomorrow", untried="the quota is Google's")
    share = ask("the owner", "to share the file with everybody", why="only the owner can")
    confirm = gdown(case) if kind == "drive-virus-scan" else None
    return finding(
        f"Google Drive {what}",
        why + body.leftovers(case),
        f'the page says "{shortened(found[0].quote)}"',
        _evidence(case, transfer),
        fixes=(
            tomorrow if kind == "drive-quota" else confirm or share,
            other_sources(case),
            kind == "drive-virus-scan" and by_browser(case),
        ),
        unlike={"body-html-instead-of-data": "the page is one of Google Drive's own"},
        retry="later" if kind == "drive-quota" else "no",
    )


def body_html_instead_of_data(case: Case) -> Finding | None:
    """Holds when a web page came where data was due, and no mark says whose it is."""
    transfer = pages.html_in_place_of_data(case)
    if transfer is None or pages.html_expected(case):
        return None
    # A page of a filter, a portal or a sign-in can look like any other: a mark that is too weak to decide is named.
    weak = marks.matching(case.exchange, http.body(case), "filter", "wall", host=case.host)
    # A portal is judged before this cause: where its control was made, it is ruled out.
    portal_asked = any(one.control == Control.PORTAL for one in case.observations)
    in_clear = case.address is not None and case.address.scheme == "http"
    title = case.content.title if case.content else ""
    named = f' titled "{shortened(title, 60)}"' if title else ""
    return finding(
        f"{case.host} sends a web page{named} in place of the file",
        "The status says success, but the body is HTML. Servers do that when a file has gone and a page "
        "takes its place, or when the site now wants a click first. A loader that saves it fails later with "
        f'"not a gzip file" or a bad magic number.{body.leftovers(case)}',
        _evidence(case, transfer),
        bool(weak) and f'it resembles a page of {weak[0].vendor} ("{shortened(weak[0].quote, 60)}")',
        fixes=(
            other_sources(case),
            Fix(title="Look at the page in a browser: it may say where the file is now", untried="it needs a person"),
        ),
        unlike={
            "body-challenge-page": not weak and "no mark of a bot check is in the page",
            "captive-portal": portal_asked and "plain-HTTP addresses with a known answer gave it",
        },
        perhaps=(
            in_clear and not portal_asked and "captive-portal",
            any(mark.group == "filter" for mark in weak) and "body-block-page",
            len(case.all(ev.Exchange)) > 1 and "http-redirect-to-login",
            pages.may_be_an_address_of_a_page(case) and "url-is-a-web-page",
        ),
    )


CAUSES: tuple[Cause, ...] = (
    cause(body_drive_interstitial),
    cause(body_block_page, needs=(Control.UNRELATED_TLS, Control.TRUST, Control.NEUTRAL_ANSWER)),
    cause(body_challenge_page),
    cause(body_html_instead_of_data),
)
