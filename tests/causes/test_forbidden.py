from __future__ import annotations

import dataclasses

import pytest

from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts.signed_urls import signature_parameter
from mnistdoctor.causes.http import forbidden
from mnistdoctor.causes.registry import by_id
from mnistdoctor.evidence import Fields, Machine
from tests.causes.evidence import HTML, S3, URL, Evidence, got, store_error
from tests.causes.judging import HTTP

STRANGE = "https://data.example.org/some/file.gz"
OURS = "mnistdoctor/0.1 (+https://example.org)"


def served_to_us(client: str, agent: str = "Python-urllib/3.11") -> Case:
    return (
        Evidence(client=client)
        .get(403, "", HTML, request_fields=(("User-Agent", agent),))
        .control(Control.AGENTS)
        .get(200, request_fields=(("User-Agent", OURS),))
        .case()
    )


@pytest.mark.parametrize(
    ("client", "shell", "word"),
    [
        ("keras", "python", "install_opener"),
        ("urllib", "python", "install_opener"),
        ("requests", "python", "requests.get("),
        ("torchvision", "posix", "-A"),
        ("curl", "posix", "-A"),
    ],
)
def test_the_agent_is_given_by_this_clients_own_means(client: str, shell: str, word: str) -> None:
    found = HTTP.finding("http-403-user-agent", served_to_us(client))
    assert found.certain
    assert "Python-urllib/3.11" in found.title
    best = found.fixes[0]
    assert best.change is not None
    assert best.change.user_agent == OURS
    assert {line.shell for line in best.commands} == {shell}
    assert word in " ".join(line.text for line in best.commands)
    assert OURS in " ".join(line.text for line in best.commands)


def test_python_commands_compile() -> None:
    for client in ("keras", "requests"):
        for line in HTTP.finding("http-403-user-agent", served_to_us(client)).fixes[0].commands:
            compile(line.text, "pasted", "exec")


def test_the_same_agent_served_later_proves_nothing() -> None:
    same = got(200, control="agents", request_fields=(("User-Agent", "Python-urllib/3.11"),))
    given = Evidence().get(403, "", HTML, request_fields=(("User-Agent", "Python-urllib/3.11"),)).add(*same).case()
    assert by_id()["http-403-user-agent"].found_in(given) is None


def test_a_refusal_that_passes_was_no_rule_about_a_name() -> None:
    again = got(200, control="again", request_fields=(("User-Agent", "Python-urllib/3.11"),))
    given = Evidence(*served_to_us("keras").observations[4:], *again, url=STRANGE, client="keras").case()
    found = HTTP.finding("http-403-unexplained", given)
    assert found.title.endswith("asked again, it serves the file")
    assert found.retry == "yes"
    assert found.fixes[0].title == "Fetch it again"


def test_a_shut_bucket_is_certain_and_one_object_is_not() -> None:
    shut = (
        Evidence().get(403, store_error("AccessDenied"), S3).control(Control.KNOWN_KEY).get(403, url=URL + "2").case()
    )
    assert HTTP.finding("http-403-object-not-public", shut).certain
    one = HTTP.finding(
        "http-403-object-not-public",
        Evidence().get(403, store_error("AccessDenied"), S3).control(Control.KNOWN_KEY).get(200).case(),
    )
    assert not one.certain
    assert one.also_possible == ("http-404-moved",)
    assert any("in the same bucket, answered 200" in line for line in one.evidence)


def test_an_unasked_bucket_leaves_doubt() -> None:
    assert not HTTP.finding(
        "http-403-object-not-public", Evidence().get(403, store_error("AccessDenied"), S3).case()
    ).certain


def test_other_sources_are_the_fix_and_can_be_tried() -> None:
    found = HTTP.finding(
        "http-403-object-not-public",
        Evidence(file="mnist/t10k-labels").get(403, store_error("AccessDenied"), S3).case(),
    )
    assert found.fixes[0].change is not None
    assert found.fixes[0].change.url == "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz"


def test_a_retired_source_names_the_releases_that_know_a_current_one() -> None:
    url = "http://yann.lecun.com/exdb/mnist/t10k-labels-idx1-ubyte.gz"
    found = HTTP.finding(
        "http-403-unexplained",
        Evidence(url=url, loader="torchvision", file="mnist/t10k-labels").get(403, "", HTML).case(),
    )
    assert "torchvision 0.9.1 and later" in found.fixes[0].title
    assert any("reported dead" in line for line in found.evidence)
    assert found.fixes[0].change is not None


def test_unexplained_rules_the_agent_out_and_stays_likely() -> None:
    assert not HTTP.finding("http-403-unexplained", Evidence().get(403, "", HTML).case()).certain
    refused = (
        Evidence().get(403, "", HTML).control(Control.AGENTS).get(403, request_fields=(("User-Agent", OURS),)).case()
    )
    found = HTTP.finding("http-403-unexplained", refused)
    assert not found.certain
    assert found.also_possible == ("http-403-ip-or-geo",)
    assert found.ruled_out == (("http-403-user-agent", "another honest agent was refused as well"),)


def test_a_forward_proxy_may_have_written_an_unmarked_403() -> None:
    found = HTTP.finding("http-403-unexplained", Evidence().get(403, "", HTML, via="proxy").case())
    assert not found.certain
    assert "proxy-connect-denied" in found.also_possible


