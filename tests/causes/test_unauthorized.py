from __future__ import annotations

from mnistdoctor.causes.http import unauthorized
from tests.causes.evidence import S3, Evidence, store_error
from tests.causes.judging import HTTP

HUB = "https://huggingface.co/datasets/a/b/resolve/main/c.parquet"
BEARER = (("WWW-Authenticate", 'Bearer realm="x"'),)


def test_the_service_names_its_own_token() -> None:
    found = HTTP.finding("http-401-token-missing", Evidence(url=HUB).get(401, "", BEARER).case())
    assert found.certain
    assert "HF_TOKEN" in found.title
    assert found.fixes[0].commands[0].text == "hf auth login"
    assert "no credentials were sent" in found.evidence


def test_refused_credentials_are_told_from_missing_ones() -> None:
    found = HTTP.finding("http-401-token-missing", Evidence().get(401, "", BEARER, credentials="header").case())
    assert "does not accept the credentials" in found.title
    said = (("X-Error-Message", "Invalid credentials in Authorization header"),)
    assert (
        "does not accept" in HTTP.finding("http-401-token-missing", Evidence(url=HUB).get(401, "", said).case()).title
    )


def test_401_without_a_scheme_is_only_likely() -> None:
    assert not HTTP.finding("http-401-token-missing", Evidence().get(401).case()).certain


def test_other_401s_are_not_claimed() -> None:
    assert (
        unauthorized.http_401_token_missing(Evidence(url=HUB).get(401, "", (("X-Error-Code", "RepoNotFound"),)).case())
        is None
    )
    assert (
        unauthorized.http_401_token_missing(Evidence(url=HUB).get(401, "", (("X-Error-Code", "GatedRepo"),)).case())
        is None
    )
    assert unauthorized.http_401_token_missing(Evidence().get(403, store_error("AccessDenied"), S3).case()) is None
    assert unauthorized.http_401_token_missing(Evidence().get(404, "", BEARER).case()) is None


def test_netrc_is_certain_for_a_public_file_of_the_catalogue_only() -> None:
    assert HTTP.finding("http-401-netrc", Evidence().get(401, credentials="netrc").case()).certain
    other = "https://data.example.org/a.gz"
    assert not HTTP.finding(
        "http-401-netrc", Evidence(url=other).get(401, url=other, credentials="netrc").case()
    ).certain
    assert not HTTP.finding("http-401-netrc", Evidence().get(403, credentials="netrc").case()).certain
    assert unauthorized.http_401_netrc(Evidence().get(401, credentials="header").case()) is None


def test_netrc_is_left_out_by_each_platforms_means() -> None:
    posix = HTTP.finding("http-401-netrc", Evidence().get(401, credentials="netrc").case())
    assert posix.fixes[0].commands[0].text == "export NETRC=/dev/null"
    windows = HTTP.finding("http-401-netrc", Evidence().get(401, credentials="netrc").case(platform="Windows-11"))
    assert [line.shell for line in windows.fixes[0].commands] == ["powershell", "powershell"]
    assert "_netrc" in windows.title
