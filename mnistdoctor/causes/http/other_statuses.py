"""The other statuses: HEAD refused, a range, a region, an API's error, a legal bar; with limits and server faults."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.facts.bot_checks import blocking_mark
from mnistdoctor.causes.facts.http import answer, body, exchange_evidence, host, reason, says
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.fixes import other_places, tell_owner
from mnistdoctor.causes.text import Side
from mnistdoctor.wording import nbytes, shortened

_REFUSES_HEAD = (405, 501)
_OWN_FAMILY = (401, 403, 404, 410, 416, 429, 451)
_PLAIN_TO_TLS = re.compile(
    r"plain HTTP request was sent to (an? )?HTTPS port|HTTP request to an HTTPS "
    "server",
    re.IGNORECASE,
)


def http_405_head(case: Case) -> Finding | None:
    """Holds when HEAD is refused, and GET was not asked."""
    exchange = answer(case, *_REFUSES_HEAD)
    if exchange is None or exchange.method != "HEAD" or blocking_mark(case, exchange, "challenge"):
        return None
    return finding(
        f"{says(exchange)} to HEAD, the question {case.client.name} asks before it downloads",
        "The server does not take the method HEAD, which only asks for the fields of a file. "
        "That says nothing about the file: GET is another method and may well be served.",
        exchange_evidence(case, exchange),
        fixes=(
            Fix(
                title="Fetch the file itself",
                commands=(fixes.download(case, case.subject.url),),
                untried="the trial would repeat the client's own HEAD",
            ),
            other_places(case),
        ),
        unlike={"http-404-unexplained": "the method was refused, not the path"},
    )


def head_survived(case: Case) -> str | None:
    """A refused HEAD before a GET that was served."""
    asked = case.all(ev.Exchange)
    refused = [one for one in asked if one.method == "HEAD" and one.status in (403, 404, *_REFUSES_HEAD)]
    served = any(one.method == "GET" and one.status in (200, 206) for one in asked)
    return f"{host(refused[0])} refuses HEAD with {refused[0].status}, and serves GET" if refused and served else None


def http_416_range(case: Case) -> Finding | None:
    """Holds when a part was asked for that lies beyond the end of the file."""
    exchange = answer(case, 416)
    if exchange is None:
        return None
    length = re.fullmatch(r"bytes \*/(\d{1,18})", (exchange.field("content-range") or "").strip())
    asked = ev.field(exchange.request_fields, "range")
    if asked is None:
        return _unasked_range(case, exchange, length[1] if length else None)
    size = nbytes(int(length[1])) if length else None
    return finding(
        f"{says(exchange)}: the part asked for lies beyond the end of the file" + (f" ({size})" if size else ""),
        "A download was to be resumed, and the piece already on disk is as long as the file "
        "or longer. It may be complete, or belong to another version. Only a digest tells; a fresh start "
        "is safe.",
        exchange_evidence(case, exchange),
        f"`Range: {shortened(asked, 40)}` was asked for",
        fixes=Fix(
            title="Delete the partial file and download from the beginning",
            commands=(fixes.download(case, case.subject.url),),
            untried="the partial file is not the doctor's to delete",
        ),
        unlike={"resume-corrupted": "the server refused openly; nothing was appended"},
    )


def _unasked_range(case: Case, exchange: ev.Exchange, length: str | None) -> Finding:
    """416 to a request for the whole: no piece on disk has a part in it."""
    said = f"it says that its file has {nbytes(int(length))}" if length else "it does not say the file's length"
    return finding(
        f"{says(exchange)}, as if a part had been asked for beyond the end of the file",
        "The whole file was asked for, without any range, so nothing on your disk is to blame. The server, "
        "or a cache before it, added a range of its own, or its file is empty.",
        exchange_evidence(case, exchange),
        "the request had no Range field",
        said,
        fixes=(other_places(case), tell_owner(exchange)),
        unlike={"resume-corrupted": "nothing was resumed"},
        perhaps="http-4xx-other",
        side="server",
        retry="later",
    )


def http_451_legal(case: Case) -> Finding | None:
    """Holds when the server withholds the file for legal reasons (RFC 7725)."""
    exchange = answer(case, 451)
    if exchange is None:
        return None
    link = next((value for name, value in exchange.fields if name.lower() == "link" and "blocked-by" in value), "")
    found = re.search(r'<([^<>]{1,300})>\s*;[^,]*rel\s*=\s*"?blocked-by', link)
    named = (split_url(found[1]).hostname if found else None) or ""
    by = named if re.fullmatch(r"[a-z0-9.-]{1,100}", named) else None
    own = by is None or by.split(".")[-2:] == host(exchange).split(".")[-2:]
    return finding(
        f"{says(exchange)}: withheld for legal reasons" + (f", by {by}" if by else ""),
        "Somebody on the way is obliged by law to withhold this address, or says so. 451 "
        "exists to make that visible. It often holds for one country or one network only.",
        exchange_evidence(case, exchange),
        found and f"`Link` names who blocks: {shortened(found[1])}",
        fixes=(
            other_places(case),
            Fix(title=f"Ask {by or host(exchange)} what the ground is", untried="a person has to act"),
        ),
        unlike={"http-403-ip-or-geo": "the status itself names the law, not the address"},
        side="server" if own else "network",
    )


def http_4xx_other(case: Case) -> Finding | None:
    """Holds when the status is a client error without a cause of its own."""
    exchange = case.exchange
    if exchange is None or answer(case, *(code for code in range(400, 500) if code not in _OWN_FAMILY)) is None:
        return None
    status = exchange.status or 0
    if exchange.status == 400 and _PLAIN_TO_TLS.search(body(case)):
        url = "https" + exchange.url[4:]
        return finding(
            f"{says(exchange)}: that port wants https, and http was spoken",
            "The server speaks TLS on this port and was asked in clear. The address needs `https://`.",
            exchange_evidence(case, exchange),
            fixes=Fix(title="Use https", commands=(fixes.download(case, url),), change=Change(url=url)),
            side="you",
        )
    accepts = ev.field(exchange.request_fields, "accept")
    if status == 406 and "*/*" in (accepts or "*/*"):
        advice = "The request accepts any type, so that is no true reason: some firewalls and site rules answer so."
        return _turned_down(case, exchange, "a rule of the site turns the request down", advice, "server")
    statuses = table("statuses")
    row = statuses.get(str(status), statuses["default"])
    return _turned_down(case, exchange, row["means"], row["advice"], row["side"])


def _turned_down(case: Case, exchange: ev.Exchange, what: str, advice: str, side: Side) -> Finding:
    return finding(
        f"{says(exchange)}: {what}",
        f"The server turned the request down as `{reason(exchange)}`. {advice} The file itself may be quite well.",
        exchange_evidence(case, exchange),
        _sent(exchange),
        fixes=(other_places(case), tell_owner(exchange)),
        perhaps=exchange.status == 407 and "proxy-auth-required",
        side=side,
        retry="yes" if exchange.status in (408, 425) else None,
    )


def _sent(exchange: ev.Exchange) -> tuple[str, ...]:
    """What the request held that such a status may complain of."""
    size = sum(len(name) + len(value) + 4 for name, value in exchange.request_fields)
    accepts = ev.field(exchange.request_fields, "accept")
    told = [f"the request's fields came to {nbytes(size)}"] if exchange.request_fields else []
    return (*told, *((f"it sent `Accept: {shortened(accepts, 60)}`",) if accepts else ()))


CAUSES: tuple[Cause, ...] = (
    cause(http_405_head, warns=head_survived),
    cause(http_416_range),
    cause(http_451_legal),
    cause(http_4xx_other),
)
