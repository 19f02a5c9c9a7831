"""The commands as processes: what stands on stdout, what on stderr, and the exit code."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import mnistdoctor
from mnistdoctor.causes.order import ORDER
from mnistdoctor.cli import cli
from mnistdoctor.demo.faults_http import redirect, respond, route, sequence, serve
from mnistdoctor.demo.scenes import SCENES
from mnistdoctor.demo.scenes.files import catalogue_text, digits
from mnistdoctor.demo.servers import RefusingPort, Server
from tests.faults.tcp import hang

CHECKOUT = Path(mnistdoctor.__file__).parents[1]
SCHEMA = json.loads((CHECKOUT / "mnistdoctor/report/report.schema.json").read_text("utf-8"))
CASES = CHECKOUT / "tests" / "cases"
DATA = digits()


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        """Stdout as one JSON document that the schema allows."""
        values: dict[str, Any] = json.loads(self.out)
        jsonschema.Draft202012Validator(SCHEMA).validate(values)
        assert values["exit_code"] == self.code
        return values


def command(*arguments: str) -> list[str]:
    code = f"import sys; sys.path.insert(0, {str(CHECKOUT)!r}); from mnistdoctor.cli import main; main()"
    return [sys.executable, "-c", code, *arguments]


def run(*arguments: str, **variables: str) -> Done:
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, encoding="utf-8", timeout=60, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUTF8": "1", **variables},
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def on_terminal(*arguments: str, **variables: str) -> str:
    """What stands on a terminal of the default size."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "PYTHONUTF8": "1", "TERM": "xterm-256color", "COLUMNS": "80", **variables}
    with subprocess.Popen(
        command(*arguments), stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.DEVNULL, env=env
    ):
        os.close(theirs)
        shown = b""
        try:
            while got := os.read(ours, 65536):
                shown += got
        except OSError:  # on Linux a terminal ends with EIO
            pass
    os.close(ours)
    return shown.decode("utf-8")


ASKING_NOBODY = ("--no-controls", "--no-try")


class TestHelp:
    @pytest.mark.parametrize("name", ["", *cli.commands])
    def test_it_says_how_the_command_is_used(self, name: str) -> None:
        done = run(*([name] if name else []), "--help")
        assert (done.code, done.err) == (0, "")
        assert done.out.startswith("Usage: mnistdoctor" + (f" {name} " if name else " "))

    def test_version(self) -> None:
        done = run("--version")
        assert (done.code, done.out, done.err) == (0, f"mnistdoctor {mnistdoctor.__version__}\n", "")

    def test_wrong_option(self) -> None:
        done = run("check", "--formt", "json")
        assert (done.code, done.out) == (2, "")
        assert "--formt" in done.err
        assert "--format" in done.err


class TestLooking:
    def test_list(self) -> None:
        done = run("list")
        assert done.code == 0
        assert "keras:mnist" in done.out
        assert "fashion_mnist" in done.out

    def test_list_of_one_dataset(self) -> None:
        done = run("list", "Fashion-MNIST", "--format", "json")
        assert done.code == 0
        json.loads(done.out)
        assert "bb300cfdad3c16e7a12a480ee83cd310" in done.out

    def test_list_of_an_unknown_dataset(self) -> None:
        done = run("list", "mnits")
        assert (done.code, done.out) == (2, "")
        assert "'mnits'" in done.err
        assert "`mnist`" in done.err

    def test_explain_list_names_every_cause(self) -> None:
        done = run("explain", "--list")
        assert done.code == 0
        assert sorted(re.findall(r"^  ([a-z]\S+)", done.out, re.MULTILINE)) == sorted(ORDER)

    @pytest.mark.parametrize(
        ("cause", "summary", "side", "retry", "asks"),
        [
            (
                "tls-intercepted",
                "The network re-signs TLS, and this client does not trust its certificate",
                "your network",
                "the same request will fail the same way",
                True,
            ),
            (
                "http-423-locked",
                "The server says that the file is locked while somebody writes it",
                "the server",
                "an outage on the far side",
                False,
            ),
        ],
    )
    def test_explain(self, cause: str, summary: str, side: str, retry: str, asks: bool) -> None:
        done = run("explain", cause)
        assert done.code == 0
        assert done.out.splitlines()[:5] == [cause, f"  {summary}", f"  side: {side}", f"  retry: {retry}", ""]
        assert ("\nIt may ask:\n- " in done.out) is asks
        assert len(done.out) > 300

    def test_explain_what_is_not(self) -> None:
        done = run("explain", "tls-interceptd")
        assert (done.code, done.out) == (2, "")
        assert "`tls-intercepted`" in done.err

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_completion(self, shell: str) -> None:
        done = run("completion", shell)
        assert done.code == 0
        assert "_MNISTDOCTOR_COMPLETE" in done.out

    def test_completion_of_an_unknown_shell(self) -> None:
        done = run("completion", "tcsh")
        assert (done.code, done.out) == (2, "")
        assert "fish" in done.err


