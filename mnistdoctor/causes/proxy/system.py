"""Proxies that the operating system names, as a setting or by a PAC file, and that a client cannot read or misreads."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import known_proxies as known
from mnistdoctor.causes.facts import proxy as words
from mnistdoctor.causes.proxy.unused_proxies import finding, known_by, python_reads_the_system
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def proxy_system_settings(case: Case) -> Finding | None:
    return _system_proxy_dead(case) or _system_proxy_hidden(case)


def _system_proxy_dead(case: Case) -> Finding | None:
    stop, route = case.stopped_by, case.route
    if route is None or route.decided_by != "system settings" or not isinstance(stop, (ev.Lookup, ev.Connect)):
        return None
    if stop.peer != "proxy":
        return None
    proxy = words.proxy(case)
    return Finding(
        title=f"the system's settings send Python to the proxy {proxy}, which cannot be reached",
        explanation=(
            "No variable names a proxy; Python took it from the settings of the operating system, as browsers do. curl "
            "and Go do not read them, so they may work where Python fails. The setting is a leftover, or the network "
            "on which that proxy lives is not there now."
        ),
        evidence=(f"the system's settings chose {proxy}", f"{proxy}: {shortened(stop.detail) or stop.failure}"),
        fixes=(
            Fix(title="Correct or switch off the proxy in the system's network settings", untried="it is a setting"),
            Fix(
                title="Or let this shell go without it",
                commands=words.without_proxy(case, "").commands,
                untried="going round a proxy that the system is set to is for you to decide",
            ),
        ),
        ruled_out=(("proxy-env-stale", "no variable names the proxy"),),
    )


def _system_proxy_hidden(case: Case) -> Finding | None:
    found = known_by(case, "system")
    if found is None or not python_reads_the_system(case, found[0]):
        return None
    one, met = found
    names = [name for name, _ in case.machine.variables if name.lower().endswith("_proxy")]
    hiding = f"`{names[0]}` is set, which hides" if names else "something hides"
    return finding(one, met,
        f"{hiding} the system's proxy from Python, and without it there is no way out",
        "As soon as any proxy variable is set, NO_PROXY alone included, Python no longer looks at the system's "
        "settings. Set the proxy's own variables beside it.",
        known.set_proxy(case, one, "Set the system's proxy in the variables as well"),
    )  # fmt: skip


def proxy_pac_only(case: Case) -> Finding | None:
    found = known_by(case, "pac")
    if found is not None:
        one, met = found
        return finding(one, met,
            f"this network's proxy is named only by a PAC file, which {case.client.name} cannot read",
            f"A PAC file is a program that browsers ask which proxy leads to a URL. curl, requests, urllib and httpx "
            f"cannot run it. For this URL it returns {one.known.proxy}, and through that the file is answered.",
            known.set_proxy(case, one, "Set the proxy that the PAC file returns for this URL"),
        )  # fmt: skip
    return _pac_unread(case)


def _pac_unread(case: Case) -> Finding | None:
    """A PAC file is named and says nothing that could be used, and nothing else outside answers either."""
    met = known.no_way_out(case)
    if met is None:
        return None
    broken = next((one for one in known.candidates(case) if one.failure == Failure.PAC), None)
    if broken is None or not _nothing_else_answers(case):
        return None
    return Finding(
        title=f"this network's proxy is named only by a PAC file, and {shortened(broken.detail, 80)}",
        explanation=(
            "Directly nothing outside can be reached, and the system or `--pac` names a PAC file, so this network "
            "probably wants a proxy. Which one, the file would say, but it could not be asked."
        ),
        evidence=(met, f"{broken.where}: {shortened(broken.detail)}"),
        certain=False,
        also_possible=("tcp-filtered", "env-no-network-link"),
        fixes=(
            Fix(
                title="Open the PAC file, find the `PROXY host:port` for this host, and set it",
                untried="the file could not be asked here",
            ),
        ),
    )


def _nothing_else_answers(case: Case) -> bool:
    other = case.ask(Control.UNRELATED_TLS, ev.Observation)
    reached = any(isinstance(one, ev.Handshake) and (one.chain or one.received) for one in other)
    return bool(other) and not reached


CAUSES: tuple[Cause, ...] = (
    cause(
        proxy_system_settings,
        needs=(Control.PROXIES, Control.PAC, Control.BY_PROXY),
        machine_wide=True,
    ),
    cause(
        proxy_pac_only,
        needs=(Control.UNRELATED_TLS, Control.PROXIES, Control.PAC, Control.BY_PROXY),
        machine_wide=True,
    ),
)
