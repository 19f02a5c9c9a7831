"""Controls about other ways out: proxies that this machine knows and the client does not use, and more patience."""

from __future__ import annotations

import dataclasses

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case
from mnistdoctor.causes.facts.known_proxies import through
from mnistdoctor.probe import hop, pac
from mnistdoctor.run import Recorder, Run
from mnistdoctor.settings.unused_proxies import UnusedProxy, unused_proxies

MOST_TRIED = 2
"""Known proxies that are asked for the URL."""
MORE_PATIENCE = 6
LONGEST_PATIENCE_S = 60.0


def known_proxies(rec: Recorder, case: Case, url: str) -> None:
    """A record of each; nothing is sent."""
    started = rec.run.clock()
    for one in unused_proxies(case.client, url, rec.run.settings, rec.run.environment):
        rec.add(
            ev.KnownProxy, None, started, place=one.place, key=one.key, where=one.where, line=one.line, proxy=one.proxy,
            has_credentials=one.has_credentials, pac=one.pac,
        )  # fmt: skip


def ask_pac(rec: Recorder, case: Case, url: str) -> None:
    """What the PAC file says that an option, or the system's own setting, names; never one that a network offers."""
    run = rec.run
    named = run.settings.pac or next((one.pac for one in _elsewhere(run, case, url) if one.pac), None)
    if named:
        pac.evaluate(rec, named, url)


def by_known_proxy(rec: Recorder, case: Case, url: str) -> None:
    """The URL's head through the known proxies, best first, until one of them lets it through."""
    run = rec.run
    # Only what the user set in this process carries credentials; another file's password is not ours to send. A record
    # may show a name as `***` that is also somebody's user name.
    written = {
        run.redactor.text(one.proxy): one.value if one.place in ("variable", "exempted") else one.proxy
        for one in _elsewhere(run, case, url)
    }
    known = [one.proxy for one in case.observations if isinstance(one, ev.KnownProxy) and one.proxy and not one.failure]
    subject = dataclasses.replace(case.subject, url=url, until="http")
    for name in list(dict.fromkeys(known))[:MOST_TRIED]:
        settings = dataclasses.replace(run.settings, proxy=written.get(name, name), direct=False)
        own = Recorder(dataclasses.replace(run, settings=settings), rec.key, rec.role, rec.control)
        hop.examine_url(own, url, subject, case.client)
        rec.records += own.records
        if any(through(one) is not None for one in own.records):
            return


def with_patience(run: Run) -> Run:
    """The same run with a time-out that a gateway's scan may need."""
    longer = min(LONGEST_PATIENCE_S, MORE_PATIENCE * run.settings.timeout_s)
    return dataclasses.replace(run, settings=dataclasses.replace(run.settings, timeout_s=longer))


def _elsewhere(run: Run, case: Case, url: str) -> tuple[UnusedProxy, ...]:
    return unused_proxies(case.client, url, run.settings, run.environment)
