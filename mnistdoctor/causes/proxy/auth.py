"""407: a proxy that wants to know who is asking (RFC 9110 section 11.7), and its kin in SOCKS (RFC 1929)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes as remedies
from mnistdoctor.causes.base import Case, Cause, Command, Finding, Fix, cause
from mnistdoctor.causes.facts import proxy as words
from mnistdoctor.causes.facts.marks import made_by_proxy
from mnistdoctor.causes.fixes import command, download, on_windows
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened

_LOGIN = frozenset({"negotiate", "ntlm", "kerberos"})
"""Schemes that use the login of the machine (RFC 4559): no client written in Python answers them by itself."""
_HELD = "the credentials were refused before in this run, and not sent again"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A proxy that asked for credentials."""

    answer: str
    """What it said, ready to be quoted."""
    offered: tuple[str, ...]
    """Authentication schemes as the proxy spells them, in its order."""
    sent: bool
    """Whether credentials had been sent."""
    held: bool = False
    """Whether they were held back because this run had seen them refused."""
    mentioned: bool = False
    """Whether the body names a locked account."""


def refusal(case: Case) -> Refusal | None:
    """The proxy's demand that ended the examination, or None where there was none."""
    tunnel, exchange = case.stopped(ev.Tunnel), words.refused(case)
    if tunnel and tunnel.failure == Failure.CREDENTIALS_HELD:
        return Refusal(_HELD, tunnel.schemes, True, held=True)
    if exchange and exchange.failure == Failure.CREDENTIALS_HELD and exchange.via == "proxy":
        return Refusal(_HELD, (), True, held=True)
    if tunnel and tunnel.status == 407:
        said = f"CONNECT was answered with 407 {tunnel.reason}".rstrip()
        schemes = tunnel.schemes or offered(tunnel.fields)
        return Refusal(said, schemes, tunnel.credentials_sent, False, _locked(tunnel.text))
    if tunnel and tunnel.failure == Failure.SOCKS:
        if tunnel.reply == 255 and tunnel.credentials_sent:
            return Refusal("the SOCKS proxy refused the user name and password", ("Basic",), True)
        if tunnel.reply == 255:
            return Refusal("the SOCKS proxy accepts nobody without signing in (method 0xFF)", ("Basic",), False)
    if exchange and exchange.status == 407 and _from_proxy(case, exchange):
        text = case.transfer.text if case.transfer else ""
        said = f"the request was answered with 407 {exchange.reason}".rstrip()
        return Refusal(said, offered(exchange.fields), exchange.proxy_credentials, False, _locked(text))
    return None


def _from_proxy(case: Case, exchange: ev.Exchange) -> bool:
    """Whether a proxy can have said it: in clear one that nobody set too, under TLS none but one that opens it."""
    if exchange.via == "proxy":
        return True
    if remedies.parts(exchange.url).scheme == "https":
        return case.by_proxy and made_by_proxy(exchange) is not None
    return exchange.field("proxy-authenticate") is not None or case.by_proxy


def offered(fields: ev.Fields) -> tuple[str, ...]:
    """The schemes of all Proxy-Authenticate fields in order, several in one field included (RFC 9110, 11.6.1)."""
    schemes: list[str] = []
    for name, value in fields:
        if name.lower() != "proxy-authenticate":
            continue
        for part in re.sub(r'"(?:[^"\\]|\\.)*"', '""', value).split(","):
            found = re.match(r"\s*([A-Za-z][\w!#$%&'*+.^`|~-]*)(?:\s+(?!=)|\s*$)", part)
            if found:
                schemes.append(found.group(1))
    return tuple(dict.fromkeys(schemes))


def _locked(text: str) -> bool:
    return re.search(r"account\b.{0,40}\b(locked|disabled|expired)", text, re.IGNORECASE | re.DOTALL) is not None


def _able(case: Case, seen: Refusal) -> tuple[str, ...]:
    """The offered schemes that this client can answer."""
    return tuple(one for one in seen.offered if one.lower() in case.client.proxy_auth_schemes)


def _only_login(case: Case, seen: Refusal) -> bool:
    schemes = {one.lower() for one in seen.offered}
    return bool(schemes) and schemes <= _LOGIN and not _able(case, seen)


def _quoted(case: Case, seen: Refusal) -> tuple[str, ...]:
    schemes = ", ".join(seen.offered)
    socks = case.route is not None and case.route.way == "socks"
    offer = f"it offers {schemes}" if schemes else "it did not say which schemes it accepts"
    return (
        f"{words.the_proxy(case)}: {seen.answer}",
        *(() if socks else (offer,)),
        "a user name and password were sent" if seen.sent else "no user name and password were sent",
        *((f"the proxy was set by {words.setting(case)}",) if case.by_proxy else ()),
    )


def proxy_auth_required(case: Case) -> Finding | None:
    seen = refusal(case)
    if seen is None or _only_login(case, seen):
        return None
    able = _able(case, seen)
    deaf = bool(seen.offered) and not able
    if seen.sent and not deaf:
        return None
    client, proxy, setting = case.client.name, words.the_proxy(case), words.setting(case)
    unset = not case.by_proxy
    half = case.route is not None and case.route.has_credentials and not seen.sent
    if deaf:
        speech = ", ".join(seen.offered)
        title = f"{proxy} wants {speech} authentication, which {client} cannot do"
        more = f"It offers only {speech}; {client}, as every Python client, answers a proxy with Basic alone. "
    else:
        lacks = f"{client} sent none" if half else f"{setting} holds none"
        title = f"{proxy} wants a user name and password, and {lacks}"
        more = f"{client} can answer {', '.join(able)}. " if able else "It did not say how. "
    if half:
        more += "Some clients send nothing unless user name and password are both there. "
    return Finding(
        title=title,
        explanation=(
            "407 is a proxy's own answer: it passes nothing on before it knows who is asking. "
            + ("None is set here, so it would be one that the network put in the way. " if unset else
               f"{case.host or 'The server'} has not seen the request. ")
            + f"{more}Basic travels readably to the proxy."
        ),
        evidence=_quoted(case, seen),
        certain=bool(seen.offered) and not unset,
        fixes=_helpers(case, seen) if deaf else _password_fixes(case),
        ruled_out=(
            ("http-401-token-missing", "401 would be the server's; 407 comes from a proxy"),
            ("proxy-auth-wrong", "no credentials were sent") if not seen.sent
            else ("proxy-auth-wrong", "the proxy offers no scheme in which they could have been judged"),
        ),
        also_possible=("http-4xx-other",) if unset else () if seen.offered else ("proxy-auth-negotiate",),
    )  # fmt: skip


