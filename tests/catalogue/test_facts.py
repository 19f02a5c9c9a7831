"""The catalogue's content: complete, well-formed, and equal to what genuine bytes say."""

from __future__ import annotations

import gzip
import hashlib
from collections import Counter
from pathlib import Path

import pytest

from mnistdoctor.catalogue import Catalogue, load
from mnistdoctor.catalogue.model import DIGEST_LENGTHS

GENUINE = {  # size, md5, sha256, unpacked size: computed from genuine bytes, not read in the catalogue
    "mnist/t10k-images": (
        1648877,
        "9fb629c4189551a2d022fa330f9573f3",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        7840016,
    ),
    "mnist/t10k-labels": (
        4542,
        "ec29112dd5afa0611ce80d1b7f02629c",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        10008,
    ),
    "mnist/train-labels": (
        28881,
        "d53e105ee54ea40749a09fcbcd1e9432",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        60008,
    ),
    "fashion_mnist/t10k-labels": (
        5148,
        "bb300cfdad3c16e7a12a480ee83cd310",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        10008,
    ),
    "fashion_mnist/train-labels": (
        29515,
        "25c81989df183df01b3e8a0aad5dffbe",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        60008,
    ),
}
CANONICAL = {
    **dict.fromkeys(("mnist", "fashion_mnist", "kmnist"), 4),
    **dict.fromkeys(("emnist", "mnist_784", "mnist_npz", "mnist_pkl", "cifar10", "cifar100"), 1),
    "k49": 5,
    "qmnist": 6,
    "medmnist": 18,
    "mnist_corrupted": 1,
    "notmnist": 0,
    "mnist_parquet": 2,
}
SOURCES = [
    "lecun",
    "ossci",
    "cvdf",
    "fgnt",
    "gluon-mnist",
    "gluon-fashion",
    "gluon-cifar10",
    "gluon-cifar100",
    "mxnet-data",
    "mxnet-zip",
    "paddle-mnist",
    "paddle-fashion",
    "paddle-cifar",
    "mlverse-cdn",
    "mindspore-zip",
    "pl-public",
    "hf-ylecun",
    "fashion-s3-website",
    "fashion-github",
    "keras-gcs-npz",
    "keras-s3-npz",
    "keras-gcs-fashion",
    "keras-s3-pkl",
    "deeplearning-net",
    "pytorch-tutorials-pkl",
    "pytorch-examples-pkl",
    "nielsen-pkl",
    "mldata",
    "openml-1",
    "openml-2",
    "openml-3",
    "openml-4",
    "openml-parquet",
    "codh-kmnist",
    "codh-k49",
    "emnist-biometrics",
    "emnist-itl-https",
    "emnist-itl-http",
    "emnist-cloudstor",
    "emnist-matlab",
    "qmnist-raw",
    "cifar10-toronto",
    "cifar100-toronto",
    "cifar10-bin-toronto",
    "cifar100-bin-toronto",
    "cifar10-brainchip",
    "fastai-imageclas",
    "fastai-sample",
    "fastai-cifar10",
    "fastai-cifar100",
    "medmnist-zenodo-v3",
    "medmnist-zenodo-v2",
    "mnistc-zenodo",
    "dl4j",
    "cifar10-toronto-http",
    "cifar100-toronto-http",
    "pytorch-tutorials-pkl-master",
    "openml-parquet-win",
]
FASTAI = {
    "mnist_png": "03639f83c4e3d19e0a3a53a8a997c487",
    "mnist_sample": "2dbc7ec6f9259b583af0072c55816a88",
    "mnist_tiny": "56143e8f24db90d925d82a5a74141875",
    "mnist_var_size_tiny": "b71a930f4eb744a4a143a6c7ff7ed67f",
    "cifar10": "a5f8c31371b63a406b23368042812d3c",
    "cifar100": "e5e65dcb54b9d3913f7b8a9ad6607e62",
}
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture(scope="module")
def known() -> Catalogue:
    return load()


def test_counts(known: Catalogue) -> None:
    assert {dataset.id: len(known.files_of(dataset.id)) for dataset in known.datasets} == CANONICAL
    assert len(known.files) == 77
    assert sorted(source.id for source in known.sources) == sorted(SOURCES)
    assert len(known.known_bad) == 9
    assert sum(file.verified for file in known.files) == 11
    assert sum(file.md5_first_mib is not None for file in known.files) == 6
    assert sum(file.git_blob is not None for file in known.files) == 9
    assert sum(file.magic is not None for file in known.files) == 18


def test_every_number_is_as_it_was_gathered(known: Catalogue) -> None:
    """A seal: whoever changes a length or a digest must mean it."""
    lines = sorted(
        f"{file.id} {file.name} {file.size} {file.magic} {file.dims} {file.decoded_size} {file.first_values} "
        + " ".join(f"{digest.algorithm}={digest.value}" for digest in file.digests)
        + f" {file.md5_first_mib} {file.git_blob} {file.samples}"
        for file in known.files
    )
    seal = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    assert seal == "cf6c24f49af5eb2fbff9fbafe6f178c32aa1607d991b5cefd71c4a7bb8789e49"


def test_every_url_is_as_it_was_gathered(known: Catalogue) -> None:
    lines = sorted(
        f"{source.id} {source.status} {file_id} {url}" for source in known.sources for file_id, url in source.urls
    )
    assert (
        hashlib.sha256("\n".join(lines).encode()).hexdigest()
        == "4ad2f87481ae657bbc4341e638028b7c70162c2bce8a60a486c5787a24da7181"
    )


