"""Refused for the program's name: the same request is answered when an identifying agent makes it."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes as remedies
from mnistdoctor.causes.base import Case, Cause, Change, Command, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import marks
from mnistdoctor.causes.facts.http import allowance, answer, answered, body, elsewhere, host, says, seen, told_owner
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.bot_checks import filtered, wall
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def agent(exchange: ev.Exchange) -> str:
    """The User-Agent that was sent."""
    return ev.field(exchange.request_fields, "user-agent") or "no name at all"


def told_otherwise(case: Case, exchange: ev.Exchange) -> bool:
    """Whether the answer itself names another reason than the program's name."""
    text = body(case)
    coded = marks.cloudflare_cause(marks.cloudflare_code(exchange, text))
    return bool(
        exchange.credentials
        or marks.hub_cause(exchange)
        or marks.store_error(exchange, text)
        or coded not in (None, "http-403-user-agent", "http-403-waf-block")
        or wall(case, exchange, "http-403-challenge")
        or wall(case, exchange, "http-403-ip-or-geo")
        or filtered(case, exchange)
    )


def hung_up(case: Case) -> ev.Exchange | None:
    """The request that the origin ended the connection over, without a byte."""
    exchange = case.stopped(ev.Exchange, Failure.EOF)
    return exchange if exchange and exchange.via != "proxy" and not exchange.first_bytes else None


def _silent_limit(case: Case) -> ev.Exchange | None:
    """A 429 that says nothing of a limit or a pause: some sites turn programs' names away with it."""
    exchange = answer(case, 429)
    return None if exchange is None or allowance(exchange) else exchange


def passed(case: Case, *, ask: bool = False) -> bool:
    """Whether the same request, under the same name, was served at its second asking: then no rule refused it."""
    records = case.ask(Control.AGAIN, ev.Exchange) if ask else case.observations
    second = tuple(one for one in records if isinstance(one, ev.Exchange) and one.control == Control.AGAIN)
    return answered(second) is not None


def http_403_user_agent(case: Case) -> Finding | None:
    """Holds when this client's name is refused (403, 406, a bare 429, a hang-up) and another honest one served."""
    exchange = answer(case, 403, 406) or _silent_limit(case) or hung_up(case)
    if exchange is None or told_otherwise(case, exchange):
        return None
    tried = case.ask(Control.AGENTS, ev.Exchange)
    other = next((one for one in tried if answered((one,)) and agent(one) != agent(exchange)), None)
    coded = marks.cloudflare_code(exchange, body(case)) == 1010
    if (other is None and not coded) or (other is not None and not coded and passed(case, ask=True)):
        return None
    name = shortened(agent(exchange), 60)
    does = says(exchange) if exchange.status else f"{host(exchange)} hangs up"
    what = (
        seen(case, exchange)
        if exchange.status
        else (f"{exchange.method} {shortened(exchange.url, 200)} brought 0 bytes",)
    )
    evidence = [*what, f"that was asked as `{name}`"]
    evidence += [f"the same request as `{agent(other)}` was answered {other.status}"] if other else []
    evidence += ["the page bears Cloudflare's error 1010, a ban by the program's signature"] if coded else []
    return finding(
        f"{does} {'to' if exchange.status else 'on'} programs that call themselves `{name}`",
        "The server turns this program's name away and serves the same address to one that "
        "says who it is. That is a rule of the site against nameless robots. Put your project's name and "
        "a contact address into the User-Agent.",
        tuple(evidence),
        fixes=(other and named(case, agent(other)), elsewhere(case), told_owner(exchange)),
        unlike=other
        and {
            "http-403-challenge": "the same address was served to a program without JavaScript",
            "http-403-ip-or-geo": "the same address was served to this machine under another name",
        },
        perhaps=not other and "http-403-waf-block",
        certain=other is not None,
    )


def named(case: Case, name: str) -> Fix:
    """How this client sends that User-Agent."""
    url, file = case.exchange.url if case.exchange else case.subject.url, remedies.file_name(case.subject.url)
    client = case.client
    commands: tuple[Command, ...]
    if client.family == "urllib" and client.user_agent.startswith("Python-urllib"):
        commands = (
            Command("import urllib.request", "python"),
            Command("opener = urllib.request.build_opener()", "python"),
            Command(f"opener.addheaders = [('User-Agent', {name!r})]", "python"),
            Command("urllib.request.install_opener(opener)", "python"),
        )
        title = "Give urllib a name before you call the loader (put your own project's in)"
    elif client.name == "requests":
        commands = (
            Command("import pathlib, requests", "python"),
            Command(f"answer = requests.get({url!r}, headers={{'User-Agent': {name!r}}}, timeout=60)", "python"),
            Command("answer.raise_for_status()", "python"),
            Command(f"pathlib.Path({file!r}).write_bytes(answer.content)", "python"),
        )
        title = "Give requests a name (put your own project's in)"
    else:
        commands = (remedies.download(case, url, "-A", name),)
        title = "Fetch the file with a program that says who it is (put your own project's name in)"
    return Fix(title=title, commands=commands, change=Change(user_agent=name))


CAUSES: tuple[Cause, ...] = (
    cause(
        http_403_user_agent,
        needs=(Control.AGENTS, Control.AGAIN),
    ),
)
