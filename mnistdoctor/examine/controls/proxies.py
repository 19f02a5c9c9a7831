"""Controls about other ways out: proxies that this machine knows and the client does not use."""

from __future__ import annotations

import dataclasses

from mnistdoctor import evidence as ev
from mnistdoctor.causes.facts.known_proxies import through
from mnistdoctor.examine.controls.base import ControlRequest
from mnistdoctor.probe import hop, pac
from mnistdoctor.settings.unused_proxies import UnusedProxy, unused_proxies

MOST_TRIED = 2
"""Known proxies that are asked for the URL."""


def _known(request: ControlRequest) -> tuple[UnusedProxy, ...]:
    run = request.run
    return unused_proxies(request.case.client, request.url, run.settings, run.environment)


def known_proxies(request: ControlRequest) -> None:
    """A record of each; nothing is sent."""
    started = request.run.clock()
    for one in _known(request):
        fields = {"place": one.place, "key": one.key, "where": one.where, "line": one.line, "proxy": one.proxy}
        request.rec.add(ev.KnownProxy, None, started, **fields, has_credentials=one.has_credentials, pac=one.pac)


def pac_file(request: ControlRequest) -> None:
    """What the PAC file says that an option, or the system's own setting, names; never one that a network offers."""
    named = request.run.settings.pac or next((one.pac for one in _known(request) if one.pac), None)
    if named:
        pac.evaluate(request.rec, named, request.url)


def by_known_proxy(request: ControlRequest) -> None:
    """The URL's head through the known proxies, best first, until one of them lets it through."""
    run, case = request.run, request.case
    # Only what the user set in this process carries credentials; another file's password is not ours to send. A record
    # may show a name as `***` that is also somebody's user name.
    written = {
        run.redactor.text(one.proxy): one.value if one.place in ("variable", "exempted") else one.proxy
        for one in _known(request)
    }
    recorded = [one for one in case.observations if isinstance(one, ev.KnownProxy) and one.proxy and not one.failure]
    subject = dataclasses.replace(case.subject, url=request.url, until="http")
    for name in list(dict.fromkeys(one.proxy for one in recorded))[:MOST_TRIED]:
        settings = dataclasses.replace(run.settings, proxy=written.get(name, name), direct=False)
        own = request.recorder(dataclasses.replace(run, settings=settings))
        hop.examine_url(own, request.url, subject, case.client, home=case.subject.url)
        request.rec.records += own.records
        if any(through(one) is not None for one in own.records):
            return
