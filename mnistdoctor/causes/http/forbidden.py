"""403 by the site or its store: gated, signed, not public, not under this name, or without a reason."""

from __future__ import annotations

import re
from urllib.parse import unquote

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import bot_checks, http, known_addresses, landing_pages, marks, page_text, user_agents
from mnistdoctor.causes.facts.signed_urls import overdue_s, signature_parameter
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.fixes import as_the_site_says, name_the_program, other_places, tell_owner
from mnistdoctor.wording import shortened, span

_ACCEPT = re.compile(
    r"(must|need to|have to|please)( first)? (accept|agree to) [\w' ]{0,40}(rules|terms|licen[cs]e|conditions)", re.I
)


def http_403_gated(case: Case) -> Finding | None:
    """Holds when a hub says that terms must be accepted before the file is given."""
    exchange = http.answer(case, 401, 403)
    if exchange is None:
        return None
    hub = marks.hub_reason(exchange)
    coded = hub is not None and hub.meaning == "gated"
    wording = _ACCEPT.search(http.body(case)) if exchange.status == 403 and hub is None else None
    quote = hub.quote if hub and coded else wording and wording[0]
    if not quote:
        return None
    page = re.split(r"/(?:resolve|raw|blob)/", case.subject.url.split("?")[0])[0]
    return finding(
        f"{http.says(exchange)}: its terms must be accepted before it hands out the file",
        "The file lies behind a licence or rules that a signed-in person has to accept once. After that the program "
        "must send that person's token. A fine-grained token also needs the right to read gated repositories.",
        http.exchange_evidence(case, exchange),
        f"it says so: `{shortened(quote, 100)}`",
        fixes=Fix(
            title=f"Sign in at {page}, accept the terms, then send your token",
            untried="only you can accept the terms",
        ),
        unlike=coded and {"http-401-repo-hidden": f"`{quote}` is said of a repository that is there"},
        perhaps=not coded and ("http-403-unexplained", http.may_be_the_proxys(exchange) and "proxy-connect-denied"),
    )


def http_403_signature(case: Case) -> Finding | None:
    """Holds when a signed URL has expired, or was changed on its way."""
    exchange, store = http.answer(case, 400, 401, 403), http.store_error(case)
    if exchange is None:
        return None
    name = signature_parameter(exchange.url)
    overdue = overdue_s(exchange) if name else 0.0
    coded = store is not None and store.meaning == "signature" and bool(name or store.code != "AuthenticationFailed")
    if not coded and not overdue > 0:
        return None
    clock = store is not None and store.code == "RequestTimeTooSkewed"
    expired = overdue > 0 or (store is not None and "expire" in (store.code + store.message).lower())
    what = "the signed link has expired" if expired else "the signature of the link does not fit"
    skew = exchange.date_skew_s or 0.0
    return finding(
        f"{http.says(exchange)}: " + ("the clock of the one who signed the request is wrong" if clock else what),
        "A signed link is good for a short time and for exactly one request. When it is kept, copied with changes, or "
        "asked with another method or header, the store refuses it. The file itself may be quite well.",
        http.exchange_evidence(case, exchange),
        name and f"the address is signed (`{name}`)",
        overdue > 0 and f"by its own parameters it ended {span(overdue)} before the answer",
        abs(skew) > 300 and f"this machine's clock differs from the server's by {span(skew)}",
        fixes=_fresh_link(case, exchange),
        unlike=coded and {"http-403-object-not-public": "the request carried a signature, and the store judged that"},
        perhaps=clock and "tls-clock-wrong",
    )


def _fresh_link(case: Case, exchange: ev.Exchange) -> Fix:
    first = case.all(ev.Exchange)[0]
    if http.host(first) == http.host(exchange):
        title = "Get a fresh link from where this one came from"
        return Fix(title=title, untried="only the owner of the key can sign one")
    return Fix(
        title=f"Start again at {http.host(first)}: it hands out a fresh link each time",
        commands=fixes.download(case, first.url),
        untried="the same address was asked in this run",
    )


def http_403_object_not_public(case: Case) -> Finding | None:
    """Holds when an object store knows the bucket and does not show this object to strangers."""
    exchange, store = http.answer(case, 400, 401, 403, 404, 409), http.store_error(case)
    if exchange is None or store is None or store.meaning != "private" or signature_parameter(exchange.url):
        return None
    vague = store.code == "AccessDenied"  # what a store also says of an object that does not exist
    if vague and (known_addresses.slip(case) or known_addresses.gone(case)):
        return None
    others = case.ask(Control.KNOWN_KEY, ev.Exchange) if vague else ()
    served, shut = http.first_success(others), any(one.status in (401, 403) for one in others)
    if store.why:
        why = store.why
    elif served:
        why = "The store hands out another object of the same bucket, so the bucket is open: this one is private, "
        why += "or there is no such object."
    else:
        why = "The store keeps this object from anonymous readers. It says the same of an object that does not exist"
        why += ", and of a bucket whose readers pay (Requester Pays)." if store.provider == "s3" else "."
    near = case.catalogue.nearest(case.subject.url)
    return finding(
        f"{http.says(exchange)}: the store does not give that object to anonymous readers (`{store.code}`)",
        f"{why} The program's name, the proxy and the certificates have no part in it.",
        http.exchange_evidence(case, exchange),
        served and f"{served.url}, in the same bucket, answered {served.status}",
        shut and not served and "another known object of the same bucket is refused as well",
        known_addresses.retirement(case),
        fixes=(_as_payer(case, store.code), other_places(case), tell_owner(exchange)),
        unlike={"http-403-signature": "no signature was sent"},
        perhaps=vague and (served or not shut) and ("http-404-typo" if near else "http-404-moved"),
    )


