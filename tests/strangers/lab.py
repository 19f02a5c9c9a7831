"""Where a row is played: an empty home, servers on loopback, and the doctor as a process of its own."""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mnistdoctor
from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.servers import Endpoint, Server
from tests.strangers import rows

if TYPE_CHECKING:
    import ssl

    from mnistdoctor.demo.connection import Fault

CHECKOUT = Path(mnistdoctor.__file__).parents[1]
_PATIENCE_S = 120


@dataclass(frozen=True)
class Answer:
    """What the doctor printed."""

    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """The JSON report."""
        assert self.out, self.err
        report: dict[str, Any] = json.loads(self.out)
        return report

    @property
    def verdict(self) -> str:
        """The verdict of all targets."""
        return str(self.report["verdict"])

    @property
    def targets(self) -> list[dict[str, Any]]:
        """The targets of the report."""
        return list(self.report["targets"])

    @property
    def diagnosis(self) -> dict[str, Any]:
        """The diagnosis of the first target that has one."""
        found = [target["diagnosis"] for target in self.targets if target["diagnosis"]]
        assert found, f"no diagnosis: {self.verdict}"
        return dict(found[0])

    @property
    def cause(self) -> str:
        """The cause of the first target that is ailing, or the verdict where none is."""
        found = [target["diagnosis"]["cause"] for target in self.targets if target["diagnosis"]]
        return str(found[0]) if found else self.verdict

    @property
    def certain(self) -> bool:
        """Whether nothing else may be the cause."""
        return bool(self.diagnosis["certainty"] == "certain")

    @property
    def warnings(self) -> list[str]:
        """The causes of all warnings."""
        return [str(warning["cause"]) for target in self.targets for warning in target["warnings"]]

    @property
    def fixes(self) -> list[dict[str, Any]]:
        """The fixes of the diagnosis, in order."""
        return list(self.diagnosis["fixes"])


class Lab(contextlib.ExitStack):
    """A home in `folder`, and what the row starts in it; closes what it started."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir()

    def serve(self, fault: Fault, tls: ssl.SSLContext | None = None) -> Server:
        """A server on loopback that plays `fault` to every connection."""
        return self.enter_context(Server(fault, tls))

    def endpoint(self, endpoint: Endpoint) -> Endpoint:
        """Any other port, closed with the laboratory."""
        return self.enter_context(endpoint)

    def run(self, *arguments: str, cwd: Path | None = None, **variables: str) -> Answer:
        """`mnistdoctor ARGUMENTS` with an empty home and no variables but these."""
        code = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); from mnistdoctor.cli import main; main()"
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONUTF8": "1", **variables}
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True, text=True, encoding="utf-8", timeout=_PATIENCE_S, stdin=subprocess.DEVNULL,
            env=environment, cwd=cwd or self.folder,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Answer(done.returncode, done.stdout, done.stderr)

    def check(self, *arguments: str, cwd: Path | None = None, **variables: str) -> Answer:
        """`mnistdoctor check ARGUMENTS --format json`; its neutral host is a port of loopback that answers well."""
        if "--control" not in arguments:
            arguments = (*arguments, "--control", self.serve(respond(204, b"")).url("/generate_204"))
        return self.run("check", *arguments, "--format", "json", cwd=cwd, **variables)


Row = Callable[[Lab], None]
"""Plays one stranger's case and asserts the right answer."""


def all_rows() -> dict[str, Row]:
    """Every row by its name, in the order of their numbers."""
    found: dict[str, Row] = {}
    for module in pkgutil.iter_modules(rows.__path__):
        names = vars(importlib.import_module(f"{rows.__name__}.{module.name}"))
        found |= {name: value for name, value in names.items() if re.match(r"s\d+_", name)}
    return dict(sorted(found.items(), key=lambda item: (number(item[0]), item[0])))


def number(name: str) -> int:
    """The number of a row: 17 of `s17_short_at_every_fetch`."""
    return int(name[1 : name.index("_")])
