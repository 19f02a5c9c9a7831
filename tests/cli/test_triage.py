"""`mnistdoctor triage` as a process."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest

from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.servers import Server

from .test_commands import CHECKOUT, command

SCHEMA = json.loads((CHECKOUT / "mnistdoctor/report/triage.schema.json").read_text("utf-8"))
REFUSED = "urllib.error.URLError: <urlopen error [Errno 111] Connection refused>\n"


def triage(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command("triage", *arguments), input=text, capture_output=True, text=True, encoding="utf-8", timeout=60
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [(REFUSED, 1), ("ModuleNotFoundError: No module named 'torchvision'\n", 0), ("all is well\n", 3), ("", 3)],
)
def test_the_exit_code_is_the_verdict(text: str, code: int) -> None:
    done = triage(text, "--offline")
    assert (done.returncode, done.stderr) == (code, "")
    assert done.stdout


@pytest.mark.parametrize(
    "text", [REFUSED, "curl -k https://x.example\nHTTPError: HTTP Error 404: Not Found", "nothing"]
)
def test_json_holds_to_its_schema(text: str) -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(triage(text, "--offline", "--format", "json").stdout))


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "error.txt"
    path.write_bytes(REFUSED.encode("utf-16"))
    assert "tcp-refused" in triage("", str(path), "--offline").stdout


def test_no_such_file() -> None:
    done = triage("", "nowhere.txt")
    assert (done.returncode, done.stdout) == (2, "")
    assert "nowhere.txt" in done.stderr


def test_an_address_of_this_machine_is_never_examined() -> None:
    with Server(respond(404, b"")) as server:
        text = f"requests.exceptions.HTTPError: 404 Client Error: Not Found for url: {server.url('/a.gz')}"
        done = triage(text, "--examine")
        assert done.returncode == 1
        assert "not examined" in done.stderr
        assert not server.log.requests
