"""The network wants a proxy, this machine knows it, and the client went without: who knows it tells why."""

from __future__ import annotations

from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import known_proxies as known
from mnistdoctor.causes.facts.known_proxies import Opened


def known_by(case: Case, *places: str) -> tuple[Opened, str] | None:
    """The proxy known in one of these places that opened the way, and what was met without it."""
    met = known.no_way_out(case)
    if met is None:
        return None
    found = known.opened(case)
    return (found, met) if found is not None and found.known.place in places else None


def finding(found: Opened, met: str, title: str, explanation: str, *fixes: Fix, seen: tuple[str, ...] = ()) -> Finding:
    """What all of this family say: `seen`, what was met, who knows the proxy, and that it was seen to work."""
    return Finding(
        title=title,
        explanation=explanation,
        evidence=(*seen, *known.evidence(found, met)),
        certain=not found.wants_password,
        also_possible=("proxy-auth-required",) if found.wants_password else (),
        fixes=fixes,
        ruled_out=(("tcp-filtered", f"the same URL was answered through {found.known.proxy}"),)
        if not found.wants_password
        else (),
    )


def proxy_env_not_read(case: Case) -> Finding | None:
    found = known_by(case, "variable")
    if found is None or found[0].known.key.lower() != "all_proxy":
        return None
    one, met = found
    client = case.client.name
    return finding(one, met,
        f"{client} does not read `{one.known.key}`, and without the proxy there is no way out",
        f"This network wants a proxy, and it is set: but only in `{one.known.key}`, which curl, requests and httpx "
        f"read and {client} does not. So it went directly and met a wall.",
        known.set_proxy(case, one, "Set the proxy in the variables that every client reads"),
    )  # fmt: skip


def proxy_env_letter_case(case: Case) -> Finding | None:
    found = known_by(case, "variable")
    if found is None or found[0].known.key.lower() == "all_proxy":
        return None
    one, met = found
    key, client = one.known.key, case.client.name
    variables = dict(case.machine.variables)
    if key.isupper() and variables.get(key.lower()) == "":
        why = f"`{key.lower()}` is set and empty, which switches the proxy off for {client}"
    elif "REQUEST_METHOD" in variables and case.client.family != "curl":
        why = f"`REQUEST_METHOD` is set, so {client} takes itself for a CGI program and ignores `{key}`"
    else:
        why = f"{client} reads `{key.swapcase()}` and not `{key}`"
    return finding(one, met,
        f"{why}, and without the proxy there is no way out",
        "Proxy variables exist in two spellings, and clients do not agree on them: curl ignores HTTP_PROXY in upper "
        "case, Python ignores it under CGI, an empty lower-case value switches the proxy off for Python and is skipped "
        "by curl. So this client went directly, where others use the proxy.",
        known.set_proxy(case, one, "Give both spellings the same value"),
    )  # fmt: skip


def env_not_inherited(case: Case) -> Finding | None:
    found = known_by(case, "ancestor", "profile")
    if found is None:
        return None
    one, met = found
    place = known.at(one.known)
    return finding(one, met,
        f"the proxy is set in {place}, and this process has not got it",
        "The variables that name the proxy never reached this process. `sudo`, a service, cron, a notebook's kernel "
        "started by a desktop program, a container and a batch job start with an environment of their own; a start "
        "file is read by the shells that it is meant for and by nothing else.",
        known.set_proxy(case, one, "Set the proxy in this very environment, before the program starts"),
        Fix(
            title="Then make it last where the process is started: `%env` in a notebook, `Environment=` in a service, "
            "`sudo -E`, `docker run -e`, `sbatch --export=ALL,HTTPS_PROXY`",
            untried="it depends on what starts the process",
        ),
    )  # fmt: skip


def proxy_not_configured(case: Case) -> Finding | None:
    found = known_by(case, "program", "system")
    if found is None or python_reads_the_system(case, found[0]):
        return None
    one, met = found
    return finding(one, met,
        f"this network wants a proxy, and none is set for {case.client.name}; {known.at(one.known)} names it",
        "Directly nothing outside can be reached, and through the proxy that another program on this machine is set to "
        "the very same file is answered. The network is well; this program was never told about the proxy.",
        known.set_proxy(case, one, f"Set the proxy that {known.at(one.known)} names"),
    )  # fmt: skip


def python_reads_the_system(case: Case, found: Opened) -> bool:
    """Whether this client would have read the system's setting, had not a variable hidden it."""
    reads = case.machine.platform.startswith(("Darwin", "macOS", "Windows")) and case.client.family != "curl"
    return reads and found.known.place == "system"


CAUSES: tuple[Cause, ...] = (
    cause(
        proxy_env_not_read,
        needs=(Control.PROXIES, Control.PAC, Control.BY_PROXY),
        machine_wide=True,
    ),
    cause(
        proxy_env_letter_case,
        needs=(Control.PROXIES, Control.PAC, Control.BY_PROXY),
        machine_wide=True,
    ),
    cause(
        env_not_inherited,
        needs=(Control.PROXIES, Control.PAC, Control.BY_PROXY),
        machine_wide=True,
    ),
    cause(
        proxy_not_configured,
        needs=(Control.PROXIES, Control.PAC, Control.BY_PROXY),
        machine_wide=True,
    ),
)
