"""What a text tells as records: exceptions as symptoms, and what a probe would have recorded of the operation."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Catalogue
from mnistdoctor.causes.case import Case
from mnistdoctor.failure import Failure
from mnistdoctor.redact import for_this_user
from mnistdoctor.symptoms.context import Context
from mnistdoctor.symptoms.decisive import Decisive
from mnistdoctor.symptoms.read import Message

_MOST_SYMPTOMS = 40
"""Exceptions of one text that become records: the last ones."""
_LAST_LINES = 3
"""Lines that stand for a text in which nothing is an exception."""
_UNNAMED = "the server"
"""Stands for a host that the text does not name."""
_STATUSES = {status.phrase.casefold(): status.value for status in HTTPStatus if status >= 400}
"""Reason phrase -> status, for clients that print the phrase alone (keras before 2.4, PowerShell)."""


def symptoms(messages: Sequence[Message]) -> list[ev.Symptom]:
    """The exceptions, without secrets; a text without any is told by its last lines."""
    clean = for_this_user().text
    chosen = [one for one in messages if one.exception][-_MOST_SYMPTOMS:] or messages[-_LAST_LINES:]
    return [
        ev.Symptom(
            id="",
            stage=None,
            exception=one.exception,
            message=clean(one.message)[:4000],
            raised_in=one.packages,
            earlier=one.earlier,
        )
        for one in chosen
    ]


def case(records: Iterable[ev.Observation], context: Context, catalogue: Catalogue) -> Case:
    """What the text tells, as an examination that could ask nothing further would have recorded it."""
    url = context.url or (f"https://{context.host}/" if context.host else "")
    parts = urlsplit(url)
    known = catalogue.by_url(url) if context.url else None
    clients = {client.name for client in catalogue.clients}
    loaders = {loader.name for loader in catalogue.loaders}
    subject = ev.Subject(
        id="",
        stage=None,
        url=url,
        file=known[1].id if known else None,
        client=context.loader if context.loader in clients else "requests",
        loader=context.loader if context.loader in loaders else None,
        release=context.release,
    )
    own = {"Darwin": "macOS"}.get(platform.system(), platform.system())  # mostly a text is read where it was printed
    machine = ev.Machine(id="", stage=None, platform=context.platform or own, python=context.python or "3", openssl="")
    host, port = context.host or _UNNAMED, context.port or 443
    address = ev.Address(id="", stage=None, url=url, scheme=parts.scheme, host=host, path=parts.path, port=port)
    route = ev.Route(id="", stage=None, way="tunnel" if context.proxied else "direct")
    every = (subject, machine, address, route, *records)
    return Case(tuple(dataclasses.replace(one, id=f"o{number}") for number, one in enumerate(every, 1)), catalogue)


_KINDS: dict[str, tuple[type[ev.Observation], ev.Stage]] = {
    "lookup": (ev.Lookup, "dns"),
    "connect": (ev.Connect, "tcp"),
    "tunnel": (ev.Tunnel, "proxy"),
    "handshake": (ev.Handshake, "tls"),
    "exchange": (ev.Exchange, "http"),
}


def record(found: Decisive, context: Context) -> ev.Observation | None:
    """What a probe would have recorded; None where the template makes no record."""
    name = found.template.record
    if not name:
        return None
    kind, stage = _KINDS[name]
    groups = {group: value for group, value in found.match.groupdict().items() if value}
    fields: dict[str, Any] = {**_usual(context)[name], **found.template.fields, **groups}
    fields["failure"] = Failure(fields["failure"])
    if "status" not in fields and fields.get("reason", "").casefold() in _STATUSES:
        fields["status"] = _STATUSES[fields["reason"].casefold()]
    if "status" in fields:
        fields["status"] = int(fields["status"])
    return kind(id="", stage=stage, **fields)


def _usual(context: Context) -> dict[str, dict[str, Any]]:
    """What the text tells of the operation beside its end, by the kind of its record."""
    peer: ev.Peer = "proxy" if context.proxied else "origin"
    host, port = context.proxy_host or context.host or _UNNAMED, context.port or 443
    address = "127.0.0.1" if host == "localhost" else host
    return {
        "lookup": {"name": host, "peer": peer},
        "connect": {"address": address, "port": port, "family": 4, "peer": peer, "name": host},
        "tunnel": {"target": f"{host}:{port}", "proxy": "the proxy"},
        "handshake": {"server_name": host},
        "exchange": {"method": "GET", "url": context.url or ""},
    }
