"""Bad files that stay in a loader's cache, and other processes at work there."""

from __future__ import annotations

import shlex
from typing import Any

import pytest

from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Change, Finding
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.disk import cache
from mnistdoctor.causes.disk import cache_locks as other_writers
from mnistdoctor.causes.registry import by_id
from tests.causes.evidence import NOW, Evidence, rec

CAUSES = {one.id: one for one in (*cache.CAUSES, *other_writers.CAUSES)}
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
    return Evidence(*records).case(platform=platform, **loader | fields)


def stale(*records: Any, **fields: Any) -> Finding | None:
    return CAUSES["cache-stale-bad-file"].found_in(loads(*records, **fields))


def writers(*records: Any, **fields: Any) -> Finding | None:
    return CAUSES["cache-concurrent-writers"].found_in(loads(*records, **fields))


BAD = {
    "empty": (cached(size=0, what="empty", inner=None, intact=None), "empty"),
    "page": (cached(what="html", inner=None, intact=None, title="Sign in"), 'a web page, titled "Sign in"'),
    "page in gzip": (cached(inner="html"), "a web page"),
    "error document": (cached(what="xml", inner=None, intact=None), "an XML document"),
    "pointer": (cached(what="lfs-pointer", intact=None), "a Git LFS pointer, not the file it stands for"),
    "cut": (cached(size=3000, intact=False, damage="ends early"), "damaged: the gzip ends early"),
    "damaged": (cached(intact=False), "a damaged gzip"),
    "words": (cached(what="json", inner=None, intact=None), "json, where gzip is due"),
    "short": (cached(intact=None, size=17), f"cut short: 17 of {SIZE} bytes"),
    "no gzip": (cached(what="unknown", inner=None, intact=None), "not gzip, as its first bytes show"),
    "longer and no gzip": (
        cached(what="unknown", inner=None, intact=None, size=9000),
        "not gzip, as its first bytes show",
    ),
    "zip": (cached(what="zip", inner=None, intact=True), "zip, where gzip is due"),
    "unpacked under the packed name": (cached(what="idx", inner=None, size=DECODED), "bare idx, where gzip is due"),
    "packed twice": (cached(inner="gzip"), "packed twice: gzip inside gzip"),
    "gzip of words": (cached(inner="text"), "gzip of text, where idx is due inside"),
    "gzip of noise": (cached(inner="unknown"), "gzip of something else, where idx is due inside"),
    "more labels": (cached(decoded=60_008), f"60008 bytes long once it is unpacked, and {DECODED} are due"),
    "one byte more": (
        twin(size=DECODED + 1, intact=False, damage="has 1 trailing byte"),
        "damaged: the idx has 1 trailing byte",
    ),
    "idx in gzip cut": (
        cached(intact=False, damage="holds an IDX that ends early"),
        "damaged: the gzip holds an IDX that ends early",
    ),
    "twin of no IDX": (twin(what="unknown", intact=None), "not idx, as its first bytes show"),
    "not as described": (
        cached(stated=(("md5", OTHERS),)),
        f"another text than the stored description states: its md5 is {UNKNOWN}, and {OTHERS} is due",
    ),
    "twin cut": (twin(size=7000, intact=False, damage="ends early"), "damaged: the idx ends early"),
    "twin of other data": (twin(size=60_008), f"60008 bytes long, and {DECODED} are due"),
    "old pair": (cached(form="shadow", what="text", intact=None), "text, where a saved tensor is due"),
}


SHA256 = "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"
"""Of the unpacked labels of Fashion-MNIST, computed from genuine bytes."""
OTHERS_UNPACKED = (("sha256", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),)


def other(*records: Any, **fields: Any) -> Finding | None:
    return by_id()["data-other-file"].found_in(loads(*records, **fields))


class TestOther:
    @pytest.mark.parametrize(
        "file",
        [
            cached(md5=OTHERS, size=4542),
            cached(decoded_digests=OTHERS_UNPACKED),
            twin(digests=OTHERS_UNPACKED),
        ],
        ids=["packed", "packed anew", "unpacked"],
    )
    def test_another_dataset_under_this_name(self, file: Any) -> None:
        found = other(folder(), file)
        assert found is not None
        assert found.certain
        assert (found.side, found.fixes[0].change) == ("you", Change())
        assert "is MNIST (t10k-labels-idx1-ubyte.gz)" in found.title
        assert stale(folder(), file) is None

    @pytest.mark.parametrize(
        "file",
        [
            cached(md5=MD5),
            cached(),
            cached(decoded_digests=(("sha256", SHA256),)),
            twin(digests=(("sha256", SHA256),)),
            twin(digests=(("sha256", "0" * 64),)),
            cached(md5=OTHERS, size=4542, trusted=False),
            twin(digests=OTHERS_UNPACKED, unread=True),
        ],
        ids=["right", "unknown", "right, packed anew", "right, unpacked", "nobody's", "replaced by the loader",
             "not looked at"],
    )  # fmt: skip
    def test_no_other(self, file: Any) -> None:
        assert other(folder(), file) is None