class TestDemo:
    def test_list(self) -> None:
        done = run("demo", "--list")
        assert done.code == 0
        assert all(one.name in done.out for one in SCENES)

    def test_a_scene_as_json_is_one_document(self) -> None:
        done = run("demo", "truncated", "--format", "json")
        assert done.code == 0
        told = json.loads(done.out)
        jsonschema.Draft202012Validator(SCHEMA).validate(told)
        assert told["targets"][0]["diagnosis"]["cause"] == "body-truncated"

    def test_unknown_scene(self) -> None:
        done = run("demo", "truncatd")
        assert (done.code, done.out) == (2, "")
        assert "`truncated`" in done.err


class TestPreflight:
    def test_an_ailing_target_is_an_error_line_on_stderr(self) -> None:
        with Server(respond(410, b"gone\n")) as server:
            done = run("preflight", server.url("/x"), "--no-controls", "--format", "json", GITHUB_ACTIONS="true")
        assert done.code == 1
        assert done.report["targets"][0]["diagnosis"]["cause"] == "http-410-gone"
        (line,) = done.err.splitlines()
        assert line.startswith("::error title=")

    def test_elsewhere_there_is_no_such_line(self) -> None:
        with Server(respond(410, b"gone\n")) as server:
            done = run("preflight", server.url("/x"), "--no-controls")
        assert (done.code, done.err) == (1, "")
        assert "http-410-gone" in done.out

    def test_a_healthy_target_says_nothing_there(self) -> None:
        with Server(serve(DATA.body)) as server:
            done = run("preflight", server.url("/x"), "--sha256", DATA.sha256, GITHUB_ACTIONS="true")
        assert (done.code, done.err.strip()) == (0, "")

    def test_what_was_transient_is_healthy_with_a_warning(self) -> None:
        with Server(sequence(respond(503, b"busy\n"), serve(DATA.body))) as server:
            url = server.url("/x")
            done = run("preflight", url, "--sha256", DATA.sha256, "--no-controls", "--format", "json")
            assert len(server.log.requests) == 2
        assert done.code == 0
        (target,) = done.report["targets"]
        assert target["verdict"] == "healthy"
        assert len(target["warnings"]) == 1

    def test_strict_lets_that_warning_fail_the_job(self) -> None:
        with Server(sequence(respond(503, b"busy\n"), serve(DATA.body))) as server:
            done = run("preflight", server.url("/x"), "--sha256", DATA.sha256, "--no-controls", "--strict")
        assert done.code == 1

    def test_without_retries_it_is_asked_once(self) -> None:
        with Server(sequence(respond(503, b"busy\n"), serve(DATA.body))) as server:
            done = run("preflight", server.url("/x"), "--retries", "0", "--no-controls", "--format", "json")
            assert len(server.log.requests) == 1
        assert done.code == 1
        assert done.report["targets"][0]["diagnosis"]["cause"] == "http-503-overload"

    def test_refused_credentials_are_not_tried_again(self) -> None:
        with Server(respond(401, b"", (("WWW-Authenticate", "Bearer"),))) as server:
            done = run("preflight", server.url("/x"), "--no-controls")
            assert len(server.log.requests) == 1
        assert done.code == 1

    def test_deadline(self) -> None:
        with Server(hang) as server:
            done = run("preflight", server.url("/x"), "--deadline", "1", "--no-controls", "--format", "json")
        assert done.code == 3
        (target,) = done.report["targets"]
        assert (target["verdict"], target["diagnosis"]) == ("inconclusive", None)


