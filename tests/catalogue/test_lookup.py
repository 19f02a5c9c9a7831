"""What the catalogue answers to names, URLs and digests."""

from __future__ import annotations

import pytest

from mnistdoctor.catalogue import Digest, UnknownName, load

KNOWN = load()
TRAIN = "train-images-idx3-ubyte.gz"
EXAMPLES = "https://github.com/pytorch/examples/raw/master/mnist/data/mnist.pkl.gz"
TUTORIALS = "https://github.com/pytorch/tutorials/raw/main/_static/mnist.pkl.gz"


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("mnist", "mnist"),
        ("MNIST", "mnist"),
        ("fashion-mnist", "fashion_mnist"),
        ("Fashion_MNIST", "fashion_mnist"),
        ("fashionmnist", "fashion_mnist"),
        ("Kuzushiji-MNIST", "kmnist"),
        ("kuzushiji49", "k49"),
        ("mnist_784", "mnist_784"),
        ("mnist784", "mnist_784"),
        ("mnist.npz", "mnist_npz"),
        ("MNIST-C", "mnist_corrupted"),
        ("ylecun/mnist", "mnist_parquet"),
        ("cifar-10", "cifar10"),
        ("notMNIST", "notmnist"),
    ],
)
def test_dataset_by_any_of_its_names(typed: str, found: str) -> None:
    assert KNOWN.dataset(typed).id == found


def test_unknown_dataset_names_the_nearest() -> None:
    with pytest.raises(UnknownName) as caught:
        KNOWN.dataset("fashon-mnist")
    assert str(caught.value) == "unknown dataset `fashon-mnist`"
    assert caught.value.nearest[0] == "fashion_mnist"
    assert caught.value.hint.startswith("did you mean `fashion_mnist`")


def test_unknown_name_with_nothing_near_lists_all() -> None:
    with pytest.raises(UnknownName) as caught:
        KNOWN.client("zzz")
    assert caught.value.nearest == ()
    assert caught.value.hint.startswith("known are `requests`, `urllib`, `curl`")


@pytest.mark.parametrize("ask", [KNOWN.file, KNOWN.source, KNOWN.loader, KNOWN.client, KNOWN.dataset])
def test_every_question_refuses_an_unknown_name(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(UnknownName):
        ask("no such thing")


def test_the_plain_dataset_leaves_secondary_files_out() -> None:
    plain, whole = KNOWN.files_of("mnist"), KNOWN.files_of("mnist", secondary=True)
    assert [file.id for file in plain] == [
        "mnist/train-images",
        "mnist/train-labels",
        "mnist/t10k-images",
        "mnist/t10k-labels",
    ]
    assert {file.id for file in whole} > {file.id for file in plain}
    assert "fastai/mnist_png" in {file.id for file in whole}


def test_sources_come_in_the_order_to_try() -> None:
    now = KNOWN.sources_of("mnist/train-images")
    assert [source.id for source, _ in now] == ["ossci", "cvdf", "paddle-mnist", "fgnt", "mlverse-cdn"]
    assert now[0][1] == "https://ossci-datasets.s3.amazonaws.com/mnist/" + TRAIN
    ever = KNOWN.sources_of("mnist/train-images", current_only=False)
    assert ever[:5] == now
    assert {source.id for source, _ in ever[5:]} == {"lecun", "gluon-mnist", "mxnet-data", "dl4j"}
    cifar = [source.id for source, _ in KNOWN.sources_of("cifar10/python")]
    assert cifar == [
        "cifar10-toronto",
        "paddle-cifar",
        "cifar10-brainchip",
    ]  # first where loaders ask, though throttled
    fashion = [source.id for source, _ in KNOWN.sources_of("fashion_mnist/train-images")]
    assert fashion[:2] == ["keras-gcs-fashion", "fashion-s3-website"]  # both in use; the second without TLS
    assert KNOWN.sources_of("kmnist/train-images") == ()


@pytest.mark.parametrize(
    "url",
    [
        "http://yann.lecun.com/exdb/mnist/" + TRAIN,
        "HTTP://Yann.LeCun.COM:80/exdb/mnist/" + TRAIN,
        "http://yann.lecun.com/exdb/mnist/" + TRAIN + "#top",
    ],
)
def test_by_url_normalises_what_does_not_matter(url: str) -> None:
    found = KNOWN.by_url(url)
    assert found is not None
    assert (found[0].id, found[1].id) == ("lecun", "mnist/train-images")


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/", True),
        ("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/refs/heads/master/data/fashion/", True),
        ("https://github.com/zalandoresearch/fashion-mnist/raw/refs/heads/master/data/fashion/", True),
        ("https://www.github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/", True),
        ("https://github.com/zalandoresearch/fashion-mnist/blob/master/data/fashion/", False),
        ("https://github.com/zalandoresearch/fashion-mnist/raw/main/data/fashion/", False),
        ("https://github.com/zalandoresearch/fashion-mnist/raw/master/data/Fashion/", False),
        ("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/", False),
    ],
)
def test_both_addresses_of_a_file_at_github_are_one(url: str, known: bool) -> None:
    assert (KNOWN.by_url(url + TRAIN) is not None) is known