def _as_payer(case: Case, code: str) -> Fix | None:
    """The store's own client with a project to be billed, where the bucket's owner lets the reader pay."""
    if not code.startswith("UserProject"):
        return None
    parts = split_url(case.subject.url)
    bucket = (parts.hostname or "").removesuffix("storage.googleapis.com").rstrip(".")
    key = "/".join(filter(None, (bucket, unquote(parts.path.lstrip("/")))))
    line = f"gcloud storage cp --billing-project=PROJECT {fixes.quoted(case, f'gs://{key}')} ."
    title = "Take it with the store's own client, and name a project of yours that pays for the transfer"
    return Fix(title=title, commands=(fixes.command(case, line),), untried="fill in your project; it costs money")


def http_403_user_agent(case: Case) -> Finding | None:
    """Holds when this client's name is refused (by a 4xx, a hang-up or a page) and another honest one served."""
    refused = user_agents.refused_agent(case)
    if refused is None:
        return None
    exchange, served = refused.exchange, refused.served
    name = shortened(user_agents.user_agent(exchange), 60)
    page, host = exchange.status == 200, http.host(exchange)
    answers = f"{host} sends a web page to" if page else f"{http.says(exchange)} to"
    if exchange.status is None:
        answers = f"{host} hangs up on"
    return finding(
        f"{answers} programs that call themselves `{name}`",
        "The server turns this program's name away and serves the same address to one that says who it is. That is a "
        "rule of the site against nameless robots. Put your project's name and a contact address into the User-Agent.",
        http.exchange_evidence(case, exchange) if exchange.status else f"{http.request(exchange)} brought 0 bytes",
        f"that was asked as `{name}`",
        served
        and f"the same request as `{user_agents.user_agent(served)}` was answered {served.status}"
        + (", and brought no page" if page else ""),
        refused.banned and "the page bears Cloudflare's error 1010, a ban by the program's signature",
        fixes=(
            served and name_the_program(case, user_agents.user_agent(served)),
            other_places(case),
            tell_owner(exchange),
        ),
        unlike=served
        and {
            "http-403-challenge": "the same address was served to a program without JavaScript",
            "http-403-ip-or-geo": "the same address was served to this machine under another name",
        },
        perhaps=not served and "http-403-waf-block",
    )


def http_403_unexplained(case: Case) -> Finding | None:
    """Holds when the origin answers 403, and no mark says why."""
    exchange = http.answer(case, 403)
    if exchange is None:
        return None
    others = case.ask(Control.AGENTS, ev.Exchange)
    refused = tuple(one for one in others if one.status is not None and not http.first_success((one,)))
    passed, store = user_agents.served_again(case), http.store_error(case)
    check, meaning = bot_checks.weak_mark(case, exchange, "challenge"), landing_pages.meaning(case)
    known = f"{meaning.means} " if meaning else ""
    words = "" if store else page_text.reason(case)
    if store:
        says, reason = f"says `{shortened(store.code, 40)}`", "the code it gives is none that this release knows"
    elif words:
        says, reason = "its page says why", "its page says why, in words that stand below"
    else:
        says, reason = "does not say why", "neither its fields nor its page give a reason"
    return finding(
        f"{http.says(exchange)} and {says}" + ("; asked again, it serves the file" if passed else ""),
        f"The server understood the request and refuses it, and {reason}. {known}It may be a rule about your address, "
        "a change at the site, or a fault there. "
        + ("It did not last." if passed else "Another source is the quickest way to the file."),
        http.exchange_evidence(case, exchange),
        (user_agents.comparison(one) for one in refused[:2]),
        words and f"its page says “{shortened(words, 300)}”",
        known_addresses.retirement(case),
        check,
        fixes=(
            passed and fixes.fetch_again(case),
            fixes.for_programs(case),
            other_places(case),
            as_the_site_says(case),
            tell_owner(exchange),
        ),
        unlike=bool(refused) and {"http-403-user-agent": "another honest agent was refused as well"},
        perhaps=(
            check and "http-403-challenge",
            "http-403-ip-or-geo" if refused else "http-403-user-agent",
            http.may_be_the_proxys(exchange) and "proxy-connect-denied",
        ),
        retry="yes" if passed else None,
    )


CAUSES: tuple[Cause, ...] = (
    cause(http_403_gated),
    cause(http_403_signature),
    cause(http_403_object_not_public, needs=(Control.NEAREST, Control.KNOWN_KEY)),
    cause(http_403_user_agent, needs=(Control.AGENTS, Control.AGAIN)),
    cause(http_403_unexplained, needs=(Control.AGENTS,)),
)
