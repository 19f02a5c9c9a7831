"""What one report tells of a machine: how each target went, and under which settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from sys import intern
from typing import Literal
from urllib.parse import urlsplit

from mnistdoctor.wording import one_line, shortened

SettingKind = Literal["variable", "trust store", "resolver", "software", "loader", "seen"]
"""Where a setting stands, those first that a person sets; ``seen`` is what the examination met, often a consequence."""
KINDS: tuple[SettingKind, ...] = ("variable", "trust store", "resolver", "software", "loader", "seen")
ABSENT = "not set"
HOUR = "hour (UTC)"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one target went on one machine."""

    verdict: str
    stage: str = ""
    """The first stage that failed; empty where none did."""
    cause: str = ""
    title: str = ""

    @property
    def well(self) -> bool:
        """Whether the target could be had."""
        return self.verdict == "healthy"

    @property
    def alike(self) -> tuple[str, str, str]:
        """What two machines must share to have met the same: titles name addresses and times, which differ."""
        return self.verdict, self.stage, self.cause


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting by its kind and name, such as (variable, ``HTTPS_PROXY``)."""

    kind: SettingKind
    name: str


@dataclass(frozen=True, slots=True)
class Machine:
    """One report, reduced to what can be compared."""

    name: str
    outcomes: tuple[tuple[str, Outcome], ...]
    """By the target's name (or URL), in the report's order."""
    settings: tuple[tuple[Setting, str], ...]

    @property
    def alike(self) -> tuple[tuple[str, tuple[str, str, str]], ...]:
        """What makes two machines one row: the same targets, gone the same way."""
        return tuple((target, outcome.alike) for target, outcome in self.outcomes)


def machine(name: str, document: dict[str, object]) -> Machine:
    """Reads a report's document. Missing or odd parts are left out: a damaged report compares as far as it goes."""
    targets = [one for one in _list(document.get("targets")) if isinstance(one, dict)]
    found = dict(_of_environment(_dict(document.get("environment"))))
    for target in targets:
        for setting, value in _of_records(target):
            found.setdefault(setting, value)
    started = str(document.get("started", ""))
    if len(started) > 13:
        found[Setting("seen", HOUR)] = started[11:13]
    outcomes = {_text(one.get("name") or one.get("url") or "?"): _outcome(one) for one in targets}
    return Machine(_text(name), tuple(outcomes.items()), tuple(found.items()))


def _outcome(target: dict[str, object]) -> Outcome:
    diagnosis = _dict(target.get("diagnosis"))
    failed = (str(_dict(one).get("stage", "")) for one in _list(target.get("stages")) if _is_failed(one))
    return Outcome(
        verdict=_text(target.get("verdict", "inconclusive")),
        stage=_text(diagnosis.get("stage") or next(failed, "")),
        cause=_text(diagnosis.get("cause") or ""),
        title=_text(diagnosis.get("title") or ""),
    )


def _is_failed(stage: object) -> bool:
    return _dict(stage).get("outcome") == "failed"


def _of_environment(environment: dict[str, object]) -> Iterator[tuple[Setting, str]]:
    for name in ("platform", "python", "openssl", "strict_x509", "requests", "certifi", "container"):
        if environment.get(name) is not None:
            yield Setting("software", name), _text(environment[name])
    if interpreter := _dict(environment.get("interpreter")).get("path"):
        yield Setting("software", "interpreter"), _text(interpreter)
    for proxy in map(_dict, _list(environment.get("proxies"))):
        yield Setting("variable", _text(proxy.get("variable"))), _text(proxy.get("value"))
    resolvers = ", ".join(map(str, _list(environment.get("resolvers"))))
    if resolvers:
        yield Setting("resolver", "name servers"), _text(resolvers)
    for loader, release in _dict(environment.get("loaders")).items():
        yield Setting("loader", _text(loader)), _text(release)


def _of_records(target: dict[str, object]) -> Iterator[tuple[Setting, str]]:
    """What the target's own records say of the way: variables, the store, the proxy, addresses, who signed."""
    for record in map(_dict, _list(target.get("observations"))):
        if record.get("role", "target") == "target":
            yield from _of_record(record, _host(target))


def _of_record(record: dict[str, object], host: str) -> Iterator[tuple[Setting, str]]:
    match record.get("kind"):
        case "machine":
            for name, value in _pairs(record.get("variables")):
                yield Setting("variable", name), value
        case "trust" if record.get("in_use", True):
            store = " ".join(str(record[key]) for key in ("label", "path") if record.get(key))
            yield Setting("trust store", "CA certificates"), _text(store)
            yield Setting("trust store", "number of CA certificates"), str(record.get("certificates"))
        case "route":
            way = f"{record.get('way', 'direct')} {record.get('proxy') or ''}"
            yield Setting("seen", f"way to {host}"), _text(way.strip())
        case "connect":
            yield Setting("seen", f"address of {_text(record.get('name') or host)}"), _text(record.get("address"))
        case "handshake" if chain := _list(record.get("chain")):
            name = _text(record.get("server_name") or host)
            yield Setting("seen", f"who signed for {name}"), _text(_issuer(_dict(chain[0])))
        case "exchange":
            agent = {name.lower(): value for name, value in _pairs(record.get("request_fields"))}.get("user-agent")
            if agent:
                yield Setting("seen", "user agent"), agent


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    for pair in _list(value):
        if isinstance(pair, list) and len(pair) == 2:
            yield _text(pair[0]), _text(pair[1])


def _issuer(certificate: dict[str, object]) -> str:
    known = dict(reversed(list(_pairs(certificate.get("issuer_fields")))))
    return known.get("O") or known.get("CN") or str(certificate.get("issuer", "nobody"))


def _host(target: dict[str, object]) -> str:
    try:
        return _text(urlsplit(str(target.get("url"))).hostname or "the target")
    except ValueError:
        return "the target"


def _text(value: object) -> str:
    """A text that stays on its line, whoever wrote it; held once however many reports have it."""
    return intern(shortened(one_line(str(value)), 200))


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
