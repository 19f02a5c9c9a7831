"""Every cause with its rule, in the order of precedence: the `CAUSES` of each module of this package."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from mnistdoctor import causes
from mnistdoctor.causes.base import Cause
from mnistdoctor.causes.order import ORDER

_NO_RULES = frozenset({"registry", "before_wire"})


def _of_all_modules() -> Iterator[Cause]:
    for found in pkgutil.walk_packages(causes.__path__, f"{causes.__name__}."):
        if found.name.rpartition(".")[2] not in _NO_RULES:
            yield from getattr(import_module(found.name), "CAUSES", ())


def _in_order() -> tuple[Cause, ...]:
    found: dict[str, Cause] = {}
    for cause in _of_all_modules():
        assert cause.id in ORDER, f"{cause.id} has no rank"
        assert found.setdefault(cause.id, cause) is cause, f"{cause.id} is registered twice"
    return tuple(found[identifier] for identifier in ORDER)


CAUSES: tuple[Cause, ...] = _in_order()


@cache
def by_id() -> dict[str, Cause]:
    """The causes by their ids."""
    return {cause.id: cause for cause in CAUSES}
