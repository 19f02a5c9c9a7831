"""No room in the folder into which the loader would write, or no right to."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Finding
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.disk import storage as disk
from mnistdoctor.failure import Failure
from tests.causes.evidence import Evidence, rec

from .test_cache import KERAS, TORCH, cached, lock
from .test_cache import MD5 as RIGHT

CAUSES = {one.id: one for one in disk.CAUSES}
PATH = "~/.keras/datasets"
LOADERS: dict[str, dict[str, Any]] = {
    "keras": KERAS, "torchvision": TORCH,
    "sklearn": {**KERAS, "client": "sklearn", "loader": "sklearn", "release": "1.9.1"},
    "tfds": {**KERAS, "client": "tfds", "loader": "tfds", "release": None},
    "huggingface": {**KERAS, "client": "huggingface", "loader": "huggingface", "release": None},
    "none": {**KERAS, "loader": None, "release": None, "client": "curl"},
}  # fmt: skip


def folder(path: str = PATH, **fields: Any) -> Any:
    """A folder of this user's with room."""
    given = {"free": 10**9, "free_files": 10**6, "needed": 5148, "owner": 1000, "user": 1000} | fields
    return rec(ev.Folder, None, path=path, **given)


def loads(*records: Any, loader: str = "keras", platform: str = "Linux-6.1", **fields: Any) -> Case:
    return Evidence(*records).case(platform=platform, **LOADERS[loader] | fields)


def full(*records: Any, **fields: Any) -> Finding | None:
    return CAUSES["disk-full"].found_in(loads(*records, **fields))


def denied(*records: Any, **fields: Any) -> Finding | None:
    return CAUSES["disk-permission"].found_in(loads(*records, **fields))


def lines(found: Finding | None) -> list[str]:
    assert found is not None
    return [line.text for fix in found.fixes for line in fix.commands]


class TestFull:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"free": 0}, "0 bytes are free there"),
            ({"free": 5147}, "5147 bytes are free there"),
            ({"free": 20_000, "needed": 11_490_434}, "20.0 kB are free there"),
            ({"free_files": 0}, "no file can be made there any more"),
            ({"free_files": 0, "needed": None}, "no file can be made there any more"),
            ({"free": 0, "free_files": None}, "0 bytes are free there"),
        ],
        ids=["no byte", "one byte too few", "too few", "no files", "no files, size unknown", "no limit of files"],
    )
    def test_less_than_is_needed(self, fields: dict[str, Any], words: str) -> None:
        found = full(folder(**fields))
        assert found is not None
        assert found.certain
        assert words in found.title
        assert f"{fields.get('free', 10**9)} bytes free" in found.evidence[0]
        assert found.ruled_out == (("disk-permission", "the folder can be written"),)
        assert not any("rm " in line for line in lines(found))

    @pytest.mark.parametrize(("needed", "told"), [(5148, False), (15_156, True)])
    def test_the_unpacked_copy_counts(self, needed: int, told: bool) -> None:
        found = full(folder(free=100, needed=needed))
        assert found is not None
        assert ("unpacked copy" in found.explanation) is told

    @pytest.mark.parametrize(
        ("path", "exists", "platform", "line"),
        [
            (PATH, True, "Linux-6.1", 'df -h "$HOME/.keras/datasets"'),
            ("/my data/it's", True, "Linux-6.1", """df -h '/my data/it'"'"'s'"""),
            ("/data", False, "Linux-6.1", "df -h /data || df -h ."),
            ("C:\\data", True, "Windows-10", "Get-PSDrive -PSProvider FileSystem"),
        ],
    )
    def test_the_room_is_shown(self, path: str, exists: bool, platform: str, line: str) -> None:
        assert lines(full(folder(path, free=0, exists=exists), platform=platform))[0] == line

    def test_files_are_counted_where_they_are_what_is_lacking(self) -> None:
        found = full(folder(free_files=0))
        assert found is not None
        assert lines(found)[0] == 'df -i "$HOME/.keras/datasets"'
        assert "inode" in found.explanation
        assert "near its end" not in found.explanation
        assert lines(full(folder("/data", free_files=0, exists=False)))[0] == "df -i /data || df -i ."

    @pytest.mark.parametrize(
        "records",
        [
            (),
            (folder(),),
            (folder(free=5148),),
            (folder(free=None),),
            (folder(free=0, needed=None),),
            (folder(free=0, assumed=True),),
            (folder(free=0), cached(md5=RIGHT)),
            (folder(free=0, read_only=True),),
            (folder(free=0, writable=False),),
        ],
        ids=["nothing looked at", "room", "room to the byte", "free bytes unknown", "size unknown", "folder assumed",
             "the file is there", "mounted read-only", "no right"],
    )  # fmt: skip
    def test_otherwise_it_is_silent(self, records: tuple[Any, ...]) -> None:
        assert full(*records) is None


CLOSED = {"writable": False, "owner": 0}


