"""Reports of several machines: what is folded, what is named as the difference, and what is not constant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mnistdoctor.cli import cli
from mnistdoctor.compare.difference import Comparison, compare, folded
from mnistdoctor.compare.machine import Setting, machine
from mnistdoctor.compare.read import BadReport, reports
from mnistdoctor.report import comparison

from . import fleets

PROXY = ("HTTPS_PROXY", "variable")


def held(*made: tuple[str, dict[str, Any]]) -> Comparison:
    return compare(machine(name, document) for name, document in made)


def proxied(verdict: str, value: str | None) -> dict[str, Any]:
    made = fleets.report(verdict, *(("proxy-auth-required", "proxy") if verdict == "ailing" else ()))
    fleets.set_value(made, "variable", "HTTPS_PROXY", value)
    return made


@pytest.mark.parametrize("seed", range(8))
def test_the_planted_setting_comes_first(seed: int) -> None:
    """`python -m tests.compare.fleets` does it with fifty."""
    planted, first = fleets.found(seed)
    assert first == planted


def test_reports_that_went_alike_are_one_row() -> None:
    found = held(*((f"node{number:02}", fleets.report()) for number in range(1, 32)))
    assert found.same
    assert [group.name for group in found.groups] == ["node01-31"]
    assert found.differences == ()


def test_the_login_node_works_and_the_workers_do_not() -> None:
    found = held(
        ("login", proxied("healthy", "http://proxy:3128")),
        *((f"node{number:02}", proxied("ailing", None)) for number in range(1, 9)),
    )
    (difference,) = found.differences
    assert (difference.well, len(difference.ill)) == (("login",), 8)
    assert (difference.telling[0].setting, difference.telling[0].share) == (Setting("variable", "HTTPS_PROXY"), 1.0)
    assert difference.telling[0].ill == (("not set", 8),)
    assert not difference.same_settings


def test_a_setting_counts_though_five_things_that_were_seen_go_better_with_it() -> None:
    made = []
    for number in range(20):
        works = number < 10
        one = proxied("healthy" if works else "ailing", "http://proxy:3128" if works and number else None)
        for record in one["targets"][0]["observations"]:
            if record["kind"] == "connect" and record["role"] == "target":
                seen = [{**record, "name": f"host{place}", "address": f"192.0.2.{works}"} for place in range(6)]
        one["targets"][0]["observations"] += seen
        made.append((f"n{number}", one))
    (difference,) = held(*made).differences
    assert {one.setting.kind for one in difference.telling} == {"seen"}
    assert not difference.same_settings


def test_what_differs_everywhere_explains_nothing() -> None:
    made = []
    for number in range(8):
        one = proxied("ailing" if number % 2 else "healthy", None if number % 2 else "http://proxy:3128")
        one["environment"]["platform"] = f"Linux-{number}"
        made.append((f"n{number}", one))
    names = [one.setting.name for one in held(*made).differences[0].telling]
    assert names[0] == "HTTPS_PROXY"
    assert names.index("platform") > 0


def test_one_machine_that_sometimes_fails_is_not_constant() -> None:
    made = [(f"run:{number}", fleets.report("ailing", "body-reset", "length") if number in (3, 7) else fleets.report())
            for number in range(12)]  # fmt: skip
    for number, (_, one) in enumerate(made):
        address = "192.0.2.66" if number in (3, 7) else "192.0.2.1"
        for record in one["targets"][0]["observations"]:
            if record["kind"] == "connect" and record["role"] == "target":
                record["address"] = address
    (difference,) = held(*made).differences
    assert difference.same_settings
    assert difference.telling[0].setting.name.startswith("address of ")
    assert difference.telling[0].ill == (("192.0.2.66", 2),)
    (frequency,) = (one for one in difference.frequencies if one.name.startswith("address of "))
    assert frequency.values == (("192.0.2.1", 0, 10), ("192.0.2.66", 2, 2))
    told = comparison.text(held(*made), width=100, encoding="utf-8")
    assert told.startswith("2 of 12 reports fail, and no setting tells them from the others: this is not constant")
    assert f"failed by {frequency.name}  192.0.2.1: 0 of 10, 192.0.2.66: 2 of 2" in told


def test_a_machine_that_fails_in_the_evening_is_told_by_its_hours() -> None:
    made = []
    for number in range(24):
        hour = number % 12 + 9
        one = fleets.report("ailing", "http-503-overload", "http") if hour >= 18 and number % 4 else fleets.report()
        one["started"] = f"2026-11-{1 + number // 12:02}T{hour:02}:00:00+00:00"
        made.append((f"login:{number + 1}", one))
    (difference,) = held(*made).differences
    (hours,) = (one for one in difference.frequencies if one.name == "hour (UTC)")
    assert difference.same_settings
    assert all(failed == 0 for hour, failed, _ in hours.values if hour < "18")
    assert sum(failed for _, failed, _ in hours.values) == len(difference.ill)


def test_what_a_setting_explains_is_not_counted_by_the_hour() -> None:
    (difference,) = held(("a", proxied("ailing", None)), ("b", proxied("healthy", "http://proxy:3128"))).differences
    assert difference.frequencies == ()


def test_what_fails_everywhere_but_otherwise_is_two_rows_and_no_difference() -> None:
    found = held(
        ("a", fleets.report("ailing", "dns-nxdomain", "dns")), ("b", fleets.report("ailing", "tcp-refused", "tcp"))
    )
    assert (len(found.groups), found.differences) == (2, ())


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["node01"], "node01"),
        (["node10", "node9", "node8"], "node8-10"),
        (["node01", "node03", "node04", "node05"], "node01, node03-05"),
        (["a", "b"], "a, b"),
        (["gpu1.rack2", "gpu2.rack2"], "gpu1.rack2, gpu2.rack2"),
        ([f"x{n}y" for n in (1, 3, 5, 7, 9, 11, 13)], "x1y, x3y, x5y, x7y, x9y and 2 more"),
    ],
)
def test_names_are_folded(names: list[str], told: str) -> None:
    assert folded(names) == told


def test_a_report_with_odd_parts_is_compared_as_far_as_it_goes() -> None:
    records = [[], {"kind": "machine", "variables": 7}]
    targets = [{"url": 3, "stages": "x", "observations": records}, "no target"]
    odd = {"format_version": 1, "targets": targets, "environment": []}
    (target,) = machine("odd", odd).outcomes
    assert target[0] == "3"


def test_no_text_leaves_its_line() -> None:
    made = proxied("ailing", "http://x\x1b[31m\n::error::y")
    told = comparison.text(held(("a\x1b[2J", made), ("b", fleets.report())), width=80, encoding="utf-8")
    assert not set(told) & set("\x1b\r")
    assert "\n::error" not in told


class TestReading:
    def test_files_folders_and_lines(self, tmp_path: Path) -> None:
        (tmp_path / "f").mkdir()
        (tmp_path / "f" / "b.json").write_text(json.dumps(fleets.report()))
        (tmp_path / "f" / "a.jsonl").write_text("\n".join(json.dumps(fleets.report()) for _ in range(2)) + "\n\n")
        (tmp_path / "f" / "notes.txt").write_text("no report")
        (tmp_path / "one.json").write_text(json.dumps(fleets.report()))
        names = [name for name, _ in reports([tmp_path / "one.json", tmp_path / "f"])]
        assert names == ["one", "a:1", "a:2", "b"]

    def test_lines_and_whole_documents_one_after_the_other(self, tmp_path: Path) -> None:
        """What several machines printed with `--format json` into one file."""
        printed = json.dumps(fleets.report(), indent=2) + "\n"
        (tmp_path / "all.jsonl").write_text(json.dumps(fleets.report()) + "\n" + printed + "\n" + printed)
        lines = printed.count("\n")
        assert [name for name, _ in reports([tmp_path / "all.jsonl"])] == ["all:1", "all:2", f"all:{lines + 3}"]
        (tmp_path / "cut.jsonl").write_text(printed + printed[:-30])
        with pytest.raises(BadReport, match=f"cut.jsonl, line {lines + 1} is not a report"):
            list(reports([tmp_path / "cut.jsonl"]))

    @pytest.mark.parametrize(
        ("name", "body", "told"),
        [
            ("x.json", b"{", "no JSON, line 1"),
            ("x.json", b"[]", "no `format_version`"),
            ("x.json", b'{"format_version": 9}', "reads 1"),
            ("x.json", b"\xff", "not text in UTF-8"),
            ("x.jsonl", b'{"format_version": 1}\n{]\n', "line 2"),
        ],
    )
    def test_what_is_no_report_is_named(self, tmp_path: Path, name: str, body: bytes, told: str) -> None:
        (tmp_path / name).write_bytes(body)
        with pytest.raises(BadReport, match=told):
            list(reports([tmp_path / name]))

    def test_an_empty_folder(self, tmp_path: Path) -> None:
        with pytest.raises(BadReport, match="holds no"):
            list(reports([tmp_path]))


class TestCommand:
    def run(self, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
        code = cli(["compare", *arguments], standalone_mode=False)
        return int(code or 0), capsys.readouterr().out

    @pytest.fixture
    def cluster(self, tmp_path: Path) -> Path:
        (tmp_path / "login.json").write_text(json.dumps(proxied("healthy", "http://proxy:3128")))
        for number in (1, 2, 3):
            (tmp_path / f"node0{number}.json").write_text(json.dumps(proxied("ailing", None)))
        return tmp_path

    def test_the_answer_is_the_first_line(self, cluster: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, out = self.run(capsys, str(cluster))
        assert code == 1
        assert out.splitlines()[0] == "3 of 4 reports fail: `HTTPS_PROXY` differs and goes with it"
        assert "node01-03 (3 reports)" in out
        assert all(len(line) <= 88 for line in out.splitlines())

    def test_alike(self, cluster: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, out = self.run(capsys, str(cluster / "node01.json"), str(cluster / "node02.json"))
        assert (code, out.splitlines()[0]) == (0, "2 reports, all alike: proxy: proxy-auth-required")

    def test_json(self, cluster: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code, out = self.run(capsys, str(cluster), "--format", "json")
        document = json.loads(out)
        assert (code, document["same"], document["reports"]) == (1, False, 4)
        assert document["differences"][0]["settings"][0]["name"] == "HTTPS_PROXY"