@pytest.mark.parametrize("file_id", GENUINE)
def test_genuine_bytes(known: Catalogue, file_id: str) -> None:
    size, md5, sha256, decoded = GENUINE[file_id]
    file = known.file(file_id)
    assert (file.size, file.decoded_size) == (size, decoded)
    assert known.by_digest("md5", md5) == (file,) == known.by_digest("sha256", sha256)
    assert file.verified


@pytest.mark.parametrize("file_id", GENUINE)
def test_files_kept_for_tests_are_the_catalogues(known: Catalogue, file_id: str) -> None:
    file = known.file(file_id)
    path = DATA / file.dataset / file.name
    body = path.read_bytes()
    plain = gzip.decompress(body)
    assert file.size == len(body)
    assert {digest.value for digest in file.digests} >= {hashlib.sha256(body).hexdigest()}
    assert file.decoded_size == len(plain)
    assert file.magic == int.from_bytes(plain[:4], "big")
    assert file.dims[0] == int.from_bytes(plain[4:8], "big")
    if file.first_values:
        assert bytes(file.first_values) == plain[8:16]
    blob = hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()
    assert file.git_blob in (None, blob)


def test_digests_are_whole_and_of_one_file_each(known: Catalogue) -> None:
    digests = [digest for file in known.files for digest in file.digests]
    assert all(len(digest.value) == DIGEST_LENGTHS[digest.algorithm] for digest in digests)
    assert [digest for digest, count in Counter(digests).items() if count > 1] == []


def test_idx_files_are_as_long_as_their_header_says(known: Catalogue) -> None:
    checked = 0
    for file in known.files:
        if file.magic is None:
            continue
        cell = 4 if file.magic >> 8 & 0xFF == 0x0C else 1  # 0x0C: 32-bit integers, 0x08: bytes
        length = cell
        for dim in file.dims:
            length *= dim
        assert file.magic & 0xFF == len(file.dims)
        assert file.decoded_size == length + 4 + 4 * len(file.dims), file.id
        checked += 1
    assert checked == 18


def test_every_url_is_one_place(known: Catalogue) -> None:
    urls = [url for source in known.sources for _, url in source.urls]
    assert [url for url, count in Counter(urls).items() if count > 1] == []
    for source in known.sources:
        for file_id, url in source.urls:
            assert "{" not in url
            found = known.by_url(url)
            assert found is not None
            assert (found[0].id, found[1].id) == (source.id, file_id)


def test_every_source_says_why_its_status_is_bad(known: Catalogue) -> None:
    silent = {s.id for s in known.sources if s.status in ("dead_reported", "never_existed") and not s.evidence}
    assert silent == {"emnist-itl-http"}


def test_statuses(known: Catalogue) -> None:
    assert Counter(source.status for source in known.sources) == {
        "in_use": 28,
        "dead_reported": 17,
        "superseded": 8,
        "degraded_reported": 4,
        "never_existed": 1,
    }
    assert {s.id for s in known.sources if not s.same_bytes} == {"gluon-fashion", "medmnist-zenodo-v2"}
    assert known.source("hf-ylecun").env_override == "HF_ENDPOINT"
    assert known.source("gluon-mnist").env_override == "MXNET_GLUON_REPO"


def test_three_datasets_share_four_names(known: Catalogue) -> None:
    names = {tuple(f.name for f in known.files_of(name)) for name in ("mnist", "fashion_mnist", "kmnist")}
    assert len(names) == 1
    assert names.pop() == (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    )


def test_openml_digest_is_of_the_plain_text(known: Catalogue) -> None:
    assert [file.id for file in known.files if file.digest_of == "decoded"] == ["mnist_784/arff"]


def test_fastai_digests_cover_the_first_mebibyte_only(known: Catalogue) -> None:
    for name, md5 in FASTAI.items():
        file = known.file(f"fastai/{name}")
        assert file.md5_first_mib == md5
        assert file.digests == ()
        assert file.secondary


def test_users_are_read_with_their_releases(known: Catalogue) -> None:
    first, second = known.source("ossci").users
    assert (first.name, first.since, first.until) == ("torchvision", "0.9.1", "0.29.2")
    assert (second.name, second.since, second.until) == ("MLDatasets.jl", "2021-03-30", None)
    (r_user,) = known.source("mlverse-cdn").users
    assert (r_user.name, r_user.since, r_user.until) == ("mlverse/torchvision (R)", None, None)
    (burn,) = (user for user in known.source("cvdf").users if user.name == "burn")
    assert (burn.since, burn.until) == (None, "2c06be3")


def test_unpacked_digests_are_those_of_genuine_bytes(known: Catalogue) -> None:
    stated = {file.id for file in known.files if file.decoded_digests}
    assert stated == set(GENUINE)
    for file_id in stated:
        file = known.file(file_id)
        content = gzip.decompress((DATA / file.dataset / file.name).read_bytes())
        assert {one.value for one in file.decoded_digests} == {
            hashlib.new(name, content).hexdigest() for name in ("md5", "sha256")
        }
        assert known.by_content("SHA256", hashlib.sha256(content).hexdigest().upper()) == (file,)
        assert not known.by_digest("sha256", hashlib.sha256(content).hexdigest())
