"""`preflight` as a process: manifests, what is allowed to fail, and what a report may not overwrite."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from mnistdoctor.demo.faults_http import respond, route, serve
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.servers import Server
from tests.cli.test_commands import Done, command, run

DATA = digits()
PAGES = {"/d/good.gz": serve(DATA.body), "/d/other.gz": serve(b"other"), "/d/gone.gz": respond(410, b"gone\n")}
QUIET = ("--no-controls", "--proxy", "")


def run_in(folder: Path, *arguments: str, **variables: str) -> Done:
    done = subprocess.run(
        command(*arguments), capture_output=True, text=True, encoding="utf-8", timeout=60, stdin=subprocess.DEVNULL,
        cwd=folder, env={**os.environ, "PYTHONUTF8": "1", **variables},
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)


class TestManifests:
    def test_each_file_is_held_against_what_the_manifest_says(self, tmp_path: Path) -> None:
        sums = tmp_path / "SHA256SUMS"
        sums.write_text(f"{DATA.sha256}  good.gz\n{DATA.sha256}  other.gz\n")
        with Server(route(PAGES)) as server:
            done = run("preflight", str(sums), "--base-url", server.url("/d"), *QUIET, "--format", "json")
        assert done.code == 1
        first, second = done.report["targets"]
        assert (first["verdict"], second["verdict"]) == ("healthy", "ailing")
        assert second["url"].endswith("/d/other.gz")

    @pytest.mark.parametrize("algorithm", ["sha512", "sha384", "sha1"])
    def test_any_digest_that_a_manifest_states_is_compared(self, tmp_path: Path, algorithm: str) -> None:
        registry = tmp_path / "registry.txt"
        right, wrong = (hashlib.new(algorithm, body).hexdigest() for body in (DATA.body, b"no"))
        registry.write_text(f"good.gz {algorithm}:{right}\nother.gz {algorithm}:{wrong}\n")
        with Server(route(PAGES)) as server:
            done = run("preflight", str(registry), "--base-url", server.url("/d"), *QUIET, "--format", "json")
        assert [one["verdict"] for one in done.report["targets"]] == ["healthy", "ailing"]
        assert done.report["targets"][0]["stages"][6]["outcome"] == "ok"

    def test_the_project_of_this_folder_is_read_where_no_target_is_named(self, tmp_path: Path) -> None:
        with Server(route(PAGES)) as server:
            project = f'[tool.mnistdoctor]\ntargets = ["{server.url("/d/gone.gz")}"]\n'
            (tmp_path / "pyproject.toml").write_text(project)
            done = run_in(tmp_path, "preflight", *QUIET, "--format", "json")
            assert [one["url"] for one in done.report["targets"]] == [server.url("/d/gone.gz")]
            named = run_in(tmp_path, "preflight", server.url("/d/good.gz"), *QUIET, "--format", "json")
        assert (done.code, named.code) == (1, 0)

    def test_no_setting_is_read_from_it(self, tmp_path: Path) -> None:
        with Server(route(PAGES)) as server:
            text = f'[tool.mnistdoctor]\nproxy = "{server.url("")}"\ntargets = ["http://127.0.0.1:1/"]\n'
            (tmp_path / "pyproject.toml").write_text(text)
            done = run_in(tmp_path, "preflight")
            assert server.log.connections == ()
        assert (done.code, done.out) == (2, "")
        assert "pyproject.toml, line 2: `proxy`" in done.err

    def test_a_base_without_a_manifest_is_wrong_usage(self) -> None:
        done = run("preflight", "http://127.0.0.1:1/x", "--base-url", "http://127.0.0.1:1/")
        assert (done.code, done.out) == (2, "")

    @pytest.mark.parametrize("name", ["SHA256SUMS", "pyproject.toml"])
    def test_no_report_is_written_over_a_manifest(self, tmp_path: Path, name: str) -> None:
        file = tmp_path / name
        file.write_text(
            f"{DATA.sha256}  x\n" if name == "SHA256SUMS" else "[tool.mnistdoctor]\ntargets = ['http://127.0.0.1:1/']"
        )
        before = file.read_text()
        target = [name, "--base-url", "http://127.0.0.1:1/"] if name == "SHA256SUMS" else []
        done = run_in(tmp_path, "preflight", *target, "--report", f"json={name}")
        assert (done.code, file.read_text()) == (2, before)
        assert "would overwrite" in done.err

    def test_no_report_is_written_over_a_bundle(self, tmp_path: Path) -> None:
        bundle = tmp_path / "ca.pem"
        bundle.write_text("x")
        done = run("preflight", "http://127.0.0.1:1/", "--ca-bundle", str(bundle), "--report", f"plain={bundle}")
        assert (done.code, bundle.read_text()) == (2, "x")


class TestAllow:
    def two(self, server: Server, *more: str, **variables: str) -> Done:
        urls = (server.url("/d/good.gz"), server.url("/d/gone.gz"))
        return run("preflight", *urls, *QUIET, "--allow", "http-410-gone", *more, **variables)

    def test_an_allowed_cause_does_not_fail_the_job_and_is_shown(self) -> None:
        with Server(route(PAGES)) as server:
            done = self.two(server, "--format", "json")
            plain = self.two(server, GITHUB_ACTIONS="true")
        assert done.code == plain.code == 0
        assert done.report["verdict"] == "ailing"
        assert [one.get("allowed") for one in done.report["targets"]] == [None, True]
        assert "(allowed)" in plain.out.splitlines()[0]
        assert [line.partition(" ")[0] for line in plain.err.splitlines()] == ["::warning"]

    def test_another_cause_still_does(self) -> None:
        with Server(route(PAGES)) as server:
            done = self.two(server, server.url("/missing"))
        assert done.code == 1

    def test_in_junit_it_is_skipped(self, tmp_path: Path) -> None:
        with Server(route(PAGES)) as server:
            done = self.two(server, "--report", f"junit={tmp_path / 'r.xml'}")
        (suite,) = ET.parse(tmp_path / "r.xml").getroot()
        assert done.code == 0
        assert (suite.attrib["failures"], suite.attrib["skipped"]) == ("0", "1")
        assert suite.find(".//skipped") is not None

    def test_strict_lets_other_warnings_fail_alone(self) -> None:
        from mnistdoctor.demo.faults_http import sequence

        for allow, code in ((("--allow", "http-503-overload"), 0), ((), 1)):
            with Server(sequence(respond(503, b"busy\n"), serve(DATA.body))) as server:
                done = run(
                    "preflight", server.url("/x"), "--sha256", DATA.sha256, *QUIET, "--strict", "--format", "json",
                    *allow,
                )  # fmt: skip
            assert [one["cause"] for one in json.loads(done.out)["targets"][0]["warnings"]] == ["http-503-overload"]
            assert done.code == code

    def test_a_word_that_is_no_cause(self) -> None:
        done = run("preflight", "http://127.0.0.1:1/", "--allow", "http-410-gon")
        assert (done.code, done.out) == (2, "")
        assert "`http-410-gone`" in done.err
