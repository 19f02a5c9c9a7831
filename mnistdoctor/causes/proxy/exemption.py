"""NO_PROXY that was meant to free this host from the proxy and does not."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import no_proxy, proxy
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import set_variable


def proxy_no_proxy_not_matching(case: Case) -> Finding | None:
    """Holds when the proxy failed for a host that an entry plainly names, in a form that this client does not read."""
    setting, client = no_proxy.variable(case), case.client
    # NO_PROXY has no say over an option that names the proxy.
    if not setting or not case.proxied or not proxy.failed_at_proxy(case) or not proxy.deciding_variable(case):
        return None
    name, value = setting
    entry, why = no_proxy.misread(value, case.host.lower(), client.family) or ("", "")
    if not entry:
        return None
    portable = no_proxy.portable(value, case.host.lower())
    return finding(
        f"`{name}` was meant to free {case.host} from the proxy, and {client.name} does not read it so",
        f"The entry `{entry}` names this host, but {why}. So the request went to the proxy, which cannot or may not "
        "fetch it. Each client has rules of its own for this variable; plain suffixes and whole addresses, between "
        "commas and without blanks, are what all of them read alike.",
        f"`{name}` is `{value}`",
        f"{client.name} went to {case.host} through {proxy.name(case)} all the same",
        f"there: {case.stopped_by.detail or failure_of(case.stopped_by)}" if case.stopped_by else "the proxy failed",
        fixes=Fix(
            title="Write the list in the form that every client reads",
            commands=tuple(set_variable(case, one, portable) for one in ("NO_PROXY", "no_proxy")),
            # The user's own words free this host; where the proxy has said no to it, its owner has the last one.
            change=None if _answered_no(case) else Change(direct_to=case.host.lower()),
            untried="the proxy refused this host, and a refusal is not gone round here",
        ),
        unlike={"proxy-connect-denied": "the host was never meant to go through the proxy"},
    )


def _answered_no(case: Case) -> bool:
    answer = case.stopped_by
    status = answer.status if isinstance(answer, (ev.Tunnel, ev.Exchange)) else None
    return status in (403, 407) or (isinstance(answer, ev.Tunnel) and answer.protocol != "http")


CAUSES: tuple[Cause, ...] = (cause(proxy_no_proxy_not_matching),)
