"""Proxies that cannot be reached: nothing listens on this machine, the name is unknown, the address is silent."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control, none_of
from mnistdoctor.causes.facts import proxy, proxy_answers
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask
from mnistdoctor.causes.proxy.fixes import fill_in, without_proxy
from mnistdoctor.failure import Failure

_CLOSED = (
    Failure.REFUSED,
    Failure.TIMEOUT,
    Failure.RESET,
    Failure.ABORTED,
    Failure.HOST_UNREACHABLE,
    Failure.NETWORK_UNREACHABLE,
)
_SILENCE = {Failure.TIMEOUT: "stays silent", Failure.EOF: "hangs up", Failure.RESET: "resets"}


def proxy_env_stale(case: Case) -> Finding | None:
    """Holds when the setting leads to a port of this machine at which nothing listens."""
    attempts = proxy.failed_connects(case)
    if not attempts or not proxy.refused_here(attempts):
        return None
    name, setting = proxy.name(case), proxy.setting(case)
    return finding(
        f"{setting} points to a proxy on this machine, {name}, and nothing listens there",
        "A program on this machine once offered a proxy at that port: a VPN, Clash, an SSH tunnel. It is not running "
        "now, but the setting is still there, so every download knocks at a closed door. "
        f"{case.host or 'The server'} was never asked for anything and may be well.",
        f"{setting} chose {name}",
        proxy.described_connects(attempts),
        fixes=(
            without_proxy(case, "Remove the proxy setting from this shell"),
            Fix(title="Start the program again that offers the proxy", untried="only you know which program it was"),
        ),
        unlike={
            "tcp-refused": f"the address that refused is the proxy's, not that of {case.host or 'the server'}",
            "proxy-unreachable": "the proxy's address is this machine itself",
        },
    )


def proxy_dns_failure(case: Case) -> Finding | None:
    """Holds when the proxy's own name does not resolve, though the setting is well formed and the resolver answers."""
    lookup = case.stopped(ev.Lookup)
    # Of a value that is wrong in itself the name was cut out in the wrong place: that is no failure of DNS.
    if lookup is None or lookup.peer != "proxy" or proxy.oddities(case, *proxy.WRAPPED, *proxy.UNENCODED):
        return None
    others = case.ask(Control.NAMES, ev.Lookup)
    resolved = next((one.name for one in others if not one.failure), None)
    temporary = lookup.failure not in (Failure.NXDOMAIN, Failure.NO_ANSWER)
    if temporary and none_of(others):
        return None  # the resolver answers nothing at all: not the proxy's name, but the resolver or the network
    certain = resolved or (not temporary and case.machine.platform.startswith("Linux"))
    return finding(
        f"the proxy's own name, {lookup.name}, does not resolve ({proxy.setting(case)} sets it)",
        "Before anything can be asked of the proxy its name must resolve, and it does not. Inside names of an "
        "organisation resolve only on its own network or VPN; off-site the setting is a leftover. The name of "
        f"{case.host or 'the server'} was not even looked at.",
        f"the lookup of {lookup.name}: {failure_of(lookup)}",
        resolved and f"{resolved}, an unrelated name, resolves",
        fixes=(
            without_proxy(case, "If this network needs no proxy, remove the setting from this shell"),
            Fix(title="Connect the VPN on which that proxy lives", untried="it is outside this program"),
            fill_in(case, "Correct the proxy's name", what="the proxy's right name"),
        ),
        unlike={"dns-nxdomain": "the name that failed is the proxy's, not the server's"},
        perhaps=not certain and ("dns-temporary-failure", "env-no-network-link"),
    )


