"""The answer of a server: whose it is, and what it says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import marks, object_stores
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.wording import shortened


def answer(case: Case, *statuses: int) -> ev.Exchange | None:
    """The last answer where it has one of these statuses and nothing shows that a proxy on the way made it."""
    exchange = case.exchange
    if exchange is None or exchange.status not in statuses:
        return None
    if exchange.via == "proxy" and marks.made_by_proxy(exchange, body(case)):
        return None
    return exchange


def first_success(exchanges: tuple[ev.Exchange, ...]) -> ev.Exchange | None:
    """The first of a control's answers that is a success."""
    return next((one for one in exchanges if one.status is not None and 200 <= one.status < 300), None)


def may_be_the_proxys(exchange: ev.Exchange) -> bool:
    """Whether a 403 came through a forward proxy in clear, which can always have written it itself."""
    return exchange.via == "proxy" and exchange.status == 403


def body(case: Case) -> str:
    """The beginning of the last answer's body where it is text."""
    return case.transfer.text if case.transfer else ""


def store_error(case: Case) -> object_stores.StoreError | None:
    """What an object store says in the last answer."""
    return object_stores.store_error(case.exchange, body(case))


def cloudflare_code(case: Case) -> int | None:
    """The number of Cloudflare's own error page, where the last answer is one."""
    return marks.cloudflare_code(case.exchange, body(case))


def cloudflare_meaning(case: Case) -> str | None:
    """What that number means, in the words of ``marks.toml``."""
    return marks.cloudflare_meaning(cloudflare_code(case))


def host(exchange: ev.Exchange) -> str:
    """The name that was asked."""
    return split_url(exchange.url).hostname or exchange.url


def first_host(case: Case) -> str:
    """The host of the URL that was asked for at first."""
    return split_url(case.subject.url).hostname or case.subject.url


def request(exchange: ev.Exchange) -> str:
    """``GET https://example.com/file``."""
    return f"{exchange.method} {shortened(exchange.url, 200)}"


def says(exchange: ev.Exchange) -> str:
    """``example.com answers 403``, the beginning of a title."""
    return f"{host(exchange)} answers {exchange.status}"


def status_line(exchange: ev.Exchange) -> str:
    """The status with its phrase; the registered phrase where the server sent none."""
    try:
        phrase = exchange.reason or HTTPStatus(exchange.status or 0).phrase
    except ValueError:
        phrase = ""
    return shortened(f"{exchange.status} {phrase}".strip(), 60)


def exchange_evidence(case: Case, exchange: ev.Exchange) -> tuple[str, ...]:
    """The answer in a few sentences: what was asked, after how many redirects, who says that it answered, its words."""
    redirects = len({one.hop for one in case.all(ev.Exchange)}) - 1
    server = exchange.field("server")
    sentences = (
        f"{request(exchange)} was answered `{status_line(exchange)}`",
        redirects > 0 and f"that was after {redirects} redirect{'s' if redirects > 1 else ''} from {first_host(case)}",
        server and f"the answer names its maker: `Server: {shortened(server, 60)}`",
        _body_quote(case),
    )
    return tuple(one for one in sentences if one)


def _body_quote(case: Case) -> str:
    """What the body says, in one sentence: a store's code, a page's title, or the first line of a text."""
    text, store = body(case), store_error(case)
    if store:
        message = f": {shortened(store.message)}" if store.message else ""
        return f"its error document says `{store.code}`{message}"
    if case.content and case.content.title:
        return f"the page is titled “{shortened(case.content.title, 80)}”"
    if text.strip() and not text.lstrip().startswith("<"):
        return f"its body begins “{shortened(text, 100)}”"
    return ""


def credentials(exchange: ev.Exchange) -> Mapping[str, str]:
    """What this host asks of whoever signs in: ``wants``, ``command`` (``credentials.toml``); empty for most hosts."""
    known: Mapping[str, str] = table("credentials").get(host(exchange), {})
    return known


def token_for_higher_limit(exchange: ev.Exchange) -> str | None:
    """The variable of a token that raises the rate limit of this host, by its domain; None where none is known."""
    name = f".{host(exchange)}"
    for domain, service in table("credentials").items():
        if "higher_limit" in service and name.endswith(f".{domain}"):
            return str(service["higher_limit"])
    return None
