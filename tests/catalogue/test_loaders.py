"""What each loader's release would ask for, as whom, and where it would keep it."""

from __future__ import annotations

import platform
import socket
import threading
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from mnistdoctor.catalogue import Plan, UnknownName, load, release_key

KNOWN = load()
HOME = Path("/home/ann")
FAMILIES = {
    "requests": "requests",
    "urllib": "urllib",
    "curl": "curl",
    "keras": "urllib",
    "torchvision": "urllib",
    "sklearn": "urllib",
    "tfds": "requests",
    "huggingface": "httpx2",
    "wget": "wget",
    "aria2": "aria2",
    "pooch": "requests",
    "gluon": "requests",
    "paddle": "httpx",
    "fastai": "urllib",
    "tinygrad": "urllib",
}


def plan(loader: str, dataset: str, release: str | None = None) -> Plan:
    return KNOWN.loader(loader).plan(dataset, release)


def source_ids(made: Plan) -> list[str]:
    return [source.id for source, _ in made.files[0].sources]


def paths(made: Plan) -> list[str]:
    return [name.path for file in made.files for name in file.cached]


def test_every_loader_and_dataset_is_there() -> None:
    assert {loader.name: [dataset.name for dataset in loader.datasets] for loader in KNOWN.loaders} == {
        "keras": ["mnist", "fashion-mnist", "cifar10", "cifar100"],
        "torchvision": ["mnist", "fashion-mnist", "kmnist", "emnist", "qmnist", "cifar10", "cifar100"],
        "sklearn": ["mnist_784"],
        "tfds": ["mnist", "fashion_mnist", "kmnist", "emnist", "cifar10", "cifar100", "mnist_corrupted"],
        "huggingface": ["mnist"],
        "gluon": ["mnist", "fashion-mnist", "cifar10", "cifar100"],
        "paddle": ["mnist", "fashion-mnist", "cifar10", "cifar100"],
        "fastai": ["mnist", "mnist_sample", "mnist_tiny", "mnist_var_size_tiny", "cifar10", "cifar100"],
        "medmnist": [
            f"{organ}mnist"
            for organ in (
                *("path", "chest", "derma", "oct", "pneumonia", "retina"),
                *("breast", "blood", "tissue", "organa", "organc", "organs"),
            )
        ],
        "tinygrad": ["mnist", "fashion-mnist"],
    }
    for loader in KNOWN.loaders:
        for dataset in loader.datasets:
            made = loader.plan(dataset.name)
            assert made.files
            assert made.release == loader.newest_release
            assert KNOWN.client(made.client)
            assert all(file.sources for file in made.files)
            if made.digest == "md5_first_mib":
                assert all(file.file.md5_first_mib and file.file.size for file in made.files)
            elif made.digest:
                assert all(file.file.digest(made.digest) for file in made.files if file.file.digests)


def test_only_openml_asks_an_api_first() -> None:
    asking = {loader.name for loader in KNOWN.loaders for d in loader.datasets if loader.plan(d.name).requests}
    assert asking == {"sklearn"}


@pytest.mark.parametrize(
    ("release", "sources", "digest", "fallback"),
    [
        ("0.1.6", ["lecun"], None, ()),
        ("0.4.2", ["lecun"], None, ()),
        ("0.5.0", ["lecun"], "md5", ()),
        ("0.9.0", ["lecun"], "md5", ()),
        ("0.9.1", ["lecun", "ossci"], "md5", ("url-error",)),
        ("0.21.0+cpu", ["lecun", "ossci"], "md5", ("url-error",)),
        ("0.22.0", ["ossci", "lecun"], "md5", ("url-error",)),
        ("0.26.3", ["ossci", "lecun"], "md5", ("url-error",)),
        ("0.27.0", ["ossci", "lecun"], "md5", ("url-error", "digest-mismatch")),
        (None, ["ossci", "lecun"], "md5", ("url-error", "digest-mismatch")),
        ("1.4.0", ["ossci", "lecun"], "md5", ("url-error", "digest-mismatch")),
    ],
)
def test_torchvision_mirrors_by_release(
    release: str | None, sources: list[str], digest: str | None, fallback: tuple[str, ...]
) -> None:
    made = plan("torchvision", "mnist", release)
    assert (source_ids(made), made.digest, made.fallback) == (sources, digest, fallback)
    assert len(made.files) == 4


@pytest.mark.parametrize(
    ("release", "client"),
    [("0.8.2", "torchvision-0.8"), ("0.9.1", "torchvision-0.9"), ("0.10.0", "torchvision"), (None, "torchvision")],
)
def test_torchvision_changed_its_user_agent(release: str | None, client: str) -> None:
    assert plan("torchvision", "mnist", release).client == client


