"""The network wants a proxy, this machine knows it, and the client went without: who knows it tells why."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import known_proxies, no_proxy, proxy
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.facts.known_proxies import WayOut
from mnistdoctor.causes.finding import Sentences, finding
from mnistdoctor.causes.fixes import set_variable, unset_variables
from mnistdoctor.causes.proxy.fixes import set_known, unset_proxy
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def _unused(
    way: WayOut, title: str, why: str, *fixes: Fix, first: Sentences = (), answered: str | None = None
) -> Finding:
    """What all of this family say: how the direct way ended, who knows the proxy, and that it was seen to work."""
    answered = answered or f"the same URL was answered through {way.known.proxy}"
    return finding(
        title,
        why,
        first,
        way.evidence,
        fixes=fixes,
        unlike=not way.wants_password and {"tcp-filtered": answered},
        perhaps=way.wants_password and "proxy-auth-required",
    )


def proxy_env_not_read(case: Case) -> Finding | None:
    """Holds when the proxy that would open the way stands in a variable that this client does not read for this URL."""
    way, client = known_proxies.way_out(case, "variable"), case.client.name
    if way is None or way.known.key.lower() == _own_variable(case):
        return None
    key, scheme = way.known.key, _own_variable(case).partition("_")[0]
    for_all = key.lower() == "all_proxy"
    return _unused(
        way,
        f"{client} does not read `{key}`{'' if for_all else f' for {scheme} URLs'}, "
        "and without the proxy there is no way out",
        f"This network wants a proxy, and it is set: but only in `{key}`, which "
        + (
            f"curl, requests and httpx read and {client} does not. "
            if for_all
            else f"is for {key.lower().partition('_')[0]} URLs; for this one it is `{_own_variable(case).upper()}`. "
        )
        + "So it went directly and met a wall.",
        set_known(case, way, "Set the proxy in the variables that every client reads"),
    )


def _own_variable(case: Case) -> str:
    """The variable for URLs of this kind, in lower case."""
    return f"{case.address.scheme if case.address else 'https'}_proxy"


def proxy_env_letter_case(case: Case) -> Finding | None:
    """Holds when the proxy that would open the way stands in a variable spelt as this client does not read it."""
    way, client = known_proxies.way_out(case, "variable"), case.client
    if way is None or way.known.key.lower() != _own_variable(case):
        return None
    key, variables = way.known.key, dict(case.machine.variables)
    if key.isupper() and variables.get(key.lower()) == "":
        why = f"`{key.lower()}` is set and empty, which switches the proxy off for {client.name}"
    elif "REQUEST_METHOD" in variables and not client.is_program:
        why = f"`REQUEST_METHOD` is set, so {client.name} takes itself for a CGI program and ignores `{key}`"
    else:
        why = f"{client.name} reads `{key.swapcase()}` and not `{key}`"
    return _unused(
        way,
        f"{why}, and without the proxy there is no way out",
        "Proxy variables exist in two spellings, and clients do not agree on them: curl ignores HTTP_PROXY in upper "
        "case, Python ignores it under CGI, an empty lower-case value switches the proxy off for Python and is skipped "
        "by curl. So this client went directly, where others use the proxy.",
        set_known(case, way, "Give both spellings the same value"),
    )


def proxy_no_proxy_too_wide(case: Case) -> Finding | None:
    """Holds when NO_PROXY frees this host from the proxy, and the proxy would open the way."""
    setting, decided = no_proxy.variable(case), (case.route.decided_by if case.route else None) or ""
    if setting is None or "no_proxy" not in decided.lower():
        return None
    way, (name, value) = known_proxies.way_out(case, "exempted"), setting
    if way is None:
        return None
    freeing = no_proxy.freeing(value, case.host.lower(), case.client.family)
    # Every entry that frees the host is taken out: one that is left would free it as before.
    rest, both = [one for one in no_proxy.entries(value) if one not in freeing], sorted({name.lower(), name.upper()})
    lines = [set_variable(case, one, ",".join(rest)) for one in both] if rest else [unset_variables(case, *both)]
    entries = f"the {'entry' if len(freeing) == 1 else 'entries'} " + ", ".join(f"`{one}`" for one in freeing)
    return _unused(
        way,
        f"`{name}` frees {case.host} from the proxy (entry `{freeing[0]}`), and directly there is no way out",
        f"The proxy is set, and `{name}` tells {case.client.name} to go round it for this host. The network does not "
        "let anything out but through the proxy. An entry frees every host that ends in it, so a short one such as "
        "`com` or `amazonaws.com` frees far more than was meant.",
        set_known(case, way, f"Take {entries} out of NO_PROXY, and leave the others in", *lines),
        first=f"`{name}` holds the entry `{freeing[0]}`",
        answered="through the proxy the same URL was answered",
    )


def env_not_inherited(case: Case) -> Finding | None:
    """Holds when the proxy that would open the way is set in a parent process or a start file, and not here."""
    way = known_proxies.way_out(case, "ancestor", "profile")
    if way is None:
        return None
    return _unused(
        way,
        f"the proxy is set in {known_proxies.location(way.known)}, and this process has not got it",
        "The variables that name the proxy never reached this process. `sudo`, a service, cron, a notebook's kernel "
        "started by a desktop program, a container and a batch job start with an environment of their own; a start "
        "file is read by the shells that it is meant for and by nothing else.",
        set_known(case, way, "Set the proxy in this very environment, before the program starts"),
        Fix(
            title="Then make it last where the process is started: `%env` in a notebook, `Environment=` in a service, "
            "`sudo -E`, `docker run -e`, `sbatch --export=ALL,HTTPS_PROXY`",
            untried="it depends on what starts the process",
        ),
    )


def proxy_not_configured(case: Case) -> Finding | None:
    """Holds when another program or the system knows the proxy that would open the way, and no variable does."""
    way = known_proxies.way_out(case, "program", "system")
    if way is None or _hidden_from_python(case, way):
        return None
    location = known_proxies.location(way.known)
    return _unused(
        way,
        f"this network wants a proxy, and none is set for {case.client.name}; {location} names it",
        "Directly nothing outside can be reached, and through the proxy that another program on this machine is set to "
        "the very same file is answered. The network is well; this program was never told about the proxy.",
        set_known(case, way, f"Set the proxy that {location} names"),
    )


def _hidden_from_python(case: Case, way: WayOut) -> bool:
    """Whether this client would have read the system's setting, had not a variable hidden it."""
    reads = case.machine.platform.startswith(("Darwin", "macOS", "Windows")) and not case.client.is_program
    return reads and way.known.place == "system"