class TestContent:
    @pytest.mark.parametrize(
        ("file", "flaw"),
        [
            (twin(digests=(("sha256", "0" * 64),)), f"not the unpacked file: its sha256 is {'0' * 16}…, and "),
            (twin(digests=(("sha256", "0" * 64),), blank=True), "nothing but zeros after its header"),
            (twin(blank=True), "nothing but zeros after its header"),
        ],
        ids=["nobody's", "zeros", "zeros without a digest"],
    )
    def test_what_the_unpacked_digest_shows(self, file: Any, flaw: str) -> None:
        found = stale(folder(), file)
        assert found is not None
        assert flaw in found.title

    def test_the_packed_file_beside_it_says_what_is_due(self) -> None:
        unknown = TORCH | {"url": URL.replace("labels-idx1", "images-idx3"), "file": "fashion_mnist/t10k-images"}
        packed = cached(md5=MD5, decoded_digests=(("sha256", "1" * 64),), unread=True)
        size = 7_840_016
        assert stale(folder(), packed, twin(digests=(("sha256", "1" * 64),), size=size), loader=unknown) is None
        assert stale(folder(), packed, twin(digests=(("sha256", "2" * 64),), size=size), loader=unknown) is not None
        wrong = cached(md5=UNKNOWN, decoded_digests=(("sha256", "1" * 64),), unread=True)
        assert stale(folder(), wrong, twin(digests=(("sha256", "2" * 64),), size=size), loader=unknown) is None

    def test_a_twin_is_not_excused_by_what_is_known_of_the_packed_file(self) -> None:
        as_it_came = cached(md5=MD5, form="decoded", what="gzip", inner="idx", path="/data/MNIST/raw/t10k-labels")
        found = stale(folder(), as_it_came, loader=TORCH)
        assert found is not None
        assert "gzip, where idx is due" in found.title

    def test_a_twin_alone_is_made_anew(self) -> None:
        """torchvision's `_check_exists` is `all(...)`: where one of the four is missing it downloads all of them."""
        for bad in ({"size": 0}, {"what": "html"}, {"intact": False}):
            assert stale(folder(), twin(**bad), loader=TORCH) is not None
            assert stale(folder(), twin(lone=True, **bad), loader=TORCH) is None


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
            cached(stated=(("md5", UNKNOWN),)),
            cached(md5=MD5, stated=(("md5", UNKNOWN),)),
            cached(stated=(("sha1", "0" * 40),)),
            cached(what="unknown", intact=None, damage="could not be examined"),
            cached(decoded=DECODED),
            twin(),
            cached(form="shadow", what="pickle", intact=None),
            cached(form="shadow", what="zip", intact=True),
            cached(PATH + ".lock", form="lock", size=0, what="", intact=None),
            cached(PATH + ".part", form="partial", size=0, what="", intact=None),
            cached(PATH + ".tmp.d", form="partial", failure="file_is_a_folder", detail="a folder", size=0, what=""),
            cached(failure="file_unreadable", detail="a broken link", size=0, what=""),
            cached(failure="permission_denied", detail="Permission denied", size=0, what=""),
        ],
        ids=["right", "right by digest whatever we think", "another release", "packed again, smaller",
             "as described, though no catalogue knows it", "right, and the description is at odds",
             "described by a digest that was not taken", "could not be looked at", "repacked", "right twin",
             "saved tensor", "newer saved tensor", "lock", "leftover", "leftover folder", "broken link",
             "may not be read"],
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
        warning = CAUSES["cache-stale-bad-file"].warning_in(loads(folder(), file))
        assert warning == f"{file.path} is {BAD[key][1]}; keras sees that and downloads it again"  # type: ignore[attr-defined]

    @pytest.mark.parametrize("file", [cached(md5=MD5, trusted=False), cached(trusted=False), BAD["page"][0]])
    def test_no_warning_of_good_files_nor_of_what_is_diagnosed(self, file: Any) -> None:
        assert CAUSES["cache-stale-bad-file"].warning_in(loads(folder(), file)) is None

    def test_it_comes_before_the_wire(self) -> None:
        judgement = dx.judge_before(loads(folder(writable=False), BAD["page"][0]))
        assert judgement.cause is CAUSES["cache-stale-bad-file"]


