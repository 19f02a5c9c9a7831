from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Finding
from mnistdoctor.causes.environment import url as family
from mnistdoctor.causes.facts.landing_pages import address_for_programs, meaning, page
from mnistdoctor.causes.facts.urls import mended, url_fault
from mnistdoctor.failure import Failure
from tests.causes.evidence import Evidence, rec

HOLDS = {cause.id: cause.found_in for cause in family.CAUSES}


def judged(which: str, *records: Any, **fields: Any) -> Finding | None:
    return HOLDS[which](Evidence(*records).case(**fields))


def address(url: str, failure: Failure | None) -> Any:
    scheme, _, rest = url.partition("://")
    return rec(ev.Address, None, url=url, scheme=scheme, host=rest.partition("/")[0], failure=failure)


def html(url: str, *, host: str = "", status: int = 200, what: str = "html", hop: int = 0) -> tuple[Any, ...]:
    parts = url.split("/")
    host = host or parts[2]
    return (
        rec(ev.Address, None, url=url, scheme=parts[0][:-1], host=host, port=443, hop=hop),
        rec(ev.Exchange, "http", method="GET", url=url, status=status, hop=hop),
        rec(ev.Content, "length", what=what, title="t10k at main", hop=hop),
    )


@pytest.mark.parametrize(
    ("url", "part"),
    [
        ("https:///mnist.gz", "no host"),
        ("https://host.example:port/x", "port"),
        ("https://host.example:70000/x", "port"),
        ("https://host.example:0/x", "port"),
        ("https://a..example/x", "empty"),
        ("https://" + "a" * 64 + ".example/x", "63"),
        ("https://host.example/a b", "blank"),
        ("https://host.example/a\\x0ab", "blank"),
        ("host.example/x.gz", "begin with"),
        ("https://[::1/x", "brackets"),
    ],
)
def test_what_is_wrong_with_a_url(url: str, part: str) -> None:
    assert part in (url_fault(url) or "")
    finding = judged("url-malformed", address(url, Failure.URL_INVALID))
    assert finding is not None
    assert finding.certain
    assert part in finding.title


def test_good_urls_have_no_trouble() -> None:
    for url in (
        "https://ossci-datasets.s3.amazonaws.com/mnist/a.gz",
        "http://[::1]:8080/a?b=c&d",
        "https://bücher.example/",
    ):
        assert url_fault(url) is None


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        (" https://host.example/a.gz\n", "https://host.example/a.gz"),
        ('"https://host.example/a.gz"', "https://host.example/a.gz"),
        ("https://host.example/a b.gz", "https://host.example/a%20b.gz"),
        ("https://host.example/a\nb.gz", "https://host.example/ab.gz"),
        ("host.example/data/a.gz", "https://host.example/data/a.gz"),
        ("https:/host.example/a.gz", "https://host.example/a.gz"),
        ("https:\\\\host.example/a.gz", "https://host.example/a.gz"),
        ("https://host.example:port/a.gz", None),
        ("https:///a.gz", None),
        ("https://host.example/a b?sig=***", None),
    ],
)
def test_mending(url: str, meant: str | None) -> None:
    assert mended(url) == meant


def test_mended_url_can_be_tried() -> None:
    finding = judged("url-malformed", address("https://host.example/a.gz )", Failure.URL_INVALID))
    assert finding is not None
    fix = finding.fixes[0]
    assert fix.change is not None
    assert fix.change.url == "https://host.example/a.gz"
    assert "curl -fL" in fix.commands[0].text


def test_host_that_only_the_lookup_finds_invalid() -> None:
    stop = rec(ev.Lookup, "dns", name="x", failure=Failure.URL_INVALID, detail="label too long")
    assert judged("url-malformed", stop) is not None


def test_malformed_is_not_a_name_or_a_proxy() -> None:
    denied = rec(ev.Lookup, "dns", name="x", failure=Failure.NXDOMAIN)
    assert judged("url-malformed", denied) is None
    proxy = rec(ev.Lookup, "dns", name="bad..proxy", peer="proxy", failure=Failure.URL_INVALID)
    assert judged("url-malformed", proxy) is None
    assert judged("url-malformed", rec(ev.Route, None, failure=Failure.PROXY_SETTING)) is None


@pytest.mark.parametrize(
    ("url", "command"),
    [
        ("s3://bucket/mnist.npz", "aws s3 cp --no-sign-request"),
        ("gs://bucket/mnist.npz", "gcloud storage cp"),
        (
            "hf://datasets/ylecun/mnist/mnist/train.parquet",
            "hf download --repo-type dataset ylecun/mnist mnist/train.parquet",
        ),
        ("hf://org/model@v1/w.bin", "hf download --revision v1 org/model w.bin"),
        ("ftp://host.example/a.gz", "curl -f -O"),
        ("git://host.example/a", "git clone"),
        ("file:///data/a.gz", "mnistdoctor check /data/a.gz"),
    ],
)
def test_scheme_has_its_own_program(url: str, command: str) -> None:
    finding = judged("url-scheme-unsupported", address(url, Failure.URL_SCHEME), url=url)
    assert finding is not None
    assert command in finding.fixes[0].commands[0].text
    assert finding.fixes[0].change is None
    assert not any("https://bucket" in one.text for fix in finding.fixes for one in fix.commands)