@pytest.mark.parametrize(
    "url",
    [
        "http://yann.lecun.com:8080/exdb/mnist/" + TRAIN,
        "https://yann.lecun.com/exdb/mnist/" + TRAIN,
        "http://yann.lecun.com/exdb/MNIST/" + TRAIN,
        "http://yann.lecun.com/exdb/mnist/" + TRAIN + "%0D",
        "http://yann.lecun.com/exdb/mnist/" + TRAIN + "\r",
        "yann.lecun.com/exdb/mnist/" + TRAIN,
        "",
    ],
)
def test_by_url_keeps_what_matters(url: str) -> None:
    assert KNOWN.by_url(url) is None


def test_the_url_that_never_existed() -> None:
    found = KNOWN.by_url(EXAMPLES)
    assert found is not None
    assert (found[0].status, found[0].current) == ("never_existed", False)
    assert [url for _, url in KNOWN.moved(EXAMPLES)] == [TUTORIALS]


def test_moved_gives_the_present_places_of_the_same_file() -> None:
    moved = KNOWN.moved("http://yann.lecun.com/exdb/mnist/" + TRAIN)
    assert [source.id for source, _ in moved] == ["ossci", "cvdf", "paddle-mnist", "fgnt", "mlverse-cdn"]
    (older,) = KNOWN.moved("https://github.com/pytorch/tutorials/raw/master/_static/mnist.pkl.gz")
    assert older[1] == TUTORIALS
    (arff,) = KNOWN.moved("https://api.openml.org/data/v1/download/52667")
    assert arff[0].id == "openml-4"


def test_moved_falls_back_on_the_same_data_in_other_bytes() -> None:
    assert [url for _, url in KNOWN.moved("http://deeplearning.net/data/mnist/mnist.pkl.gz")] == [TUTORIALS]
    gluon = KNOWN.source("gluon-fashion").urls[0][1]
    assert KNOWN.moved(gluon)[0][0].id == "keras-gcs-fashion"


def test_moved_is_empty_for_current_and_unknown_urls() -> None:
    assert KNOWN.moved(TUTORIALS) == ()
    assert KNOWN.moved("https://example.com/x") == ()


def test_by_digest() -> None:
    (file,) = KNOWN.by_digest("MD5", "F68B3C2DCBEAAA9FBDD348BBDEB94873")
    assert file.id == "mnist/train-images"
    assert KNOWN.by_digest("sha256", "f68b3c2dcbeaaa9fbdd348bbdeb94873") == ()


def test_what_is_known_to_be_bad() -> None:
    known = {one.id: one for one in KNOWN.known_bad}
    short = known["mnist-train-trunc-1015808"]
    assert (short.kind, short.size) == ("truncated", 1015808)
    assert Digest("md5", "3074c650bb6f4ce9172355dca49dd360") in short.digests
    assert {one.size: one.kind for one in KNOWN.known_bad if not one.digests} == {15261: "html", 134: "lfs-pointer"}


def test_genuine_mnist_is_bad_only_where_fashion_was_wanted() -> None:
    genuine = set(KNOWN.file("mnist/t10k-images").digests)
    (swapped,) = (one for one in KNOWN.known_bad if genuine.intersection(one.digests))
    assert (swapped.kind, swapped.instead_of) == ("other-dataset", "fashion_mnist")


def test_same_bucket_of_a_host_that_is_the_bucket() -> None:
    url = "https://ossci-datasets.s3.amazonaws.com/mnist/typo.gz"
    assert [file.id for _, file, _ in KNOWN.same_bucket(url)] == [f.id for f in KNOWN.files_of("mnist")]


@pytest.mark.parametrize(
    ("url", "sources"),
    [
        ("https://storage.googleapis.com/cvdf-datasets/x", {"cvdf"}),
        ("https://storage.googleapis.com:443/tensorflow/x", {"keras-gcs-npz", "keras-gcs-fashion"}),
        ("https://s3.amazonaws.com/fast-ai-sample/x", {"fastai-sample", "fastai-cifar10"}),
        ("https://s3.amazonaws.com/img-datasets/x", set()),  # all that is known there is superseded
        ("https://storage.googleapis.com/another-bucket/x", set()),
        ("not a url", set()),
    ],
)
def test_same_bucket_in_the_path(url: str, sources: set[str]) -> None:
    assert {source.id for source, _, _ in KNOWN.same_bucket(url)} == sources


def test_same_bucket_leaves_the_url_itself_out() -> None:
    url = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
    others = [other for _, _, other in KNOWN.same_bucket(url)]
    assert len(others) == 4
    assert url not in others
