"""Whatever lies in a loader's cache is recorded as it is: nothing blocks, nothing is read for ever, nothing raises."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from mnistdoctor import disk
from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import CacheName, load
from mnistdoctor.content import unpack
from mnistdoctor.disk import Place
from mnistdoctor.examine.target import Target, about
from mnistdoctor.redact import Redactor
from mnistdoctor.run import Recorder, Run
from mnistdoctor.settings import Environment, Settings

NAME = "t10k-labels-idx1-ubyte.gz"
DATA = (Path(__file__).parents[1] / "data" / "mnist" / NAME).read_bytes()
PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head></html>"
MD5 = "ec29112dd5afa0611ce80d1b7f02629c"
BARE = Target(name=None, urls=("https://data.example/" + NAME,), client="torchvision", loader="torchvision")
SUBJECT = about(BARE, load().file("mnist/t10k-labels")).subject(BARE.urls[0])
posix = pytest.mark.skipif(os.name != "posix", reason="a POSIX file system")


def look(*places: Place, subject: ev.Subject = SUBJECT) -> tuple[Any, ...]:
    """The records, the folder's first."""
    run = Run(Settings(), Environment({}), load(), Redactor(), names=cast("Any", None))
    rec = Recorder(run, "t")
    disk.look(rec, places, subject)
    return tuple(rec.records)


def place(root: Path, *names: str | CacheName, **more: Any) -> Place:
    known = tuple(CacheName(one, "file") if isinstance(one, str) else one for one in names or (NAME,))
    return Place(root=root, names=known, **more)


def only(root: Path, *names: str | CacheName, **more: Any) -> ev.CachedFile:
    """The one file that is found there."""
    _, found = look(place(root, *names, **more))
    assert isinstance(found, ev.CachedFile)
    return found


def lay(root: Path, body: bytes, name: str = NAME) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    return path


