"""5xx: faults of the server, or of what stands between it and the world."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import marks
from mnistdoctor.causes.facts.http import answer, answered, body, exchange_evidence, reason, says
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import once_more
from mnistdoctor.causes.http.fixes import other_places, tell_owner

_GATEWAY = (502, 504, 520, 521, 522, 523, 524, 525, 526, 527, 530)
_STEADY = (501, 505, 506, 507, 508, 510)
"""Statuses that a second request does not change."""
_OWN_FAMILY = (*_GATEWAY, 503, 509, 511, 529)
_CLOUDFLARE = {
    520: "its CDN could not read the origin's answer",
    521: "the origin refused its CDN's connection",
    522: "the origin left its CDN's connection unanswered",
    523: "its CDN cannot reach the origin",
    524: "the origin kept its CDN waiting too long",
    525: "TLS between its CDN and the origin failed",
    526: "its CDN does not trust the origin's certificate",
    527: "the line between its CDN and the origin broke",
    530: "its CDN could not find the origin",
}
"""Cloudflare's own statuses: developers.cloudflare.com, troubleshooting Cloudflare 5xx errors."""


def http_502_504_gateway(case: Case) -> Finding | None:
    """Holds when a CDN or load balancer says that it could not get the file from the server behind it."""
    exchange = answer(case, *_GATEWAY)
    if exchange is None:
        return None
    status = exchange.status or 0
    code = marks.cloudflare_code(exchange, body(case))
    theirs = code is not None or marks.by_cloudflare(exchange)
    what = _CLOUDFLARE.get(status) if theirs else None
    what = what or "the site's front cannot get the file from the server behind it"
    odd = not theirs and status in _CLOUDFLARE
    hops = [f"`Proxy-Status` names `{one.error}` at {one.hop}" for one in marks.proxy_status(exchange.fields)]
    hops += [f"the page shows Cloudflare's error {code}"] if code and code != status else []
    tls = status in (525, 526)
    return finding(
        f"{says(exchange)}: {what}",
        "The front of the site (a CDN or load balancer) is up, and the server behind it is "
        "not, or does not answer in time. "
        + (
            "The certificate at fault lies between those two: yours have no part in it. "
            if tls
            else "Nothing on your side causes this. "
        )
        + "It lasts until someone there acts, minutes or days.",
        exchange_evidence(case, exchange),
        hops,
        odd and f"{status} is a status of Cloudflare's, and nothing else shows that it answered",
        fixes=(
            other_places(case),
            tell_owner(exchange),
            Fix(title="Try again in half an hour", untried="the wait is too long to try here"),
        ),
        unlike=exchange.via != "proxy" and {"proxy-upstream-failed": "the answer came from the site itself"},
        perhaps=(exchange.via == "proxy" and "proxy-upstream-failed", odd and "http-500-server-error"),
        certain=exchange.via != "proxy" and not odd,
    )


def http_500_server_error(case: Case) -> Finding | None:
    """Holds when the server says that it failed at the request, and not why."""
    exchange = answer(case, *(code for code in range(500, 600) if code not in _OWN_FAMILY))
    store = marks.store_error(exchange, body(case)) if exchange else None
    if exchange is None or (store and store.meaning == "overload"):
        return None
    repeats = [one for one in case.all(ev.Exchange, hop=case.hop) if one is not exchange]
    if exchange.status not in _STEADY and not repeats:
        repeats = list(case.ask(Control.AGAIN, ev.Exchange))
    well = answered(tuple(repeats))
    steady = exchange.status in _STEADY or any((one.status or 0) >= 500 for one in repeats)
    told = [f"a second request was answered `{reason(one)}`" for one in repeats[:1] if one.status is not None]
    return finding(
        f"{says(exchange)}: the server failed at the request" + (", but only once" if well else ""),
        "Something broke inside the server while it worked on the request. The request itself "
        "is an ordinary one. "
        + (
            "The second try went well, so trying again is enough."
            if well
            else "Only the people who run it can see what broke."
        ),
        exchange_evidence(case, exchange),
        told,
        fixes=(well and once_more(), other_places(case), tell_owner(exchange)),
        perhaps=not (steady and not well and exchange.via != "proxy") and "http-503-overload",
        retry="yes" if well else None,
    )


CAUSES: tuple[Cause, ...] = (
    cause(http_502_504_gateway),
    cause(http_500_server_error, needs=(Control.AGAIN,)),
)