def _password_fixes(case: Case) -> tuple[Fix, ...]:
    return (
        words.with_password(
            case, "Set the proxy with your user name and password (it is asked for, percent-encoded and not shown)"
        ),
        words.ask_owner(
            "If you have no account, ask whoever runs the proxy for one, or for an exception for this machine"
        ),
    )


def proxy_auth_wrong(case: Case) -> Finding | None:
    seen = refusal(case)
    if seen is None or not seen.sent or _only_login(case, seen):
        return None
    if seen.offered and not _able(case, seen):
        return None
    if case.route and any(one in case.route.oddities for one in ("reserved", "backslash")):
        return None
    proxy, setting = words.the_proxy(case), words.setting(case)
    seen_more = ("its page speaks of a locked or expired account",) if seen.mentioned else ()
    return Finding(
        title=f"{proxy} refused the user name or password in {setting}",
        explanation=(
            "The credentials were sent once and the proxy asked for them again, so it does not accept "
            "them. The password may have been changed, the name may want its domain, or the account is "
            "locked. They were sent once and not again: after a few wrong tries many directories lock "
            "the account."
        ),
        evidence=(*_quoted(case, seen), *seen_more),
        certain=bool(seen.offered) and not seen.held,
        fixes=(
            words.with_password(case, "Set it anew with the password of today, once (it is asked for and not shown)"),
            Fix(
                title="Try the name as `DOMAIN%5Cuser` or `user%40corp.example`, as your organisation writes it",
                untried="each try counts towards a locked account",
            ),
            Fix(title="Ask whether the account is locked, and have it unlocked", untried="somebody else has to act"),
        ),
        ruled_out=(
            ("proxy-auth-required", "credentials were sent"),
            ("proxy-env-credentials-unencoded", "the setting is well formed"),
        ),
        also_possible=() if seen.offered and not seen.held else ("proxy-auth-negotiate",),
    )


def proxy_auth_negotiate(case: Case) -> Finding | None:
    seen = refusal(case)
    if seen is None or not _only_login(case, seen):
        return None
    proxy, client, schemes = words.the_proxy(case), case.client.name, " and ".join(seen.offered)
    return Finding(
        title=f"{proxy} wants your login by {schemes}, which {client} cannot speak",
        explanation=(
            f"The proxy accepts {schemes} only: proof of your login, not a password in the setting. "
            "Python's clients answer a proxy with Basic alone, so no user name in a variable can help. A "
            "small helper on this machine can sign in for them. Browsers do it themselves, which is why "
            "they work."
        ),
        evidence=_quoted(case, seen),
        fixes=_helpers(case, seen),
        ruled_out=(("proxy-auth-required", "neither Basic nor Digest is offered"),),
    )


def _helpers(case: Case, seen: Refusal) -> tuple[Fix, ...]:
    """What can speak the schemes of this proxy: a helper for all clients, or curl for this one file."""
    schemes = {one.lower() for one in seen.offered}
    why = "it needs your account on the proxy"
    ask = words.ask_owner(f"Ask whoever runs {words.proxy(case)} for a way to sign in with Basic, or an exception")
    if not schemes & _LOGIN:
        line = _curl(case, "--proxy-anyauth" if "digest" not in schemes else "--proxy-digest", "USER")
        return (Fix(title="Fetch the file with curl, which asks for the password", commands=line, untried=why), ask)
    lines: tuple[Command, ...]
    if on_windows(case):
        lines = (command(case, "python -m pip install px-proxy"),
                 *words.helper(case, f"Start-Process px '--proxy={words.proxy(case)} --port=3128'"))  # fmt: skip
        helper = Fix(title="Run px, which signs in with your Windows login", commands=lines, untried=why)
    else:
        lines = words.helper(case, f"cntlm -I -u USER@DOMAIN -l 3128 {words.proxy(case)}")
        helper = Fix(title="Run cntlm (or alpaca on macOS), which signs in for you", commands=lines, untried=why)
    if schemes & {"negotiate", "kerberos"}:
        ticket = () if on_windows(case) else (command(case, "kinit"),)
        lines = (*ticket, *_curl(case, "--proxy-negotiate", ":"))
        return (helper, Fix(title="Or fetch the file with curl and your login", commands=lines, untried=why), ask)
    curl = Fix(title="Or fetch the file with curl", commands=_curl(case, "--proxy-ntlm", "USER"), untried=why)
    return (helper, curl, ask)


def _curl(case: Case, scheme: str, user: str) -> tuple[Command, ...]:
    url = shortened(case.subject.url, 2000)
    return (download(case, url, scheme, "--proxy-user", user, "--proxy", words.proxy_url(case)),)


CAUSES: tuple[Cause, ...] = (
    cause(proxy_auth_negotiate, machine_wide=True),
    cause(proxy_auth_required, machine_wide=True),
    cause(proxy_auth_wrong, machine_wide=True),
)
