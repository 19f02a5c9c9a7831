"""The other statuses: HEAD refused, a range, a lock, a legal bar, and client errors without a cause of their own."""

from __future__ import annotations

import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import http
from mnistdoctor.causes.facts.bot_checks import blocking_mark
from mnistdoctor.causes.facts.statuses import status
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, download
from mnistdoctor.causes.http.fixes import other_places, over_https, tell_owner
from mnistdoctor.wording import nbytes, shortened

_REFUSES_HEAD = (405, 501)
_PLAIN_TO_TLS = re.compile(
    r"plain HTTP request was sent to (an? )?HTTPS port|HTTP request to an HTTPS server", re.IGNORECASE
)


def http_405_head(case: Case) -> Finding | None:
    """Holds when HEAD is refused, and GET was not asked."""
    exchange = http.answer(case, *_REFUSES_HEAD)
    if exchange is None or exchange.method != "HEAD" or blocking_mark(case, exchange, "challenge"):
        return None
    return finding(
        f"{http.says(exchange)} to HEAD, the question {case.client.name} asks before it downloads",
        "The server does not take the method HEAD, which only asks for the fields of a file. That says nothing about "
        "the file: GET is another method and may well be served.",
        http.exchange_evidence(case, exchange),
        fixes=(
            Fix(
                title="Fetch the file itself",
                commands=download(case, case.subject.url),
                untried="the trial would repeat the client's own HEAD",
            ),
            other_places(case),
        ),
        unlike={"http-404-unexplained": "the method was refused, not the path"},
    )


def head_survived(case: Case) -> str | None:
    """A refused HEAD before a GET that was served."""
    exchanges = case.all(ev.Exchange)
    refused = [one for one in exchanges if one.method == "HEAD" and one.status in (403, 404, *_REFUSES_HEAD)]
    if not refused or not any(one.method == "GET" and one.status in (200, 206) for one in exchanges):
        return None
    return f"{http.host(refused[0])} refuses HEAD with {refused[0].status}, and serves GET"


def http_416_range(case: Case) -> Finding | None:
    """Holds when a part was asked for that lies beyond the end of the file."""
    exchange = http.answer(case, 416)
    if exchange is None:
        return None
    length = re.fullmatch(r"bytes \*/(\d{1,18})", (exchange.field("content-range") or "").strip())
    size, asked = nbytes(int(length[1])) if length else "", ev.field(exchange.request_fields, "range")
    if asked is None:
        return _unasked_range(case, exchange, size)
    return finding(
        f"{http.says(exchange)}: the part asked for lies beyond the end of the file" + (f" ({size})" if size else ""),
        "A download was to be resumed, and the piece already on disk is as long as the file or longer. It may be "
        "complete, or belong to another version. Only a digest tells; a fresh start is safe.",
        http.exchange_evidence(case, exchange),
        f"`Range: {shortened(asked, 40)}` was asked for",
        fixes=Fix(
            title="Delete the partial file and download from the beginning",
            commands=download(case, case.subject.url),
            untried="the partial file is not the doctor's to delete",
        ),
        unlike={"resume-corrupted": "the server refused openly; nothing was appended"},
    )


def _unasked_range(case: Case, exchange: ev.Exchange, size: str) -> Finding:
    """416 to a request for the whole: no piece on disk has a part in it."""
    return finding(
        f"{http.says(exchange)}, as if a part had been asked for beyond the end of the file",
        "The whole file was asked for, without any range, so nothing on your disk is to blame. The server, "
        "or a cache before it, added a range of its own, or its file is empty.",
        http.exchange_evidence(case, exchange),
        "the request had no Range field",
        f"it says that its file has {size}" if size else "it does not say the file's length",
        fixes=(other_places(case), tell_owner(exchange)),
        unlike={"resume-corrupted": "nothing was resumed"},
        perhaps="http-4xx-other",
        side="server",
        retry="later",
    )


