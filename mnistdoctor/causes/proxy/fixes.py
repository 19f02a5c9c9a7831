"""What can be done about a proxy: set it anew, go without it, or let a helper sign in there."""

from __future__ import annotations

from mnistdoctor.causes.base import Change, Command, Fix
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import known_proxies, proxy
from mnistdoctor.causes.fixes import command, on_windows, set_variable, unset_variables

_ENCODE = "import urllib.parse as u,getpass;print(u.quote(getpass.getpass(),safe=''))"
"""Asks for a password without showing it, and prints it percent-encoded (RFC 3986 section 2.1)."""


WRAPPING = " \t\r\n\"'"
"""What comes along with a value that is pasted or read from a file."""


def variable(case: Case) -> str:
    """The variable to set: the one that decided, else the one for this kind of URL."""
    plain = case.address is not None and case.address.scheme == "http"
    # curl reads http_proxy in lower case only, everything reads it so.
    return proxy.deciding_variable(case) or ("http_proxy" if plain else "HTTPS_PROXY")


def read_by_all(case: Case) -> str:
    """Why a variable that is not for this URL stops the client, as evidence."""
    return f"{case.client.name} reads every proxy variable when it starts, also one that is not for this URL"


def unset_needless(case: Case, name: str) -> Fix:
    """Unsets a variable that is not the one for this URL."""
    both = (name, name.swapcase())
    return Fix(
        title=f"Unset `{name}`: it is not the variable for this URL",
        commands=(unset_variables(case, *both),),
        change=Change(unset=both),
    )


def proxy_url(case: Case, scheme: str | None = None, credentials: str = "") -> str:
    """The proxy's URL, with another scheme or with ``user:password@`` put in."""
    scheme = scheme or (case.route.proxy_scheme if case.route else None) or "http"
    host = proxy.name(case) if case.route and case.route.proxy_host else "PROXY:PORT"
    return f"{scheme}://{credentials}{host}"


def fill_in(case: Case, title: str, url: str = "http://PROXY:PORT", what: str = "the proxy's host and port") -> Fix:
    """The line that sets the proxy, with a blank that the user has to fill in."""
    return Fix(title=title, commands=(set_variable(case, variable(case), url),), untried=f"fill in {what}")


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


def unwrapped(case: Case, name: str) -> Fix:
    """The variable's own value without what stands around it; a password in it is not printed."""
    if on_windows(case):
        line = f'$env:{name} = $env:{name}.Trim(" `t`r`n\'`"")'
    else:
        code = f'import os; print(os.environ["{name}"].strip(" \\t\\r\\n\\"\\x27"))'
        line = f"export {name}=\"$(python3 -c '{code}')\""
    return Fix(
        title="Write the value without what stands around it",
        commands=(command(case, line),),
        change=Change(proxy_variable=name, unwrapped=True),
    )


def without_proxy(case: Case, title: str) -> Fix:
    """Going without the proxy. Only for a proxy that is not there at all."""
    decided, direct = (case.route.decided_by if case.route else None) or "", Change(direct=True)
    if decided.startswith("-"):
        return Fix(title=f"Leave out `{decided}`", change=direct)
    return Fix(title=title, commands=(unset_proxy(case),), change=direct)


def unset_proxy(case: Case) -> Command:
    """Unsets all proxy variables that are set, the one that decided among them; without any, the system's proxy."""
    names = [name for name, _ in case.machine.variables if name.lower() in ("http_proxy", "https_proxy", "all_proxy")]
    decided = proxy.deciding_variable(case)
    if decided and decided not in names:
        names.insert(0, decided)
    # With NO_PROXY set Python no longer reads the system's settings (urllib.request.getproxies).
    return unset_variables(case, *names) if names else set_variable(case, "NO_PROXY", "*")


def with_password(case: Case, title: str) -> Fix:
    """Sets the proxy with a user name and a password that is asked for, encoded, and never shown."""
    if on_windows(case):
        ask = command(case, f'$password = python -c "{_ENCODE}"')
        put = command(case, f'$env:{variable(case)} = "{proxy_url(case, None, "USER:$($password)@")}"')
    else:
        ask = command(case, f'password=$(python3 -c "{_ENCODE}")')
        put = command(case, f'export {variable(case)}="{proxy_url(case, None, "USER:$password@")}"')
    return Fix(title=title, commands=(ask, put), untried="fill in USER; nobody but you knows the password")


def through_helper(case: Case, line: str) -> tuple[Command, Command]:
    """Starts a helper on this machine that signs in at the proxy, and points the client at it."""
    return command(case, line), set_variable(case, variable(case), "http://127.0.0.1:3128")


# --- a proxy that was known and not used ------------------------------------------------------------------------


def set_known(case: Case, way: known_proxies.WayOut, title: str, *commands: Command) -> Fix:
    """Sets that proxy in every spelling that some client reads, or by these commands.

    Tried unless a password would have to be known.
    """
    known = way.known
    # The variable is named, not its value: a password in it is not printed.
    here = known.place in ("variable", "exempted")
    lines = commands or (_copied(case, known.key) if here else _assigned(case, known.proxy))
    if way.wants_password:
        return Fix(title=title, commands=lines, untried="the proxy wants a user name and a password as well")
    change = Change(proxy_variable=known.key) if here else Change(proxy=known.proxy)
    return Fix(title=title, commands=lines, change=change)


def _spellings(case: Case) -> tuple[str, ...]:
    # Windows knows no difference; elsewhere curl reads `http_proxy` in lower case only, and Go upper case first.
    upper = ("HTTPS_PROXY", "HTTP_PROXY")
    return upper if on_windows(case) else (*upper, "https_proxy", "http_proxy")


def _assigned(case: Case, url: str) -> tuple[Command, ...]:
    return tuple(set_variable(case, name, url) for name in _spellings(case))


def _copied(case: Case, key: str) -> tuple[Command, ...]:
    if on_windows(case):
        return tuple(command(case, f"$env:{name} = $env:{key}") for name in _spellings(case))
    return tuple(command(case, f'export {name}="${key}"') for name in _spellings(case) if name != key)
