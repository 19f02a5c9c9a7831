"""5xx: faults of the server, or of what stands between it and the world."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import http, marks
from mnistdoctor.causes.facts.statuses import status
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import once_more
from mnistdoctor.causes.http.fixes import other_places, tell_owner


def http_502_504_gateway(case: Case) -> Finding | None:
    """Holds when a CDN or load balancer says that it could not get the file from the server behind it."""
    exchange = http.answer(case, *range(500, 600))
    if exchange is None or status(exchange.status).kind != "gateway":
        return None
    code, theirs = http.cloudflare_code(case), status(exchange.status).cloudflare
    by_cloudflare = code is not None or marks.by_cloudflare(exchange)
    odd = bool(theirs) and not by_cloudflare
    what = theirs if theirs and by_cloudflare else "the site's front cannot get the file from the server behind it"
    if exchange.status in (525, 526):
        blame = "The certificate at fault lies between those two: yours have no part in it."
    else:
        blame = "Nothing on your side causes this."
    by_proxy = exchange.via == "proxy"
    return finding(
        f"{http.says(exchange)}: {what}",
        "The front of the site (a CDN or load balancer) is up, and the server behind it is not, or does not answer in "
        f"time. {blame} It lasts until someone there acts, minutes or days.",
        http.exchange_evidence(case, exchange),
        (f"`Proxy-Status` names `{one.error}` at {one.hop}" for one in marks.proxy_status(exchange.fields)),
        code and code != exchange.status and f"the page shows Cloudflare's error {code}",
        odd and f"{exchange.status} is a status of Cloudflare's, and nothing else shows that it answered",
        fixes=(
            other_places(case),
            tell_owner(exchange),
            Fix(title="Try again in half an hour", untried="the wait is too long to try here"),
        ),
        unlike=not by_proxy and {"proxy-upstream-failed": "the answer came from the site itself"},
        perhaps=(by_proxy and "proxy-upstream-failed", odd and "http-500-server-error"),
    )


def http_500_server_error(case: Case) -> Finding | None:
    """Holds when the server says that it failed at the request, and not why."""
    exchange, store = http.answer(case, *range(500, 1000)), http.store_error(case)
    if exchange is None or status(exchange.status).kind not in ("lasting", "other"):
        return None
    if store and store.meaning == "overload":
        return None
    if (exchange.status or 0) >= 600:
        return _made_up(case, exchange)
    lasting = status(exchange.status).kind == "lasting"
    repeats = tuple(one for one in case.all(ev.Exchange, hop=case.hop) if one is not exchange)
    if not lasting and not repeats:
        repeats = case.ask(Control.AGAIN, ev.Exchange)
    well = http.first_success(repeats)
    steady = lasting or any((one.status or 0) >= 500 for one in repeats)
    if well:
        advice = "The second try went well, so trying again is enough."
    else:
        advice = "Only the people who run it can see what broke."
    return finding(
        f"{http.says(exchange)}: the server failed at the request" + (", but only once" if well else ""),
        "Something broke inside the server while it worked on the request. The request itself is an ordinary one. "
        + advice,
        http.exchange_evidence(case, exchange),
        (f"a second request was answered `{http.status_line(one)}`" for one in repeats[:1] if one.status is not None),
        fixes=(well and once_more(), other_places(case), tell_owner(exchange)),
        perhaps=(well or not steady or exchange.via == "proxy") and "http-503-overload",
        retry="yes" if well else None,
    )


def _made_up(case: Case, exchange: ev.Exchange) -> Finding:
    """A status beyond those of HTTP, which counts as one of the server's errors (RFC 9110 section 15)."""
    return finding(
        f"{http.says(exchange)}, which is no status of HTTP",
        "The statuses of HTTP end at 599, and a client has to take any other for an error of the server. Sites use "
        "such numbers on purpose to turn programs away (999 is known for it), and broken servers send them by mistake.",
        http.exchange_evidence(case, exchange),
        fixes=(other_places(case), tell_owner(exchange)),
        perhaps="http-403-waf-block",
    )


CAUSES: tuple[Cause, ...] = (
    cause(http_502_504_gateway),
    cause(http_500_server_error, needs=(Control.AGAIN,)),
)
