"""Frozen records of what was observed: one small record per operation, nothing judged.

An operation that was not made has no record; one that was made and went well has a record whose
``failure`` is ``None``. Every record survives a JSON round trip (`to_json`, `from_json`), so that stored
evidence can be judged again with no network.
"""

from __future__ import annotations

import typing

from mnistdoctor.evidence.base import (
    STAGES,
    Address,
    ContentFacts,
    DigestOf,
    Fields,
    Machine,
    Observation,
    Pairs,
    Peer,
    Role,
    Route,
    Stage,
    Subject,
    Trust,
    TrustForm,
    Way,
)
from mnistdoctor.evidence.connection import (
    Certificate,
    Connect,
    Handshake,
    HostsFile,
    Lookup,
    NameQuery,
    Reach,
    Tunnel,
)
from mnistdoctor.evidence.message import Content, Exchange, Framing, Transfer, field
from mnistdoctor.evidence.stored import from_json, to_json
from mnistdoctor.evidence.surroundings import CachedFile, FileForm, Folder, KnownProxy, ProxyPlace, Symptom

Record = typing.TypeVar("Record", bound=Observation)

__all__ = [
    "STAGES",
    "Address",
    "CachedFile",
    "Certificate",
    "Connect",
    "Content",
    "ContentFacts",
    "DigestOf",
    "Exchange",
    "Fields",
    "FileForm",
    "Folder",
    "Framing",
    "Handshake",
    "HostsFile",
    "KnownProxy",
    "Lookup",
    "Machine",
    "NameQuery",
    "Observation",
    "Pairs",
    "Peer",
    "ProxyPlace",
    "Reach",
    "Record",
    "Role",
    "Route",
    "Stage",
    "Subject",
    "Symptom",
    "Transfer",
    "Trust",
    "TrustForm",
    "Tunnel",
    "Way",
    "field",
    "from_json",
    "to_json",
]
