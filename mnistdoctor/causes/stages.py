"""Which stage a cause belongs to, by the prefix of its id: the contract's rule as a table."""

from __future__ import annotations

from typing import Final, Literal

from mnistdoctor.evidence import Stage

WHERE_IT_FAILED: Final = "where it failed"
"""The stage at which the examination ended, whichever that was."""
NO_STAGE: Final = "said by a program"
"""Told by what a program printed, not by a probe."""

Home = Stage | Literal["where it failed", "said by a program"]

_WHOLE: dict[str, Home] = {
    "url-is-a-web-page": "length",
    "env-no-network-link": WHERE_IT_FAILED,
    "captive-portal": WHERE_IT_FAILED,
    "unexplained": WHERE_IT_FAILED,
}
_PREFIX: dict[str, Home] = {
    "url": "dns", "env": "dns", "dns": "dns", "tcp": "tcp", "proxy": "proxy", "tls": "tls", "http": "http",
    "length": "length", "body": "length", "enc": "length", "resume": "length", "disk": "length",
    "checksum": "checksum", "cache": "checksum", "data": "checksum",
    "notebook": WHERE_IT_FAILED, "cluster": WHERE_IT_FAILED, "fw": WHERE_IT_FAILED, "program": NO_STAGE,
}  # fmt: skip


def home_stage(cause: str) -> Home:
    """One of the seven stages, `WHERE_IT_FAILED` or `NO_STAGE`."""
    return _WHOLE.get(cause) or _PREFIX.get(cause.partition("-")[0], WHERE_IT_FAILED)