A_FOLDER: dict[str, Any] = {"failure": "file_is_a_folder", "detail": "a folder", "size": 0, "modified": 0.0, "what": ""}


class TestFolder:
    """A folder has the file's name."""

    @pytest.mark.parametrize("trusted", [True, False])
    def test_no_loader_gets_past_it(self, trusted: bool) -> None:
        found = stale(folder(), cached(md5="", **A_FOLDER, trusted=trusted))
        assert found is not None
        assert found.title == f"{PATH} is a folder, where a file is due, and keras can neither read nor replace it"
        assert "1970" not in " ".join(found.evidence)
        assert [one for one, _ in found.ruled_out] == ["disk-permission"]
        (fix,) = found.fixes
        name = f"$HOME/.keras/datasets/fashion-mnist/{NAME}"
        assert [one.text for one in fix.commands] == [f'mv -- "{name}" "{name}.aside"']

    def test_on_windows(self) -> None:
        found = stale(folder(), cached("C:\\d\\x.npz", md5="", **A_FOLDER), platform="Windows-10")
        assert found is not None
        (line,) = found.fixes[0].commands
        assert line.text == "Move-Item -LiteralPath 'C:\\d\\x.npz' -Destination 'C:\\d\\x.npz.aside'"

    def test_nobody_looks_at_it_where_the_twin_is_right(self) -> None:
        records = (folder(), twin(), cached(md5="", **A_FOLDER, trusted=False))
        assert stale(*records, loader=TORCH) is None
        assert CAUSES["cache-stale-bad-file"].warning_in(loads(*records, loader=TORCH)) is None


def saved(name: str = "training", **fields: Any) -> Any:
    """One of the old pair, as `torch.save` has written it since 2020."""
    given = {
        "form": "shadow", "what": "zip", "inner": None, "size": 47_500_000,
        "members": (f"{name}/data.pkl", f"{name}/data/0"),
    } | fields  # fmt: skip
    return cached(f"/data/MNIST/processed/{name}.pt", md5="", **given)


class TestOldPair:
    """torchvision prefers processed/{training,test}.pt to all that is raw, be they good or bad."""

    @pytest.mark.parametrize(
        ("pair", "there"),
        [
            ((saved(), saved("test", size=7_900_000)), True),
            ((saved(what="pickle", intact=None, members=()), saved("test", what="pickle", size=7_840_000)), True),
            ((saved(), saved("test", what="pickle", intact=None, members=(), size=7_839_999)), False),
            ((saved(), saved("test", intact=None)), False),
            ((saved(), saved("test", members=("a.txt",))), False),
            ((saved(), saved("test", what="unknown", intact=None, members=())), False),
            ((saved(), saved("test", failure="file_unreadable", what="")), False),
        ],
        ids=["zips", "pickles", "a pickle too small for the images", "a zip not read to its end", "another zip",
             "unknown", "may not be read"],
    )  # fmt: skip
    def test_a_plausible_pair_is_all_that_is_needed(self, pair: tuple[Any, ...], there: bool) -> None:
        assert dx.needs_no_network(loads(folder(), *pair, loader=TORCH)) is there

    def test_nothing_else_counts_beside_it(self) -> None:
        pair, bad = (saved(), saved("test")), BAD["twin cut"][0]
        assert stale(folder(), *pair, bad, loader=TORCH) is None
        assert dx.needs_no_network(loads(folder(), *pair, bad, loader=TORCH))
        strange = (saved(), saved("test", what="unknown", intact=None, members=()))
        assert not dx.needs_no_network(loads(folder(), *strange, twin(), loader=TORCH))

    def test_a_damaged_one_wins_as_well(self) -> None:
        found = stale(folder(), saved(), saved("test", intact=False, damage="ends early"), twin(), loader=TORCH)
        assert found is not None
        assert "test.pt is damaged: the zip ends early" in found.title


HUB: dict[str, Any] = {
    "url": "https://huggingface.co/datasets/ylecun/mnist/resolve/main/mnist/train-00000-of-00001.parquet",
    "file": "mnist_parquet/train", "content": "parquet", "size": None, "client": "huggingface", "loader": "huggingface",
    "digests": (("sha256", "f2c01285a9f89399335b00ee4e8d499dc4e46db5e39c74903ce5618d895eb3bf"),), "release": "2.4.0",
}  # fmt: skip
STORE = "~/.cache/huggingface/hub"
BLOBS = f"{STORE}/datasets--ylecun--mnist/blobs"
DUE, OLD = HUB["digests"][0][1], "ab" * 32