class TestCheck:
    def test_from_judges_a_stored_report(self) -> None:
        path = CASES / "http-404-moved.json"
        done = run("check", "--from", str(path), "--catalogue", str(path.with_suffix(".toml")), "--format", "json")
        assert done.code == 1
        assert done.report["targets"][0]["diagnosis"]["cause"] == "http-404-moved"

    def test_from_of_what_is_no_report(self, tmp_path: Path) -> None:
        path = tmp_path / "report.json"
        path.write_text('{"verdict": "fine"', "utf-8")
        done = run("check", "--from", str(path))
        assert (done.code, done.out) == (2, "")
        assert "report.json" in done.err

    def test_report_files_beside_stdout(self, tmp_path: Path) -> None:
        with Server(respond(410, b"gone\n")) as server:
            done = run(
                "check", server.url("/x"), *ASKING_NOBODY, "--format", "plain",
                "--report", f"json={tmp_path / 'r.json'}", "--report", f"markdown={tmp_path / 'r.md'}",
            )  # fmt: skip
        assert done.code == 1
        written = json.loads((tmp_path / "r.json").read_text("utf-8"))
        jsonschema.Draft202012Validator(SCHEMA).validate(written)
        assert "http-410-gone" in (tmp_path / "r.md").read_text("utf-8")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["r.json", "r.md"]

    @pytest.mark.parametrize("given", ["json", "xml=r.xml", "json=", "json=no/such/folder/r.json"])
    def test_report_files_that_cannot_be(self, given: str) -> None:
        with Server(serve(DATA.body)) as server:
            done = run("check", server.url("/x"), "--report", given)
            assert server.log.connections == ()
        assert (done.code, done.out) == (2, "")
        assert "hint" in done.err

    def test_auto_is_plain_for_a_pipe_and_rich_for_a_terminal(self) -> None:
        with Server(serve(DATA.body)) as server:
            piped = run("check", server.url("/x"), "--sha256", DATA.sha256)
            shown = on_terminal("check", server.url("/x"), "--sha256", DATA.sha256)
            bare = on_terminal("check", server.url("/x"), "--sha256", DATA.sha256, NO_COLOR="1")
        assert piped.code == 0
        assert "verdict: healthy" in piped.out
        assert "\x1b" not in piped.out + piped.err
        assert "✓" in shown
        assert "\x1b[" in shown
        assert "✓" in bare
        assert "\x1b[3" not in bare

    def test_a_dead_first_source_is_a_warning_and_strict_lets_it_fail(self, tmp_path: Path) -> None:
        with RefusingPort() as gone, Server(serve(DATA.body)) as server:
            own = tmp_path / "own.toml"
            own.write_text(
                catalogue_text((("one", "in_use", gone.url("/x")), ("two", "in_use", server.url("/x")))), "utf-8"
            )
            options = ("demo-digits", "--catalogue", str(own), "--no-controls", "--format", "json")
            mild, strict = run("check", *options), run("check", *options, "--strict")
        assert (mild.code, strict.code) == (0, 1)
        for done in (mild, strict):
            assert done.report["verdict"] == "healthy"
            assert [one["cause"] for one in done.report["targets"][0]["warnings"]] == ["tcp-refused"]

    def test_strict_is_content_without_warnings(self) -> None:
        with Server(serve(DATA.body)) as server:
            assert run("check", server.url("/x"), "--sha256", DATA.sha256, "--strict").code == 0

    def test_redact_strict_hides_hosts_everywhere(self, tmp_path: Path) -> None:
        with Server(respond(410, b"gone\n")) as server:
            where = f"http://data.internal.example:{server.port}/x"
            resolve = f"data.internal.example:{server.port}:127.0.0.1"
            options = (*ASKING_NOBODY, "--resolve", resolve, "--redact", "strict", "-v")
            for form in ("json", "plain", "markdown", "rich"):
                done = run("check", where, *options, "--format", form, "--report", f"json={tmp_path / 'r.json'}")
                assert done.code == 1
                text = done.out + (tmp_path / "r.json").read_text("utf-8")
                assert "410" in text
                assert "internal" not in text

    def test_secrets_stay_out(self) -> None:
        with Server(respond(403, b"no\n")) as server:
            where = server.url("/x?X-Amz-Signature=0123abcd", host="user:s3cret@127.0.0.1")
            done = run("check", where, *ASKING_NOBODY, "--header", "X-Api-Key: hushhush", "-v", "--format", "plain")
            assert server.log.sent("x-api-key") == ("hushhush",)
        assert done.code == 1
        for secret in ("s3cret", "0123abcd", "hushhush"):
            assert secret not in done.out + done.err

    def test_options_are_read_from_variables(self) -> None:
        with Server(respond(410, b"gone\n")) as server:
            done = run("check", server.url("/x"), MNISTDOCTOR_FORMAT="json", MNISTDOCTOR_NO_CONTROLS="1")
        assert done.code == 1
        assert done.report["verdict"] == "ailing"


