"""Repairs, undoing and new bad files in any order, a repair killed at any step: no file is lost, and an undo is one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from mnistdoctor.download import repair
from mnistdoctor.download.repair import Bad, move_aside, put_back

NAMES = ("a.gz", "A.gz", "b\nc", "e\u0301.npz", "\u00e9.npz", "-rf", "\udcff.bin", "x.aside")
"""Names with escapes, in both cases, in both Unicode forms, and of no encoding."""


class Killed(BaseException):
    """As by SIGKILL: nothing of the program's own runs after it."""


def bad(path: Path) -> Bad:
    state = path.stat()
    return Bad(path, "empty", "keras:mnist", state.st_size, state.st_mtime)


class Repairs(RuleBasedStateMachine):
    """The folder's bytes are followed by their content, each written once."""

    def __init__(self) -> None:
        super().__init__()
        self.box = tempfile.TemporaryDirectory(dir="/tmp")
        self.root = Path(self.box.name) / "cache"
        self.root.mkdir()
        self.written: list[tuple[bytes, int, int]] = []
        self.before: dict[str, bytes] | None = {}
        self.patch = mock.patch.dict(os.environ, {"XDG_STATE_HOME": f"{self.box.name}/state"})
        self.patch.start()

    def teardown(self) -> None:
        self.patch.stop()
        self.box.cleanup()

    def files(self) -> dict[str, bytes]:
        return {one.name: one.read_bytes() for one in self.root.iterdir()}

    def chosen(self, names: Iterable[str]) -> list[Bad]:
        return [bad(self.root / name) for name in sorted(names) if (self.root / name).exists()]

    @rule(name=st.sampled_from(NAMES), mode=st.sampled_from([0o600, 0o444, 0o640]))
    def a_bad_file_comes(self, name: str, mode: int) -> None:
        path = self.root / name
        if os.path.lexists(path):
            return
        body, time = b"%d" % len(self.written), 1_600_000_000 + len(self.written)
        path.write_bytes(body)
        path.chmod(mode)
        os.utime(path, (time, time))
        self.written.append((body, mode, time))
        self.before = None

    @rule(names=st.sets(st.sampled_from(NAMES), min_size=1))
    def a_repair(self, names: set[str]) -> None:
        wanted = self.chosen(names)
        before = self.files()
        moved, left = move_aside(wanted)
        assert (len(moved), left) == (len(wanted), ())
        assert not any(one.path.exists() for one in wanted)
        if wanted:
            self.before = before

    @rule(names=st.sets(st.sampled_from(NAMES), min_size=1), after=st.integers(0, 4))
    def a_repair_is_killed(self, names: set[str], after: int) -> None:
        left = after

        def killed(source: Path, target: Path, rename: object = os.rename) -> None:
            nonlocal left
            if left == 0:
                raise Killed
            left -= 1
            os.replace(source, target)  # noqa: PTH105

        wanted = self.chosen(names)
        patched = mock.patch.object(repair.os, "rename", killed)  # type: ignore[attr-defined]
        with patched, contextlib.suppress(Killed):
            move_aside(wanted)
        self.before = None

    @rule()
    def an_undo(self) -> None:
        _, left = put_back()
        if self.before is not None:
            assert left == ()
            assert self.files() == self.before or self.before == {}
        self.before = None

    @invariant()
    def nothing_is_lost(self) -> None:
        found = sorted(
            (one.read_bytes(), one.stat().st_mode & 0o777, int(one.stat().st_mtime)) for one in self.root.iterdir()
        )
        assert found == sorted(self.written)


Repairs.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestRepairs = Repairs.TestCase


@pytest.fixture(autouse=True)
def _state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def test_what_changed_since_it_was_looked_at_stays(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"bad")
    seen = bad(path)
    path.write_bytes(b"the right one")
    moved, left = move_aside([seen])
    assert (moved, [one.path for one in left]) == ((), [path])
    assert path.read_bytes() == b"the right one"


def test_a_killed_repair_can_be_undone(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "abc"]
    for one in paths:
        one.write_bytes(one.name.encode())
    rename, calls = os.rename, []

    def killed(source: Path, target: Path) -> None:
        calls.append(source)
        if len(calls) == 2:
            raise Killed
        rename(source, target)

    with mock.patch.object(repair.os, "rename", killed), pytest.raises(Killed):  # type: ignore[attr-defined]
        move_aside([bad(one) for one in paths])
    assert not paths[0].exists()
    back, left = put_back()
    assert ([one.source for one in back], left) == ([paths[0]], ())
    assert [one.read_bytes() for one in paths] == [b"a", b"b", b"c"]


def test_nothing_is_moved_that_cannot_be_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file" / "below"))
    path = tmp_path / "x"
    path.write_bytes(b"bad")
    with pytest.raises(OSError, match="file"):
        move_aside([bad(path)])
    assert path.read_bytes() == b"bad"


def test_an_undo_killed_between_its_two_steps_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"bad")
    (moved,), _ = move_aside([bad(path)])
    os.link(moved.target, path)
    assert put_back() == ((moved,), ())
    assert [one.name for one in tmp_path.iterdir() if one.name != "state"] == ["x"]
