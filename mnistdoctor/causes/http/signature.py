"""A signed link that has expired, or was changed on its way."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qs

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Finding, Fix, cause
from mnistdoctor.causes.facts import marks
from mnistdoctor.causes.facts.http import answer, body, exchange_evidence, host, is_signed, says
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding


def http_403_signature(case: Case) -> Finding | None:
    """Holds when a signed URL has expired, or was changed on its way."""
    exchange = answer(case, 400, 401, 403)
    store = marks.store_error(exchange, body(case)) if exchange else None
    if exchange is None:
        return None
    name = is_signed(exchange.url)
    over = _expired(exchange) if name else None
    coded = (
        store is not None
        and store.meaning == "signature"
        and (name is not None or store.code != "AuthenticationFailed")
    )
    if not coded and not (name and over and over > 0):
        return None
    clock = store is not None and store.code == "RequestTimeTooSkewed"
    late = clock or bool(over and over > 0) or bool(store and "expire" in (store.code + store.message).lower())
    what = "the signed link has expired" if late and not clock else "the signature of the link does not fit"
    skew = exchange.date_skew_s
    evidence = [*exchange_evidence(case, exchange)]
    evidence += [f"the address is signed (`{name}`)"] if name else []
    evidence += [f"by its own parameters it ended {over / 60:.0f} min before the answer"] if over and over > 0 else []
    evidence += (
        [f"this machine's clock differs from the server's by {abs(skew):.0f} s"] if skew and abs(skew) > 300 else []
    )
    return finding(
        f"{says(exchange)}: " + ("the clock of the one who signed the request is wrong" if clock else what),
        "A signed link is good for a short time and for exactly one request. When it is kept, "
        "copied with changes, or asked with another method or header, the store refuses it. The file "
        "itself may be quite well.",
        tuple(evidence),
        fixes=_fresh(case, exchange),
        unlike=coded and {"http-403-object-not-public": "the request carried a signature, and the store judged that"},
        perhaps=clock and "tls-clock-wrong",
        certain=not clock and (coded or bool(over and over > 0)),
    )


def _fresh(case: Case, exchange: ev.Exchange) -> Fix:
    first = case.all(ev.Exchange)[0]
    if host(first) != host(exchange):
        return Fix(
            title=f"Start again at {host(first)}: it hands out a fresh link each time",
            commands=(fixes.download(case, first.url),),
            untried="the same address was asked in this run",
        )
    return Fix(title="Get a fresh link from where this one came from", untried="only the owner of the key can sign one")


def _expired(exchange: ev.Exchange) -> float | None:
    """Seconds since the link ended, by the answer's own Date; None where it cannot be told."""
    query = {name.lower(): values[0] for name, values in parse_qs(split_url(exchange.url).query).items()}
    try:
        now = parsedate_to_datetime(exchange.field("date") or "").timestamp()
        for kind in ("x-amz-", "x-goog-"):
            if kind + "date" in query:
                start = parsedate_to_datetime(_http_date(query[kind + "date"])).timestamp()
                return now - start - float(query[kind + "expires"])
        if "se" in query:  # Azure's shared access signature, in ISO 8601
            end = datetime.fromisoformat(query["se"].replace("Z", "+00:00"))
            return now - (end if end.tzinfo else end.replace(tzinfo=timezone.utc)).timestamp()
        return now - float(query["expires"])
    except (KeyError, ValueError, TypeError, IndexError, OverflowError):
        return None


def _http_date(basic: str) -> str:
    """``20261118T010203Z`` as the e-mail form that the library reads."""
    found = re.fullmatch(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", basic)
    if not found:
        raise ValueError(basic)
    year, month, day, *time = found.groups()
    names = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{day} {names[int(month) - 1]} {year} {':'.join(time)} +0000"


CAUSES: tuple[Cause, ...] = (cause(http_403_signature),)