def http_423_locked(case: Case) -> Finding | None:
    """Holds when a WebDAV server says that the file is locked (RFC 4918 section 11.3)."""
    exchange = http.answer(case, 423)
    if exchange is None:
        return None
    return finding(
        f"{http.says(exchange)}: somebody holds the file locked there",
        "The server keeps files that people and programs edit in place (WebDAV), and lets one of them lock a file "
        "while it is being written. The file is there, and is served again when the lock is given back or runs out. "
        "A program that crashed can leave its lock behind until then.",
        http.exchange_evidence(case, exchange),
        fixes=(other_places(case), tell_owner(exchange, "which lock holds the file")),
        unlike={
            "http-403-unexplained": "the status itself names the lock; nobody refused you",
            "http-404-unexplained": "the file is there",
        },
    )


def http_451_legal(case: Case) -> Finding | None:
    """Holds when the server withholds the file for legal reasons (RFC 7725)."""
    exchange = http.answer(case, 451)
    if exchange is None:
        return None
    links = (value for name, value in exchange.fields if name.lower() == "link" and "blocked-by" in value)
    link = re.search(r'<([^<>]{1,300})>\s*;[^,]*rel\s*=\s*"?blocked-by', next(links, ""))
    named = (split_url(link[1]).hostname if link else None) or ""
    by, host = named if re.fullmatch(r"[a-z0-9.-]{1,100}", named) else None, http.host(exchange)
    own = by is None or by.split(".")[-2:] == host.split(".")[-2:]
    return finding(
        f"{http.says(exchange)}: withheld for legal reasons" + (f", by {by}" if by else ""),
        "Somebody on the way is obliged by law to withhold this address, or says so. 451 exists to make that visible. "
        "It often holds for one country or one network only.",
        http.exchange_evidence(case, exchange),
        link and f"`Link` names who blocks: {shortened(link[1])}",
        fixes=ask(by or host, "what the ground is", why="a person has to act"),
        unlike={"http-403-ip-or-geo": "the status itself names the law, not the address"},
        side="server" if own else "network",
    )


def http_4xx_other(case: Case) -> Finding | None:
    """Holds when the status is a client error without a cause of its own."""
    exchange = http.answer(case, *range(400, 500))
    if exchange is None or status(exchange.status).kind == "own":
        return None
    if exchange.status == 400 and _PLAIN_TO_TLS.search(http.body(case)):
        return finding(
            f"{http.says(exchange)}: that port wants https, and http was spoken",
            "The server speaks TLS on this port and was asked in clear. The address needs `https://`.",
            http.exchange_evidence(case, exchange),
            fixes=over_https(case, exchange.url, "Use https"),
            side="you",
        )
    row, accept = status(exchange.status), ev.field(exchange.request_fields, "accept")
    means, advice, side = row.means, row.advice, row.side
    if exchange.status == 406 and "*/*" in (accept or "*/*"):
        means, side = "a rule of the site turns the request down", "server"
        advice = "The request accepts any type, so that is no true reason: some firewalls and site rules answer so."
    size = sum(len(name) + len(value) + 4 for name, value in exchange.request_fields)
    return finding(
        f"{http.says(exchange)}: {means}",
        f"The server turned the request down as `{http.status_line(exchange)}`. {advice} The file itself may be quite "
        "well.",
        http.exchange_evidence(case, exchange),
        size and f"the request's fields came to {nbytes(size)}",
        accept and f"it sent `Accept: {shortened(accept, 60)}`",
        fixes=(other_places(case), tell_owner(exchange)),
        perhaps=exchange.status == 407 and "proxy-auth-required",
        side=side,
        retry=row.retry,
    )


CAUSES: tuple[Cause, ...] = (
    cause(http_405_head, warns=head_survived),
    cause(http_416_range),
    cause(http_423_locked),
    cause(http_451_legal),
    cause(http_4xx_other),
)
