"""The conductor: sources in order, controls once a run, trials, retries, and what a target's name means."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mnistdoctor.catalogue import load
from mnistdoctor.demo.faults_http import serve
from mnistdoctor.demo.servers import Server
from mnistdoctor.examine import conductor, target_run
from mnistdoctor.examine.expectation import BadTarget, Expectation
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.target import Target
from mnistdoctor.examine.targets import plan
from mnistdoctor.run import Run
from mnistdoctor.settings import Environment, Settings

CATALOGUE = load()


def planned(*names: str, client: str | None = None, **known: Any) -> tuple[Target, ...]:
    return plan(names, CATALOGUE.client(client) if client else None, Expectation(**known), CATALOGUE)


class TestTargets:
    def test_a_dataset_is_its_files_with_their_current_sources(self) -> None:
        targets = planned("mnist")
        assert [one.name for one in targets] == [
            "mnist/train-images-idx3-ubyte.gz", "mnist/train-labels-idx1-ubyte.gz",
            "mnist/t10k-images-idx3-ubyte.gz", "mnist/t10k-labels-idx1-ubyte.gz",
        ]  # fmt: skip
        assert all(len(one.urls) > 2 and one.digests and one.size for one in targets)
        assert not any("yann.lecun.com" in url for one in targets for url in one.urls)

    @pytest.mark.parametrize("name", ["fashion-mnist", "fashion_mnist", "Fashion-MNIST", "FashionMNIST"])
    def test_spellings(self, name: str) -> None:
        assert planned(name) == planned("fashion_mnist")

    def test_a_loader_goes_its_own_way(self) -> None:
        (keras,) = planned("keras:mnist")
        assert keras.urls == ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz",)
        assert (keras.client, keras.loader) == ("keras", "keras")
        assert dict(keras.digests)["sha256"].startswith("731c5ac6")

    def test_a_known_url_brings_its_digest(self) -> None:
        (one,) = planned("https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz")
        assert one.size == 4542
        assert one.client == "requests"

    def test_an_unknown_url_brings_nothing(self) -> None:
        (one,) = planned("https://example.org/x.gz")
        assert (one.size, one.digests, one.file) == (None, (), None)

    def test_what_the_user_says_stands_above_the_catalogue(self) -> None:
        (one,) = planned(
            "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz", md5="A" * 32, length=5
        )
        assert (one.size, one.digests) == (5, (("md5", "a" * 32),))

    def test_the_same_file_twice_is_examined_once(self) -> None:
        assert planned("mnist", "mnist") == planned("mnist")

    @pytest.mark.parametrize(
        ("names", "known", "sentence", "hint"),
        [
            (("mnits",), {}, "no dataset, loader, URL or file is called 'mnits'", "`mnist`"),
            (("keras:mnits",), {}, "unknown dataset of keras", "mnist"),
            (("kears:mnist",), {}, "unknown loader", "keras"),
            (("./no/such/file",), {}, "there is no file", "list"),
            (("storage.googleapis.com/x",), {}, "is called", "https://storage.googleapis.com/x"),
            (("http://",), {}, "names no host", "https://"),
            (("http://host:99999/x",), {}, "cannot be parsed", "quote"),
            (("http://host:0/x",), {}, "port 0", "65535"),
            (("http://a..b/x",), {}, "empty or longer", "dots"),
            (("http://" + "a" * 64 + ".org/",), {}, "longer than 63", "dots"),
            (("http://h/\x07",), {}, "control character", "quote"),
            (("http://[::1/x",), {}, "cannot be parsed", "quote"),
            (("http://host/x",), {"md5": "abc"}, "32 hexadecimal digits", "digits"),
            (("http://host/x",), {"sha256": "x" * 64}, "64 hexadecimal digits", "digits"),
            (("http://host/x",), {"length": -1}, "number of bytes", ""),
            (("mnist",), {"md5": "a" * 32}, "4 are to be examined", "one URL"),
            (("http://host/x",), {"expect": "train-images-idx3-ubyte.gz"}, "files are called", "say which"),
            (("http://host/x",), {"expect": "no-such-file"}, "has no file", "mnistdoctor list"),
        ],
    )  # fmt: skip
    def test_bad_input_is_one_sentence(
        self, names: tuple[str, ...], known: dict[str, Any], sentence: str, hint: str
    ) -> None:
        with pytest.raises(BadTarget) as caught:
            planned(*names, **known)
        assert sentence in str(caught.value)
        assert "\n" not in str(caught.value)
        assert hint in caught.value.hint

    def test_a_scheme_that_is_not_http_is_a_diagnosis_not_an_error(self) -> None:
        assert planned("s3://bucket/key")[0].urls == ("s3://bucket/key",)


def test_an_error_of_our_own_costs_its_target_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    true = target_run.examine_target

    def failing(run: Run, target: Target) -> TargetResult:
        if target.urls[0].endswith("/bad"):
            raise ZeroDivisionError("secret words")
        return true(run, target)

    monkeypatch.setattr(conductor, "examine_target", failing)
    with Server(serve(b"data")) as server:
        good, bad = (Target(name=None, urls=(server.url(path),), client="requests") for path in ("/good", "/bad"))
        report = conductor.examine((bad, good, bad), Settings(jobs=1), CATALOGUE, environment=Environment({}))
        alone = conductor.examine((bad,), Settings(), CATALOGUE, environment=Environment({}))
    assert [one.verdict for one in report.targets] == ["inconclusive", "healthy", "inconclusive"]
    (warning,) = report.targets[0].warnings
    assert re.fullmatch(r"mnistdoctor itself failed, ZeroDivisionError at \w+\.py:\d+", warning.title)
    assert alone.verdict == "inconclusive"
