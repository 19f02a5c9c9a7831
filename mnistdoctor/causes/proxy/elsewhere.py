"""The network wants a proxy, this machine knows it, and the client went without: who knows it tells why."""

from __future__ import annotations

from mnistdoctor.causes.base import Case, Cause, Finding, Fix
from mnistdoctor.causes.proxy import known
from mnistdoctor.causes.proxy.known import Opened


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


def _only_all_proxy(case: Case) -> Finding | None:
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


def _letter_case(case: Case) -> Finding | None:
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


def _not_inherited(case: Case) -> Finding | None:
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


def _not_configured(case: Case) -> Finding | None:
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
    Cause(
        id="proxy-env-not-read",
        side="you",
        retry="no",
        summary="The proxy is set only in ALL_PROXY, which this client does not read",
        story="""\
`ALL_PROXY` is curl's last resort, and requests and httpx read it as well. urllib, and with it Keras, torchvision and
scikit-learn, does not, and neither does Go. On a network that wants a proxy they go directly and are met by silence.

It is told from `proxy-not-configured` by the variable, which is there, and from `proxy-env-letter-case`, which is
about the spelling of HTTP_PROXY. It is sure where the same URL was answered through that proxy in the same run.

Set `HTTPS_PROXY` and `HTTP_PROXY` too. That curl works does not show that the network is open.""",
        holds=_only_all_proxy,
        machine_wide=True,
    ),
    Cause(
        id="proxy-env-letter-case",
        side="you",
        retry="no",
        summary="The proxy variable is spelt in the letter case that this client does not read",
        story="""\
For plain http URLs curl reads `http_proxy` in lower case only, since a web server hands a visitor's `Proxy:` field to
CGI programs as HTTP_PROXY. Python reads both, but not the upper one where REQUEST_METHOD is set. Where the two
differ, Python and curl take the lower one and Go the upper one; an empty lower one means "no proxy" to Python.

It is told from `proxy-env-not-read`, which is about `ALL_PROXY`, and from `proxy-not-configured`, where nothing is
set at all. For https URLs both spellings work everywhere.

Set both spellings to the same value. Do not give them different ones on purpose: nobody will find that again.""",
        holds=_letter_case,
        machine_wide=True,
    ),
    Cause(
        id="env-not-inherited",
        side="you",
        retry="no",
        summary="The proxy's variables are set in a shell or start file, and this process has not got them",
        story="""\
A process sees the environment with which it was started. A notebook's kernel that a desktop program started, a
systemd unit, cron, `sudo`, a container and a batch job do not see what your terminal sees, so the same command works
there and fails here.

It is recognised by a parent process or a start file that has the variable, and by the file being answered through
that proxy. `proxy-not-configured` has no variable anywhere.

Set the variables where the process is started: `%env` before the first import in a notebook, `Environment=` in a
unit, `sudo -E`, `docker run -e`, `sbatch --export`. Do not bake a proxy's password into an image with `ENV`.""",
        holds=_not_inherited,
        machine_wide=True,
    ),
    Cause(
        id="proxy-not-configured",
        side="you",
        retry="no",
        summary="This network wants a proxy, another program knows it, and none is set here",
        story="""\
Direct connections to every host on 443 are dropped or reset, and yet git, apt, pip or the browser work: they are set
to a proxy of the organisation, and this program is not.

It is recognised by a proxy in the settings of another program or of the desktop, through which the very same file is
answered. `env-no-network-link` has no route at all; `cluster-node-no-egress` has no proxy either;
`dns-proxy-only-network` is the half of this that concerns names, and harmless once the proxy is set.

Set HTTPS_PROXY and HTTP_PROXY in both spellings, and NO_PROXY for what lies inside. Do not take a proxy from a list
on the internet.""",
        holds=_not_configured,
        machine_wide=True,
    ),
)
