"""From what somebody read to the causes that show themselves so."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from mnistdoctor.catalogue import load
from mnistdoctor.causes.order import ORDER
from mnistdoctor.causes.stages import home_stage
from mnistdoctor.evidence import STAGES
from mnistdoctor.failure import Failure, in_words
from mnistdoctor.symptoms import terms
from mnistdoctor.symptoms.matches import read
from mnistdoctor.symptoms.templates import templates

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

CATALOGUE = load()


def shown_as(term: str) -> tuple[str, ...]:
    return terms.shown_as(term, CATALOGUE)


def test_every_row_names_causes_that_there_are_and_each_once() -> None:
    for row in templates():
        assert {*row.causes, *row.further, *(cause for causes in row.where.values() for cause in causes)} <= set(ORDER)
        assert not set(row.causes) & set(row.further)
        assert row.record or row.causes or row.where or row.further


def test_words_stand_in_one_row() -> None:
    """What a pattern knows is found by it; only what none knows is a term, and of one row."""
    listed = [term for row in templates() for term in row.terms]
    assert len(listed) == len({term.casefold() for term in listed})
    known = {
        term
        for term in listed
        if any(row.says and row.says.fullmatch(term) and not term.isdigit() for row in templates())
    }
    assert known == set()


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
        ("CERTIFICATE_VERIFY_FAILED", "tls-trust-store-empty"), ("certificate_verify_failed", "tls-trust-store-empty"),
        ("RuntimeError: File not found or corrupted.", "checksum-mismatch-corruption"),
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


WORDINGS = tomllib.loads((Path(__file__).parent / "wordings.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("row", WORDINGS.values(), ids=WORDINGS.keys())
def test_what_triage_says_of_a_line_is_among_them(row: dict[str, str]) -> None:
    line = row["text"].strip().splitlines()[-1]
    reading = read(line, CATALOGUE)
    if reading.verdict == "download-failure":
        assert reading.matches[0].cause in shown_as(line)


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
