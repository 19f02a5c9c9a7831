"""The schema's part on observations, made from the records: `python -m tests.report.schema` writes it anew."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from pathlib import Path
from typing import Any

from mnistdoctor import evidence as ev
from mnistdoctor import report
from mnistdoctor.evidence.stored import KINDS

FILE = Path(report.__file__).with_name("report.schema.json")
_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean"}


def rules() -> list[dict[str, Any]]:
    """For each kind of record: its own fields, and those that every such record has."""
    base = {item.name for item in dataclasses.fields(ev.Observation)}
    found = []
    for cls in KINDS.values():
        hints = typing.get_type_hints(cls)
        own = [item for item in dataclasses.fields(cls) if item.name not in base]
        then: dict[str, Any] = {"properties": {item.name: _of(hints[item.name]) for item in own}}
        needed = [item.name for item in own if item.default is dataclasses.MISSING]
        if needed:
            then["required"] = needed
        found.append({"if": {"properties": {"kind": {"const": cls.kind}}}, "then": then})
    return found


def _of(hint: Any) -> dict[str, Any]:
    """The schema of a field's type."""
    if hint == ev.Pairs:
        return {"$ref": "#/$defs/pairs"}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        (kind,) = (one for one in arguments if one is not type(None))
        words = typing.get_args(kind)  # of a closed list
        return {"enum": [*words, None]} if words else {"type": [_SIMPLE[kind], "null"]}
    if origin is typing.Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        return {"type": "array", "items": _of(arguments[0])}
    if dataclasses.is_dataclass(hint):
        return {"$ref": f"#/$defs/{getattr(hint, '__name__', '').lower()}"}
    return {"type": _SIMPLE[hint]}


def main() -> None:
    """Write the part."""
    schema = json.loads(FILE.read_text("utf-8"))
    observation = schema["$defs"]["observation"]
    observation["allOf"] = rules()
    observation["properties"]["kind"]["enum"] = list(KINDS)
    FILE.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