def test_misspelt_scheme_is_mended() -> None:
    url = "htps://host.example/a.gz"
    finding = judged("url-scheme-unsupported", address(url, Failure.URL_SCHEME), url=url)
    assert finding is not None
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.url == "https://host.example/a.gz"


def test_unknown_scheme_has_no_command() -> None:
    url = "magnet://x"
    finding = judged("url-scheme-unsupported", address(url, Failure.URL_SCHEME), url=url)
    assert finding is not None
    assert not finding.fixes[0].commands


def test_scheme_of_a_proxy_is_none_of_it() -> None:
    assert judged("url-scheme-unsupported", rec(ev.Route, None, failure=Failure.PROXY_SUPPORT)) is None


PAGES = [
    ("https://github.com/o/r/blob/main/d/a.gz", "https://raw.githubusercontent.com/o/r/main/d/a.gz"),
    ("https://gitlab.example/g/p/-/blob/main/a.gz", "https://gitlab.example/g/p/-/raw/main/a.gz"),
    ("https://huggingface.co/datasets/o/n/blob/main/a.gz", "https://huggingface.co/datasets/o/n/resolve/main/a.gz"),
    ("https://huggingface.co/o/n/blob/main/a.gz", "https://huggingface.co/o/n/resolve/main/a.gz"),
    ("https://www.dropbox.com/s/k/a.gz?dl=0", "https://www.dropbox.com/s/k/a.gz?dl=1"),
    ("https://www.dropbox.com/scl/fi/k/a.gz?rlkey=z&dl=0", "https://www.dropbox.com/scl/fi/k/a.gz?rlkey=z&dl=1"),
    ("https://zenodo.org/record/12/preview/a.gz", "https://zenodo.org/records/12/files/a.gz?download=1"),
]


@pytest.mark.parametrize(("url", "direct"), PAGES)
def test_page_is_told_and_rewritten(url: str, direct: str) -> None:
    finding = judged("url-is-a-web-page", *html(url), url=url)
    assert finding is not None
    assert finding.certain
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.url == direct
    assert page(direct) is None


@pytest.mark.parametrize(
    ("url", "command"),
    [
        ("https://drive.google.com/file/d/1AbC-d/view?usp=sharing", "gdown 1AbC-d"),
        ("https://drive.google.com/open?id=1AbC", "gdown 1AbC"),
        ("https://www.kaggle.com/datasets/o/mnist", "kaggle datasets download -d o/mnist"),
        ("https://www.kaggle.com/c/digit-recognizer/data", "kaggle competitions download -c digit-recognizer"),
    ],
)
def test_page_with_a_program_of_its_own(url: str, command: str) -> None:
    finding = judged("url-is-a-web-page", *html(url), url=url)
    assert finding is not None
    assert finding.fixes[0].commands[-1].text == command
    assert finding.fixes[0].untried


def test_zenodo_record_has_no_guessed_link() -> None:
    finding = judged("url-is-a-web-page", *html("https://zenodo.org/records/12"), url="https://zenodo.org/records/12")
    assert finding is not None
    assert finding.fixes[0].change is None


def test_page_look_alikes() -> None:
    blob = PAGES[0][0]
    assert judged("url-is-a-web-page", *html(PAGES[0][1]), url=PAGES[0][1]) is None  # body-html-instead-of-data
    assert judged("url-is-a-web-page", *html(blob, status=404), url=blob) is None  # http-404-*
    assert judged("url-is-a-web-page", *html(blob, what="gzip"), url=blob) is None  # data after all
    drive = "https://drive.google.com/file/d/1AbC/view"
    login = html(drive, host="accounts.google.com", hop=1)
    assert (
        judged("url-is-a-web-page", rec(ev.Exchange, "http", method="GET", url=drive, status=302), *login, url=drive)
        is None
    )
    assert (
        judged("url-is-a-web-page", rec(ev.Lookup, "dns", name="github.com", failure=Failure.NXDOMAIN), url=blob)
        is None
    )


def test_page_over_plain_http_may_be_a_portal() -> None:
    url = "http://github.com/o/r/blob/main/a.gz"
    finding = judged("url-is-a-web-page", *html(url), url=url)
    assert finding is not None
    assert not finding.certain
    assert finding.also_possible == ("captive-portal",)


def led(to: str, *, client: str = "requests") -> Finding | None:
    sent = rec(ev.Exchange, "http", method="GET", url="https://a.example/x.gz", status=302, location=to)
    refused = rec(ev.Exchange, "http", method="GET", url=to, location=to, failure=Failure.REDIRECT_SCHEME)
    return judged("url-scheme-unsupported", sent, refused, client=client)


