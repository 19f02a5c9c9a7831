"""Answers whose body is a machine's report: an API's error, a store that names another region."""

from __future__ import annotations

import json
import re

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.facts import marks, openml
from mnistdoctor.causes.facts.body import arrived, reports_error
from mnistdoctor.causes.facts.http import answer, body, exchange_evidence, host, says
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.fixes import other_places
from mnistdoctor.wording import shortened


def http_301_region(case: Case) -> Finding | None:
    """Holds when an S3 bucket answers that it lives in another region, and does not say where to."""
    exchange = answer(case, 301, 307, 400)
    store = marks.store_error(exchange, body(case)) if exchange else None
    named = re.search(r"<Region>([a-z0-9-]{1,40})</Region>", body(case))
    where = (exchange.field("x-amz-bucket-region") if exchange else None) or (named[1] if named else None)
    coded = store is not None and store.meaning == "region"
    if exchange is None or exchange.location or not (coded or (where and exchange.status in (301, 307))):
        return None
    url = _regional(exchange.url, store.endpoint if store else None, where)
    told = (store.endpoint if store else None) or where or ""
    name = f" ({told})" if re.fullmatch(r"[a-z0-9.-]{1,80}", told) else ""
    if url:
        fix = Fix(
            title=f"Use the bucket's own address, {split_url(url).hostname}",
            commands=(fixes.download(case, url),),
            change=Change(url=url),
        )
    else:
        fix = Fix(
            title=f"Use the address of the bucket's own region{name}",
            untried="the store does not say the whole address",
        )
    return finding(
        f"{says(exchange)}: the bucket lives in another region{name}",
        "S3 knows the bucket and says where it lives, but gives no Location that a download "
        "program could follow. The same key at the bucket's own address will do.",
        exchange_evidence(case, exchange) + ((f"it names the region {where}",) if where else ()),
        fixes=(fix, other_places(case)),
        unlike={"http-redirect-loop": "there was nowhere to go on to"},
    )


def _regional(url: str, endpoint: str | None, where: str | None) -> str | None:
    """The URL at the bucket's own address; only hosts of AWS are believed."""
    parts = split_url(url)
    old, path = parts.hostname or "", parts.path
    virtual = re.fullmatch(r"(.+)\.s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?", old)
    bucket, key = (
        (virtual[1], path) if virtual else (path.lstrip("/").split("/")[0], "/" + path.lstrip("/").partition("/")[2])
    )
    if endpoint and re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?", endpoint) and endpoint != old:
        return f"{parts.scheme}://{endpoint}{key if endpoint.startswith(bucket + '.') else f'/{bucket}{key}'}"
    if where and re.fullmatch(r"[a-z]{2}(-[a-z]+)+-\d", where) and old.endswith(".amazonaws.com"):
        return f"{parts.scheme}://{bucket}.s3.{where}.amazonaws.com{key}"
    return None


_CHECK = "Check the number, name and version of the data set"
_MEANINGS = {
    "no-result": ": it has no such data set",
    "needs-key": ": it wants an API key",
    "busy": ": its database is busy",
}


def http_api_error_body(case: Case) -> Finding | None:
    """Holds when an API answers with its own report of an error, under whatever status."""
    exchange = case.exchange
    report = openml.error(body(case), host(exchange)) if exchange else None
    # under a status of success only a reply that was to be an API's own is one: a file may hold any word
    told = answer(case, 400, 406, 409, 412, 415, 422) or (exchange if _reported(case) else None)
    if exchange is None or (report is None and told is None):
        return None
    problem = None if report else _problem(body(case)) or ("error" if _reported(case) else None)
    if report is None and (problem is None or marks.store_error(exchange, body(case))):
        return None
    words = report[2] if report else problem or ""
    meaning = report[1] if report else "other"
    number = f"error {report[0]}" if report else "an error"
    needs_key, busy = meaning == "needs-key", meaning == "busy"
    advice = "Give the program a key in `OPENML_APIKEY`" if needs_key else _CHECK
    return finding(
        f"{says(exchange)}: its API reports {number}{_MEANINGS.get(meaning, '')}",
        "The answer is an API's error report and not the data. The server is well and "
        "understood the question; its own words say what is wrong with it. A program that saves this as "
        "the data set will fail later, and less clearly.",
        exchange_evidence(case, exchange),
        words and f"the report says “{shortened(words, 150)}”",
        fixes=(
            other_places(case),
            Fix(title="Try again in some minutes" if busy else advice, untried="nothing more is known here"),
        ),
        unlike={"body-html-instead-of-data": "the body is a machine's error report"},
        side="server" if busy else None,
        retry="later" if busy else None,
    )


def _reported(case: Case) -> bool:
    """Whether an API's reply came with success, and reports an error."""
    return case.subject.content == "json" and arrived(case) is not None and reports_error(case.content)


def _problem(text: str) -> str | None:
    """The message of a JSON error, RFC 9457's among them."""
    try:
        said = json.loads(text) if text.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(said, dict):
        return None
    inner = said["error"] if isinstance(said.get("error"), dict) else said
    found = [inner.get(name) for name in ("detail", "title", "message", "error", "error_description")]
    return next((value for value in found if isinstance(value, str) and value), None)


CAUSES: tuple[Cause, ...] = (
    cause(http_301_region),
    cause(http_api_error_body),
)
