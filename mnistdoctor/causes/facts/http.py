"""What the HTTP causes share: whose answer it is, what it says of itself, and where else the file can be had."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import parse_qs

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import File, Source
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Control, Fix
from mnistdoctor.causes.facts import marks
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


def body(case: Case) -> str:
    """The beginning of the last answer's body where it is text."""
    return case.transfer.text if case.transfer else ""


def says(exchange: ev.Exchange) -> str:
    """``example.com answers 403``, the beginning of a title."""
    return f"{host(exchange)} answers {exchange.status}"


def reason(exchange: ev.Exchange) -> str:
    """The status with its phrase; the registered phrase where the server sent none."""
    try:
        phrase = exchange.reason or HTTPStatus(exchange.status or 0).phrase
    except ValueError:
        phrase = ""
    return shortened(f"{exchange.status} {phrase}".strip(), 60)


def exchange_evidence(case: Case, exchange: ev.Exchange) -> tuple[str, ...]:
    """The answer in two or three sentences: what was asked, who says that it answered, and its own words."""
    told = [f"{exchange.method} {shortened(exchange.url, 200)} was answered `{reason(exchange)}`"]
    hops = len({one.hop for one in case.all(ev.Exchange)})
    if hops > 1:
        told.append(f"that was after {hops - 1} redirect{'s' if hops > 2 else ''} from {first_host(case)}")
    server = exchange.field("server")
    if server:
        told.append(f"the answer names its maker: `Server: {shortened(server, 60)}`")
    told += body_quote(case, exchange)
    return tuple(told)


def body_quote(case: Case, exchange: ev.Exchange) -> list[str]:
    """What the body says, in one sentence: a store's code, a page's title, or the first line of a text."""
    text = body(case)
    store = marks.store_error(exchange, text)
    if store:
        message = f": {shortened(store.message)}" if store.message else ""
        return [f"its error document says `{store.code}`{message}"]
    if case.content and case.content.title:
        return [f"the page is titled “{shortened(case.content.title, 80)}”"]
    if text.strip() and not text.lstrip().startswith("<"):
        return [f"its body begins “{shortened(text, 100)}”"]
    return []


def first_host(case: Case) -> str:
    """The host of the URL that was asked for at first."""
    return split_url(case.subject.url).hostname or case.subject.url


def doubt(exchange: ev.Exchange, *others: str) -> tuple[str, ...]:
    """Runners-up; a forward proxy can always have written what came through it in clear."""
    return (*others, "proxy-connect-denied") if exchange.via == "proxy" and exchange.status == 403 else others


def answered(exchanges: tuple[ev.Exchange, ...]) -> ev.Exchange | None:
    """The first of a control's answers that is a success."""
    return next((one for one in exchanges if one.status is not None and 200 <= one.status < 300), None)


def listed(case: Case) -> tuple[str, ...]:
    """What the catalogue has to say of a retired place, as evidence."""
    found = retired(case)
    if found is None:
        return ()
    source = found[0]
    states = {
        "dead_reported": "reported dead",
        "superseded": "given up by newer releases",
        "never_existed": "a place that never existed",
    }
    told = [f"the catalogue lists this address as {states.get(source.status, 'retired')}"]
    told += [f"known since {source.evidence[-1]}"] if source.evidence and source.status == "dead_reported" else []
    return tuple(told)


def wait_s(case: Case, answer: ev.Exchange | ev.Tunnel) -> float | None:
    """Seconds to wait by Retry-After (RFC 9110 section 10.2.3), from the answer's own Date where it gives a date."""
    value = (ev.field(answer.fields, "retry-after") or "").strip()
    if value.isdecimal() and len(value) < 9:
        return float(value)
    until = _time(value)
    if until is None:
        return None
    now = _time(ev.field(answer.fields, "date") or "")
    return max(0.0, until - (case.machine.unix_time if now is None else now))


_LIMITS = (
    "retry-after", "ratelimit", "ratelimit-policy", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset",
)  # fmt: skip


def allowance(exchange: ev.Exchange) -> tuple[str, ...]:
    """What the answer says of a limit and of when it ends, one sentence each."""
    return tuple(
        f"it says `{name}: {shortened(value, 60)}`" for name, value in exchange.fields if name.lower() in _LIMITS
    )


def _time(value: str) -> float | None:
    """An HTTP-date in seconds since 1970."""
    try:
        return parsedate_to_datetime(value).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None


def user_agent(exchange: ev.Exchange) -> str:
    """The User-Agent that was sent."""
    return ev.field(exchange.request_fields, "user-agent") or "no name at all"


def served_again(case: Case, *, ask: bool = False) -> bool:
    """Whether the same request, under the same name, was served at its second asking: then no rule refused it."""
    records = case.ask(Control.AGAIN, ev.Exchange) if ask else case.observations
    second = tuple(one for one in records if isinstance(one, ev.Exchange) and one.control == Control.AGAIN)
    return answered(second) is not None


_SIGNED = ("x-amz-signature", "x-goog-signature", "signature", "sig")


def is_signed(url: str) -> str | None:
    """The name of the signature among the URL's query parameters."""
    names = {name.lower(): name for name in parse_qs(split_url(url).query, keep_blank_values=True)}
    found = next((names[name] for name in _SIGNED if name in names), None)
    if (
        found
        and found.lower() == "signature"
        and not names.keys() & {"expires", "key-pair-id", "awsaccesskeyid", "policy"}
    ):
        return None
    return found if found != "sig" or names.keys() & {"se", "sv", "sp"} else None


_SIGN_IN = {
    "huggingface.co": ("hf auth login",),
    "hf.co": ("hf auth login",),
}


NEEDS_TOKEN = {
    "huggingface.co": "a Hugging Face token in `HF_TOKEN`",
    "www.kaggle.com": "a key in `KAGGLE_USERNAME` and `KAGGLE_KEY`, or in `~/.kaggle/kaggle.json`",
    "kaggle.com": "a key in `KAGGLE_USERNAME` and `KAGGLE_KEY`, or in `~/.kaggle/kaggle.json`",
    "www.openml.org": "an API key in `OPENML_APIKEY`",
    "api.github.com": "a token in `GITHUB_TOKEN`",
}


def sign_in(case: Case, exchange: ev.Exchange) -> tuple[Fix, ...]:
    """How credentials are given to that host."""
    name = host(exchange)
    commands = tuple(fixes.command(case, line) for line in _SIGN_IN.get(name, ()))
    need = NEEDS_TOKEN.get(name)
    title = f"Give the program {need}" if need else f"Give the program the credentials that {name} gave you"
    return (Fix(title=title, commands=commands, untried="only you have the credentials"),)


def denied(case: Case) -> ev.Exchange | None:
    """A store's AccessDenied to an unsigned request: also what S3 says of a key that is not there."""
    exchange = answer(case, 403)
    store = marks.store_error(exchange, body(case)) if exchange else None
    return exchange if store and store.code == "AccessDenied" and store.meaning == "private" else None


def host(exchange: ev.Exchange) -> str:
    """The name that was asked."""
    return split_url(exchange.url).hostname or exchange.url


def retired(case: Case) -> tuple[Source, File] | None:
    """The catalogue's entry of the URL asked for, where that place is no longer current."""
    found = case.catalogue.by_url(case.subject.url)
    return found if found and not found[0].current else None
