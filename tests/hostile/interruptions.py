"""SIGINT and SIGTERM at random moments of each command: what was seen is printed, and nothing is left behind."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.servers import Server

LONGEST_S = 1.6
"""The last moment; most of these commands have ended by then."""


@dataclass
class Interrupted:
    """What the command counts."""

    tried: int = 0
    lost: list[str] = field(default_factory=list)
    """Wrong codes, output that is no whole document, files that are neither the old nor the new one."""
    left: list[str] = field(default_factory=list)
    """Processes and temporary files that were still there afterwards."""


def commands(url: str, folder: Path) -> dict[str, list[str]]:
    """One line of arguments for each command, with where it writes."""
    quick = ["--no-try", "--no-controls"]
    kept = str(folder / "kept.json")
    return {
        "check": ["check", url, *quick, "--format", "json", "--report", f"json={kept}"],
        "check-many": ["check", *(f"{url}{number}" for number in range(60)), *quick, "--format", "json"],
        "preflight": ["preflight", url, "--retries", "0", "--no-controls", "--format", "junit"],
        "fetch": ["fetch", url, "--to", str(folder), "--unverified"],
        "run": [
            "run",
            "--offline",
            "--",
            sys.executable,
            "-c",
            "raise SystemExit('urllib.error.HTTPError: HTTP Error 404: Not Found')",
        ],
        "triage": ["triage", str(folder / "log.txt"), "--offline", "--format", "json"],
        "compare": ["compare", kept, kept, "--format", "json"],
        "demo": ["demo", "intercepted", "--format", "json"],
    }


def interrupt_all(times: int, seed: int) -> Interrupted:
    """Each command that many times, in turns of the two signals."""
    chosen, found = random.Random(seed), Interrupted()
    with tempfile.TemporaryDirectory() as made, Server(respond(404, b"x" * 5000)) as server:
        for name in commands("", Path()):
            for turn in range(times):
                folder = Path(made) / f"{name}-{turn}"
                folder.mkdir()
                (folder / "tmp").mkdir()
                (folder / "kept.json").write_text(OLD)
                (folder / "log.txt").write_text("urllib.error.HTTPError: HTTP Error 404: Not Found\n")
                number = (signal.SIGINT, signal.SIGTERM)[turn % 2]
                _once(
                    name, commands(server.url("/f"), folder)[name], number, chosen.uniform(0, LONGEST_S), folder, found
                )
    return found


OLD = '{"format_version": 1, "targets": []}'


def _once(
    name: str, arguments: list[str], number: signal.Signals, after_s: float, folder: Path, found: Interrupted
) -> None:
    environment = {**os.environ, "TMPDIR": str(folder / "tmp"), "PYTHONUTF8": "1"}
    line = [sys.executable, "-m", "mnistdoctor", *arguments]
    with subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, start_new_session=True
    ) as process:
        time.sleep(after_s)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    found.tried += 1
    where = f"{name} {number.name} after {after_s:.2f} s"
    codes = {128 + number, 0, 1, 2}  # the last three: it had ended by then
    failed = process.returncode not in codes or b"itself failed" in err or b"Traceback" in err
    early = process.returncode == -number or (b"KeyboardInterrupt" in err and b"mnistdoctor" not in err)
    if failed and not early:  # early: the interpreter had not come to the first line of ours
        found.lost.append(f"{where}: code {process.returncode} {err[-200:]!r}")
    if out and "json" in arguments and not _is_json(out):
        found.lost.append(f"{where}: {out[-80:]!r}")
    if not _is_json((folder / "kept.json").read_bytes()):
        found.lost.append(f"{where}: the report is half written")
    beside = {path.name for path in folder.iterdir()} - {"tmp", "kept.json", "log.txt"}
    found.left += [f"{where}: {one}" for one in (*beside, *(path.name for path in (folder / "tmp").iterdir()))]
    try:
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return
    found.left.append(f"{where}: a process")


def _is_json(data: bytes) -> bool:
    try:
        json.loads(data)
    except ValueError:
        return False
    return True
