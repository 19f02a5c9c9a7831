"""A loader's dataset as targets: what is asked, in which order, where it is kept, and by which endpoint."""

from __future__ import annotations

import os
import pwd
from pathlib import Path
from typing import Any

import pytest

from mnistdoctor.catalogue import UnknownName, load
from mnistdoctor.examine.conductor import new_run
from mnistdoctor.examine.expectation import BadTarget, Expectation
from mnistdoctor.examine.loader_targets import of_loader
from mnistdoctor.examine.source_run import examine_source
from mnistdoctor.examine.target import Target, about
from mnistdoctor.examine.targets import plan
from mnistdoctor.settings import Environment, Python, Settings

HUB = "https://huggingface.co"
PARQUET = "/datasets/ylecun/mnist/resolve/main/mnist/train-00000-of-00001.parquet"


def made(
    name: str,
    dataset: str = "",
    environment: dict[str, str] | None = None,
    *,
    root: Path | None = None,
) -> tuple[Target, ...]:
    return of_loader(name, dataset, load(), Environment(environment or {}), root)


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Says which release is installed."""
    return lambda given: monkeypatch.setattr(Python, "release", lambda _python, _distribution: given)


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, release: Any) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    release(None)


def test_torchvision_asks_two_mirrors_for_four_files() -> None:
    found = made("torchvision", "mnist", root=Path("/r"))
    assert [one.file for one in found] == [
        "mnist/train-images", "mnist/train-labels", "mnist/t10k-images", "mnist/t10k-labels"
    ]  # fmt: skip
    first = found[0]
    assert first.key == "torchvision:mnist/train-images-idx3-ubyte.gz"
    assert [url.split("/")[2] for url in first.urls] == ["ossci-datasets.s3.amazonaws.com", "yann.lecun.com"]
    assert (first.client, first.loader, first.release) == ("torchvision", "torchvision", None)
    assert (first.size, first.content, first.fallback) == (9912422, "gzip-idx", ("url-error", "digest-mismatch"))
    assert first.digests[0][0] == "sha256"
    (place,) = first.places
    assert (place.root, place.trusts, place.decided_by) == (Path("/r"), False, "--root")
    assert [(one.path, one.form) for one in place.names] == [
        ("MNIST/raw/train-images-idx3-ubyte.gz", "file"), ("MNIST/raw/train-images-idx3-ubyte", "decoded")
    ]  # fmt: skip


def test_the_installed_release_decides(release: Any) -> None:
    release("2.0.8")
    old = made("keras", "mnist")[0]
    release(None)
    new = made("keras", "mnist")[0]
    assert (old.release, old.places[0].trusts) == ("2.0.8", True)
    assert (new.release, new.places[0].trusts) == (None, False)
    assert old.urls != new.urls


def test_sklearns_calls_come_before_the_file_and_are_kept_too(tmp_path: Path) -> None:
    *calls, file = made("sklearn", environment={"SCIKIT_LEARN_DATA": "/s"})
    assert len(calls) == 4
    for call in calls:
        (name,) = call.places[0].names
        assert call.key == f"sklearn:mnist_784/{name.path.removesuffix('.gz')}"
        assert (call.file, call.digests, call.places[0].trusts) == (None, (), False)
        assert (call.content, name.form) == ("json", "reply")
        assert call.places[0].root == Path("/s/openml/openml.org")
    assert (file.file, file.digest_of) == ("mnist_784/arff", "decoded")


@pytest.mark.parametrize(
    ("loader", "environment", "root"),
    [
        ("keras", {}, "~/.keras/datasets"),
        ("keras", {"KERAS_HOME": "/k"}, "/k/datasets"),
        ("tfds", {"TFDS_DATA_DIR": "~/t"}, "~/t/downloads"),
        ("huggingface", {"HF_HOME": "/h"}, "/h/hub"),
    ],
)
def test_where_it_is_kept(loader: str, environment: dict[str, str], root: str, tmp_path: Path) -> None:
    for target in made(loader, environment=environment):
        assert [one.root for one in target.places] == [Path(root.replace("~", str(tmp_path)))]


def test_nobody_knows_where_torchvisions_caller_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert {target.places for target in made("torchvision")} == {()}


def test_a_user_without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container under a random user id: `~` stays, and the loader makes a folder of that name."""

    def unknown(_user: int) -> Any:
        raise KeyError("uid not found")

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert made("keras")[0].places[0].root == Path("~/.keras/datasets")
    assert os.path.expanduser("~/.keras") == "~/.keras"  # noqa: PTH111 - what Keras asks


