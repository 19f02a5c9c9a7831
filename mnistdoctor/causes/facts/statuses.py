"""What a status of HTTP stands for beyond its phrase: the rows of ``statuses.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, final

from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.text import Retry, Side


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One row; the defaults are what is said of a status that has none."""

    kind: Literal["own", "gateway", "overload", "lasting", "other"] = "other"
    """``own``: judged by rules of its own; ``gateway``: a front that cannot get the file from the server behind it;
    ``overload``: too much to do; ``lasting``: a fault that a second request does not change."""
    means: str = "it does not take the request"
    """As the end of a title that begins "HOST answers STATUS: "."""
    advice: str = "The server's own words are all there is to go by."
    """What to look at, one sentence."""
    side: Side = "server"
    retry: Retry | None = None
    cloudflare: str = ""
    """What Cloudflare means by it, as the end of such a title."""


@cache
def status(number: int | None) -> Status:
    """What is known of a status; the defaults for one without a row."""
    return Status(**table("statuses").get(str(number), {}))
