"""Pages, pointers and documents that came in place of the data."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.length import pages
from tests.causes.evidence import GZ, KNOWN, LABELS, PLAIN, SHA256, Evidence, answer, digests, page, rec
from tests.causes.judging import BODIES, diagnosed

POINTER = f"version https://git-lfs.github.com/spec/v1\noid sha256:{SHA256}\nsize 4542\n".encode()
ERROR = b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
PLAIN_PAGE = page("Our datasets", "Welcome")
CHALLENGE = page("Just a moment...", "<script>window._cf_chl_opt={}</script>")
FILTERED = page("Internet Security by Zscaler", "Sorry")
SCAN = page("Google Drive - Virus scan warning", "<form id='download-form'></form>")


def test_a_plain_page() -> None:
    one, found = BODIES.first(Evidence(**KNOWN).body(PLAIN_PAGE, fields=(("Content-Type", "text/html"),)).case())
    assert one == "body-html-instead-of-data"
    assert found is not None
    assert found.certain
    assert 'titled "Our datasets"' in found.title
    assert diagnosed(PLAIN_PAGE, fields=(("Content-Type", "application/gzip"),)) == "body-html-instead-of-data"


def test_a_page_is_right_only_under_a_name_that_says_so() -> None:
    for url in (f"{PLAIN}.html", f"{PLAIN}/", f"{PLAIN}/?C=M;O=A", "https://files.example", f"{PLAIN}.HTM?session=1"):
        assert BODIES.first(Evidence(url=url).body(PLAIN_PAGE).case()) == (None, None)
    assert BODIES.first(Evidence(url=PLAIN).body(PLAIN_PAGE).case())[0] == "body-html-instead-of-data"
    assert BODIES.first(Evidence(url=f"{PLAIN}/?id=7").body(PLAIN_PAGE).case())[0] == "body-html-instead-of-data"
    assert BODIES.first(Evidence(url=f"{PLAIN}/", size=9).body(PLAIN_PAGE).case())[0] == "body-html-instead-of-data"
    assert BODIES.first(Evidence(url=GZ).body(PLAIN_PAGE).case())[0] == "body-html-instead-of-data"
    assert BODIES.first(Evidence(url=PLAIN, content="npz").body(PLAIN_PAGE).case())[0] == "body-html-instead-of-data"
    assert BODIES.first(Evidence(url=PLAIN, size=4542).body(PLAIN_PAGE).case())[0] == "body-html-instead-of-data"
    assert (
        BODIES.first(Evidence(url=GZ).body(PLAIN_PAGE, limited=True, declared=100_000).case())[0]
        == "body-html-instead-of-data"
    )
    assert (
        BODIES.first(Evidence(url=GZ, size=len(PLAIN_PAGE)).body(PLAIN_PAGE).case())[0] == "body-html-instead-of-data"
    )


def test_a_page_over_plain_http_or_after_a_redirect_may_be_a_portal_or_a_login() -> None:
    plain = BODIES.first(Evidence().body(PLAIN_PAGE).case(**{**KNOWN, "url": GZ.replace("https", "http")}))[1]
    assert plain is not None
    assert (plain.certain, plain.also_possible) == (False, ("captive-portal",))
    first = rec(ev.Exchange, "http", method="GET", url=GZ, status=302)
    ended = Evidence(first, *(ev_hop(one) for one in answer(PLAIN_PAGE)), **KNOWN).case()
    found = BODIES.first(ended)[1]
    assert found is not None
    assert found.also_possible == ("http-redirect-to-login",)


def ev_hop(one: Any) -> Any:
    from dataclasses import replace

    return replace(one, hop=1)


@pytest.mark.parametrize("cause", pages.CAUSES, ids=lambda cause: cause.id)
def test_no_page_cause_holds_of_data(cause: Any) -> None:
    for data in (LABELS, gzip.compress(b"<html>"), b"\0" * 4542):
        assert cause.found_in(Evidence(**KNOWN).body(data).case()) is None


def test_block_page() -> None:
    one, found = BODIES.first(Evidence(**KNOWN).body(FILTERED).case())
    assert one == "body-block-page"
    assert found is not None
    assert found.title.startswith("Zscaler on your network")
    assert diagnosed(FILTERED, status=502) == "body-block-page"
    assert diagnosed(FILTERED, status=403) != "body-block-page"
    assert diagnosed(FILTERED, status=407) != "body-block-page"
    assert BODIES.first(Evidence(url=PLAIN).body(FILTERED).case())[0] == "body-block-page"
    assert BODIES.first(Evidence(url=f"{PLAIN}.html").body(FILTERED).case()) == (None, None)


def test_a_weak_mark_of_a_filter_is_a_hint_and_no_verdict() -> None:
    one, found = BODIES.first(Evidence(**KNOWN).body(page("Notice", "FortiGate Application Control")).case())
    assert found is not None
    assert (one, found.certain, found.also_possible) == ("body-html-instead-of-data", False, ("body-block-page",))


def test_challenge_page() -> None:
    wall = (("Server", "cloudflare"), ("CF-Mitigated", "challenge"))
    assert diagnosed(CHALLENGE, fields=wall) == "body-challenge-page"
    assert diagnosed(page("", "Incapsula incident ID: 47-11")) == "body-challenge-page"
    assert diagnosed(page("", "Making sure you're not a bot!")) == "body-challenge-page"
    assert diagnosed(b"", status=202, fields=(("x-amzn-waf-action", "challenge"),)) == "body-challenge-page"
    assert diagnosed(CHALLENGE, fields=wall, status=403) != "body-challenge-page"
    assert diagnosed(PLAIN_PAGE, fields=(("Server", "cloudflare"), ("CF-RAY", "x"))) == "body-html-instead-of-data"


def test_drive() -> None:
    url = "https://drive.google.com/uc?export=download&id=1AbCdEfGhIjKlMnOp"
    one, found = BODIES.first(Evidence().body(SCAN).case(**{**KNOWN, "url": url}))
    assert one == "body-drive-interstitial"
    assert found is not None
    assert found.fixes[0].commands[1].text == "python -m gdown 1AbCdEfGhIjKlMnOp"
    hostile = BODIES.first(
        Evidence().body(SCAN).case(**{**KNOWN, "url": "https://drive.google.com/uc?id=x;rm%20-rf%20."})
    )[1]
    assert hostile is not None
    assert not any("gdown" in line.text for fix in hostile.fixes for line in fix.commands)
    quota = page("Google Drive - Quota exceeded", "Too many users have viewed or downloaded this file recently")
    one, found = BODIES.first(Evidence(**KNOWN).body(quota).case())
    assert (one, found is not None and found.retry) == ("body-drive-interstitial", "later")


def test_lfs_pointer() -> None:
    url = "https://raw.githubusercontent.com/owner/repository/main/data/t10k.gz"
    one, found = BODIES.first(Evidence().body(POINTER).case(**{**KNOWN, "url": url}))
    assert one == "body-lfs-pointer"
    assert found is not None
    assert any("the digest that was due" in said for said in found.evidence)
    change = found.fixes[0].change
    assert change is not None
    assert change.url == "https://media.githubusercontent.com/media/owner/repository/main/data/t10k.gz"
    hub = BODIES.first(
        Evidence().body(POINTER).case(**{**KNOWN, "url": "https://huggingface.co/datasets/a/b/raw/main/x.gz"})
    )[1]
    assert hub is not None
    assert hub.fixes[0].change is not None
    assert hub.fixes[0].change.url == "https://huggingface.co/datasets/a/b/resolve/main/x.gz"
    assert BODIES.first(Evidence(url=PLAIN).body(POINTER).case())[0] == "body-lfs-pointer"
    itself = {"url": PLAIN, "digests": digests(POINTER)}
    assert BODIES.first(Evidence(**itself).body(POINTER).case()) == (None, None)
    assert diagnosed(POINTER.replace(b"git-lfs", b"git-other")) == "body-error-document"


def test_error_documents() -> None:
    one, found = BODIES.first(Evidence(**KNOWN).body(ERROR, fields=(("x-amz-request-id", "1"),)).case())
    assert one == "body-error-document"
    assert found is not None
    assert found.certain
    assert '"AccessDenied"' in found.title
    stated = BODIES.first(Evidence(**KNOWN).body(json.dumps({"error": "rate limit reached"}).encode()).case())
    assert stated[0] == "body-error-document"
    assert stated[1] is not None
    assert '"rate limit reached"' in stated[1].title
    unsure = BODIES.first(Evidence(**KNOWN).body(b'{"files": []}').case())
    assert (unsure[0], unsure[1] is not None and unsure[1].certain) == ("body-error-document", False)
    assert BODIES.first(Evidence(url=PLAIN).body(ERROR).case())[0] == "body-error-document"
    assert diagnosed(b"<oml:error><oml:code>111</oml:code></oml:error>") != "body-error-document"


def test_nothing_at_all() -> None:
    assert diagnosed(b"") == "body-error-document"
    assert diagnosed(b"", status=204, declared=None) == "body-error-document"
    assert BODIES.first(Evidence(url=GZ).body(b"").case())[0] == "body-error-document"
    assert BODIES.first(Evidence(url=PLAIN).body(b"").case())[0] == "body-error-document"
    assert BODIES.first(Evidence(url=PLAIN, size=0).body(b"").case()) == (None, None)
    assert BODIES.first(Evidence(url=PLAIN, digests=digests(b"")).body(b"").case()) == (None, None)
    assert BODIES.first(Evidence(url="https://files.example/x/__init__.py").body(b"").case()) == (None, None)
    assert diagnosed(b"", declared=4542, failure="body_incomplete") == "body-truncated"


def test_packed_twice() -> None:
    one, found = BODIES.first(Evidence(**KNOWN).body(gzip.compress(LABELS)).case())
    assert (one, found is not None and found.side) == ("body-double-packed", "server")
    assert BODIES.first(Evidence(url=GZ).body(gzip.compress(LABELS)).case()) == (None, None)
    assert (
        BODIES.first(Evidence(url=GZ, content="gzip-idx").body(gzip.compress(LABELS)).case())[0] == "body-double-packed"
    )
    kept = BODIES.first(Evidence().body(gzip.compress(LABELS), coding="gzip").case(**{**KNOWN, "client": "urllib"}))
    assert kept[0] == "body-double-packed"
    assert kept[1] is not None
    assert "--compressed" in kept[1].fixes[0].commands[0].text
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("labels"))
    assert diagnosed(file.getvalue()) == "body-double-packed"
    assert BODIES.first(Evidence(url=GZ, content="tar-gz").body(file.getvalue()).case()) == (None, None)


def test_text_modes() -> None:
    assert diagnosed(LABELS.replace(b"\n", b"\r\n")) == "body-double-packed"
    assert diagnosed(LABELS.decode("utf-8", "replace").encode()) == "body-double-packed"