@pytest.mark.parametrize(("loader", "dataset"), [("nosuch", "mnist"), ("keras", "nosuch")])
def test_unknown_names(loader: str, dataset: str) -> None:
    with pytest.raises(UnknownName):
        made(loader, dataset)


class TestEndpoint:
    @pytest.mark.parametrize(
        ("value", "url"),
        [
            ("https://mirror.example", "https://mirror.example" + PARQUET),
            (" https://mirror.example/ ", "https://mirror.example" + PARQUET),
            ("http://mirror.example:8080/hf/", "http://mirror.example:8080/hf" + PARQUET),
            ("https://jo:s3cret@mirror.example", "https://jo:s3cret@mirror.example" + PARQUET),
            ("mirror.example", "mirror.example" + PARQUET),
        ],
        ids=["host", "blanks and a slash", "port and path", "userinfo", "without a scheme"],
    )
    def test_every_file_is_asked_there_alone(self, value: str, url: str) -> None:
        found = made("huggingface", "mnist", {"HF_ENDPOINT": value})
        assert found[0].urls == (url,)
        assert found[0].instead_of == HUB + PARQUET
        assert all(one.instead_of and one.urls[0].startswith(value.strip().rstrip("/")) for one in found)
        assert found[0].subject(url).instead_of == HUB + PARQUET

    @pytest.mark.parametrize("value", [None, "", HUB, HUB + "/"])
    def test_the_librarys_own_is_no_other(self, value: str | None) -> None:
        found = made("huggingface", "mnist", {"HF_ENDPOINT": value} if value is not None else {})
        assert (found[0].urls, found[0].instead_of) == ((HUB + PARQUET,), None)

    @pytest.mark.parametrize("loader", ["keras", "torchvision", "sklearn", "tfds"])
    def test_other_loaders_do_not_read_it(self, loader: str) -> None:
        assert made(loader, environment={"HF_ENDPOINT": "https://mirror.example"}) == made(loader)

    def test_its_password_is_in_no_record(self) -> None:
        environment = Environment({"HF_ENDPOINT": "https://jo:s3cret-word@mirror.example"})
        found = of_loader("huggingface", "mnist", load(), environment, None)
        run = new_run(Settings(offline=True), load(), found, environment, names=None)  # type: ignore[arg-type]
        attempt = examine_source(run, found[0], found[0].urls[0])
        assert attempt.case.subject.url == "https://***@mirror.example" + PARQUET
        assert "s3cret" not in repr(attempt.case.observations)

    def test_what_has_no_parts_is_said_with_the_variables_name(self) -> None:
        with pytest.raises(BadTarget) as error:
            plan(("huggingface:mnist",), None, Expectation(), load(), Environment({"HF_ENDPOINT": "https://[x"}), None)
        assert "`HF_ENDPOINT`" in error.value.hint


class TestTarget:
    def test_key(self) -> None:
        assert Target(name=None, urls=("https://a/1", "https://b/1"), client="curl").key == "https://a/1"
        assert Target(name="n", urls=("https://a/1",), client="curl").key == "n"

    def test_the_subject_holds_all_that_is_known_and_no_place(self) -> None:
        known = load().file("mnist/t10k-labels")
        subject = about(Target(name="n", urls=("https://a/1",), client="curl", release="1"), known).subject("u", "tls")
        assert (subject.url, subject.name, subject.until, subject.release) == ("u", "n", "tls", "1")
        assert (subject.file, subject.size, subject.content) == (known.id, known.size, known.kind)
        assert [name for name, _ in subject.digests] == ["sha256", "sha1", "md5"]
        assert dict(subject.digests) == {one.algorithm: one.value for one in known.digests}
