"""Certificates that are wrong in themselves: names, dates, keys."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor.causes.case import Case, Control
from tests.causes.evidence import DAY, HOST, NOW, Evidence, broken, cert, dated, other_store, public, refused, unrelated
from tests.causes.judging import WIRE, commands

FILE = "mnist/t10k-labels"
CLEAN = unrelated(public(subject="example.com"))


def misnamed(*names: str, code: int = 62, **fields: Any) -> Any:
    return refused(code, cert(names[0], names=names), failure="ssl_invalid_hostname", **fields)


def judged(*records: Any, **fields: Any) -> Case:
    fields.setdefault("asked", ("unrelated-tls", "portal", "trust"))
    return Evidence(file=FILE).trust().add(*records).case(**fields)


# names


@pytest.mark.parametrize("code", [62, 64])
def test_another_name(code: int) -> None:
    finding = WIRE.only(judged(misnamed("www.unrelated.example", code=code), CLEAN), "tls-hostname-mismatch")
    assert finding.certain
    assert "www.unrelated.example" in finding.title
    assert HOST in finding.title
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.url != Evidence().case().subject.url


def test_without_a_control_another_name_may_be_a_filters() -> None:
    finding = WIRE.only(Evidence().trust().add(misnamed("www.unrelated.example")).case(), "tls-hostname-mismatch")
    assert "tls-block-page-certificate" in finding.also_possible
    assert WIRE.questions(Evidence().trust().add(misnamed("x.example")).case(asked=())) == {"unrelated-tls"}


def test_a_bucket_with_dots() -> None:
    url = "https://my.data.s3.eu-west-1.amazonaws.com/mnist/a.gz?x=1"
    finding = WIRE.only(judged(misnamed("*.s3.eu-west-1.amazonaws.com"), url=url), "tls-hostname-mismatch")
    assert finding.certain
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.url == "https://s3.eu-west-1.amazonaws.com/my.data/mnist/a.gz?x=1"


def test_an_address_in_place_of_a_name() -> None:
    finding = WIRE.only(
        judged(misnamed("data.example", code=64), CLEAN, url="https://192.0.2.1/a.gz"), "tls-hostname-mismatch"
    )
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.url == "https://data.example/a.gz"


def test_a_www_too_many() -> None:
    finding = WIRE.only(
        judged(misnamed("data.example"), CLEAN, url="https://www.data.example/a.gz"), "tls-hostname-mismatch"
    )
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.url == "https://data.example/a.gz"


def test_a_filters_own_name() -> None:
    finding = WIRE.only(judged(misnamed("block.opendns.com"), CLEAN), "tls-block-page-certificate")
    assert finding.certain
    assert "Cisco Umbrella" in finding.title


def test_one_certificate_for_all_hosts() -> None:
    twin = unrelated(cert("portal.hotel.example"), code=62, failure="ssl_invalid_hostname")
    finding = WIRE.only(judged(misnamed("portal.hotel.example"), twin), "tls-block-page-certificate")
    assert finding.also_possible == ("captive-portal",)
    assert WIRE.only(judged(misnamed("portal.hotel.example"), twin, dated(1)), "tls-block-page-certificate").certain


@pytest.mark.parametrize(("page", "certain"), [("<html>Welcome to our hotel</html>", False), ("success", True)])
def test_a_portal_that_answers_every_check_with_its_page(page: str, certain: bool) -> None:
    twin = unrelated(cert("portal.hotel.example"), code=62, failure="ssl_invalid_hostname")
    url = "http://detectportal.example/success.txt"
    check = Evidence().control(Control.PORTAL).get(200, page, url=url)
    case = judged(misnamed("portal.hotel.example"), twin, *check)
    assert WIRE.only(case, "tls-block-page-certificate").certain is certain


def test_another_foreign_name_elsewhere_is_no_twin() -> None:
    other = unrelated(cert("elsewhere.example"), code=62, failure="ssl_invalid_hostname")
    WIRE.only(judged(misnamed("www.unrelated.example"), other), "tls-hostname-mismatch")


# dates


def ended(days: float = 3, **fields: Any) -> Any:
    leaf = cert(not_before=NOW - 90 * DAY, not_after=NOW - days * DAY)
    return refused(10, leaf, failure="ssl_invalid_certificate", **fields)


def test_expired() -> None:
    finding = WIRE.only(judged(ended(), dated(-1)), "tls-cert-expired")
    assert finding.certain
    assert "2026-11-15" in finding.title
    assert "3 days ago" in finding.title
    assert finding.fixes[0].change is not None
    assert "tls-clock-wrong" in dict(finding.ruled_out)


def test_expired_without_a_date_to_compare_is_only_likely() -> None:
    assert WIRE.only(judged(ended()), "tls-cert-expired").also_possible == ("tls-clock-wrong",)


def test_the_date_is_asked_for() -> None:
    assert WIRE.questions(Evidence().trust().add(ended()).case(asked=())) == {"portal"}


def test_a_clock_that_is_ahead() -> None:
    finding = WIRE.only(judged(ended(), dated(-30 * DAY)), "tls-clock-wrong")
    assert finding.certain
    assert "30 days ahead" in finding.title
    assert commands(finding) == ["sudo timedatectl set-ntp true"]


def test_a_clock_that_is_behind() -> None:
    leaf = cert(not_before=NOW + 10 * DAY, not_after=NOW + 90 * DAY)
    finding = WIRE.only(judged(refused(9, leaf, failure="ssl_invalid_certificate"), dated(30 * DAY)), "tls-clock-wrong")
    assert "30 days behind" in finding.title


def test_a_wrong_clock_that_does_not_explain_it() -> None:
    finding = WIRE.only(judged(ended(80), dated(-3600)), "tls-cert-expired")
    assert finding.certain
    assert "79 days ago" in finding.title


def test_dates_that_contradict_each_other_are_only_likely() -> None:
    assert not WIRE.only(judged(ended(), dated(-30 * DAY), dated(-30 * DAY), dated(0)), "tls-clock-wrong").certain


def test_a_minute_is_no_wrong_clock() -> None:
    WIRE.only(judged(ended(0.0001), dated(-60)), "tls-cert-expired")


def test_not_yet_valid() -> None:
    leaf = cert(not_before=NOW + 2 * DAY, not_after=NOW + 90 * DAY)
    finding = WIRE.only(judged(refused(9, leaf, failure="ssl_invalid_certificate"), dated(0)), "tls-cert-not-yet-valid")
    assert finding.certain
    assert "2026-11-20" in finding.title
    assert finding.retry_after_s == 2 * DAY


def test_an_authority_that_expired_and_no_store_helps() -> None:
    dead = cert("Old CA", "Old Root", not_after=NOW - 5 * DAY)
    shake = refused(10, cert(), dead, failure="ssl_invalid_certificate")
    finding = WIRE.only(judged(shake, dated(0), *other_store("openssl", accepts=False, code=10)), "tls-cert-expired")
    assert "authority" in finding.title
    WIRE.only(judged(shake, dated(0), *other_store("openssl", accepts=True)), "tls-trust-store-old")


def test_revoked() -> None:
    assert (
        "revoked" in WIRE.only(judged(refused(23, cert(), failure="ssl_invalid_certificate")), "tls-cert-expired").title
    )


@pytest.mark.parametrize(
    ("platform", "line"),
    [
        ("Windows-10", "w32tm /resync"),
        ("Darwin-23", "sudo sntp -sS time.apple.com"),
        ("Linux-5.15-microsoft-standard-WSL2", "sudo hwclock -s"),
    ],
)
def test_the_clock_of_each_platform(platform: str, line: str) -> None:
    assert commands(WIRE.only(judged(ended(), dated(-30 * DAY), platform=platform), "tls-clock-wrong"))[0] == line


# keys


@pytest.mark.parametrize("code", [66, 67, 68])
def test_a_weak_key_by_its_code(code: int) -> None:
    WIRE.only(judged(refused(code, public(key="RSA 1024"), failure="ssl_invalid_certificate")), "tls-weak-key")


@pytest.mark.parametrize("reason", ["DH_KEY_TOO_SMALL", "EE_KEY_TOO_SMALL", "CA_MD_TOO_WEAK"])
def test_a_weak_key_by_its_reason(reason: str) -> None:
    finding = WIRE.only(judged(broken("ssl_failed_handshake", reason=reason)), "tls-weak-key")
    assert reason.replace("_", " ").lower() in finding.title


@pytest.mark.parametrize(
    ("code", "side", "certain"), [(26, None, True), (47, "network", False), (48, "network", False)]
)
def test_a_certificate_that_may_not_stand_for_the_server(code: int, side: str | None, certain: bool) -> None:
    case = judged(refused(code, cert(), failure="ssl_invalid_certificate"))
    finding = WIRE.only(case, "tls-cert-wrong-purpose")
    assert (finding.side, finding.certain) == (side, certain)


def test_a_code_without_a_meaning_here_is_explained_by_nothing() -> None:
    WIRE.nothing(judged(refused(46, cert(), failure="ssl_invalid_certificate")))


# the right name, in a form that this client does not read


def test_a_final_dot() -> None:
    shake = misnamed(HOST, server_name=f"{HOST}.")
    finding = WIRE.only(judged(shake, CLEAN, url=f"https://{HOST}./a.gz", client="keras"), "tls-hostname-mismatch")
    assert finding.certain
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.url == f"https://{HOST}/a.gz"
    assert "another name" not in finding.title


def test_a_common_name_alone() -> None:
    finding = WIRE.only(judged(misnamed(HOST), CLEAN), "tls-hostname-mismatch")
    assert "another name" not in finding.title
    assert "common name alone" in finding.explanation
