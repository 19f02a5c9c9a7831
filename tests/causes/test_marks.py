from __future__ import annotations

from typing import get_args

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.facts import marks, object_stores
from tests.causes.evidence import rec


def head(status: int = 403, **fields: str) -> ev.Exchange:
    pairs = tuple((name.replace("_", "-"), value) for name, value in fields.items())
    found = rec(ev.Exchange, "http", method="GET", url="https://example.org/x.gz", status=status, fields=pairs)
    assert isinstance(found, ev.Exchange)
    return found


def test_every_rule_of_the_file_is_read() -> None:
    for group in get_args(marks.Group):
        found = [rule.mark for rule in marks._rules() if rule.mark.group == group]
        assert found
        assert all(mark.weight in ("high", "medium", "low") for mark in found)


def test_a_field_is_matched_in_any_letter_case_and_quoted_as_seen() -> None:
    (mark,) = marks.matching(head(SERVER="zscaler/6.2"), "", "filter")
    assert (mark.vendor, mark.weight, mark.quote) == ("Zscaler", "high", "Server: zscaler/6.2")


def test_status_bound_marks_need_their_status() -> None:
    text = "<p>see errors.edgesuite.net</p>"
    assert marks.matching(head(403), text, "wall")
    assert not marks.matching(head(200), text, "wall")


def test_all_patterns_of_a_rule_must_match() -> None:
    text = "The request could not be satisfied"
    assert not marks.matching(head(403), text, "wall")
    assert [one.id for one in marks.matching(head(403), text + " Request blocked.", "wall")] == ["cloudfront-blocked"]


def test_cloudfronts_x_cache_is_no_squid() -> None:
    assert not marks.proxy_marks(head(x_cache="Miss from cloudfront"))
    assert [one.vendor for one in marks.proxy_marks(head(x_cache="MISS from proxy1:3128"))] == ["Squid"]


def test_weights() -> None:
    page = marks.matching(head(403), "<title>Just a moment...</title>", "wall")
    assert page[0].weight == "medium"
    assert marks.convincing(page) is None
    assert marks.convincing(page, witness=True) is page[0]
    weak = marks.matching(head(403), "Webfilter Violation", "filter")
    assert weak
    assert marks.convincing(weak, witness=True) is None
    two = marks.matching(head(403, server="ddos-guard"), "DDOS-GUARD", "wall")
    assert marks.convincing(two) is not None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<span class="cf-error-code">1020</span>', 1020),
        ("error code: 1010", 1010),
        ("<h1>Error <span>1009</span></h1>", 1009),
        ("error code: 4711", None),
        ("all is well", None),
    ],
)
def test_cloudflares_number(text: str, code: int | None) -> None:
    assert marks.cloudflare_code(head(cf_ray="8c1f"), text) == code


def test_another_servers_number_is_not_cloudflares() -> None:
    assert marks.cloudflare_code(head(server="nginx"), "error code: 1020") is None
    assert marks.cloudflare_meaning(1009) == "address"