class TestPermission:
    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            (CLOSED, "this user may not write there"),
            ({"writable": False}, "this user may not write there"),
            ({"read_only": True}, "the file system is mounted read-only"),
            ({"read_only": True, "writable": False, "free": 0}, "the file system is mounted read-only"),
            ({**CLOSED, "free": 0}, "this user may not write there"),
        ],
        ids=["another's", "own and closed", "read-only", "read-only has no room", "another's and full"],
    )
    def test_no_right(self, fields: dict[str, Any], words: str) -> None:
        given = loads(folder(**fields))
        found = denied(folder(**fields))
        assert found is not None
        assert found.certain
        assert found.title == f"keras cannot write to {PATH}: {words}"
        judgement = dx.judge_before(given)
        assert judgement.cause is CAUSES["disk-permission"]

    def test_whose_it_is(self) -> None:
        found = denied(folder("/data/k", **CLOSED, exists=False))
        assert found is not None
        assert found.evidence == (
            "/data/k is not there, and the folder above it: this user may not write there",
            "it belongs to user 0, and this is user 1000",
        )

    @pytest.mark.parametrize(
        ("path", "fields", "mends"),
        [
            (PATH, CLOSED, '"$HOME/.keras/datasets"'),
            ("~/my data $x/k", CLOSED, '"$HOME/my data \\$x/k"'),
            ("/usr/share/k", CLOSED, None),
            (PATH, {"writable": False}, None),
            (PATH, CLOSED | {"exists": False}, None),
            (PATH, CLOSED | {"read_only": True}, None),
        ],
        ids=["in the home", "quoted", "not in the home", "own already", "not there", "read-only: chown cannot help"],
    )
    def test_ownership_is_mended_at_home_only(self, path: str, fields: dict[str, Any], mends: str | None) -> None:
        found = lines(denied(folder(path, **fields)))
        chown = [line for line in found if line.startswith("sudo")]
        assert chown == ([f'sudo chown -R "$(id -u):$(id -g)" {mends}'] if mends else [])
        assert not any("chmod" in line for line in found)
        assert all(shlex.split(line) for line in found)

    def test_no_chown_on_windows(self) -> None:
        found = lines(denied(folder("~\\.keras", **CLOSED), platform="Windows-10"))
        assert found == ["$env:KERAS_HOME = '/a/folder/with/room'"]

    @pytest.mark.parametrize(
        "records",
        [
            (),
            (folder(),),
            (folder(owner=0),),
            (folder(writable=False, assumed=True),),
            (folder(writable=False), cached(md5=RIGHT)),
            (folder(free=0),),
        ],
        ids=["nothing looked at", "own", "another's and open to all", "folder assumed",
             "the file is there", "full"],
    )  # fmt: skip
    def test_otherwise_it_is_silent(self, records: tuple[Any, ...]) -> None:
        assert denied(*records) is None

    @pytest.mark.parametrize(
        ("path", "line"),
        [
            ("~/.keras/datasets/mnist.npz", 'rm -- "$HOME/.keras/datasets/mnist.npz"'),
            ("/scratch/~/my $x/mnist.npz", 'rm -- "/scratch/$(id -un)/my \\$x/mnist.npz"'),
            ("/data/it's", """rm -- '/data/it'"'"'s'"""),
        ],
    )
    def test_a_file_that_may_not_be_read(self, path: str, line: str) -> None:
        locked = cached(path=path, failure=Failure.PERMISSION, detail="Permission denied")
        found = denied(folder(), locked)
        assert found is not None
        assert found.title == f"keras finds {path} and may not read it"
        assert lines(found) == [line]
        broken = cached(path=path, failure=Failure.FILE_FOLDER, detail="a folder")
        assert denied(folder(), broken) is None
        assert denied(folder(), lock(failure=Failure.PERMISSION)) is None

    def test_a_forbidden_connection_is_tcp_permission_denied(self) -> None:
        blocked = rec(ev.Connect, "tcp", address="93.184.216.30", port=443, family=4, failure="permission_denied")
        assert denied(folder(), blocked) is None

    def test_a_held_lock_comes_first(self) -> None:
        judgement = dx.judge_before(loads(folder(), lock()))
        assert judgement.cause is not None
        assert judgement.cause.id == "cache-concurrent-writers"


@pytest.mark.parametrize(
    ("loader", "release", "decided_by", "variable"),
    [
        ("keras", "3.15.1", None, "KERAS_HOME"),
        ("keras", "2.10.0", None, None),
        ("sklearn", "1.9.1", None, "SCIKIT_LEARN_DATA"),
        ("tfds", None, None, "TFDS_DATA_DIR"),
        ("huggingface", None, None, "HF_HOME"),
        ("huggingface", None, "XDG_CACHE_HOME", "HF_HOME"),
        ("huggingface", None, "HF_HUB_CACHE", "HF_HUB_CACHE"),
    ],
)
@pytest.mark.parametrize(("holds", "fields"), [(full, {"free": 0}), (denied, CLOSED)], ids=["full", "denied"])
def test_another_folder_by_the_variable_that_is_read(
    holds: Any, fields: Any, loader: str, release: str | None, decided_by: str | None, variable: str | None
) -> None:
    found = holds(folder("/data", decided_by=decided_by, **fields), loader=loader, release=release)
    exports = [line for line in lines(found) if line.startswith("export")]
    assert exports == ([f"export {variable}=/a/folder/with/room"] if variable else [])
    assert all(fix.untried and fix.change is None for fix in found.fixes)


@pytest.mark.parametrize(
    ("loader", "release", "words"),
    [("torchvision", "0.29.2", "as `root=`"), ("keras", "2.10.0", "leave a symbolic link"), ("none", None, None)],
)
def test_a_loader_without_a_variable(loader: str, release: str | None, words: str | None) -> None:
    found = denied(folder("/data", writable=False), loader=loader, release=release)
    assert found is not None
    assert [words in fix.title for fix in found.fixes if words] == ([True] if words else [])
    assert len(found.fixes) == bool(words)