def proxy_unreachable(case: Case) -> Finding | None:
    """Holds when no connection to the proxy comes about, or it answers no CONNECT, whatever host is asked for."""
    attempts = proxy.failed_connects(case)
    if not attempts:
        return _mute(case)
    if any(one.failure not in _CLOSED for one in attempts) or proxy.refused_here(attempts):
        return None
    if all(one.failure == Failure.NETWORK_UNREACHABLE for one in attempts) and not _has_route(case, attempts):
        return None  # there is no way to anywhere
    name, setting = proxy.name(case), proxy.setting(case)
    refused = all(one.failure == Failure.REFUSED for one in attempts)
    guessed = case.route if proxy.oddities(case, "no-port") else None
    port = ", or the port is wrong: with none in the setting each client guesses another one" if guessed else ""
    return finding(
        f"the proxy {name}, set by {setting}, {'refuses connections' if refused else 'does not answer'}",
        "The proxy's name is known, but no connection to it comes about. Either the proxy is down, or this machine is "
        f"not on the network (or VPN) from which it can be reached{port}. "
        f"{case.host or 'The server'} was never asked for anything.",
        f"{setting} chose {name}",
        proxy.described_connects(attempts),
        guessed and f"{setting} names no port; this client takes {guessed.proxy_port}",
        fixes=(
            guessed
            and fill_in(
                case,
                "Write the proxy's port into the setting",
                f"http://{guessed.proxy_host or 'PROXY'}:PORT",
                "the port",
            ),
            Fix(title="Connect the VPN, or join the network of that proxy", untried="it is outside this program"),
            ask("whoever runs the proxy", f"that {name} does not answer", verb="Tell"),
        ),
        unlike={
            "tcp-refused" if refused else "tcp-filtered": f"the address is the proxy's, not that of {case.host}",
            "proxy-env-stale": "the proxy is not on this machine",
        },
    )


def _has_route(case: Case, attempts: tuple[ev.Connect, ...]) -> bool:
    """Whether this machine has a way out by one of the families of addresses that were tried."""
    families = {one.family for one in attempts}
    return any(one.family in families and not one.failure for one in case.ask(Control.REACH, ev.Reach))


def _mute(case: Case) -> Finding | None:
    """The proxy takes connections and then answers no CONNECT, whatever host is asked for."""
    exchange = case.stopped(ev.Exchange, *_SILENCE)
    if exchange and exchange.via == "proxy" and exchange.status is None and not exchange.received:
        return _mute_in_clear(case, exchange)
    tunnel = case.stopped(ev.Tunnel, *_SILENCE)
    if tunnel is None or tunnel.status is not None or tunnel.reply is not None:
        return None
    if tunnel.protocol == "http" and proxy.is_socks(case):
        return None  # it was asked in another language than its own
    others = proxy_answers.other_tunnels(case)
    if any(one.status is not None or one.reply is not None or not one.failure for one in others):
        return None
    return _gives_no_answer(
        case,
        tunnel,
        asked=tunnel.target,
        requests="CONNECT requests",
        same=[f"the same for {one.target}, an unrelated host: {failure_of(one)}" for one in others[:1]],
        perhaps="proxy-env-malformed" if others else ("proxy-upstream-failed", "proxy-connect-denied"),
    )


def _mute_in_clear(case: Case, exchange: ev.Exchange) -> Finding | None:
    """The same, where the proxy is asked for a plain-http URL; others are asked for through it as well."""
    if exchange.failure == Failure.TIMEOUT and any(one.status for one in case.ask(Control.PATIENT, ev.Exchange)):
        return None  # it answers whoever waits longer
    others = [one for one in case.ask(Control.PORTAL, ev.Exchange) if one.via == "proxy"]
    if not others or any(one.status is not None or one.received for one in others):
        return None  # it may wait for the one host
    return _gives_no_answer(
        case,
        exchange,
        asked=case.host,
        requests="requests",
        same=[f"the same for {one.url}, an unrelated host: {failure_of(one)}" for one in others[:1]],
        perhaps="proxy-env-malformed",
    )


def _gives_no_answer(
    case: Case,
    stopped: ev.Tunnel | ev.Exchange,
    *,
    asked: str,
    requests: str,
    same: list[str],
    perhaps: str | tuple[str, ...],
) -> Finding:
    name, how = proxy.name(case), next(words for failure, words in _SILENCE.items() if failure == stopped.failure)
    return finding(
        f"the proxy {name} takes connections but {how} when asked for {asked}",
        "Something accepts connections at the proxy's address and gives no answer to a request. The proxy is "
        "overloaded or broken, or what listens there is no proxy of the kind that the setting says.",
        f"{name} took the connection and then: {failure_of(stopped)} after {stopped.duration_s:.1f} s",
        same,
        fixes=(
            ask("whoever runs the proxy", f"that {name} does not answer {requests}", verb="Tell"),
            fill_in(case, "Check the port in the setting"),
        ),
        perhaps=perhaps,
    )


CAUSES: tuple[Cause, ...] = (
    cause(proxy_env_stale, machine_wide=True),
    cause(proxy_dns_failure, needs=(Control.NAMES,), machine_wide=True),
    cause(
        proxy_unreachable,
        needs=(Control.REACH, Control.PATIENT, Control.UNRELATED_TLS, Control.PORTAL),
        machine_wide=True,
    ),
)
