"""A report in which no text can move a terminal's cursor: names come from URLs, files and stored reports."""

from __future__ import annotations

import dataclasses
from typing import Any

from mnistdoctor.catalogue import Catalogue
from mnistdoctor.examine.conductor import Report
from mnistdoctor.redact import visible


def printable(report: Report) -> Report:
    """The same with control characters made visible; line breaks stay."""
    made = _clean(report)
    assert isinstance(made, Report)
    return made


def _clean(value: Any) -> Any:
    """The value itself where nothing in it changes."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {name: _clean(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        made = [_clean(one) for one in value]
        return value if all(one is other for one, other in zip(made, value, strict=True)) else type(value)(made)
    if dataclasses.is_dataclass(value) and not isinstance(value, (type, Catalogue)):
        changed = {
            item.name: made
            for item in dataclasses.fields(value)
            if item.init and (made := _clean(one := getattr(value, item.name))) is not one
        }
        return dataclasses.replace(value, **changed) if changed else value
    return value