@pytest.mark.parametrize("to", ["ftp://ftp.example.com/x.gz", "javascript:alert(1)", "file:///etc/passwd"])
def test_a_redirect_to_another_scheme(to: str) -> None:
    found = led(to)
    assert found is not None
    assert any(to in line for line in found.evidence)
    assert found.side == "server"
    assert all(fix.untried or fix.change for fix in found.fixes)
    assert any("curl" in line.text for fix in found.fixes for line in fix.commands) is to.startswith("ftp")


def test_curl_goes_on_to_ftp_by_itself() -> None:
    assert led("ftp://ftp.example.com/x.gz", client="curl") is None
    assert led("javascript:alert(1)", client="curl") is not None


SHARES = [
    ("https://docs.google.com/spreadsheets/d/1AbC/edit#gid=0", "https://docs.google.com/spreadsheets/d/1AbC/export?format=csv"),
    ("https://u-my.sharepoint.com/:u:/g/personal/a/Eb1?e=4x", "https://u-my.sharepoint.com/:u:/g/personal/a/Eb1?e=4x&download=1"),
    ("https://onedrive.live.com/redir?resid=A%211&authkey=z", "https://onedrive.live.com/download?resid=A%211&authkey=z"),
    ("https://osf.io/ab1cd/", "https://osf.io/download/ab1cd/"),
    ("https://data.example/file.xhtml?fileId=12&version=1.0", "https://data.example/api/access/datafile/12"),
    ("https://github.com/o/r/blob/main/a%20b.gz", "https://raw.githubusercontent.com/o/r/main/a%20b.gz"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "direct"), SHARES)
def test_shared_file_is_told_from_its_page(url: str, direct: str) -> None:
    told = page(url)
    assert told is not None
    assert told.direct == direct
    assert page(direct) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://figshare.com/articles/dataset/Name_of_it/22202866/3", "https://1drv.ms/u/s!AbC",
        "https://app.box.com/s/abc123", "https://zenodo.org/record/12",
    ],
)  # fmt: skip
def test_page_whose_file_cannot_be_guessed(url: str) -> None:
    told = page(url)
    assert told is not None
    assert (told.direct, told.command) == (None, None)


@pytest.mark.parametrize(
    "url",
    [
        "https://github.com/o/r/blob/main/a.gz?raw=true", "https://www.dropbox.com/s/k/a.gz?raw=1",
        "https://figshare.com/ndownloader/files/12", "https://zenodo.org/records/12/files/a.gz",
        "https://osf.io/ab1cd/?action=download", "https://u.sharepoint.com/sites/x/a.gz", "https://osf.io/a.gz",
        "https://docs.google.com/spreadsheets/d/1AbC/gviz/tq?tqx=out:csv", "https://files.example/s/abc",
    ],
)  # fmt: skip
def test_address_of_the_file_itself_is_no_page(url: str) -> None:
    assert page(url) is None


@pytest.mark.parametrize(
    ("url", "direct"),
    [
        ("https://figshare.com/ndownloader/files/12", "https://api.figshare.com/v2/file/download/12"),
        ("https://ndownloader.figshare.com/files/12", "https://api.figshare.com/v2/file/download/12"),
        ("https://api.figshare.com/v2/file/download/12", None),
        ("https://figshare.example/ndownloader/files/12", None),
    ],
)
def test_address_for_programs(url: str, direct: str | None) -> None:
    assert address_for_programs(url) == direct


@pytest.mark.parametrize(
    ("url", "status", "site"),
    [
        ("https://www.dropbox.com/s/k/a.zip?dl=1", 404, "Dropbox"),
        ("https://www.dropbox.com/s/k/a.zip?dl=1", 429, "Dropbox"),
        ("https://www.dropbox.com/about", 404, None),
        ("https://drive.google.com/uc?id=1AbC&export=download", 404, "Google Drive"),
        ("https://u-my.sharepoint.com/:u:/g/personal/a/Eb1?download=1", 403, "OneDrive or SharePoint"),
        ("https://github.com/o/r/archive/refs/heads/devel.zip", 404, "GitHub"),
        ("https://codeload.github.com/o/r/tar.gz/v1.0", 404, "GitHub"),
        ("https://github.com/o/r/releases/download/v1/a.zip", 404, "GitHub"),
        ("https://github.com/o/r/archive/refs/heads/devel.zip", 500, None),
        ("https://zenodo.org/records/12/files/a.gz?download=1", 404, "Zenodo"),
        ("https://ndownloader.figshare.com/files/12", 403, "figshare"),
        ("https://dropbox.example/s/k/a.zip", 404, None),
    ],
)
def test_what_a_refusal_means(url: str, status: int, site: str | None) -> None:
    told = meaning(Evidence(url=url).get(status, url=url).case())
    assert (told and told.site) == site
