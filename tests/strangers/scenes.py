"""The strangers' cases that want names, routes or port 443: by which scenes of the closed world they are played."""

from __future__ import annotations

SCENES: dict[int, tuple[str, ...]] = {
    12: ("exam-aaaa-lost",),
    22: ("exam-allow-list-index", "exam-allow-list-code", "exam-allow-list-unknown"),
    23: ("exam-node-denied-slurm", "exam-node-denied-pbs", "exam-node-no-route-slurm", "exam-node-one-name"),
    27: ("var-led-to-the-dead", "var-led-to-silence", "var-led-to-a-stranger", "var-led-nowhere-else"),
    38: ("exam-gcs-requester-pays",),
    52: ("hosts-line-to-an-emptied-server", "hosts-line-to-a-home-page", "hosts-line-beside-a-busy-site"),
    53: ("ways-other-variable", "ways-other-variable-plain", "ways-other-variable-open"),
    57: ("exam-proxy-silent-resolver",),
    58: ("var-endpoint-gone-half", "var-endpoint-gone-all", "var-endpoint-unknown"),
}
SAID_TWICE = frozenset({66})
"""Numbers that stand for others: S66 is S4, S7 and S12 once more."""
EXAMINED = range(1, 68)
"""The numbers of the list."""
