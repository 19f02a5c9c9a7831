"""Every secret that a run was given is known before the first record is made."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from mnistdoctor.redact import Redactor
from mnistdoctor.settings import Environment, Settings
from mnistdoctor.settings.secrets import known_secrets


def secrets(settings: Settings | None = None, *urls: str, **variables: str) -> tuple[str, ...]:
    return known_secrets(settings or Settings(), Environment({"NETRC": "/no/such/file", **variables}), urls)


@pytest.mark.parametrize(
    ("field", "hidden"),
    [
        (("Authorization", "Bearer tok_123456"), "tok_123456"),
        (("Authorization", "Basic " + base64.b64encode(b"jo:pass w0rd").decode()), "pass w0rd"),
        (("Cookie", 'a=1; sid="tok_123456"; b=2'), "tok_123456"),
        (("X-Session", "tok_123456"), "tok_123456"),
    ],
)
def test_fields(field: tuple[str, str], hidden: str) -> None:
    assert hidden in secrets(Settings(headers=(field,)))


def test_harmless_fields_stay_readable() -> None:
    assert secrets(Settings(headers=(("User-Agent", "Mozilla/5.0"), ("X-Debug", "true")))) == ()


def test_urls() -> None:
    found = secrets(None, "https://jo:s3cretpw@h/f?X-Amz-Signature=abcdef12", "https://tok_123456@h/")
    assert {"s3cretpw", "abcdef12", "tok_123456"} <= set(found)
    shown = Redactor(found).text("https://jo:s3cretpw@h/f and " + base64.b64encode(b"jo:s3cretpw").decode())
    assert shown == "https://***@h/f and ***="


def test_proxies_and_tokens() -> None:
    found = secrets(Settings(proxy="http://a:proxypw1@p"), HTTPS_PROXY="http://b:proxypw2@p", HF_TOKEN="hf_token99")
    assert {"proxypw1", "proxypw2", "hf_token99"} <= set(found)
    assert "proxypw3" in secrets(PIP_PROXY="http://c:proxypw3@p")


def test_netrc(tmp_path: Path) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine a login jo password pw_of_a\nmachine b login jo password pw_of_b\n")
    found = secrets(NETRC=str(file))
    assert {"pw_of_a", "pw_of_b", base64.b64encode(b"jo:pw_of_a").decode().rstrip("=")} <= set(found)


@pytest.mark.parametrize("content", ["machine", "\x00", "machine a login"])
def test_a_broken_netrc_is_passed_over(tmp_path: Path, content: str) -> None:
    file = tmp_path / "netrc"
    file.write_text(content)
    assert secrets(NETRC=str(file)) == ()