class TestContent:
    def test_the_right_file(self, tmp_path: Path) -> None:
        path = lay(tmp_path, DATA)
        os.utime(path, (1_700_000_000, 1_700_000_000))
        found = only(tmp_path, trusts=True)
        assert (found.path, found.form, found.trusted, found.failure) == (str(path), "file", True, None)
        assert (found.size, found.modified) == (4542, 1_700_000_000)
        assert dict(found.digests)["md5"] == MD5
        assert (found.what, found.inner, found.intact, found.dims) == ("gzip", "idx", True, (10_000,))

    @pytest.mark.parametrize(
        ("body", "what", "intact"),
        [
            (b"", "empty", None),
            (PAGE, "html", None),
            (DATA[:3000], "gzip", False),
            (DATA[:-1], "gzip", False),
            (DATA + b"more", "gzip", False),
            (b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\n", "lfs-pointer", None),
            (b'{"error": "denied"}', "json", None),
        ],
        ids=["empty", "page", "cut", "one byte short", "too long", "pointer", "json"],
    )
    def test_wrong_ones(self, body: bytes, what: str, intact: bool | None, tmp_path: Path) -> None:
        lay(tmp_path, body)
        found = only(tmp_path)
        assert (found.what, found.intact, found.size, found.failure) == (what, intact, len(body), None)
        assert dict(found.digests)["md5"] != MD5

    def test_a_pages_title(self, tmp_path: Path) -> None:
        lay(tmp_path, PAGE)
        assert only(tmp_path).title == "Sign in"

    def test_the_unpacked_twin_has_a_digest_of_its_own_and_is_trusted(self, tmp_path: Path) -> None:
        lay(tmp_path, gzip.decompress(DATA), "twin")
        found = only(tmp_path, CacheName("twin", "decoded"), trusts=False)
        assert (found.form, found.trusted, found.blank) == ("decoded", True, False)
        assert dict(found.digests)["sha256"] == hashlib.sha256(gzip.decompress(DATA)).hexdigest()
        assert (found.what, found.intact, found.size) == ("idx", True, 10_008)

    def test_digests_of_the_content_where_the_catalogue_states_those(self, tmp_path: Path) -> None:
        lay(tmp_path, gzip.compress(b"@RELATION x\n", mtime=1))
        _, found = look(place(tmp_path), subject=replace(SUBJECT, digest_of="decoded", digests=(("md5", "0" * 32),)))
        assert dict(found.digests)["md5"] == hashlib.md5(b"@RELATION x\n").hexdigest()


class TestFiles:
    def test_missing(self, tmp_path: Path) -> None:
        (folder,) = look(place(tmp_path))
        assert isinstance(folder, ev.Folder)

    def test_names_with_blanks_and_line_ends(self, tmp_path: Path) -> None:
        lay(tmp_path / "my data\nsets", DATA)
        found = only(tmp_path / "my data\nsets")
        assert found.path == f"{tmp_path}/my data\\x0asets/{NAME}"  # shown in one line
        assert dict(found.digests)["md5"] == MD5

    def test_a_folder_in_its_place(self, tmp_path: Path) -> None:
        (tmp_path / NAME).mkdir()
        found = only(tmp_path)
        assert (found.failure, found.detail, found.size) == ("file_is_a_folder", "a folder", 0)

    @posix
    @pytest.mark.parametrize(
        ("to", "failure", "detail"),
        [("gone", "file_unreadable", "a broken link"), (NAME, "link_in_a_circle", "a link in a circle")],
    )
    def test_a_broken_link(self, to: str, failure: str, detail: str, tmp_path: Path) -> None:
        (tmp_path / NAME).symlink_to(to)
        found = only(tmp_path)
        assert (found.failure, found.detail) == (failure, detail)

    @posix
    def test_a_link_to_the_file_is_looked_through_once(self, tmp_path: Path) -> None:
        """As the Hub's snapshots lead to its blobs."""
        lay(tmp_path, DATA, "blobs/abc")
        (tmp_path / "snapshots" / "1").mkdir(parents=True)
        (tmp_path / "snapshots" / "1" / "x").symlink_to("../../blobs/abc")
        found = only(tmp_path, "snapshots/*/x", "blobs/abc")
        assert found.path.endswith("snapshots/1/x")
        assert found.links_to == str((tmp_path / "blobs" / "abc").resolve())
        assert found.size == len(DATA)

    @pytest.mark.parametrize(
        ("ref", "seen"),
        [(b"a" * 40, ["a"]), (b"a" * 40 + b"\n", ["a"]), (b"c" * 40, []), (b"", ["a", "b"]), (None, ["a", "b"]),
         (b"../../etc", ["a", "b"]), (b"a" * 41, ["a", "b"])],
        ids=["the commit", "with a line end", "one that is not there", "empty", "no reference", "no commit",
             "too long"],
    )  # fmt: skip
    def test_only_the_revision_that_the_reference_names(
        self, ref: bytes | None, seen: list[str], tmp_path: Path
    ) -> None:
        for one in "ab":
            lay(tmp_path, DATA + one.encode(), f"snapshots/{one * 40}/x")
        if ref is not None:
            lay(tmp_path, ref, "refs/main")
        _, *found = look(place(tmp_path, "snapshots/*/x", revision_in="refs/main"))
        assert [Path(one.path).parent.name[0] for one in found] == seen

    @pytest.mark.parametrize(
        ("reply", "stated"),
        [
            (gzip.compress(b'{"data_set_description": {"md5_checksum" : "' + MD5.upper().encode() + b'"}}'), MD5),
            (b'{"md5_checksum":"' + MD5.encode() + b'"}', MD5),
            (gzip.compress(PAGE), None),
            (gzip.compress(b'{"md5_checksum": "' + MD5.encode() + b'"}')[:20], None),
            (b"\x1f\x8bjunk", None),
            (gzip.compress(bytes(1 << 22) + b'"md5_checksum": "' + MD5.encode() + b'"'), None),
            (b'{"md5_checksum": ""}', None),
            (None, None),
        ],
        ids=["packed", "plain", "a page", "cut", "no gzip", "beyond what is read", "empty", "not there"],
    )
    def test_the_digest_that_a_stored_reply_states(
        self, reply: bytes | None, stated: str | None, tmp_path: Path
    ) -> None:
        lay(tmp_path, DATA)
        if reply is not None:
            lay(tmp_path, reply, "api/554.gz")
        found = only(tmp_path, digest_in="api/554.gz")
        assert found.stated == ((("md5", stated),) if stated else ())

    @posix
    @pytest.mark.timeout(60)
    @pytest.mark.parametrize("linked", [False, True])
    @pytest.mark.parametrize("make", ["pipe", "socket", "device"])
    def test_what_may_block_is_never_opened(self, make: str, linked: bool) -> None:
        with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # short, as a socket's name must be
            path = Path(folder) / ("real" if linked else NAME)
            if make == "pipe":
                os.mkfifo(path)
            elif make == "socket":
                with socket.socket(socket.AF_UNIX) as one:
                    one.bind(str(path))
            else:
                path.symlink_to("/dev/zero")
            if linked:
                (Path(folder) / NAME).symlink_to("real")
            found = look(place(Path(folder)))[1]
            assert (found.failure, found.detail) == ("file_is_special", "a pipe, a socket or a device")

    @posix
    @pytest.mark.parametrize(
        ("head", "what", "intact"),
        [(b"", "unknown", None), (b"PK\x03\x04", "zip", None), (b"\0\0\x08\x01\0\0\x27\x10", "idx", None),
         (DATA[:2000], "gzip", None)],
    )  # fmt: skip
    def test_ten_gibibytes_are_not_read(
        self, head: bytes, what: str, intact: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(unpack, "MOST", 2**24)  # a gibibyte that comes out of zeros takes ten seconds
        with lay(tmp_path, head).open("r+b") as file:
            file.truncate(10 * 2**30)
        found = only(tmp_path)
        assert (found.size, found.digests, found.failure) == (10 * 2**30, (), None)
        assert (found.what, found.intact) == (what, intact)

    def test_among_many_matches_a_few_are_looked_at(self, tmp_path: Path) -> None:
        for number in range(20):
            lay(tmp_path, b"x", f"s/{number}/x")
            lay(tmp_path, b"x", f"t/{number}/x")
        assert len(look(place(tmp_path, "s/*/x", "t/*/x"))) == 1 + 12


class TestBesides:
    @pytest.mark.parametrize(
        ("name", "form"),
        [(NAME + ".lock", "lock"), (NAME + ".incomplete", "partial"), (NAME + ".part", "partial"),
         (NAME + ".tmp4711", "partial"), (NAME + ".sha256", None), ("other.gz.lock", None), (NAME + "x.lock", None),
         (NAME[:-3] + ".lock", None)],
    )  # fmt: skip
    def test_locks_and_leftovers_of_this_file(self, name: str, form: str | None, tmp_path: Path) -> None:
        lay(tmp_path, b"x", name)
        assert [one.form for one in look(place(tmp_path))[1:]] == ([form] if form else [])

    @pytest.mark.skipif(sys.platform != "linux", reason="/proc/locks is Linux's")
    def test_who_holds_the_lock(self, tmp_path: Path) -> None:
        import fcntl

        with lay(tmp_path, b"", NAME + ".lock").open("w") as file:
            assert only(tmp_path).holder is None
            fcntl.flock(file, fcntl.LOCK_EX)
            assert only(tmp_path).holder == os.getpid()

    def test_what_was_prepared_lies_beside_the_root_and_is_not_read(self, tmp_path: Path) -> None:
        lay(tmp_path, PAGE, "d/3.0.1/d-train.tfrecord-0")
        given = place(tmp_path / "downloads", CacheName("../d/*/d-t*.tfrecord-*", "prepared"))
        (found,) = look(given)[1:]
        assert (found.form, found.size, found.what, found.trusted) == ("prepared", len(PAGE), "", False)

    def test_the_old_pair_wins_only_together(self, tmp_path: Path) -> None:
        """torchvision's `_check_legacy_exist` asks for both."""
        given = place(tmp_path, shadowed_by=("p/training.pt", "p/test.pt"))
        lay(tmp_path, DATA)
        lay(tmp_path, PAGE, "p/test.pt")
        assert [one.form for one in look(given)[1:]] == ["file"]
        lay(tmp_path, PAGE, "p/training.pt")
        found = look(given)[1:]
        assert [(one.form, one.trusted) for one in found] == [("shadow", True), ("shadow", True), ("file", False)]


def statvfs(**fields: int) -> Callable[[Any], Any]:
    usual = {"f_blocks": 1000, "f_bavail": 5, "f_frsize": 4096, "f_files": 100, "f_favail": 7, "f_flag": 0}
    return lambda _path: SimpleNamespace(**(usual | fields))


class TestFolder:
    def test_what_is_there(self, tmp_path: Path) -> None:
        folder = look(place(tmp_path, decided_by="KERAS_HOME", assumed=True))[0]
        assert (folder.path, folder.exists, folder.writable, folder.failure) == (str(tmp_path), True, True, None)
        assert (folder.decided_by, folder.instead_of, folder.assumed) == ("KERAS_HOME", None, True)

    def test_what_would_be_made(self, tmp_path: Path) -> None:
        folder = look(place(tmp_path / "a" / "b"))[0]
        assert (folder.path, folder.exists, folder.writable) == (str(tmp_path / "a" / "b"), False, True)
        assert not (tmp_path / "a").exists()

    @pytest.mark.parametrize(
        ("names", "subject", "needed"),
        [
            ((NAME,), SUBJECT, 4542),
            ((NAME, CacheName("twin", "decoded")), SUBJECT, 4542 + 10_008),
            ((NAME,), replace(SUBJECT, size=None), None),
            ((NAME, CacheName("twin", "decoded")), replace(SUBJECT, file=None), 4542),
        ],
        ids=["packed", "and unpacked", "size unknown", "not in the catalogue"],
    )
    def test_the_room_that_is_needed(
        self, names: tuple[Any, ...], subject: ev.Subject, needed: int | None, tmp_path: Path
    ) -> None:
        assert look(place(tmp_path, *names), subject=subject)[0].needed == needed

    @posix
    @pytest.mark.parametrize(
        ("fields", "free", "free_files", "read_only"),
        [
            ({}, 5 * 4096, 7, False),
            ({"f_bavail": 0}, 0, 7, False),
            ({"f_favail": 0}, 5 * 4096, 0, False),
            ({"f_files": 0, "f_favail": 0}, 5 * 4096, None, False),
            ({"f_flag": getattr(os, "ST_RDONLY", 1)}, 5 * 4096, 7, True),
            ({"f_blocks": 0, "f_bavail": 0}, None, None, False),
        ],
        ids=["some room", "no bytes", "no files", "no limit of files", "read-only", "no disk at all"],
    )
    def test_the_room_that_is_left(
        self,
        fields: dict[str, int],
        free: int | None,
        free_files: int | None,
        read_only: bool,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(os, "statvfs", statvfs(**fields))
        folder = look(place(tmp_path))[0]
        assert (folder.free, folder.free_files, folder.read_only) == (free, free_files, read_only)

    def test_a_file_system_that_does_not_answer(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def fails(_path: Any) -> Any:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(os, "statvfs", fails)
        folder = look(place(tmp_path))[0]
        assert (folder.free, folder.failure) == (None, None)
        assert "Input/output error" in folder.detail

    def test_a_name_longer_than_any_file_system_takes(self) -> None:
        folder = look(place(Path("/" + "x" * 5000)))[0]
        assert not folder.exists


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder of a user who is not root; root becomes that user for the length of the test."""
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    was_root = os.geteuid() == 0
    if was_root:
        os.chown(folder, 65534, 65534)
        os.setresuid(65534, 65534, 0)  # type: ignore[attr-defined,unused-ignore]
    try:
        yield folder
    finally:
        if was_root:
            os.setresuid(0, 0, 0)  # type: ignore[attr-defined,unused-ignore]
        for one in folder.rglob("*"):
            if one.is_dir():
                one.chmod(0o700)
        shutil.rmtree(folder)


@posix
@pytest.mark.skipif(not hasattr(os, "setresuid"), reason="root needs it to become another user")
class TestRights:
    def test_a_file_that_may_not_be_read(self, nobody: Path) -> None:
        lay(nobody, DATA).chmod(0)
        found = only(nobody)
        assert (found.failure, found.detail, found.digests) == ("permission_denied", "Permission denied", ())

    def test_a_folder_that_may_not_be_written(self, nobody: Path) -> None:
        (nobody / "d").mkdir(mode=0o500)
        folder = look(place(nobody / "d"))[0]
        assert (folder.exists, folder.writable) == (True, False)
        assert folder.owner == folder.user == os.geteuid()

    def test_where_keras_goes_instead(self, nobody: Path) -> None:
        (nobody / "home" / "datasets").mkdir(parents=True)
        (nobody / "home").chmod(0o500)
        lay(nobody / "other", DATA)
        folder, file = look(place(nobody / "home" / "datasets", fallback=nobody / "other"))
        assert (folder.path, folder.writable) == (str(nobody / "other"), True)
        assert folder.instead_of == str(nobody / "home" / "datasets")
        assert file.path.startswith(str(nobody / "other"))

    def test_the_last_folder_alone_is_no_reason_to_go_elsewhere(self, nobody: Path) -> None:
        (nobody / "d").mkdir(mode=0o500)
        folder = look(place(nobody / "d", fallback=nobody / "other"))[0]
        assert (folder.path, folder.writable, folder.instead_of) == (str(nobody / "d"), False, None)

    @pytest.mark.parametrize("mode", [0o000, 0o600], ids=["closed", "may not be entered"])
    def test_a_folder_behind_a_closed_one(self, mode: int, nobody: Path) -> None:
        lay(nobody / "closed" / "d", DATA)
        (nobody / "closed").chmod(mode)
        folder, *files = look(place(nobody / "closed" / "d"))
        assert (folder.exists, folder.writable) == (False, False)
        assert [one.failure for one in files] == ["permission_denied"]

    def test_the_usual_folders_may_be_closed(self, nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (nobody / "data").mkdir(mode=0)
        monkeypatch.chdir(nobody)
        cache = load().loader("torchvision").plan("mnist").cache
        assert disk.place_of(cache, (CacheName(NAME, "file"),), trusts=False, environment={}, home=nobody) is None
