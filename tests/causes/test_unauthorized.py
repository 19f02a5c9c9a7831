from __future__ import annotations

from mnistdoctor.causes.http import unauthorized
from tests.causes.http_records import S3, answered, case, finding, got, store

HUB = "https://huggingface.co/datasets/a/b/resolve/main/c.parquet"
BEARER = (("WWW-Authenticate", 'Bearer realm="x"'),)


def test_the_service_names_its_own_token() -> None:
    found = finding("http-401-token-missing", answered(401, "", BEARER, url=HUB))
    assert found.certain
    assert "HF_TOKEN" in found.title
    assert found.fixes[0].commands[0].text == "hf auth login"
    assert "no credentials were sent" in found.evidence


def test_refused_credentials_are_told_from_missing_ones() -> None:
    found = finding("http-401-token-missing", case(*got(401, "", BEARER, credentials="header")))
    assert "does not accept the credentials" in found.title
    said = (("X-Error-Message", "Invalid credentials in Authorization header"),)
    assert "does not accept" in finding("http-401-token-missing", answered(401, "", said, url=HUB)).title


def test_401_without_a_scheme_is_only_likely() -> None:
    assert not finding("http-401-token-missing", answered(401)).certain


def test_other_401s_are_not_claimed() -> None:
    assert unauthorized.http_401_token_missing(answered(401, "", (("X-Error-Code", "RepoNotFound"),), url=HUB)) is None
    assert unauthorized.http_401_token_missing(answered(401, "", (("X-Error-Code", "GatedRepo"),), url=HUB)) is None
    assert unauthorized.http_401_token_missing(answered(403, store("AccessDenied"), S3)) is None
    assert unauthorized.http_401_token_missing(answered(404, "", BEARER)) is None


def test_netrc_is_certain_for_a_public_file_of_the_catalogue_only() -> None:
    assert finding("http-401-netrc", case(*got(401, credentials="netrc"))).certain
    other = "https://data.example.org/a.gz"
    assert not finding("http-401-netrc", case(*got(401, url=other, credentials="netrc"), url=other)).certain
    assert not finding("http-401-netrc", case(*got(403, credentials="netrc"))).certain
    assert unauthorized.http_401_netrc(case(*got(401, credentials="header"))) is None


def test_netrc_is_left_out_by_each_platforms_means() -> None:
    posix = finding("http-401-netrc", case(*got(401, credentials="netrc")))
    assert posix.fixes[0].commands[0].text == "export NETRC=/dev/null"
    windows = finding("http-401-netrc", case(*got(401, credentials="netrc"), platform="Windows-11"))
    assert [line.shell for line in windows.fixes[0].commands] == ["powershell", "powershell"]
    assert "_netrc" in windows.title
