"""What all causes of the proxy say alike: which proxy, who set it, and the line that sets it anew."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Change, Command, Fix
from mnistdoctor.causes.fixes import command, on_windows, set_variable, unset_variables

ENCODE = "import urllib.parse as u,getpass;print(u.quote(getpass.getpass(),safe=''))"
"""Asks for a password without showing it, and prints it percent-encoded (RFC 3986 section 2.1)."""


def refused(case: Case) -> ev.Exchange | None:
    """The response with an error status that ended the examination, whatever became of its body."""
    stopped, exchange = case.stopped_by, case.exchange
    if exchange is None or not exchange.failure:
        return None
    return exchange if stopped is exchange or isinstance(stopped, (ev.Transfer, ev.Content)) else None


def proxy(case: Case) -> str:
    """``proxy.corp:3128``, or a word for it where the setting names none."""
    route = case.route
    if route is None or not route.proxy_host:
        return "the proxy"
    host = f"[{route.proxy_host}]" if ":" in route.proxy_host else route.proxy_host
    return f"{host}:{route.proxy_port}" if route.proxy_port else host


def the_proxy(case: Case) -> str:
    """The same with its article, also for one that nobody set."""
    return f"the proxy {proxy(case)}" if case.route and case.route.proxy_host else "a proxy on the way"


def decided_by(case: Case) -> str | None:
    """The variable that chose the proxy, or None where an option or the system's settings did."""
    name = case.route.decided_by if case.route else None
    return name if name and name.lower().endswith("_proxy") else None


def setting(case: Case) -> str:
    """Who chose the proxy, in words: a variable, an option or the system."""
    name = case.route.decided_by if case.route else None
    if not name:
        return "the proxy setting"
    if name.startswith("-") or decided_by(case):
        return f"`{name}`"
    return "the system's proxy setting"


def variable(case: Case) -> str:
    """The variable to set: the one that decided, else the one for this kind of URL."""
    plain = case.address is not None and case.address.scheme == "http"
    # curl reads http_proxy in lower case only, everything reads it so.
    return decided_by(case) or ("http_proxy" if plain else "HTTPS_PROXY")


def proxy_variables(case: Case) -> tuple[str, ...]:
    """The names of all proxy variables that are set, the one that decided among them."""
    names = [name for name, _ in case.machine.variables if name.lower() in ("http_proxy", "https_proxy", "all_proxy")]
    decided = decided_by(case)
    if decided and decided not in names:
        names.insert(0, decided)
    return tuple(names)


def proxy_url(case: Case, scheme: str | None = None, credentials: str = "") -> str:
    """The proxy's URL, with another scheme or with ``user:password@`` put in."""
    given = scheme or (case.route.proxy_scheme if case.route else None) or "http"
    name = proxy(case) if case.route and case.route.proxy_host else "PROXY:PORT"
    return f"{given}://{credentials}{name}"


def with_scheme(case: Case, scheme: str, title: str) -> Fix:
    """The same proxy under another scheme; tried only where no password would have to be known."""
    route = case.route
    if route is None or not route.proxy_host or route.has_credentials or not route.proxy_port:
        why = "put your user name and password back in: they are not shown here"
        filled = "USER:PASSWORD@" if route and route.has_credentials else ""
        line = set_variable(case, variable(case), proxy_url(case, scheme, filled))
        return Fix(title=title, commands=(line,), untried=why if filled else "fill in the proxy's host and port")
    url = proxy_url(case, scheme)
    return Fix(title=title, commands=(set_variable(case, variable(case), url),), change=Change(proxy=url))


def without_proxy(case: Case, title: str) -> Fix:
    """Going without the proxy. Only for a proxy that is not there at all."""
    names = proxy_variables(case)
    decided = case.route.decided_by if case.route else None
    if decided and decided.startswith("-"):
        return Fix(title=f"Leave out `{decided}`", change=Change(direct=True))
    if names:
        return Fix(title=title, commands=(unset_variables(case, *names),), change=Change(direct=True))
    # With NO_PROXY set Python no longer reads the system's settings (urllib.request.getproxies).
    return Fix(title=title, commands=(set_variable(case, "NO_PROXY", "*"),), change=Change(direct=True))


def with_password(case: Case, title: str) -> Fix:
    """Sets the proxy with a user name and a password that is asked for, encoded, and never shown."""
    if on_windows(case):
        ask = command(case, f'$password = python -c "{ENCODE}"')
        put = command(case, f'$env:{variable(case)} = "{proxy_url(case, None, "USER:$($password)@")}"')
    else:
        ask = command(case, f'password=$(python3 -c "{ENCODE}")')
        put = command(case, f'export {variable(case)}="{proxy_url(case, None, "USER:$password@")}"')
    return Fix(title=title, commands=(ask, put), untried="fill in USER; nobody but you knows the password")


def ask_owner(title: str, why: str = "somebody else has to act") -> Fix:
    """A fix that only another person can make."""
    return Fix(title=title, untried=why)


def helper(case: Case, line: str) -> tuple[Command, Command]:
    """Starts an authenticating helper on this machine, and points the client at it."""
    return command(case, line), set_variable(case, variable(case), "http://127.0.0.1:3128")
