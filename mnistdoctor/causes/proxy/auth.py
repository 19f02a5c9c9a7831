"""407: a proxy that wants to know who is asking (RFC 9110 section 11.7), and its kin in SOCKS (RFC 1929)."""

from __future__ import annotations

from mnistdoctor.causes.base import Cause, Command, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import proxy, proxy_answers
from mnistdoctor.causes.facts.proxy_answers import LOGIN_SCHEMES, Demand
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, command, download, on_windows, pip
from mnistdoctor.causes.proxy.fixes import proxy_url, through_helper, with_password


def proxy_auth_negotiate(case: Case) -> Finding | None:
    """Holds when the proxy takes the login of the machine alone, in a scheme that this client cannot speak."""
    demand = proxy_answers.demand(case)
    if demand is None or not demand.login_only(case):
        return None
    schemes = " and ".join(demand.schemes)
    return finding(
        f"{proxy.the_proxy(case)} wants your login by {schemes}, which {case.client.name} cannot speak",
        f"The proxy accepts {schemes} only: proof of your login, not a password in the setting. Python's clients "
        "answer a proxy with Basic alone, so no user name in a variable can help. A small helper on this machine can "
        "sign in for them. Browsers do it themselves, which is why they work.",
        _quoted(case, demand),
        fixes=_helpers(case, demand),
        unlike={"proxy-auth-required": "neither Basic nor Digest is offered"},
    )


def proxy_auth_required(case: Case) -> Finding | None:
    """Holds when the proxy wants credentials and none were sent, or none that this client can send would do."""
    demand = proxy_answers.demand(case)
    if demand is None or demand.login_only(case):
        return None
    able = demand.answerable(case)
    deaf = bool(demand.schemes) and not able
    if demand.sent and not deaf:
        return None
    wish, able_to = _lack(case, demand, deaf, able)
    whose = (
        f"{case.host or 'The server'} has not seen the request. "
        if case.proxied
        else "None is set here, so it would be one that the network put in the way. "
    )
    return finding(
        f"{proxy.the_proxy(case)} wants {wish}",
        "407 is a proxy's own answer: it passes nothing on before it knows who is asking. "
        f"{whose}{able_to} Basic travels readably to the proxy.",
        _quoted(case, demand),
        fixes=_helpers(case, demand) if deaf else _accounts(case),
        unlike={
            "http-401-token-missing": "401 would be the server's; 407 comes from a proxy",
            "proxy-auth-wrong": "the proxy offers no scheme in which they could have been judged"
            if demand.sent
            else "no credentials were sent",
        },
        perhaps="http-4xx-other" if not case.proxied else not demand.schemes and "proxy-auth-negotiate",
    )


def _accounts(case: Case) -> tuple[Fix, ...]:
    title = "Set the proxy with your user name and password (it is asked for, percent-encoded and not shown)"
    lacking = "If you have no account, ask"
    return (
        with_password(case, title),
        ask("whoever runs the proxy", "for one, or for an exception for this machine", verb=lacking),
    )


def _lack(case: Case, demand: Demand, deaf: bool, able: tuple[str, ...]) -> tuple[str, str]:
    """What the proxy wants and lacks, for the title, and a sentence on what this client is able to."""
    client, schemes = case.client.name, ", ".join(demand.schemes)
    half = case.route is not None and case.route.has_credentials and not demand.sent
    if deaf:
        wish = f"{schemes} authentication, which {client} cannot do"
        able_to = f"It offers only {schemes}; {client}, as every Python client, answers a proxy with Basic alone."
    else:
        lack = f"{client} sent none" if half else f"{proxy.setting(case)} holds none"
        wish = f"a user name and password, and {lack}"
        able_to = f"{client} can answer {', '.join(able)}." if able else "It did not say how."
    hint = " Some clients send nothing unless user name and password are both there." if half else ""
    return wish, able_to + hint


