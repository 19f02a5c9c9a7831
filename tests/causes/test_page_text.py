"""What a refusal's page says to whoever reads it."""

from __future__ import annotations

import pytest

from mnistdoctor.causes.facts.page_text import lines, reason
from tests.causes.evidence import HTML, Evidence
from tests.causes.judging import HTTP

BLOCKED = "Access to this resource has been blocked due to unusual traffic from your network."


def _page(inner: str, title: str = "403 Forbidden") -> str:
    head = f"<head><title>{title}</title><style>p {{}}</style></head>"
    return f"<html>{head}<body><h1>403 Forbidden</h1>{inner}</body></html>"


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (_page(f"<p>{BLOCKED}</p>"), BLOCKED),
        (_page("<div><b>Access to this</b> resource has\n been blocked due to <i>unusual</i> traffic from your "
               "network.</div>"), BLOCKED),
        (_page("<p>Downloads are closed for maintenance &amp; moves<br>until Monday</p>"),
         "Downloads are closed for maintenance & moves"),
        ("Your country is not served from this host.\n", "Your country is not served from this host."),
        ('{"message": "Downloads need an account since 2025."}', "Downloads need an account since 2025."),
        ('{"error": {"code": 7, "message": "Requests from data centres are refused."}}',
         "Requests from data centres are refused."),
        (_page("<script>var x = 'this is not shown to anybody';</script><p>Please use the mirror network instead.</p>"),
         "Please use the mirror network instead."),
    ],
)  # fmt: skip
def test_a_page_that_says_why(body: str, told: str) -> None:
    case = Evidence(url="https://files.example/a.gz").get(403, body, HTML, title="403 Forbidden").case()
    assert reason(case) == told
    found = HTTP.finding("http-403-unexplained", case)
    assert f"its page says “{told}”" in found.evidence
    assert "does not say why" not in found.title


@pytest.mark.parametrize(
    "body",
    [
        _page(""),
        _page("<hr><center>nginx/1.24.0 (Ubuntu)</center>"),
        _page("<p>You don't have permission to access /a.gz\non this server.</p><hr>"
              "<address>Apache/2.4 Server at files.example Port 443</address>"),
        _page("<p>Access denied</p><p>Request ID: 9a8b7c</p>"),
        "", "Forbidden\n", "{}", '{"message": "Forbidden"}', "[" * 9000, "{" * 9000, "<" * 9000,
        "<html><body>" + "<script>" * 900,
    ],
)  # fmt: skip
def test_a_page_that_says_nothing(body: str) -> None:
    case = Evidence(url="https://files.example/a.gz").get(403, body, HTML, title="403 Forbidden").case()
    assert reason(case) == ""
    assert "does not say why" in HTTP.finding("http-403-unexplained", case).title


def test_only_the_beginning_is_read() -> None:
    assert lines("<p>" + "a" * 20_000) == ("a" * 8189,)
