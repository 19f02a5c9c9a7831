"""What a variable that names a trust store leads to."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from mnistdoctor.demo.pki import Authority
from mnistdoctor.settings.trust import TrustChoice


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
