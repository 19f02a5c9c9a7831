"""The cause of a connection to the data's own host that is refused."""

from __future__ import annotations

from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts.dns import hosts_line, is_public, other_names, public_name
from mnistdoctor.causes.facts.tcp import Attempts, Others, attempts, open_ports, others_of, survived
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.tcp.fixes import ask_owner, sources
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed

_WEB_PORTS = (80, 443)


def tcp_refused(case: Case) -> Finding | None:
    """Holds when the address answers that nothing listens at the port."""
    tried = attempts(case)
    if tried is None or Failure.REFUSED not in tried.failures or tried.failures & {Failure.PERMISSION, Failure.RESET}:
        return None
    others = Others((), ()) if tried.here else others_of(case, tried.port)
    mixed = Failure.TIMEOUT in tried.failures
    walled = others.walled(tried.port, Failure.REFUSED)
    closed = walled or others.all_failed(Failure.REFUSED)
    ports = () if tried.here or closed else open_ports(case, tried)
    certain = _meant_here(case, tried) or bool(others.stood and not mixed and not others.shut(tried.port))
    title = f"the server refuses the connection: {tried.where}"
    if closed:
        what = f"port {tried.port} is closed to every host" if others.stood else "nothing outside can be reached"
        title = f"{what}: {tried.where} and unrelated hosts all refuse the connection"
    return finding(
        title,
        _why_refused(tried, closed=closed, meant=certain),
        tried.sentences(),
        others.sentences(),
        (f"the same host accepts connections on port {n}" for n in ports),
        fixes=(
            _start_it(tried),
            sources(case, others, closed=closed),
            (ask_owner(tried, closed=True),) if closed else _check_port(tried, ports),
        ),
        unlike={
            "proxy-unreachable": "the address that refused is the data host's own, not a proxy's",
            "tcp-filtered": certain and "the refusal came at once; a filter that drops stays silent",
        },
        perhaps=not certain and ("proxy-not-configured" if closed else _instead_of_refused(tried)),
        side="you" if tried.here else "network" if closed else None,
        retry="no" if tried.here or closed else None,
    )


def _meant_here(case: Case, tried: Attempts) -> bool:
    """Whether this machine is where the host should be, and no filter sent us here. May raise `OpenQuestion`.

    By its own name or address, by a line of the hosts file, or in a laboratory where no name has a public address.
    """
    if not tried.here or not public_name(tried.host) or hosts_line(case) is not None:
        return tried.here
    found, _ = other_names(case, tried.host)
    return bool(found) and not any(is_public(address) for one in found for address in one.addresses)


def _instead_of_refused(tried: Attempts) -> str:
    return "dns-filtered" if tried.here else "tcp-filtered"


def _why_refused(tried: Attempts, *, closed: bool, meant: bool) -> str:
    if tried.here and not meant:
        return (
            "The name led to an address of this machine itself, where no program listens on that port. Names of "
            "development servers do that on purpose; a public host's name does it where a filter in the name service "
            "or a line of the hosts file turned it away."
        )
    if tried.here:
        return (
            "The address is this machine itself, and no program listens on that port. The server that should "
            "run here has not been started, has ended, or listens on another port."
        )
    if closed:
        return (
            "Unrelated hosts refuse in the same way, so the refusal comes from a firewall of your network "
            "and not from the data's server. Such networks mostly let programs out through a proxy only."
        )
    return (
        "The host was reached and turned the connection away at once: no program listens on that port, or a "
        "firewall says no in its name. Nothing can be changed from here except the port and the source."
    )


def _start_it(tried: Attempts) -> tuple[Fix, ...]:
    if not tried.here:
        return ()
    return (
        Fix(
            title=f"Start the server that should listen on port {tried.port}",
            untried="only you know which one",
        ),
    )


def _check_port(tried: Attempts, ports: tuple[int, ...]) -> tuple[Fix, ...]:
    if tried.here:
        return ()
    if tried.port not in _WEB_PORTS or ports:
        known = f"; it does answer on {listed(tuple(map(str, ports)))}" if ports else ""
        return (
            Fix(
                title=f"Check that port {tried.port} is right{known}",
                untried="only you know which port was meant",
            ),
        )
    return (Fix(title=f"Wait, and look at the status page of {tried.host}", untried="only its owner can mend it"),)


CAUSES: tuple[Cause, ...] = (
    cause(
        tcp_refused,
        needs=(Control.NAMES, Control.OTHER_PORT, Control.PORTAL, Control.UNRELATED_TLS),
        warns=lambda case: survived(case, Failure.REFUSED),
    ),
)
