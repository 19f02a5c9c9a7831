"""Evidence of what only a program, or its interpreter, can tell: written by hand in the loaders' real words."""

from __future__ import annotations

from collections.abc import Callable

from mnistdoctor.causes.case import Case
from tests.causes.evidence import URL, Evidence

_NPZ = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
_LABELS = "https://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz"
_ARFF = "https://api.openml.org/data/v1/download/52667/mnist_784.arff"


def missing_module() -> Case:
    """torchvision imports Pillow for its images; the new environment has none."""
    return (
        Evidence(loader="torchvision", client="torchvision", release="0.21.0")
        .symptom("ModuleNotFoundError", "No module named 'PIL'", "__main__", "torchvision")
        .case()
    )


def api_changed() -> Case:
    """A notebook of 2018 on a scikit-learn of 2024."""
    return (
        Evidence(url=_ARFF, client="urllib")
        .symptom(
            "ImportError",
            "cannot import name 'fetch_mldata' from 'sklearn.datasets' "
            "(~/venv/lib/python3.11/site-packages/sklearn/datasets/__init__.py)",
            "__main__",
        )
        .case()
    )


def wrong_path() -> Case:
    """`download=False`, and a root that counts from another folder."""
    return (
        Evidence(loader="torchvision", client="torchvision", release="0.21.0")
        .symptom("", "Loading data ...")
        .symptom(
            "RuntimeError", "Dataset not found. You can use download=True to download it", "__main__", "torchvision"
        )
        .case()
    )


def out_of_memory() -> Case:
    """OpenML's ARFF parsed with the old parser on a small machine."""
    return (
        Evidence(url=_ARFF, loader="sklearn", client="sklearn", release="1.3.2")
        .symptom(
            "_ArrayMemoryError",
            "Unable to allocate 419. MiB for an array with shape (70000, 785) and data type float64",
            "__main__",
            "sklearn",
            "numpy",
        )
        .case()
    )


def data_shape() -> Case:
    """Keras' images have no channel, and the convolution wants one."""
    return (
        Evidence(url=_NPZ, loader="keras", client="keras", release="3.5.0")
        .symptom("", "Downloading data from https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz")
        .symptom("", "11490434/11490434 ---- 1s 0us/step")
        .symptom(
            "ValueError",
            'Input 0 of layer "sequential" is incompatible with the layer: expected '
            "shape=(None, 28, 28, 1), found shape=(32, 784)",
            "__main__",
            "keras",
        )
        .case()
    )


def wrong_dataset_name() -> Case:
    """OpenML answers 412, and scikit-learn says which name it does not have."""
    return (
        Evidence(
            url="https://api.openml.org/api/v1/json/data/list/data_name/mnist784x/limit/2/data_version/1",
            loader="sklearn",
            client="sklearn",
            release="1.6.1",
        )
        .symptom("HTTPError", "HTTP Error 412: PRECONDITION FAILED", "sklearn", "urllib", earlier=True)
        .symptom("OpenMLError", "Dataset mnist784x with version 1 not found.", "__main__", "sklearn")
        .case()
    )


def loader_bug() -> Case:
    """A cut ARFF in the cache of a scikit-learn that removes a wrong path before it tries again."""
    return (
        Evidence(url=_ARFF, loader="sklearn", client="sklearn", release="1.8.0")
        .symptom("", "UserWarning: Invalid cache, redownloading file")
        .symptom(
            "ValueError",
            "md5 checksum of local file for https://api.openml.org/data/v1/download/52667/"
            "mnist_784.arff does not match description: expected: 11111111111111111111111111111111 but got "
            "22222222222222222222222222222222. Downloaded file could have been modified / corrupted, clean cache "
            "and retry...",
            "__main__",
            "sklearn",
        )
        .case()
    )


def tls_missing() -> Case:
    """A Python that was compiled on a machine without OpenSSL's headers."""
    return Evidence(url=_NPZ, loader="keras", client="keras", release="3.5.0").case(
        machine={"lacks": ("ssl",), "openssl": ""}
    )


def no_sockets() -> Case:
    """A notebook in a browser."""
    return Evidence(url=_NPZ, loader="keras", client="keras", release="3.5.0").case(
        platform="Emscripten-4.0.9-wasm32", machine={"lacks": ("ssl",), "openssl": ""}
    )


def md5_unavailable() -> Case:
    """A machine in FIPS mode, and a torchvision that does not say that its md5 is not for security."""
    return Evidence(
        url=URL,
        file="mnist/t10k-labels",
        size=4542,
        loader="torchvision",
        client="torchvision",
        release="0.12.0",
        digests=(("md5", "ec29112dd5afa0611ce80d1b7f02629c"),),
    ).case(machine={"lacks": ("md5",)})


def https_downgrade() -> Case:
    """The server closed the https download; over http it does not serve at all."""
    where = ("__main__", "torchvision", "urllib")
    return (
        Evidence(url=_LABELS, client="torchvision")
        .symptom("", "Downloading https://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz")
        .symptom(
            "",
            "Failed download. Trying https -> http instead. Downloading http://ossci-datasets.s3.amazonaws.com/"
            "mnist/train-labels-idx1-ubyte.gz to data/MNIST/raw/train-labels-idx1-ubyte.gz",
        )
        .symptom("ConnectionResetError", "[Errno 104] Connection reset by peer", "urllib", "http", "ssl", earlier=True)
        .symptom("URLError", "<urlopen error [Errno 104] Connection reset by peer>", *where, earlier=True)
        .symptom("HTTPError", "HTTP Error 403: Forbidden", *where)
        .case()
    )


def masked_error() -> Case:
    """The last line of a log, as people paste it."""
    return (
        Evidence(url=_LABELS, loader="torchvision", client="torchvision", release="0.17.2")
        .symptom("RuntimeError", "Error downloading train-labels-idx1-ubyte.gz", "__main__", "torchvision")
        .case()
    )


MADE: dict[str, Callable[[], Case]] = {
    "program-missing-module": missing_module,
    "program-api-changed": api_changed,
    "program-wrong-path": wrong_path,
    "program-out-of-memory": out_of_memory,
    "program-data-shape": data_shape,
    "program-wrong-dataset-name": wrong_dataset_name,
    "program-loader-bug": loader_bug,
    "tls-module-missing": tls_missing,
    "env-no-sockets": no_sockets,
    "checksum-md5-unavailable": md5_unavailable,
    "fw-https-downgrade": https_downgrade,
    "fw-mirror-loop-masks-error": masked_error,
}
