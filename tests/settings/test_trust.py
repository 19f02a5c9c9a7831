"""What a variable that names a trust store leads to."""

from __future__ import annotations

import ssl
import sys
from pathlib import Path

import pytest

from mnistdoctor.catalogue import load
from mnistdoctor.demo.pki import Authority
from mnistdoctor.settings import Environment, Settings
from mnistdoctor.settings.trust import TrustChoice, choose_trust, tls_context


@pytest.fixture(scope="module")
def pem() -> bytes:
    with Authority() as authority:
        return authority.bundle.read_bytes()


def form(path: str) -> str:
    return TrustChoice("SSL_CERT_FILE", path, named=True).form


def test_files(pem: bytes, tmp_path: Path) -> None:
    kinds = {
        "pem": pem,
        "other": b"-----BEGIN",
        "empty": b" \n",
        "der": ssl.PEM_cert_to_DER_cert(pem.decode()),
    }
    for kind, content in kinds.items():
        (tmp_path / kind).write_bytes(content)
        assert form(str(tmp_path / kind)) == kind
    (tmp_path / "late").write_bytes(b"# a comment\n" * 5000 + pem)
    assert form(str(tmp_path / "late")) == "pem"
    assert form(str(tmp_path)) == "folder"
    assert form(str(tmp_path / "gone")) == ""
    assert form("/" + "x" * 5000) == ""


def test_a_tilde_that_nobody_expanded(pem: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert form("~/ca.pem") == ""
    (tmp_path / "ca.pem").write_bytes(pem)
    assert form("~/ca.pem") == "unexpanded"


def test_nobody_named_it(pem: bytes, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_bytes(pem)
    assert TrustChoice("certifi", str(tmp_path / "ca.pem")).form == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a store of its own beside the variable")
@pytest.mark.parametrize(("given", "count"), [(False, 0), (True, 1)])
def test_a_trial_without_the_variable_verifies_without_it(
    given: bool, count: int, pem: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ca.pem").write_bytes(pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    kept = {"SSL_CERT_FILE": str(tmp_path / "ca.pem"), "SSL_CERT_DIR": str(tmp_path / "none")}
    bare = {"SSL_CERT_FILE": str(tmp_path / "gone"), "SSL_CERT_DIR": str(tmp_path / "none")}
    client = load().client("urllib")
    choice = choose_trust(client, Settings(), Environment(kept if given else bare))
    assert tls_context(choice, client, Settings(), strict=False).cert_store_stats()["x509_ca"] == count
