"""Records to JSON and back."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from mnistdoctor.evidence.base import Address, Machine, Observation, Route, Subject, Trust
from mnistdoctor.evidence.connection import (
    Connect,
    Handshake,
    HostsFile,
    Lookup,
    NameQuery,
    Reach,
    Tunnel,
)
from mnistdoctor.evidence.message import Content, Exchange, Transfer
from mnistdoctor.evidence.surroundings import CachedFile, Folder, KnownProxy, Symptom
from mnistdoctor.failure import Failure

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

_FAILURES = frozenset(one.value for one in Failure)

_RECORDS: tuple[type[Observation], ...] = (
    *(Subject, Machine, Address, Route, Trust),
    *(Lookup, NameQuery, HostsFile, Reach, Connect, Tunnel, Handshake),
    *(Exchange, Transfer, Content),
    *(Folder, CachedFile, KnownProxy, Symptom),
)
KINDS = {record.kind: record for record in _RECORDS}


def to_json(observation: Observation) -> dict[str, Any]:
    """The record as JSON values, its ``kind`` first; fields that hold their default are left out."""
    values: dict[str, Any] = {"kind": observation.kind}
    for item in dataclasses.fields(observation):
        value = getattr(observation, item.name)
        if value != item.default or item.name in ("role", "hop", "failure", "started_s", "duration_s"):
            values[item.name] = _plain(value)
    return values


def from_json(values: Mapping[str, object]) -> Observation:
    """The record that `to_json` wrote; names that this release does not know are passed over.

    Raises `ValueError` where the kind is unknown or a value does not fit.
    """
    record = KINDS.get(str(values.get("kind")))
    if record is None:
        raise ValueError(f"unknown kind of observation {values.get('kind')!r}")
    return _build(record, values)


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: _plain(getattr(value, item.name)) for item in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    return round(value, 6) if isinstance(value, float) else value


def _build(cls: type[T], values: object) -> T:
    if not isinstance(values, Mapping):
        raise ValueError(f"expected an object for {cls.__name__}")  # noqa: TRY004 - one error type for bad files
    hints = typing.get_type_hints(cls)
    given: dict[str, object] = {}
    for item in dataclasses.fields(cls):
        if item.name in values:
            given[item.name] = _value(hints[item.name], values[item.name], f"{cls.__name__}.{item.name}")
    try:
        return cls(**given)
    except TypeError as error:
        raise ValueError(str(error)) from None


def _value(hint: object, value: object, where: str) -> object:
    """The JSON value as the type that the field declares."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _value(next(one for one in arguments if one is not type(None)), value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{where} must be a list")
        kinds = arguments[:1] * len(value) if arguments[-1] is Ellipsis else arguments
        if len(kinds) != len(value):
            raise ValueError(f"{where} must have {len(kinds)} parts")
        return tuple(_value(kind, one, where) for kind, one in zip(kinds, value, strict=True))
    if origin is Literal:
        if value not in arguments:
            raise ValueError(f"{where} is {value!r}, which is none of {', '.join(map(repr, arguments))}")
        return value
    if hint is Failure:
        return Failure(value) if value in _FAILURES else Failure.UNKNOWN
    assert isinstance(hint, type), f"{where} is of a kind that no record has"
    if dataclasses.is_dataclass(hint):
        return _build(hint, value)
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise ValueError(f"{where} must be of type {hint.__name__}")
    return value
