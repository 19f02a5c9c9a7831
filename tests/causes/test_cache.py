"""Bad files that stay in a loader's cache, and other processes at work there."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor.causes import cache
from mnistdoctor.causes.base import Case, Change, Finding

from .build import NOW, case, rec

CAUSES = {one.id: one for one in cache.CAUSES}
HOME = "~/.keras/datasets/fashion-mnist"
NAME = "t10k-labels-idx1-ubyte.gz"
PATH = f"{HOME}/{NAME}"
URL = f"https://storage.googleapis.com/tensorflow/tf-keras-datasets/{NAME}"
MD5 = "bb300cfdad3c16e7a12a480ee83cd310"
OTHERS = "ec29112dd5afa0611ce80d1b7f02629c"  # of MNIST's file of the same name
UNKNOWN = "0" * 32
SIZE, DECODED = 5148, 10_008
KERAS: dict[str, Any] = {
    "url": URL, "file": "fashion_mnist/t10k-labels", "size": SIZE, "digests": (("md5", MD5),), "content": "gzip-idx",
    "client": "keras", "loader": "keras", "release": "3.15.1",
}  # fmt: skip
TORCH = KERAS | {"client": "torchvision", "loader": "torchvision", "release": "0.29.2"}


def cached(path: str = PATH, *, md5: str = UNKNOWN, **fields: Any) -> Any:
    """A file that the loader trusts, with a wrong digest unless one is given."""
    given = {
        "trusted": True, "size": SIZE, "modified": NOW - 86_400, "what": "gzip", "inner": "idx", "intact": True,
        "digests": (("md5", md5),) if md5 else (),
    } | fields  # fmt: skip
    return rec(ev.CachedFile, None, path=path, **given)


def twin(path: str = "/data/MNIST/raw/t10k-labels-idx1-ubyte", **fields: Any) -> Any:
    """The unpacked form."""
    given = {"form": "decoded", "what": "idx", "inner": None, "size": DECODED} | fields
    return cached(path, md5="", **given)


def folder(path: str = HOME, **fields: Any) -> Any:
    return rec(ev.Folder, None, path=path, **fields)


def loads(*records: Any, loader: dict[str, Any] = KERAS, platform: str = "Linux-6.1", **fields: Any) -> Case:
    return case(*records, platform=platform, **(loader | fields))


def stale(*records: Any, **fields: Any) -> Finding | None:
    return CAUSES["cache-stale-bad-file"].holds(loads(*records, **fields))


def writers(*records: Any, **fields: Any) -> Finding | None:
    return CAUSES["cache-concurrent-writers"].holds(loads(*records, **fields))


BAD = {
    "empty": (cached(size=0, what="empty", inner=None, intact=None), "empty"),
    "page": (cached(what="html", inner=None, intact=None, title="Sign in"), 'a web page, titled "Sign in"'),
    "page in gzip": (cached(inner="html"), "a web page"),
    "error document": (cached(what="xml", inner=None, intact=None), "an XML document"),
    "pointer": (cached(what="lfs-pointer", intact=None), "a Git LFS pointer, not the file it stands for"),
    "cut": (cached(size=3000, intact=False, damage="ends early"), "damaged: the gzip ends early"),
    "damaged": (cached(intact=False), "a damaged gzip"),
    "another's": (cached(md5=OTHERS, size=4542), "another file: it has the digest of mnist/t10k-labels"),
    "words": (cached(what="json", inner=None, intact=None), "json, where gzip is due"),
    "short": (cached(what="unknown", inner=None, intact=None, size=17), f"cut short: 17 of {SIZE} bytes"),
    "twin cut": (twin(size=7000, intact=False, damage="ends early"), "damaged: the idx ends early"),
    "twin of other data": (twin(size=60_008), f"60008 bytes long, and {DECODED} are due"),
    "old pair": (cached(form="shadow", what="text", intact=None), "text, where a saved tensor is due"),
}


class TestStale:
    @pytest.mark.parametrize(("file", "words"), BAD.values(), ids=BAD)
    def test_each_kind_of_bad_file(self, file: Any, words: str) -> None:
        found = stale(folder(), file)
        assert found is not None
        assert found.certain
        assert found.title == f"{file.path} is {words}; keras takes it as it is"
        assert "1970" not in " ".join(found.evidence)
        (fix,) = found.fixes
        assert fix.change == Change()

    @pytest.mark.parametrize(
        ("path", "platform", "line"),
        [
            (PATH, "Linux-6.1", f'rm -- "$HOME/.keras/datasets/fashion-mnist/{NAME}"'),
            ("/data/x.gz", "Linux-6.1", "rm -- /data/x.gz"),
            ("/my data/it's $HOME.gz", "Linux-6.1", """rm -- '/my data/it'"'"'s $HOME.gz'"""),
            ("~/a `b` $c/x.gz", "Linux-6.1", 'rm -- "$HOME/a \\`b\\` \\$c/x.gz"'),
            ("-rf", "Linux-6.1", "rm -- -rf"),
            ("C:\\my data\\it's.gz", "Windows-10", "Remove-Item -LiteralPath 'C:\\my data\\it''s.gz'"),
            ("~\\.keras\\x.gz", "Windows-10", 'Remove-Item -LiteralPath "$HOME\\.keras\\x.gz"'),
        ],
    )
    def test_one_file_is_removed_and_its_name_quoted(self, path: str, platform: str, line: str) -> None:
        found = stale(folder(), cached(path, size=0, what="empty", intact=None), platform=platform)
        assert found is not None
        (command,) = found.fixes[0].commands
        assert command.text == line
        assert command.shell == ("powershell" if platform.startswith("Windows") else "posix")
        if command.shell == "posix":
            assert len(shlex.split(line)) == 3

    def test_the_evidence_has_the_numbers(self) -> None:
        found = stale(folder(decided_by="KERAS_HOME"), BAD["cut"][0])
        assert found is not None
        text = " ".join(found.evidence)
        assert all(one in text for one in (PATH, "3000 bytes", "2026-11-17", str(SIZE), "named by `KERAS_HOME`"))

    def test_a_folder_that_was_only_assumed_makes_it_likely(self) -> None:
        found = stale(folder("./data", assumed=True), BAD["twin cut"][0], loader=TORCH)
        assert found is not None
        assert not found.certain
        assert found.also_possible == ("program-wrong-path",)

    @pytest.mark.parametrize(("release", "upgrades"), [("1.9.0", True), ("1.9.1", False), (None, False)])
    def test_a_release_that_never_replaces_a_bad_file(self, release: str | None, upgrades: bool) -> None:
        found = stale(
            folder(), BAD["page"][0], client="sklearn", loader={**KERAS, "loader": "sklearn"}, release=release
        )
        assert found is not None
        assert [fix.commands[0].text for fix in found.fixes[1:]] == (
            ["python -m pip install --upgrade scikit-learn"] if upgrades else []
        )

    @pytest.mark.parametrize(
        "file",
        [
            cached(md5=MD5),
            cached(md5=MD5, intact=False),
            cached(),
            cached(size=4000),
            cached(size=9000, what="unknown", intact=None),
            cached(what="unknown", intact=None),
            cached(what="zip", intact=None),
            twin(),
            cached(form="shadow", what="pickle", intact=None),
            cached(form="shadow", what="zip", intact=True),
            cached(PATH + ".lock", form="lock", size=0, what="", intact=None),
            cached(PATH + ".part", form="partial", size=0, what="", intact=None),
            cached(failure="file_unreadable", detail="a folder", size=0, what=""),
            cached(failure="file_unreadable", detail="a broken link", size=0, what=""),
            cached(failure="file_unreadable", detail="Permission denied", size=0, what=""),
        ],
        ids=["right", "right by digest whatever we think", "another release", "packed again, smaller",
             "larger and unknown", "unknown", "not a gzip", "right twin", "saved tensor", "newer saved tensor", "lock",
             "leftover", "folder", "broken link", "may not be read"],
    )  # fmt: skip
    def test_what_is_not_proven_bad(self, file: Any) -> None:
        """`checksum-upstream-changed`: other bytes are not bad ones."""
        assert stale(folder(), file) is None

    def test_a_digest_that_the_subject_lacks_is_still_the_files_own(self) -> None:
        assert stale(folder(), cached(md5=MD5), digests=()) is None

    def test_no_upgrade_where_the_newest_release_does_the_same(self) -> None:
        found = stale(folder(), BAD["page"][0], client="tfds", loader={**KERAS, "loader": "tfds"}, release="4.9.3")
        assert found is not None
        assert len(found.fixes) == 1

    def test_no_file_is_program_wrong_paths(self) -> None:
        assert stale(folder()) is None

    @pytest.mark.parametrize("key", [one for one in BAD if one != "another's"])
    def test_a_loader_that_compares_is_only_warned_of(self, key: str) -> None:
        """`checksum-mismatch-corruption` is of what comes over the wire; here the loader downloads again."""
        file = ev.from_json(ev.to_json(BAD[key][0]) | {"trusted": False})
        assert stale(folder(), file) is None
        warning = CAUSES["cache-stale-bad-file"].warns(loads(folder(), file))
        assert warning == f"{file.path} is {BAD[key][1]}; keras sees that and downloads it again"  # type: ignore[attr-defined]

    @pytest.mark.parametrize("file", [cached(md5=MD5, trusted=False), cached(trusted=False), BAD["page"][0]])
    def test_no_warning_of_good_files_nor_of_what_is_diagnosed(self, file: Any) -> None:
        assert CAUSES["cache-stale-bad-file"].warns(loads(folder(), file)) is None

    def test_it_comes_before_the_wire(self) -> None:
        judgement = dx.judge_before(loads(folder(writable=False), BAD["page"][0]))
        assert judgement.cause is CAUSES["cache-stale-bad-file"]


class TestInPlace:
    """The loader has the file and needs no network."""

    @pytest.mark.parametrize(
        ("records", "there"),
        [
            ((cached(md5=MD5),), True),
            ((cached(md5=MD5, trusted=False),), True),
            ((twin(),), True),
            ((cached(md5=MD5), cached(PATH + ".tmp.d", form="partial", failure="file_unreadable")), True),
            ((cached(md5=MD5), cached(PATH + ".lock", form="lock", size=0, what="empty")), True),
            ((cached(md5=MD5, trusted=False), cached(md5="", form="shadow", what="html")), False),
            ((cached(md5=MD5), twin(failure="file_unreadable")), False),
            ((cached(),), False),
            ((twin(size=DECODED - 1),), False),
            ((twin(intact=None),), False),
            ((cached(md5=MD5, form="partial"),), False),
            ((), False),
        ],
        ids=["right", "right and compared", "twin", "leftover folder beside it", "lock beside it", "a bad one wins",
             "twin unreadable", "other bytes", "twin short", "twin not examined", "only a leftover", "nothing"],
    )  # fmt: skip
    def test_right_and_nothing_bad_wins(self, records: tuple[Any, ...], there: bool) -> None:
        assert dx.needs_no_network(loads(folder(), *records)) is there


def lock(age_s: float = 600, **fields: Any) -> Any:
    given = {"form": "lock", "holder": 731, "size": 0, "what": "", "intact": None, "modified": NOW - age_s} | fields
    return cached(PATH + ".lock", md5="", **given)


def part(age_s: float, **fields: Any) -> Any:
    return cached(PATH + ".part", md5="", form="partial", modified=NOW - age_s, **fields)


class TestWriters:
    @pytest.mark.parametrize(
        "records",
        [(lock(),), (lock(), part(90)), (part(600, holder=731),), (lock(), BAD["page"][0])],
        ids=["lock", "the download stands still", "the leftover itself is locked", "a bad file as well"],
    )
    def test_a_living_process_holds_it(self, records: tuple[Any, ...]) -> None:
        found = writers(folder(), *records)
        assert found is not None
        assert not found.certain
        assert "process 731" in found.title
        assert "10 minutes" in found.explanation
        see, apart = found.fixes
        assert [one.text for one in see.commands] == ["ps -o pid,etime,stat,args -p 731"]
        assert see.untried
        assert apart.untried
        assert not any(word in line.text for fix in found.fixes for line in fix.commands for word in ("rm ", "kill"))

    @pytest.mark.parametrize(
        "records",
        [
            (),
            (lock(holder=None),),
            (lock(5),),
            (lock(-3600),),
            (lock(), part(5)),
            (lock(), part(-5)),
            (part(600),),
            (lock(), cached(md5=MD5)),
            (lock(), twin()),
        ],
        ids=["nothing", "its owner is dead", "just taken", "a clock ahead", "somebody is downloading",
             "downloading, a clock ahead", "a dead run's leftover", "the file is there", "the twin is there"],
    )  # fmt: skip
    def test_otherwise_nobody_waits(self, records: tuple[Any, ...]) -> None:
        assert writers(folder(), *records) is None

    def test_while_it_grows_it_is_a_warning(self) -> None:
        warns = CAUSES["cache-concurrent-writers"].warns
        warning = warns(loads(folder(), lock(5), part(1)))
        assert warning is not None
        assert "process 731" in warning
        assert warns(loads(folder(), lock(holder=None), part(600))) is None

    def test_a_file_that_went_bad_comes_first(self) -> None:
        judgement = dx.judge_before(loads(folder(), lock(), BAD["page"][0]))
        assert judgement.cause is CAUSES["cache-stale-bad-file"]
