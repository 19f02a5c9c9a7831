"""From what somebody read to the causes that show themselves so."""

from __future__ import annotations

import pytest

from mnistdoctor.causes.order import ORDER
from mnistdoctor.causes.signs import _signs, shown_as
from mnistdoctor.causes.stages import home_stage
from mnistdoctor.evidence import STAGES
from mnistdoctor.failure import Failure, in_words


def test_every_row_names_causes_that_there_are() -> None:
    named = {cause for causes in _signs().values() for cause in causes}
    assert named <= set(ORDER)
    assert all(_signs())


def test_a_stage_lists_its_own() -> None:
    for stage in STAGES:
        found = shown_as(stage)
        assert {cause for cause in ORDER if home_stage(cause) == stage} <= set(found)


@pytest.mark.parametrize(
    ("term", "first"),
    [
        ("404", "http-404-typo"), ("HTTP Error 404: Not Found", "http-404-typo"), ("504", "http-502-504-gateway"),
        ("500", "http-500-server-error"), ("418", "http-4xx-other"), ("511", "captive-portal"),
        ("http.client.HTTPException: 410 Client Error", "http-410-gone"), ("cache", "cache-stale-bad-file"),
        ("CERTIFICATE_VERIFY_FAILED", "tls-intercepted"), ("File not found or corrupted", "body-html-instead-of-data"),
        ("RuntimeError: File not found or corrupted.", "body-html-instead-of-data"),
        ("ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has "
         "expired (_ssl.c:1006)", "tls-cert-expired"),
        ("[Errno -3] Temporary failure in name resolution", "dns-temporary-failure"),
        ("_pickle.UnpicklingError: invalid load key, 'v'.", "body-lfs-pointer"),
        ("Tunnel connection failed: 407 Proxy Authentication Required", "proxy-auth-required"),
        ("trust store", ""), ("the weather", ""), ("", ""), ("4040", ""), ("not corrupted at all", ""),
    ],
)  # fmt: skip
def test_the_likeliest_comes_first(term: str, first: str) -> None:
    found = shown_as(term)
    assert (found[0] if found else "") == first


def test_what_json_reports_call_a_failure_is_known() -> None:
    """The codes of operations that a person may paste from a report; those of settings and runs say themselves."""
    said = [one for one in Failure if one.value.startswith(("dns_", "connection_", "ssl_", "network_", "body_"))]
    unknown = {one.value for one in said if not shown_as(one.value)}
    assert unknown <= {"dns_refused_error", "dns_server_misbehaving", "connection_aborted", "network_down",
                       "body_coding_invalid"}  # fmt: skip


def test_every_failure_has_words() -> None:
    for one in Failure:
        assert in_words(one).endswith(f" ({one})")
    assert in_words(Failure.REFUSED, "ECONNREFUSED") == "connection refused (ECONNREFUSED)"
