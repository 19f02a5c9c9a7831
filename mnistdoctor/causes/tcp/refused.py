"""Connections that are turned away: by the host, in its name, or by this machine itself."""

from __future__ import annotations

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import dns, tcp
from mnistdoctor.causes.facts.addresses import public_name
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.tcp.fixes import ask_for_proxy, open_sources
from mnistdoctor.failure import Failure
from mnistdoctor.wording import listed


def tcp_refused(case: Case) -> Finding | None:
    """Holds when the address answers that nothing listens at the port."""
    attempts = tcp.attempts(case)
    if attempts is None or Failure.REFUSED not in attempts.failures:
        return None
    if attempts.failures & {Failure.PERMISSION, Failure.RESET}:
        return None
    if attempts.here:
        return _nothing_listens_here(case, attempts)
    others = tcp.other_hosts(case, attempts.port)
    if others.closed(attempts.port, Failure.REFUSED):
        return _closed_to_all(case, attempts, others)
    ports = tcp.open_ports(case, attempts)
    return finding(
        f"the connection is refused: {attempts.where}",
        "Somebody turned the connection away at once. Mostly it is the host itself, where no program listens on that "
        "port just now; a firewall on the way can say the same in its name, and from here the two look alike. "
        "From another network, such as a phone's, they do not.",
        attempts.evidence,
        others.evidence,
        (f"the same host accepts connections on port {port}" for port in ports),
        fixes=(
            fixes.other_sources(case),
            _check_port(attempts, ports),
            fixes.ask_network_owner(f"whether it closes {attempts.host} port {attempts.port}"),
        ),
        unlike={"proxy-unreachable": _NO_PROXY},
        perhaps="tcp-filtered",
    )


_NO_PROXY = "the address that refused is the data host's own, not a proxy's"
_AT_ONCE = "the refusal came at once; a filter that drops stays silent"


def _check_port(attempts: tcp.Attempts, open_ports: tuple[int, ...]) -> Fix:
    if attempts.port in (80, 443):
        title = f"Wait, and look at the status page of {attempts.host}"
        return Fix(title=title, untried="only its owner can mend it")
    known = f"; it does answer on {listed([str(port) for port in open_ports])}" if open_ports else ""
    title = f"Check that port {attempts.port} is right{known}"
    return Fix(title=title, untried="only you know which port was meant")


def _closed_to_all(case: Case, attempts: tcp.Attempts, others: tcp.OtherHosts) -> Finding:
    """Every unrelated host refuses as well: on this port, or on any."""
    shut = f"port {attempts.port} is closed to every host" if others.connected else "nothing outside can be reached"
    return finding(
        f"{shut}: {attempts.where} and unrelated hosts all refuse the connection",
        "Unrelated hosts refuse in the same way, so the refusal comes from a firewall of your network "
        "and not from the data's server. Such networks mostly let programs out through a proxy only.",
        attempts.evidence,
        others.evidence,
        fixes=(open_sources(case, others), ask_for_proxy()),
        unlike={"proxy-unreachable": _NO_PROXY},
        perhaps="proxy-not-configured",
        side="network",
        retry="no",
    )


def _nothing_listens_here(case: Case, attempts: tcp.Attempts) -> Finding:
    """The address is this machine's own."""
    meant = _meant_here(case, attempts)
    return finding(
        f"the server refuses the connection: {attempts.where}",
        "The address is this machine itself, and no program listens on that port. The server that should "
        "run here has not been started, has ended, or listens on another port."
        if meant
        else "The name led to an address of this machine itself, where no program listens on that port. Names of "
        "development servers do that on purpose; a public host's name does it where a filter in the name service "
        "or a line of the hosts file turned it away.",
        attempts.evidence,
        fixes=(
            Fix(
                title=f"Start the server that should listen on port {attempts.port}", untried="only you know which one"
            ),
            fixes.other_sources(case),
        ),
        unlike={"proxy-unreachable": _NO_PROXY, "tcp-filtered": meant and _AT_ONCE},
        perhaps=not meant and "dns-filtered",
        side="you",
        retry="no",
    )


def _meant_here(case: Case, attempts: tcp.Attempts) -> bool:
    """Whether this machine is where the host should be, and no filter sent us here. May raise `OpenQuestion`.

    By its own name or address, by a line of the hosts file, or in a laboratory where no name has a public address.
    """
    if not public_name(attempts.host) or dns.recorded_hosts_line(case):
        return True
    others = dns.other_names(case, attempts.host)
    return bool(others.resolved) and not others.public


def tcp_permission_denied(case: Case) -> Finding | None:
    """Holds when this machine itself forbids the connection."""
    attempts = tcp.attempts(case)
    if attempts is None or attempts.failures != {Failure.PERMISSION}:
        return None
    return finding(
        f"this machine does not let Python connect to {attempts.where}",
        "The operating system forbade the connection before a packet left. A local firewall, a sandbox, "
        "SELinux or a routing rule of this machine does that; no server and no distant firewall can.",
        attempts.evidence,
        f"connect() failed with {attempts.deciding[-1].errno or 'EACCES'}",
        fixes=Fix(
            title="Allow this Python in the local firewall or sandbox, or run the download outside the sandbox",
            commands=(fixes.command(case, 'python -c "import sys; print(sys.executable)"'),),
            untried="only this machine's owner can allow it",
        ),
        unlike={"tcp-filtered": "a distant firewall cannot forbid a system call"},
    )


CAUSES: tuple[Cause, ...] = (
    cause(
        tcp_refused,
        needs=(Control.NAMES, Control.UNRELATED_TLS, Control.PORTAL, Control.OTHER_PORT),
        warns=lambda case: tcp.survived(case, Failure.REFUSED),
    ),
    cause(tcp_permission_denied),
)