def test_emnist_moved_house_five_times() -> None:
    releases = ("0.2.1", "0.2.2", "0.5.0", "0.9.1", "0.18.0")
    assert [source_ids(plan("torchvision", "EMNIST", release)) for release in releases] == [
        ["emnist-itl-http"],
        ["emnist-cloudstor"],
        ["emnist-itl-http"],
        ["emnist-itl-https"],
        ["emnist-biometrics"],
    ]


@pytest.mark.parametrize(
    ("release", "source", "digest"),
    [
        ("2.0.8", "keras-s3-npz", None),
        ("2.3.1", "keras-s3-npz", "md5"),
        ("2.6.0", "keras-gcs-npz", "sha256"),
        ("3.15.1", "keras-gcs-npz", "sha256"),
    ],
)
def test_keras_mnist_is_one_npz(release: str, source: str, digest: str | None) -> None:
    made = plan("keras", "mnist", release)
    assert made.dataset == "mnist_npz"
    assert (source_ids(made), made.digest) == ([source], digest)
    assert digest is None or made.files[0].file.digest(digest)


def test_keras_compares_nothing_for_fashion_mnist() -> None:
    made = plan("tf-keras", "fashion_mnist")
    assert source_ids(made) == ["keras-gcs-fashion"]
    assert made.digest is None


def test_keras_renamed_the_archives_of_cifar() -> None:
    assert paths(plan("keras", "cifar10", "3.5.0")) == ["cifar-10-batches-py.tar.gz"]
    assert paths(plan("keras", "cifar10", "3.6.0")) == ["cifar-10-batches-py-target_archive"]
    assert paths(plan("keras", "cifar100")) == ["cifar-100-python-target_archive"]


@pytest.mark.parametrize(
    ("release", "host", "digest", "path"),
    [
        ("0.23.2", "https://openml.org/", None, "data/v1/download/52667"),
        ("1.2.2", "https://openml.org/", "md5", "data/v1/download/52667"),
        ("1.3.0", "https://api.openml.org/", "md5", "data/v1/download/52667"),
        ("1.6.1", "https://api.openml.org/", "md5", "data/v1/download/52667"),
        ("1.7.2", "https://api.openml.org/", "md5", "data/v1/download/52667/mnist_784.arff"),
        ("1.9.1", "https://www.openml.org/", "md5", "data/v1/download/52667/mnist_784.arff"),
    ],
)
def test_sklearn_asks_the_api_then_the_arff(release: str, host: str, digest: str | None, path: str) -> None:
    made = plan("scikit-learn", "mnist_784", release)
    calls = [
        "api/v1/json/data/list/data_name/mnist_784/limit/2/data_version/1",
        "api/v1/json/data/554",
        "api/v1/json/data/features/554",
        "api/v1/json/data/qualities/554",
    ]
    assert made.requests == tuple(host + call for call in calls)
    assert made.files[0].sources[0][1] == host + path
    assert made.digest == digest
    assert made.files[0].file.digest_of == "decoded"
    assert paths(made) == [path + ".gz"]
    assert made.cache.replies == tuple(call + ".gz" for call in calls)


def test_tfds_puts_the_digest_into_the_name() -> None:
    made = plan("tfds", "mnist")
    labels = made.files[1]
    assert labels.file.id == "mnist/train-labels"
    assert labels.cached[0].path.startswith("mnist/*NVJTSgpVi77W")  # as seen on disk
    assert labels.cached[0].path.endswith(".gz")
    assert "=" not in labels.cached[0].path
    assert plan("tfds", "cifar10").files[0].file.id == "cifar10/binary"
    assert paths(plan("tfds", "cifar10"))[0].endswith(".tar.gz")
    assert source_ids(plan("tfds", "emnist", "4.9.4")) == ["emnist-itl-https"]


def test_torchvision_keeps_the_packed_file_and_its_twin() -> None:
    made = plan("torchvision", "FashionMNIST")
    assert [(name.path, name.form) for name in made.files[0].cached] == [
        ("FashionMNIST/raw/train-images-idx3-ubyte.gz", "file"),
        ("FashionMNIST/raw/train-images-idx3-ubyte", "decoded"),
    ]
    assert made.cache.shadowed_by == ("FashionMNIST/processed/training.pt", "FashionMNIST/processed/test.pt")
    assert made.cache.directory({"TORCH_HOME": "/x"}, HOME) is None


