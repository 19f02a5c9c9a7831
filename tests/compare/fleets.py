"""Fleets made of a stored case: many machines that differ in small things, and in the one that is planted."""

from __future__ import annotations

import copy
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mnistdoctor.compare.difference import compare
from mnistdoctor.compare.machine import machine

CASES = Path(__file__).parents[1] / "cases"
WELL = json.loads((CASES / "healthy.healthy-by-proxy.json").read_text("utf-8"))

PLANTS: dict[str, tuple[str, Any, Any]] = {
    "HTTPS_PROXY": ("variable", "http://proxy.corp:3128", None),
    "NO_PROXY": ("variable", "corp.example,data.demo", "corp.example"),
    "name servers": ("resolver", "192.0.2.53", "10.0.0.53"),
    "openssl": ("software", "OpenSSL 3.0.19", "OpenSSL 1.1.1w"),
    "python": ("software", "CPython 3.11.7", "CPython 3.13.1"),
    "certifi": ("software", "2026.10.18", "2019.3.9"),
    "torchvision": ("loader", "0.29.1", "0.4.0"),
    "CA certificates": ("trust store", "certifi /v/cacert.pem", "SSL_CERT_FILE /etc/corp.pem"),
}
"""What may be planted: its kind, its value where it works, and where it fails."""


def report(verdict: str = "healthy", cause: str | None = None, stage: str | None = None) -> dict[str, Any]:
    """A healthy report, or the same with a diagnosis in it; large parts that `compare` does not read are left out."""
    made: dict[str, Any] = copy.deepcopy(WELL)
    for target in made["targets"]:
        target["verdict"] = verdict
        target["diagnosis"] = {"cause": cause, "stage": stage, "title": "a title"} if cause else None
    made["verdict"] = verdict
    return made


def set_value(made: dict[str, Any], kind: str, name: str, value: Any) -> None:
    """Writes a setting where a report holds it; None leaves it out."""
    environment = made["environment"]
    if kind == "variable":
        environment["proxies"] = [one for one in environment["proxies"] if one["variable"] != name]
        environment["proxies"] += [{"variable": name, "value": value}] if value is not None else []
    elif kind == "resolver":
        environment["resolvers"] = [value]
    elif kind == "loader":
        environment["loaders"] = environment["loaders"] | {name: value}
    elif kind == "trust store":
        label, _, path = value.partition(" ")
        for target in made["targets"]:
            for one in target["observations"]:
                if one["kind"] == "trust" and one["role"] == "target":
                    one |= {"label": label, "path": path, "in_use": True}
    else:
        environment[name] = value


def noisy(made: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """What differs between the machines of any fleet, and explains nothing."""
    made["started"] = f"2026-11-{chance.randrange(1, 28):02}T{chance.randrange(24):02}:00:00+00:00"
    made["environment"]["platform"] = f"Linux-6.1.{chance.randrange(40)}-x86_64"
    made["environment"]["requests"] = chance.choice(["2.32.3", "2.34.2"])
    made["environment"]["container"] = chance.random() < 0.3
    for target in made["targets"]:
        for one in target["observations"]:
            if one["kind"] == "connect" and one["role"] == "target":
                one["address"] = f"192.0.2.{chance.randrange(1, 9)}"
    return made


def fleet(seed: int, size: int = 40) -> tuple[str, Iterator[tuple[str, dict[str, Any]]]]:
    """(name of the planted setting, its reports): it goes with the failure, but for one machine in twenty."""
    chance = random.Random(seed)
    name = chance.choice(sorted(PLANTS))
    kind, good, bad = PLANTS[name]
    ill = set(chance.sample(range(size), chance.randrange(2, size // 2)))
    flaky = {number for number in range(size) if chance.random() < 0.05}

    def made() -> Iterator[tuple[str, dict[str, Any]]]:
        for number in range(size):
            fails = (number in ill) != (number in flaky and len(ill) > 4)
            one = report("ailing", "proxy-auth-required", "proxy") if fails else report()
            for other, (other_kind, value, _) in PLANTS.items():
                set_value(one, other_kind, other, value)
            set_value(one, kind, name, bad if number in ill else good)
            yield f"node{number:02}", noisy(one, chance)

    return name, made()


def found(seed: int, size: int = 40) -> tuple[str, str | None]:
    """(the planted setting, the one that is named first) of one fleet."""
    planted, made = fleet(seed, size)
    differences = compare(machine(name, document) for name, document in made).differences
    telling = differences[0].telling if differences else ()
    return planted, telling[0].setting.name if telling else None


def main(arguments: list[str]) -> int:
    """How many of fifty fleets, or of as many as are asked for, are told rightly: `python -m tests.compare.fleets`."""
    whole = int(arguments[0]) if arguments else 50
    told = [found(seed) for seed in range(whole)]
    for seed, (planted, first) in enumerate(told):
        if planted != first:
            print(f"fleet {seed}: `{planted}` was planted, and `{first}` named")
    right = sum(planted == first for planted, first in told)
    print(f"the planted setting comes first in {right} of {whole} fleets")
    return right != whole


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