def test_an_expired_link_says_since_when() -> None:
    url = "https://b.s3.amazonaws.com/a.gz?X-Amz-Date=20261118T000000Z&X-Amz-Expires=3600&X-Amz-Signature=***"
    date = (("Date", "Wed, 18 Nov 2026 03:00:00 GMT"),)
    found = HTTP.finding("http-403-signature", Evidence(url=url).get(403, "", date).case())
    assert any("2 hours" in line for line in found.evidence)
    early = (("Date", "Wed, 18 Nov 2026 00:30:00 GMT"),)
    assert forbidden.http_403_signature(Evidence(url=url).get(403, "", early).case()) is None


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("X-Goog-Signature=a", "X-Goog-Signature"),
        ("sig=a&se=2026-11-18", "sig"),
        ("Expires=1&Signature=a", "Signature"),
        ("sig=a", None),
        ("signature=dish", None),
        ("download=1", None),
    ],
)
def test_signed_addresses(query: str, name: str | None) -> None:
    assert signature_parameter(f"https://example.org/a?{query}") == name


def test_a_fresh_link_comes_from_the_first_host() -> None:
    first = "https://huggingface.co/datasets/a/b/resolve/main/c.parquet"
    last = "https://cdn.example.org/c?X-Amz-Signature=a"
    given = (
        Evidence(url=first)
        .get(302, url=first, location=last)
        .get(403, store_error("SignatureDoesNotMatch"), S3, url=last, hop=1)
        .case()
    )
    assert "huggingface.co" in HTTP.finding("http-403-signature", given).fixes[0].title


def test_azures_refusal_of_an_unsigned_request_is_no_broken_signature() -> None:
    fields = (("x-ms-request-id", "1"), ("x-ms-error-code", "AuthenticationFailed"))
    assert forbidden.http_403_signature(Evidence(url=STRANGE).get(403, "", fields).case()) is None
    signed = HTTP.finding(
        "http-403-signature", Evidence(url=STRANGE + "?sig=***&se=2026-11-18").get(403, "", fields).case()
    )
    assert signed.certain
    assert signed.ruled_out[0][0] == "http-403-object-not-public"


def test_a_page_is_not_quoted_as_text() -> None:
    text = HTTP.finding("http-403-unexplained", Evidence().get(403, "go away", HTML).case())
    assert any("go away" in line for line in text.evidence)
    page = HTTP.finding("http-403-unexplained", Evidence().get(403, "<p>go away", HTML).case())
    assert not any("go away" in line for line in page.evidence)


def test_gated_by_words_alone_is_only_likely() -> None:
    assert not HTTP.finding(
        "http-403-gated", Evidence(url=STRANGE).get(403, "Please accept the terms first").case()
    ).certain
    url = "https://huggingface.co/datasets/a/b/resolve/main/c.parquet"
    found = HTTP.finding("http-403-gated", Evidence(url=url).get(403, "", (("X-Error-Code", "GatedRepo"),)).case())
    assert found.certain
    assert "https://huggingface.co/datasets/a/b," in found.fixes[0].title


def test_windows_gets_powershell() -> None:
    given = Evidence(file="mnist/t10k-labels").get(403, store_error("AccessDenied"), S3).case()
    records = tuple(
        dataclasses.replace(one, platform="Windows-10") if isinstance(one, Machine) else one
        for one in given.observations
    )
    found = HTTP.finding("http-403-object-not-public", dataclasses.replace(given, observations=records))
    assert found.fixes[0].commands[0].shell == "powershell"


def test_a_filter_on_this_machine_is_your_own_side() -> None:
    found = HTTP.finding("http-403-corporate-filter", Evidence().get(403, "URL is blocked by SpIDer Gate", HTML).case())
    assert found.side == "you"
    assert (
        HTTP.finding("http-403-corporate-filter", Evidence().get(403, "Blocked by ContentKeeper", HTML).case()).side
        is None
    )


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("", (("X-Error-Code", "GatedRepo"),)),
        (store_error("AccessDenied"), S3),
        ("error code: 1009", (("CF-RAY", "1"),)),
        ("", (("cf-mitigated", "challenge"),)),
        ("configured to block access from your country", HTML),
        ("Powered By FortiGuard", HTML),
        ("", (("x-ratelimit-remaining", "0"),)),
    ],
)
def test_a_reason_that_is_given_is_believed_though_another_agent_is_served(text: str, fields: Fields) -> None:
    other = got(200, control="agents", request_fields=(("User-Agent", OURS),))
    cause = by_id()["http-403-user-agent"]
    assert cause.found_in(Evidence().get(403, text, fields).add(*other).case()) is None
    assert cause.found_in(Evidence().get(403, "", HTML).add(*other).case()) is not None


@pytest.mark.parametrize("status", [400, 402, 403, 405, 406, 409, 418, 420, 444, 456])
def test_other_statuses_that_sites_choose_for_programs(status: int) -> None:
    other = got(200, control="agents", request_fields=(("User-Agent", OURS),))
    cause = by_id()["http-403-user-agent"]
    assert cause.found_in(Evidence().get(status).add(*other).case()) is not None
    assert cause.found_in(Evidence().get(status).add(*got(status, control="agents")).case()) is None


@pytest.mark.parametrize("status", [404, 408, 410, 413, 414, 416, 421, 425, 451, 503])
def test_statuses_that_mean_what_they_say(status: int) -> None:
    """No further request is made for them."""
    assert by_id()["http-403-user-agent"].found_in(Evidence().get(status).case()) is None


def test_an_agent_does_not_explain_a_refusal_of_credentials() -> None:
    other = got(200, control="agents", request_fields=(("User-Agent", OURS),))
    cause = by_id()["http-403-user-agent"]
    assert cause.found_in(Evidence().get(403, "", HTML, credentials="netrc").add(*other).case()) is None