@pytest.mark.parametrize(("release", "twins"), [("0.4.2", 0), ("0.9.1", 0), ("0.10.0", 4), ("0.29.2", 4)])
@pytest.mark.parametrize("dataset", ["mnist", "fashion-mnist", "kmnist"])
def test_torchvision_looks_for_unpacked_files_since_0_10(dataset: str, release: str, twins: int) -> None:
    made = plan("torchvision", dataset, release)
    assert sum(name.form == "decoded" for file in made.files for name in file.cached) == twins
    assert len(made.cache.shadowed_by) == 2


def test_what_a_cache_says_of_its_own_files() -> None:
    assert plan("sklearn", "mnist_784").cache.digest_in in plan("sklearn", "mnist_784").cache.replies
    assert plan("huggingface", "mnist").cache.revision_in == "datasets--ylecun--mnist/refs/main"


@pytest.mark.parametrize(
    ("loader", "dataset", "release", "environ", "folder"),
    [
        ("keras", "mnist", None, {}, "/home/ann/.keras/datasets"),
        ("keras", "mnist", None, {"KERAS_HOME": "/k"}, "/k/datasets"),
        ("keras", "mnist", None, {"KERAS_HOME": ""}, "/home/ann/.keras/datasets"),
        ("keras", "mnist", "2.15.0", {"KERAS_HOME": "/k"}, "/home/ann/.keras/datasets"),
        ("keras", "mnist", "2.3.1", {"KERAS_HOME": "~/k"}, "/home/ann/k/datasets"),
        ("sklearn", "mnist_784", None, {"SCIKIT_LEARN_DATA": "/s"}, "/s/openml/openml.org"),
        ("sklearn", "mnist_784", None, {}, "/home/ann/scikit_learn_data/openml/openml.org"),
        ("tfds", "mnist", None, {"TFDS_DATA_DIR": "/t"}, "/t/downloads"),
        ("huggingface", "mnist", None, {}, "/home/ann/.cache/huggingface/hub"),
        ("gluon", "mnist", None, {}, "/home/ann/.mxnet/datasets"),
        ("gluon", "mnist", None, {"MXNET_HOME": "/m"}, "/m/datasets"),
        ("gluon", "mnist", None, {"APPDATA": "/a"}, "/a/mxnet/datasets"),
        ("paddle", "mnist", None, {"XDG_CACHE_HOME": "/c"}, "/home/ann/.cache/paddle/dataset"),
        ("fastai", "mnist", None, {}, "/home/ann/.fastai/archive"),
        ("fastai", "mnist", None, {"FASTAI_HOME": "/f"}, "/f/archive"),
        ("medmnist", "pathmnist", None, {}, "/home/ann/.medmnist"),
        ("tinygrad", "mnist", None, {}, "/home/ann/.cache/tinygrad/downloads"),
        ("tinygrad", "mnist", None, {"XDG_CACHE_HOME": "/c"}, "/c/tinygrad/downloads"),
        ("huggingface", "mnist", None, {"XDG_CACHE_HOME": "/c"}, "/c/huggingface/hub"),
        ("huggingface", "mnist", None, {"XDG_CACHE_HOME": "/c", "HF_HOME": "/h"}, "/h/hub"),
        ("huggingface", "mnist", None, {"HF_HOME": "/h", "HF_HUB_CACHE": "/b"}, "/b"),
    ],
)
def test_cache_folder(loader: str, dataset: str, release: str | None, environ: dict[str, str], folder: str) -> None:
    assert plan(loader, dataset, release).cache.directory(environ, HOME) == Path(folder)


def test_cache_variables_and_fallback() -> None:
    assert plan("keras", "mnist").cache.variables == ("KERAS_HOME",)
    assert plan("keras", "mnist").cache.fallback == "/tmp/.keras/datasets"
    hub = plan("hf", "ylecun/mnist")
    assert hub.cache.variables == ("HF_HUB_CACHE", "HF_HOME", "XDG_CACHE_HOME")
    assert paths(hub)[0] == "datasets--ylecun--mnist/snapshots/*/mnist/train-00000-of-00001.parquet"


@pytest.mark.parametrize(
    ("release", "client"),
    [("0.36.0", "huggingface-0"), ("1.5.0", "huggingface-1.2"), ("1.33.0", "huggingface-1"), ("2.4.0", "huggingface")],
)
def test_huggingface_changed_its_library(release: str, client: str) -> None:
    assert plan("huggingface", "mnist", release).client == client


def test_unknown_dataset_of_a_loader() -> None:
    with pytest.raises(UnknownName) as caught:
        plan("torchvision", "kmnits")
    assert str(caught.value) == "unknown dataset of torchvision `kmnits`"
    assert caught.value.nearest[0] == "kmnist"