@pytest.mark.parametrize(
    ("fields", "text", "provider", "code", "meaning"),
    [
        ({"x-amz-request-id": "A"}, "<Error><Code>NoSuchKey</Code></Error>", "s3", "NoSuchKey", "gone"),
        (
            {"server": "AmazonS3"},
            "<?xml version='1.0'?>\n<Error>\n <Code>SlowDown</Code></Error>",
            "s3",
            "SlowDown",
            "overload",
        ),
        (
            {"x-goog-hash": "A"},
            "<Error><Code>AccessDenied</Code></Error>",
            "gcs",
            "AccessDenied",
            "private",
        ),
        ({"x-ms-error-code": "BlobNotFound", "x-ms-request-id": "A"}, "", "azure", "BlobNotFound", "gone"),
        ({"server": "AmazonS3"}, "<html><ul><li>Code: NoSuchBucket</li></ul>", "s3", "NoSuchBucket", "gone"),
        ({}, '{"code":"NoSuchKey","message":"m","requestId":"r"}', None, "NoSuchKey", "gone"),
        (
            {},
            "Anonymous caller does not have storage.objects.get access to the object.",
            None,
            "AccessDenied",
            "private",
        ),
        ({}, "<Error><Code>Strange</Code></Error>", None, "Strange", None),
        (
            {"x-amz-request-id": "A"},
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
            "s3",
            "AccessDenied",
            "signature",
        ),
    ],
)
def test_store_errors(fields: dict[str, str], text: str, provider: str | None, code: str, meaning: str | None) -> None:
    pairs = tuple(fields.items())
    exchange = rec(ev.Exchange, "http", method="GET", url="https://example.org/", status=403, fields=pairs)
    found = object_stores.store_error(exchange, text)
    assert found is not None
    assert (found.provider, found.code, found.meaning) == (provider, code, meaning)


def test_no_store_error() -> None:
    assert object_stores.store_error(head(), "<html><body>Code</body></html>") is None
    assert object_stores.store_error(head(), '{"code": "whatever"}') is None
    assert object_stores.store_error(None, "") is None


def test_the_endpoint_is_read() -> None:
    text = "<Error><Code>PermanentRedirect</Code><Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint></Error>"
    found = object_stores.store_error(head(301), text)
    assert found is not None
    assert found.endpoint == "b.s3.eu-west-1.amazonaws.com"


def test_hubs() -> None:
    assert marks.hub_reason(head(403, x_error_code="GatedRepo")) == ("gated", "X-Error-Code: GatedRepo")
    assert marks.hub_reason(head(403, x_ratelimit_remaining="0")) is not None
    assert marks.hub_reason(head(200, x_ratelimit_remaining="0")) is None
    assert marks.hub_reason(None) is None


def test_proxy_status_tells_who_spoke() -> None:
    value = 'cdn; received-status=503, "gate, one"; error=dns_timeout; details="a; b"'
    (error,) = marks.proxy_status((("Proxy-Status", value),))
    assert (error.hop, error.error, error.kind, error.relayed) == ("gate, one", "dns_timeout", "dns", False)
    (relayed,) = marks.proxy_status((("proxy-status", "gate; error=http_request_denied; received-status=403"),))
    assert relayed.relayed


def test_squids_name() -> None:
    assert marks.squid_error((("X-Squid-Error", "ERR_DNS_FAIL 0"),)) == ("ERR_DNS_FAIL", "dns")
    assert marks.squid_error((("X-Squid-Error", "nonsense"),)) is None


def test_made_by_a_proxy_or_only_relayed() -> None:
    assert marks.made_by_proxy(head(x_squid_error="ERR_ACCESS_DENIED 0", via="1.1 gate (squid/6.1)")) is not None
    assert marks.made_by_proxy(head(server="nginx", via="1.1 gate (squid/6.1)")) is None
    assert marks.made_by_proxy(head(via="1.1 gate (squid/6.1)")) is not None
    assert marks.made_by_proxy(head(proxy_status="gate; error=connection_refused")) is not None
    assert marks.made_by_proxy(head(proxy_status="gate; error=x; received-status=403")) is None
    assert marks.made_by_proxy(head(server="nginx")) is None


@pytest.mark.timeout(90)
def test_long_hostile_text_is_searched_in_time() -> None:
    """In a second; a search that goes back and back would take hours, and the time-out only says so."""
    for filler in ("<Error><Code>", "error <span ", "<!doctype ", '{"code"', "Reference #1.", "a;error="):
        text = (filler * 40_000)[:400_000]
        marks.matching(head(403, server="AkamaiGHost"), text)
        object_stores.store_error(head(), text)
        marks.cloudflare_code(head(cf_ray="1"), text)
        marks.proxy_status((("Proxy-Status", text[:2048]),))
