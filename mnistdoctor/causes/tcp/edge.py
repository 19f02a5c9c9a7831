"""The cause of one address among several that takes connections and does not serve."""

from __future__ import annotations

from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Change, Control, Finding, Fix, cause
from mnistdoctor.causes.facts.edges import DeadEdge, dead_edge
from mnistdoctor.causes.finding import finding
from mnistdoctor.wording import joined


def edge_dead_address(case: Case) -> Finding | None:
    """Holds when the file fails twice at one address of its host, and another address of the same host serves it."""
    edge = dead_edge(case)
    if edge is None:
        return None
    return finding(
        f"one of the addresses of {case.host} does not serve: {edge.dead} ({edge.how})",
        "Large services have several servers under one name, and a program takes the first that lets it connect. This "
        "one connects and then fails, while another serves the same file. Name servers hand the addresses out in turn, "
        "so it works for some people, or at the next try, and not for others.",
        f"{case.host} has the addresses {joined(edge.known)}",
        f"{edge.dead} failed: {edge.how}; asked once more, it failed again",
        f"{edge.working} served the file in this run",
        fixes=(
            _from_the_other(case, edge),
            fixes.ask(f"the owner of {case.host}", f"that {edge.dead} does not serve", verb="Tell"),
        ),
        unlike={"http-500-server-error": edge.answered and f"{edge.working} serves the same file"},
        perhaps=not _is_sure(edge) and ("tcp-mtu-blackhole" if ":" in edge.dead else "tcp-filtered"),
    )


def _is_sure(edge: DeadEdge) -> bool:
    """Silence and resets may come from the way to that address, and a tunnel for IPv6 loses large packets."""
    return edge.answered and (":" not in edge.dead or ":" in edge.working)


def _from_the_other(case: Case, edge: DeadEdge) -> Fix | None:
    if case.address is None:
        return None
    address = f"[{edge.working}]" if ":" in edge.working else edge.working
    where = f"{case.address.host}:{case.address.port}:{address}"
    return Fix(
        title=f"Fetch it from {edge.working}, another address of the same host",
        commands=fixes.download(case, case.subject.url, "--resolve", where),
        change=Change(address=edge.working),
    )


CAUSES: tuple[Cause, ...] = (cause(edge_dead_address, needs=(Control.OTHER_ADDRESS,)),)