def of_hub(name: str | None = DUE, *, sha256: str = "0" * 64, **fields: Any) -> Any:
    """A snapshot's file, broken inside, that leads to the blob of this name."""
    given = {
        "what": "parquet", "inner": None, "intact": False, "damage": "is broken inside",
        "digests": (("sha256", sha256),), "links_to": f"{BLOBS}/{name}" if name else None,
    } | fields  # fmt: skip
    return cached(f"{STORE}/datasets--ylecun--mnist/snapshots/77f3279/mnist/train-00000-of-00001.parquet", **given)


class TestHub:
    """The Hub's blobs are named by the digest that they should have."""

    def test_a_bad_blob_goes_with_its_link(self) -> None:
        """huggingface_hub links a blob again that is there, and trusts it."""
        found = stale(folder(STORE), of_hub(), loader=HUB)
        assert found is not None
        (line,) = found.fixes[0].commands
        words = shlex.split(line.text)
        assert words[:2] == ["rm", "--"]
        assert words[3] == f"$HOME{BLOBS[1:]}/{DUE}"
        assert any(BLOBS in one for one in found.evidence)

    def test_a_link_out_of_the_loaders_folder_leads_to_somebody_elses_file(self) -> None:
        found = stale(folder("/other"), of_hub(), loader=HUB)
        assert found is not None
        assert len(shlex.split(found.fixes[0].commands[0].text)) == 3

    @pytest.mark.parametrize("name", [None, "etag-of-git", DUE], ids=["no link", "another kind of name", "due"])
    def test_taken_as_it_is(self, name: str | None) -> None:
        assert stale(folder(STORE), of_hub(name), loader=HUB) is not None

    def test_what_the_hub_published_is_no_damage(self) -> None:
        assert stale(folder(STORE), of_hub(OLD, sha256=OLD), loader=HUB) is None

    def test_an_older_version_is_left_aside_while_the_hub_can_be_asked(self) -> None:
        assert stale(folder(STORE), of_hub(OLD), loader=HUB) is None
        warning = CAUSES["cache-stale-bad-file"].warning_in(loads(folder(STORE), of_hub(OLD), loader=HUB))
        assert warning is not None
        assert "takes this older version only where it cannot ask the server" in warning
        offline = stale(folder(STORE), of_hub(OLD), loader=HUB, machine={"variables": (("HF_HUB_OFFLINE", "1"),)})
        assert offline is not None

    def test_a_blob_that_no_revision_names_is_of_no_use_without_the_network(self) -> None:
        right: dict[str, Any] = {"sha256": DUE, "intact": True, "damage": ""}
        assert dx.needs_no_network(loads(folder(STORE), of_hub(**right), loader=HUB))
        alone = ev.from_json(ev.to_json(of_hub(None, **right)) | {"path": f"{BLOBS}/{DUE}"})
        assert not dx.needs_no_network(loads(folder(STORE), alone, loader=HUB))
        assert stale(folder(STORE), alone, loader=HUB) is None


class TestInPlace:
    """The loader has the file and needs no network."""

    def test_a_bad_file_beside_what_was_prepared_spoils_nothing(self) -> None:
        assert stale(cached(size=0)) is not None
        assert stale(cached(size=0), cached(md5="", form="prepared", what="")) is None

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
            ((cached(stated=(("md5", UNKNOWN),)),), True),
            ((cached(md5=MD5, stated=(("md5", UNKNOWN),)),), False),
            ((twin(size=DECODED - 1),), False),
            ((twin(intact=None),), False),
            ((cached(md5=MD5, form="partial"),), False),
            ((cached(md5="", form="prepared", what=""), cached(size=0)), True),
            ((cached(md5="", form="prepared", what="", size=0),), False),
            ((), False),
        ],
        ids=["right", "right and compared", "twin", "leftover folder beside it", "lock beside it", "a bad one wins",
             "twin unreadable", "other bytes", "as described",
             "right, and the loader will not take it", "twin short", "twin not examined", "only a leftover",
             "prepared, with a bad file beside it", "prepared and empty", "nothing"],
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
        warns = CAUSES["cache-concurrent-writers"].warning_in
        warning = warns(loads(folder(), lock(5), part(1)))
        assert warning is not None
        assert "process 731" in warning
        assert warns(loads(folder(), lock(holder=None), part(600))) is None

    def test_a_file_that_went_bad_comes_first(self) -> None:
        judgement = dx.judge_before(loads(folder(), lock(), BAD["page"][0]))
        assert judgement.cause is CAUSES["cache-stale-bad-file"]
