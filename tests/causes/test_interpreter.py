"""Interpreters without TLS, sockets or md5: by their own record, by a probe, and by what a program said."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from tests.causes.evidence import Evidence, rec, symptom
from tests.causes.judging import PROGRAMS, cause_of, finding_of

TORCHVISION: dict[str, Any] = {"loader": "torchvision", "client": "torchvision", "file": "mnist/t10k-labels"}


def lacking(*parts: str, **subject: Any) -> Case:
    """A case whose interpreter lacks these parts."""
    return Evidence().case(machine={"lacks": parts}, **subject)


def cause(made: Case) -> str | None:
    found = PROGRAMS.first(made)
    return found[0] if found else None


def test_https_needs_tls_and_http_does_not() -> None:
    assert cause(lacking("ssl")) == "tls-module-missing"
    assert cause(lacking("ssl", url="http://yann.lecun.com/exdb/mnist/t10k-labels-idx1-ubyte.gz")) is None
    assert cause(lacking("ssl", client="curl")) is None


def test_a_file_that_is_there_needs_no_network() -> None:
    url = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
    right = (("sha256", "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"),)
    here = rec(ev.CachedFile, None, path="~/.keras/datasets/mnist.npz", size=11490434, digests=right)
    keras: dict[str, Any] = {
        "url": url,
        "client": "keras",
        "loader": "keras",
        "file": "mnist_npz/mnist.npz",
        "digests": right,
    }
    assert cause(Evidence().case(machine={"lacks": ("ssl",)}, **keras)) == "tls-module-missing"
    assert cause(Evidence(here).case(machine={"lacks": ("ssl",)}, **keras)) is None
    assert cause(Evidence(here).case(platform="Emscripten-4.0.9", **keras)) is None


def test_without_sockets_nothing_goes() -> None:
    assert cause(lacking("socket", url="http://h.example/x")) == "env-no-sockets"
    assert cause(lacking("socket", "ssl")) == "env-no-sockets"
    assert cause(lacking("socket", client="curl")) is None
    assert cause(lacking("sockets", url="http://h.example/x")) == "env-no-sockets"


@pytest.mark.parametrize("client", ["urllib", "keras", "requests"])
def test_a_browser_has_no_sockets(client: str) -> None:
    made = Evidence(client=client).case(platform="Emscripten-3.1.58-wasm32")
    found = PROGRAMS.first(made)
    assert found is not None
    assert found[0] == "env-no-sockets"
    assert found[1].certain is (client != "requests")


@pytest.mark.parametrize(
    ("release", "holds"), [("0.12.0", True), ("0.5.0", True), ("0.13.0", False), ("0.4.2", False), ("0.29.2", False)]
)
def test_torchvision_hashes_as_fips_forbids_before_0_13(release: str, holds: bool) -> None:
    from mnistdoctor.catalogue import load

    file = load().by_url("https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz")
    assert file is not None
    mine = TORCHVISION | {"file": file[1].id, "release": release}
    assert (cause(lacking("md5", **mine)) == "checksum-md5-unavailable") is holds
    assert cause(Evidence().case(**mine)) is None


def test_no_loader_and_loaders_of_other_digests_are_left_alone() -> None:
    assert cause(lacking("md5")) is None
    assert cause(lacking("md5", loader="tfds", client="tfds", file="mnist/t10k-labels", release="4.9.10")) is None


@pytest.mark.parametrize(
    ("exception", "message", "where"),
    [
        ("ImportError", "Can't connect to HTTPS URL because the SSL module is not available.", ("requests",)),
        ("URLError", "<urlopen error unknown url type: https>", ("urllib",)),
        ("ModuleNotFoundError", "No module named '_ssl'", ("__main__", "ssl")),
        ("ImportError", "DLL load failed while importing _ssl: The specified module could not be found.", ("ssl",)),
        ("ImportError", "libssl.so.1.1: cannot open shared object file: No such file or directory", ("ssl",)),
        ("ImportError", "dlopen(/x/_ssl.cpython-39-darwin.so, 2): Library not loaded: /usr/local/libssl.1.1.dylib", ()),
        ("", "urlopen error unknown url type: https", ()),
    ],
)
def test_words_of_a_python_without_tls(exception: str, message: str, where: tuple[str, ...]) -> None:
    assert cause_of(symptom(exception, message, *where)) == "tls-module-missing"


def test_the_words_below_count_too() -> None:
    below = symptom("SSLError", "Can't connect to HTTPS URL because the SSL module is not available.", earlier=True)
    last = symptom("SSLError", "HTTPSConnectionPool(host='h', port=443): Max retries exceeded", "requests")
    assert cause_of(below, last) == "tls-module-missing"


def test_an_old_openssl_is_only_likely() -> None:
    words = (
        "urllib3 v2 only supports OpenSSL 1.1.1+, currently the 'ssl' module is compiled with 'OpenSSL 1.0.2k-fips'."
    )
    said = symptom("ImportError", words, "requests", "urllib3")
    found = finding_of("tls-module-missing", said)
    assert not found.certain
    assert any("urllib3<2" in line.text for fix in found.fixes for line in fix.commands)


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("URLError", "<urlopen error [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local "
         "issuer certificate (_ssl.c:1002)>"),
        ("ValueError", "unknown url type: 'mnist.npz'"),
        ("URLError", "<urlopen error unknown url type: htps>"),
        ("SSLError", "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:997)"),
        ("OSError", "[Errno 97] Address family not supported by protocol"),
    ],
)  # fmt: skip
def test_tls_that_works_is_not_missing(exception: str, message: str) -> None:
    assert cause_of(symptom(exception, message, "urllib")) is None


@pytest.mark.parametrize(
    ("exception", "message", "where"),
    [
        ("ModuleNotFoundError", "No module named '_socket'", ("socket",)),
        ("URLError", "<urlopen error unknown url type: https>", ("_pyodide", "keras", "urllib")),
        ("OSError", "[Errno 138] Not supported", ("pyodide", "urllib", "socket")),
    ],
)
def test_words_of_a_python_without_sockets(exception: str, message: str, where: tuple[str, ...]) -> None:
    assert cause_of(symptom(exception, message, *where)) == "env-no-sockets"


def test_a_program_error_in_a_browser_is_a_program_error() -> None:
    said = symptom("ModuleNotFoundError", "No module named 'torchvision'", "_pyodide", "__main__")
    assert cause_of(said) == "program-missing-module"


@pytest.mark.parametrize(
    ("exception", "message", "where", "certain"),
    [
        ("ValueError", "[digital envelope routines: EVP_DigestInit_ex] disabled for fips", ("torchvision",), True),
        ("ValueError", "unsupported hash type md5", ("__main__",), True),
        ("UnsupportedDigestmodError", "[digital envelope routines] unsupported", ("__main__",), False),
    ],
)
def test_words_of_fips(exception: str, message: str, where: tuple[str, ...], certain: bool) -> None:
    found = finding_of("checksum-md5-unavailable", symptom(exception, message, *where))
    assert found.certain is certain


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("ValueError", "unsupported hash type md4"),
        ("ValueError", "The md5 checksum of the file x does not match the expected checksum"),
        ("RuntimeError", "File not found or corrupted."),
    ],
)
def test_a_digest_that_differs_was_compared(exception: str, message: str) -> None:
    assert cause_of(symptom(exception, message, "sklearn")) is None