def proxy_auth_wrong(case: Case) -> Finding | None:
    """Holds when credentials were sent in a scheme that the proxy offers, and it asked for them again."""
    demand = proxy_answers.demand(case)
    if demand is None or not demand.sent or (demand.schemes and not demand.answerable(case)):
        return None
    if proxy.oddities(case, *proxy.UNENCODED):
        return None
    return finding(
        f"{proxy.the_proxy(case)} refused the user name or password in {proxy.setting(case)}",
        "The credentials were sent once and the proxy asked for them again, so it does not accept them. The password "
        "may have been changed, the name may want its domain, or the account is locked. They were sent once and not "
        "again: after a few wrong tries many directories lock the account.",
        _quoted(case, demand),
        demand.account_locked and "its page speaks of a locked or expired account",
        fixes=(
            with_password(case, "Set it anew with the password of today, once (it is asked for and not shown)"),
            Fix(
                title="Try the name as `DOMAIN%5Cuser` or `user%40corp.example`, as your organisation writes it",
                untried="each try counts towards a locked account",
            ),
            Fix(title="Ask whether the account is locked, and have it unlocked", untried="somebody else has to act"),
        ),
        unlike={
            "proxy-auth-required": "credentials were sent",
            "proxy-env-credentials-unencoded": "the setting is well formed",
        },
        perhaps=(not demand.schemes or demand.held) and "proxy-auth-negotiate",
    )


def _quoted(case: Case, demand: Demand) -> tuple[str | None, ...]:
    socks, schemes = case.route is not None and case.route.way == "socks", ", ".join(demand.schemes)
    offer = f"it offers {schemes}" if schemes else "it did not say which schemes it accepts"
    return (
        f"{proxy.the_proxy(case)}: {demand.answer}",
        None if socks else offer,
        "a user name and password were sent" if demand.sent else "no user name and password were sent",
        f"the proxy was set by {proxy.setting(case)}" if case.proxied else None,
    )


def _helpers(case: Case, demand: Demand) -> tuple[Fix, ...]:
    """What can speak the schemes of this proxy: a helper for all clients, or curl for this one file."""
    name, schemes = proxy.name(case), {one.lower() for one in demand.schemes}
    another_way = ask(f"whoever runs {name}", "for a way to sign in with Basic, or an exception")
    if not schemes & LOGIN_SCHEMES:
        option = "--proxy-digest" if "digest" in schemes else "--proxy-anyauth"
        return (
            _with_account("Fetch the file with curl, which asks for the password", *_curl(case, option)),
            another_way,
        )
    if on_windows(case):
        install = pip(case, "px-proxy")
        start = through_helper(case, f"Start-Process px '--proxy={name} --port=3128'")
        helper = _with_account("Run px, which signs in with your Windows login", install, *start)
    else:
        start = through_helper(case, f"cntlm -I -u USER@DOMAIN -l 3128 {name}")
        helper = _with_account("Run cntlm (or alpaca on macOS), which signs in for you", *start)
    if not schemes & {"negotiate", "kerberos"}:
        return (helper, _with_account("Fetch the file with curl", *_curl(case, "--proxy-ntlm")), another_way)
    ticket = () if on_windows(case) else (command(case, "kinit"),)
    curl = _curl(case, "--proxy-negotiate", ":")
    return (helper, _with_account("Fetch the file with curl and your login", *ticket, *curl), another_way)


def _with_account(title: str, *lines: Command) -> Fix:
    return Fix(title=title, commands=lines, untried="it needs your account on the proxy")


def _curl(case: Case, scheme: str, user: str = "USER") -> tuple[Command, ...]:
    return download(case, case.subject.url, scheme, "--proxy-user", user, "--proxy", proxy_url(case))


CAUSES: tuple[Cause, ...] = (
    cause(proxy_auth_negotiate, machine_wide=True),
    cause(proxy_auth_required, machine_wide=True),
    cause(proxy_auth_wrong, machine_wide=True),
)