def proxy_system_settings(case: Case) -> Finding | None:
    """Holds when Python took a proxy from the system that is not there, or a variable hides the one that is."""
    match case.stopped_by:
        case ev.Lookup(peer="proxy") | ev.Connect(peer="proxy") as stop if (
            case.route and case.route.decided_by == "system settings"
        ):
            return _system_proxy_gone(case, stop)
    way = known_proxies.way_out(case, "system")
    if way is None or not _hidden_from_python(case, way):
        return None
    hiding = next((name for name, _ in case.machine.variables if name.lower().endswith("_proxy")), None)
    what = f"`{hiding}` is set, which hides" if hiding else "something hides"
    return _unused(
        way,
        f"{what} the system's proxy from Python, and without it there is no way out",
        "As soon as any proxy variable is set, NO_PROXY alone included, Python no longer looks at the system's "
        "settings. Set the proxy's own variables beside it.",
        set_known(case, way, "Set the system's proxy in the variables as well"),
    )


def _system_proxy_gone(case: Case, stop: ev.Lookup | ev.Connect) -> Finding:
    name = proxy.name(case)
    return finding(
        f"the system's settings send Python to the proxy {name}, which cannot be reached",
        "No variable names a proxy; Python took it from the settings of the operating system, as browsers do. curl and "
        "Go do not read them, so they may work where Python fails. The setting is a leftover, or the network on which "
        "that proxy lives is not there now.",
        f"the system's settings chose {name}",
        f"{name}: {shortened(stop.detail) or failure_of(stop)}",
        fixes=(
            Fix(title="Correct or switch off the proxy in the system's network settings", untried="it is a setting"),
            Fix(
                title="Let this shell go without the proxy",
                commands=(unset_proxy(case),),
                untried="going round a proxy that the system is set to is for you to decide",
            ),
        ),
        unlike={"proxy-env-stale": "no variable names the proxy"},
    )


def proxy_pac_only(case: Case) -> Finding | None:
    """Holds when a PAC file alone names the proxy: it would open the way, or the file cannot be asked."""
    way = known_proxies.way_out(case, "pac")
    if way is None:
        return _pac_unread(case)
    return _unused(
        way,
        f"this network's proxy is named only by a PAC file, which {case.client.name} cannot read",
        "A PAC file is a program that browsers ask which proxy leads to a URL. curl, requests, urllib and httpx cannot "
        f"run it. For this URL it returns {way.known.proxy}, and through that the file is answered.",
        set_known(case, way, "Set the proxy that the PAC file returns for this URL"),
    )


def _pac_unread(case: Case) -> Finding | None:
    """A PAC file is named and says nothing that could be used, and nothing else outside answers either."""
    direct = known_proxies.no_way_out(case)
    files = known_proxies.candidates(case) if direct else ()
    broken = next((one for one in files if one.failure == Failure.PAC), None)
    if broken is None or not _nothing_else_answers(case):
        return None
    return finding(
        f"this network's proxy is named only by a PAC file, and {shortened(broken.detail, 80)}",
        "Directly nothing outside can be reached, and the system or `--pac` names a PAC file, so this network probably "
        "wants a proxy. Which one, the file would say, but it could not be asked.",
        direct,
        f"{broken.where}: {shortened(broken.detail)}",
        fixes=Fix(
            title="Open the PAC file, find the `PROXY host:port` for this host, and set it",
            untried="the file could not be asked here",
        ),
        perhaps=("tcp-filtered", "env-no-network-link"),
    )


def _nothing_else_answers(case: Case) -> bool:
    other = case.ask(Control.UNRELATED_TLS, ev.Observation)
    reached = any(isinstance(one, ev.Handshake) and (one.chain or one.received) for one in other)
    return bool(other) and not reached


_KNOWN = (Control.PROXIES, Control.PAC, Control.BY_PROXY)

CAUSES: tuple[Cause, ...] = (
    cause(proxy_env_not_read, needs=_KNOWN, machine_wide=True),
    cause(proxy_env_letter_case, needs=_KNOWN, machine_wide=True),
    cause(proxy_no_proxy_too_wide, needs=_KNOWN),
    cause(env_not_inherited, needs=_KNOWN, machine_wide=True),
    cause(proxy_not_configured, needs=_KNOWN, machine_wide=True),
    cause(proxy_system_settings, needs=_KNOWN, machine_wide=True),
    cause(proxy_pac_only, needs=(*_KNOWN, Control.UNRELATED_TLS), machine_wide=True),
)
