"""Refused for the program's name: the same request is answered when an identifying agent makes it."""

from __future__ import annotations

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Change, Command, Control, Finding, Fix, cause
from mnistdoctor.causes.facts.http import exchange_evidence, host, says, user_agent
from mnistdoctor.causes.facts.urls import file_name
from mnistdoctor.causes.facts.user_agents import refused_agent
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.http.fixes import other_places, tell_owner
from mnistdoctor.wording import shortened


def http_403_user_agent(case: Case) -> Finding | None:
    """Holds when this client's name is refused (403, 406, a bare 429, a hang-up) and another honest one served."""
    refused = refused_agent(case)
    if refused is None:
        return None
    exchange, other, coded = refused.exchange, refused.served, refused.banned
    name = shortened(user_agent(exchange), 60)
    does = says(exchange) if exchange.status else f"{host(exchange)} hangs up"
    what = (
        exchange_evidence(case, exchange)
        if exchange.status
        else (f"{exchange.method} {shortened(exchange.url, 200)} brought 0 bytes",)
    )
    evidence = [*what, f"that was asked as `{name}`"]
    evidence += [f"the same request as `{user_agent(other)}` was answered {other.status}"] if other else []
    evidence += ["the page bears Cloudflare's error 1010, a ban by the program's signature"] if coded else []
    return finding(
        f"{does} {'to' if exchange.status else 'on'} programs that call themselves `{name}`",
        "The server turns this program's name away and serves the same address to one that "
        "says who it is. That is a rule of the site against nameless robots. Put your project's name and "
        "a contact address into the User-Agent.",
        tuple(evidence),
        fixes=(other and named(case, user_agent(other)), other_places(case), tell_owner(exchange)),
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
    url, file = case.exchange.url if case.exchange else case.subject.url, file_name(case.subject.url)
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
        commands = (fixes.download(case, url, "-A", name),)
        title = "Fetch the file with a program that says who it is (put your own project's name in)"
    return Fix(title=title, commands=commands, change=Change(user_agent=name))


CAUSES: tuple[Cause, ...] = (
    cause(
        http_403_user_agent,
        needs=(Control.AGENTS, Control.AGAIN),
    ),
)
