"""Where each loader keeps a file: by its own variables in their order, by its default, or where the caller says."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnistdoctor.catalogue import load
from mnistdoctor.disk import Place, place_of

HOME = Path("/home/ada")
ALL_SET = {"HF_HUB_CACHE": "/b", "HF_HOME": "/c", "XDG_CACHE_HOME": "/d"}


def place(
    loader: str, environment: dict[str, str] | None = None, root: Path | None = None, release: str | None = None
) -> Place | None:
    known = load().loader(loader)
    plan = known.plan(known.datasets[0].name, release)
    return place_of(
        plan.cache, plan.files[0].cached, trusts=plan.trusts_cache, environment=environment or {}, home=HOME, root=root
    )


@pytest.mark.parametrize(
    ("loader", "environment", "root", "decided_by"),
    [
        ("keras", {}, "/home/ada/.keras/datasets", None),
        ("keras", {"KERAS_HOME": "/big/k"}, "/big/k/datasets", "KERAS_HOME"),
        ("keras", {"KERAS_HOME": "~/k 2"}, "/home/ada/k 2/datasets", "KERAS_HOME"),
        ("keras", {"KERAS_HOME": ""}, "/home/ada/.keras/datasets", None),
        ("keras", {"TFDS_DATA_DIR": "/other"}, "/home/ada/.keras/datasets", None),
        ("sklearn", {}, "/home/ada/scikit_learn_data/openml/openml.org", None),
        ("sklearn", {"SCIKIT_LEARN_DATA": "/s"}, "/s/openml/openml.org", "SCIKIT_LEARN_DATA"),
        ("tfds", {}, "/home/ada/tensorflow_datasets/downloads", None),
        ("tfds", {"TFDS_DATA_DIR": "/t"}, "/t/downloads", "TFDS_DATA_DIR"),
        ("huggingface", {}, "/home/ada/.cache/huggingface/hub", None),
        ("gluon", {"MXNET_HOME": "/m"}, "/m/datasets", "MXNET_HOME"),
        ("fastai", {"FASTAI_HOME": "~/f"}, "/home/ada/f/archive", "FASTAI_HOME"),
        ("paddle", {"XDG_CACHE_HOME": "/d"}, "/home/ada/.cache/paddle/dataset", None),
        ("huggingface", {"XDG_CACHE_HOME": "/d"}, "/d/huggingface/hub", "XDG_CACHE_HOME"),
        ("huggingface", {"HF_HOME": "/c", "XDG_CACHE_HOME": "/d"}, "/c/hub", "HF_HOME"),
        ("huggingface", ALL_SET, "/b", "HF_HUB_CACHE"),
    ],
)
def test_variables_and_defaults(loader: str, environment: dict[str, str], root: str, decided_by: str | None) -> None:
    found = place(loader, environment)
    assert found is not None
    assert (str(found.root), found.decided_by, found.assumed) == (root, decided_by, False)


@pytest.mark.parametrize(("release", "read"), [("2.3.0", False), ("2.3.1", True), ("2.4", False), ("3.0", True)])
def test_only_some_releases_of_keras_read_their_variable(release: str, read: bool) -> None:
    found = place("keras", {"KERAS_HOME": "/big/k"}, release=release)
    assert found is not None
    assert str(found.root) == ("/big/k/datasets" if read else "/home/ada/.keras/datasets")


@pytest.mark.parametrize(
    ("loader", "release", "trusts"),
    [("keras", None, False), ("keras", "2.0.8", True), ("torchvision", None, False), ("torchvision", "0.4.2", True),
     ("tfds", None, True), ("huggingface", None, True)],
)  # fmt: skip
def test_who_takes_what_is_there(loader: str, release: str | None, trusts: bool) -> None:
    found = place(loader, root=Path("/r"), release=release)
    assert found is not None
    assert found.trusts is trusts


def test_root_wins_over_every_variable_and_has_no_second_choice() -> None:
    usual, named = place("keras", {"KERAS_HOME": "/k"}), place("keras", {"KERAS_HOME": "/k"}, Path("/mine"))
    assert usual is not None
    assert named is not None
    assert usual.fallback == Path("/tmp/.keras/datasets")
    assert (named.root, named.decided_by, named.fallback, named.assumed) == (Path("/mine"), "--root", None, False)


class TestLoaderWithoutAFolderOfItsOwn:
    """torchvision's caller names `root`; nobody told us which."""

    @pytest.mark.parametrize("below", ["data", "datasets", "."])
    @pytest.mark.parametrize(
        "name", ["MNIST/raw/train-images-idx3-ubyte", "MNIST/raw/train-images-idx3-ubyte.gz", "MNIST/processed/test.pt"]
    )
    def test_the_usual_folders(self, below: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / below / name).parent.mkdir(parents=True)
        (tmp_path / below / name).touch()
        found = place("torchvision")
        assert found is not None
        assert (found.root, found.assumed, found.decided_by) == (tmp_path / below, True, None)

    @pytest.mark.parametrize("other", ["data/MNIST/raw/other.gz", "elsewhere/MNIST/raw/train-images-idx3-ubyte"])
    def test_other_files_say_nothing(self, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        (tmp_path / other).parent.mkdir(parents=True)
        (tmp_path / other).touch()
        assert place("torchvision") is None

    def test_told_which(self, tmp_path: Path) -> None:
        found = place("torchvision", root=tmp_path)
        assert found is not None
        assert (found.root, found.assumed) == (tmp_path, False)

    def test_the_working_folder_is_gone(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "gone").mkdir()
        monkeypatch.chdir(tmp_path / "gone")
        (tmp_path / "gone").rmdir()
        assert place("torchvision") is None