def test_clients() -> None:
    assert {name: KNOWN.client(name).family for name in FAMILIES} == FAMILIES
    for loader in KNOWN.loaders:
        assert loader.client in FAMILIES
    from_requests, urllib_client, curl = (KNOWN.client(name) for name in ("requests", "urllib", "curl"))
    assert from_requests.ca_variables == ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
    assert (from_requests.trust, from_requests.netrc, from_requests.reads_socks) == ("certifi", True, "PySocks")
    assert (urllib_client.trust, urllib_client.reads_all_proxy) == ("openssl", False)
    assert [urllib_client.default_proxy_port(scheme) for scheme in ("http", "https")] == [80, 443]
    assert [curl.default_proxy_port(scheme) for scheme in ("http", "https")] == [1080, 1080]
    assert curl.proxy_auth_schemes == ("basic", "digest", "ntlm", "negotiate")
    assert "Accept-Encoding" not in dict(curl.headers)
    assert KNOWN.client("torchvision").truncation == "silent"
    assert KNOWN.client("keras").truncation == "raises"
    assert KNOWN.client("torchvision").max_redirects == 10
    assert KNOWN.client("tfds").retry_wait_s == 204.0
    assert KNOWN.client("huggingface").timeout_s == 10.0
    writes_decoded = {client.name for client in KNOWN.clients if client.decodes_content}
    assert writes_decoded >= {"requests", "tfds", "sklearn", "huggingface"}
    assert not writes_decoded & {"urllib", "curl", "keras", "torchvision"}


def heard(ask: Callable[[str], object]) -> list[tuple[str, str]]:
    """Return the request's fields, without Host, as they come over the wire."""
    server = socket.create_server(("127.0.0.1", 0))
    said: list[bytes] = []

    def answer() -> None:
        connection, _ = server.accept()
        with connection:
            said.append(connection.recv(65536))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    thread = threading.Thread(target=answer)
    thread.start()
    with server:
        ask(f"http://127.0.0.1:{server.getsockname()[1]}/x")
        thread.join()
    lines = said[0].decode().split("\r\n\r\n")[0].split("\r\n")[1:]
    fields = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    return [field for field in fields if field[0] != "Host"]


def test_urllib_says_on_the_wire_what_the_catalogue_says() -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(url: str) -> None:
        with opener.open(url, timeout=5) as reply:
            reply.read()

    expected = KNOWN.client("keras").request_headers(python=platform.python_version(), version="")
    assert heard(ask) == list(expected)


def test_urllib_with_a_field_of_sklearn_says_so_too() -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def ask(url: str) -> None:
        request = urllib.request.Request(url)
        request.add_header("Accept-encoding", "gzip")
        with opener.open(request, timeout=5) as reply:
            reply.read()

    expected = KNOWN.client("sklearn").request_headers(python=platform.python_version(), version="")
    assert heard(ask) == list(expected)


def test_requests_says_on_the_wire_what_the_catalogue_says() -> None:
    session = requests.Session()
    session.trust_env = False

    def ask(url: str) -> None:
        session.get(url, timeout=5).close()

    with session:
        fields = heard(ask)
    expected = KNOWN.client("requests").request_headers(python="", version=requests.__version__)
    # Accept-Encoding grows where brotli or zstandard is installed.
    same = [(name, value.split(", br")[0].split(", zstd")[0]) for name, value in fields]
    assert same == list(expected)


def test_user_agents_are_filled_in() -> None:
    hub = dict(KNOWN.client("huggingface").request_headers(python="3.11.7", version="2.4.0"))
    assert hub["User-Agent"] == "unknown/None; hf_hub/2.4.0; python/3.11.7"
    assert KNOWN.client("torchvision").user_agent == "pytorch/vision"
    assert not any("{" in value for _, value in KNOWN.client("keras").request_headers(python="3.10", version=""))


def test_installed_asks_for_each_of_its_distributions_in_order() -> None:
    asked: list[str] = []

    def release(name: str) -> str | None:
        asked.append(name)
        return "2.21.0" if name == "tf-keras" else None

    assert KNOWN.loader("keras").installed(release) == "2.21.0"
    assert KNOWN.loader("torchvision").installed(release) is None
    assert asked == ["keras", "tf-keras", "torchvision"]


@pytest.mark.parametrize(
    ("older", "newer"),
    [("0.9.1", "0.10"), ("0.9", "0.9.1"), ("1.7.2rc1", "1.8"), ("", "0.1"), ("2.x", "3")],
)
def test_releases_compare_as_numbers(older: str, newer: str) -> None:
    assert release_key(older) < release_key(newer)


def test_releases_that_are_equal() -> None:
    assert release_key("0.22.0+cpu") == release_key("0.22") == release_key("0.22.0")
