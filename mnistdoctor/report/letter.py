"""A message ready to send to whoever must act, from a group of targets; none where the reader must."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor import wording
from mnistdoctor.examine.conductor import Report
from mnistdoctor.failure import in_words
from mnistdoctor.report import phrasing
from mnistdoctor.report.groups import Group

# Fields by which the other side finds the request in its own log, or which say who answered.
_TRACES = (
    "date", "server", "via", "x-request-id", "x-correlation-id", "x-amz-request-id", "x-amz-id-2", "x-amz-cf-id",
    "cf-ray", "x-guploader-uploadid", "x-ms-request-id", "x-served-by", "x-cache", "x-squid-error", "proxy-status",
    "retry-after",
)  # fmt: skip

_ASK = {
    "network": "Is this meant to be so? If not, please let this host through; if it is, which way is allowed?",
    "proxy": "Could you look these requests up in the proxy's log, and let them through or tell us what to change?",
    "server": "Could you look these requests up in your log, and restore the file or tell us where it is now?",
    "framework": "Could you change the download, so that it works under these conditions?",
}


def letter(group: Group, report: Report) -> tuple[str, str] | None:
    """The addressee and the text; None where the one who reads the report is the one to act."""
    found = group.diagnosis
    to = phrasing.addressee(found, group.first) if found else None
    if found is None or to is None:
        return None
    spoke = report.environment.get("examined_with")
    machine = spoke if isinstance(spoke, dict) else report.environment
    lines = [
        "Hello,",
        "",
        f"{phrasing.headline(group, report)}.",
        found.explanation,
        "",
        "What was asked for, with times in UTC:",
        *(f"- {line}" for line in _requests(group, report)),
        "",
        "What was seen:",
        *(f"- {wording.one_line(line)}" for line in found.evidence),
        *_traces(group),
        "",
        _ASK.get(found.side, "Could you look into it?"),
        "",
        f"This was found by mnistdoctor on {report.environment.get('platform', 'this machine')} with "
        f"{machine.get('python') or 'Python'} and {machine.get('openssl') or 'OpenSSL'} "
        f"(cause `{found.cause}`, {found.certainty}); a full report is available.",
    ]
    return to, "\n".join(lines)


def _requests(group: Group, report: Report) -> list[str]:
    """Each target's last operation: when, what, from which address, with which answer."""
    told = []
    for result in group.results[:8]:
        own = [one for one in result.observations if one.role == "target"]
        last = next((one for one in reversed(own) if one.failure), own[-1] if own else None)
        if last is None:
            continue
        at = utc(report.started, last.started_s)
        connects = [one for one in own if isinstance(one, ev.Connect) and one.hop == last.hop]
        address = f", address {connects[-1].address} port {connects[-1].port}" if connects else ""
        proxied = next((f", by way of {one.proxy}" for one in own if isinstance(one, ev.Route) and one.proxy), "")
        agent = next((ev.field(one.request_fields, "user-agent") for one in own if isinstance(one, ev.Exchange)), None)
        asked = f" as {agent}" if agent else ""
        where = f"{result.final_url or result.url}{address}{proxied}{asked}"
        told.append(wording.one_line(f"{at}: {where}: {_answer(last)}"))
    more = len(group.results) - 8
    return [*told, f"and {more} more of the same kind"] if more > 0 else told


def _answer(last: ev.Observation) -> str:
    status = getattr(last, "status", None)
    said = f"{status} {getattr(last, 'reason', '')}".rstrip() if status else ""
    failed = in_words(last.failure) if last.failure and not said else ""
    return ", ".join(filter(None, (said, failed, last.detail))) or "as below"


def _traces(group: Group) -> list[str]:
    lines = []
    for result in group.results[:8]:
        for one in result.observations:
            if one.role != "target" or not isinstance(one, (ev.Exchange, ev.Tunnel)) or not one.status:
                continue
            host = urlsplit(one.url).netloc if isinstance(one, ev.Exchange) else one.proxy
            traces = [f"{name}: {value}" for name, value in one.fields if name.lower() in _TRACES]
            if traces:
                lines.append(wording.one_line(f"- {host} answered {one.status} with {'; '.join(traces)}"))
    return list(dict.fromkeys(lines))


def utc(started: datetime, seconds: float) -> str:
    """A moment of the run, to the second."""
    return (started + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S")
