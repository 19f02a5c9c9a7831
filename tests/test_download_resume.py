"""A download that was cut is gone on with, also behind a redirect, and only where the rest is of the same file."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnistdoctor.demo.connection import Connection, Fault
from mnistdoctor.demo.faults_http import by_request, head, redirect, respond, serve
from mnistdoctor.demo.servers import Server
from tests.test_download import BODY, HALF, NAME, SHA256, fetch, names

Fields = tuple[tuple[str, str], ...]
TAG: Fields = (("ETag", '"demo"'),)
DATE = "Sat, 28 Nov 2026 10:00:00 GMT"


def cut_first(fields: Fields, then: Fault) -> Fault:
    """The head with these fields and half of the body; then, where a range is asked for, what is given."""

    def half(connection: Connection) -> None:
        connection.send(head(200, (*fields, ("Content-Length", str(len(BODY))))) + BODY[:HALF])
        connection.finish()

    return by_request(lambda request: request.field("Range") is not None, then, half)


def rest_of(total: int, start: int = HALF) -> Fault:
    return respond(206, BODY[start:], (("Content-Range", f"bytes {start}-{len(BODY) - 1}/{total}"), *TAG))


def run(folder: Path, url: str) -> int:
    return fetch(url, "--to", str(folder), "--sha256", SHA256, "--timeout", "5").code


def test_the_range_goes_to_the_host_behind_a_redirect(tmp_path: Path) -> None:
    with Server(cut_first(TAG, serve(BODY))) as store, Server(redirect(store.url(f"/{NAME}"))) as front:
        assert run(tmp_path, front.url(f"/{NAME}")) == 0
        asked = [(one.field("Range"), one.field("If-Range")) for one in store.log.requests]
    assert asked[-1] == (f"bytes={HALF}-", '"demo"')
    assert (tmp_path / NAME).read_bytes() == BODY
    assert names(tmp_path) == {NAME}


@pytest.mark.parametrize(
    "fields",
    [
        (("ETag", 'W/"demo"'),),
        (),
        (("Last-Modified", DATE), ("Date", DATE)),
        (("Last-Modified", DATE),),
        (("Last-Modified", "yesterday"), ("Date", DATE)),
    ],
)
def test_no_range_is_asked_for_where_nothing_tells_that_it_would_fit(fields: Fields, tmp_path: Path) -> None:
    with Server(cut_first(fields, serve(BODY))) as server:
        assert run(tmp_path, server.url(f"/{NAME}")) == 1
        assert not any(one.field("Range") for one in server.log.requests)
    assert names(tmp_path) == set()


def test_a_time_that_is_past_tells_it(tmp_path: Path) -> None:
    later = (("Last-Modified", DATE), ("Date", DATE.replace("10:00", "10:01")))
    with Server(cut_first(later, serve(BODY, etag=DATE))) as server:
        assert run(tmp_path, server.url(f"/{NAME}")) == 0
        assert server.log.requests[-1].field("If-Range") == DATE


@pytest.mark.parametrize("then", [rest_of(len(BODY) + 1), rest_of(len(BODY), HALF + 1)])
def test_a_rest_of_another_file_is_not_joined(then: Fault, tmp_path: Path) -> None:
    with Server(cut_first(TAG, then)) as server:
        assert run(tmp_path, server.url(f"/{NAME}")) == 1
    assert names(tmp_path) == set()


def test_a_file_that_changed_meanwhile_is_taken_whole(tmp_path: Path) -> None:
    with Server(cut_first(TAG, serve(BODY, etag='"new"'))) as server:
        assert run(tmp_path, server.url(f"/{NAME}")) == 0
    assert (tmp_path / NAME).read_bytes() == BODY


def test_no_byte_is_asked_for_twice(tmp_path: Path) -> None:
    with Server(cut_first(TAG, serve(BODY))) as server:
        assert run(tmp_path, server.url(f"/{NAME}")) == 0
        asked = [one.field("Range") for one in server.log.requests]
    assert asked == [None, f"bytes={HALF}-"]


def test_the_secrets_of_a_url_go_along_with_the_range(tmp_path: Path) -> None:
    query = "X-Amz-Signature=0123456789abcdef0123456789abcdef"
    with Server(cut_first(TAG, serve(BODY))) as server:
        assert run(tmp_path, server.url(f"/{NAME}?{query}")) == 0
        assert query in server.log.requests[-1].target