class TestCurl:
    """`-v` shows each request as a curl command; run, it makes the same request again."""

    @pytest.mark.parametrize("form", ["plain", "rich"])
    @pytest.mark.parametrize("client", ["requests", "urllib", "keras", "torchvision"])
    def test_the_command_makes_the_same_request(self, client: str, form: str) -> None:
        if shutil.which("curl") is None:
            pytest.skip("curl is not installed")
        paths = {"/b.gz": serve(DATA.body), "/a.gz": redirect("/b.gz")}
        with Server(route(paths)) as server:
            where = f"http://data.example:{server.port}/a.gz"
            resolve = f"data.example:{server.port}:127.0.0.1"
            options = ("--as", client, "--resolve", resolve, "--sha256", DATA.sha256)
            done = run("check", where, *options, "-v", "--format", form, COLUMNS="80")
            assert done.code == 0
            ours = server.log.requests
            lines = re.findall(r"curl --globoff.*$", done.out, re.MULTILINE)
            assert len(lines) == len(ours) >= 2
            for line in lines:
                again = subprocess.run(shlex.split(line), capture_output=True, text=True, timeout=60)
                assert again.returncode == 0, again.stderr
            theirs = server.log.requests[len(ours) :]
        for one, other in zip(ours, theirs, strict=True):
            assert other.line == one.line
            skipped = ("connection",)
            assert sorted(f for f in other.fields if f[0].lower() not in skipped) == sorted(
                f for f in one.fields if f[0].lower() not in skipped
            )


class TestBadFilesOnDisk:
    def test_four_that_one_cause_explains_are_said_once(self, tmp_path: Path) -> None:
        raw = tmp_path / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for part in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
            (raw / f"{part}-ubyte").write_bytes(bytes(3000))
        done = run("torchvision:mnist", "--root", str(tmp_path), "--offline", "--format", "rich", COLUMNS="200")
        assert done.code == 1
        assert done.out.count("✗ torchvision cannot download MNIST") == 1
        assert "4 files, one cause · certain · your side · retry once it is mended" in done.out
        assert done.out.count("rm -- ") == 4

    def test_what_has_no_digest_is_not_called_right(self, tmp_path: Path) -> None:
        (tmp_path / "a.bin").write_bytes(b"abc" * 99)
        done = run(str(tmp_path / "a.bin"), "--format", "rich")
        assert done.code == 0
        assert '"a.bin" shows no fault, and there is nothing to compare it with' in done.out

    def test_a_report_does_not_overwrite_what_is_examined(self, tmp_path: Path) -> None:
        file = tmp_path / "a.bin"
        file.write_bytes(b"abc")
        done = run(str(file), "--report", f"json={file}")
        assert (done.code, file.read_bytes()) == (2, b"abc")

    def test_escape_codes_in_a_files_name(self, tmp_path: Path) -> None:
        file = tmp_path / "a\x1b[31m.bin"
        file.write_bytes(b"abc")
        assert "\x1b" not in run(str(file)).out


class TestVariables:
    def test_a_field_with_blanks(self) -> None:
        """click would part a variable's value at blanks."""
        fields = "X-One: a b\nX-Two: c d"
        with Server(serve(DATA.body)) as server:
            done = run(server.url("/x"), "--proxy", "", *ASKING_NOBODY, MNISTDOCTOR_HEADER=fields)
            sent = dict(server.log.requests[0].fields)
        assert done.code == 0
        assert (sent["X-One"], sent["X-Two"]) == ("a b", "c d")
