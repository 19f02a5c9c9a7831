"""Chains that are not trusted: a gateway, a program, the store, or the server."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.issuers import filter_of, product_of
from tests.causes.evidence import (
    DAY,
    HOST,
    NOW,
    Evidence,
    cert,
    other_store,
    own,
    public,
    rec,
    refused,
    trust_store,
    unrelated,
)
from tests.causes.judging import WIRE, commands

ASKED = ("trust", "unrelated-tls")
FILE = "mnist/t10k-labels"
ZSCALER = cert(issuer="Zscaler Intermediate Root CA (zscalerthree.net) (t) ", org="Zscaler Inc.")
CONTOSO = cert(issuer="Contoso Web Gateway CA", org="Contoso IT")
CONTOSO_ROOT = cert("Contoso Web Gateway CA", "Contoso Web Gateway CA", "Contoso IT", self_signed=True, authority=True)
OPENSSL_NO = other_store("openssl", accepts=False)
SYSTEM_YES = other_store("system", accepts=True, path="/etc/ssl/certs/ca-certificates.crt")


def judged(*records: Any, client: str = "requests", used: Any = None, **fields: Any) -> Case:
    return Evidence(used or trust_store(), *records, client=client, file=FILE).case(asked=(*ASKED, "portal"), **fields)


# interception


def test_a_known_gateway_that_nothing_here_trusts() -> None:
    finding = WIRE.only(judged(refused(19, ZSCALER), *OPENSSL_NO), "tls-intercepted")
    assert finding.certain
    assert "Zscaler" in finding.title
    assert all(fix.untried for fix in finding.fixes)
    assert 'export REQUESTS_CA_BUNDLE="$HOME/ca-bundle.pem"' in commands(finding)
    assert 'cat "$(python3 -m certifi)" corp-root.pem > "$HOME/ca-bundle.pem"' in commands(finding)


@pytest.mark.parametrize(
    ("platform", "bundle", "line"),
    [
        ("Linux", "/opt/my env/cacert.pem", "cat '/opt/my env/cacert.pem' corp-root.pem > \"$HOME/ca-bundle.pem\""),
        ("Linux", "~/w/cacert.pem", 'cat "$HOME/w/cacert.pem" corp-root.pem > "$HOME/ca-bundle.pem"'),
        (
            "Windows-10",
            r"C:\p\cacert.pem",
            r"Get-Content 'C:\p\cacert.pem', corp-root.pem | Set-Content -Encoding ascii "
            r'"$HOME\ca-bundle.pem"',
        ),
    ],
)
def test_the_bundle_of_the_users_python_is_written_out(platform: str, bundle: str, line: str) -> None:
    case = judged(refused(19, ZSCALER), *OPENSSL_NO, platform=platform, machine={"certifi": bundle})
    assert line in commands(WIRE.only(case, "tls-intercepted"))


@pytest.mark.parametrize("code", [2, 19, 20, 21])
def test_the_system_store_has_the_gateways_root(code: int) -> None:
    finding = WIRE.only(
        judged(refused(code, ZSCALER), *SYSTEM_YES, client="keras", used=trust_store("openssl")), "tls-intercepted"
    )
    assert finding.certain
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.ca_file == "/etc/ssl/certs/ca-certificates.crt"
    assert finding.fixes[0].commands[0].text == "export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"


def test_the_variable_is_the_clients_own() -> None:
    for client, name in (
        ("tfds", "REQUESTS_CA_BUNDLE"),
        ("torchvision", "SSL_CERT_FILE"),
        ("huggingface", "SSL_CERT_FILE"),
    ):
        assert (
            name in commands(WIRE.only(judged(refused(19, ZSCALER), *SYSTEM_YES, client=client), "tls-intercepted"))[0]
        )


def test_a_path_at_home_stays_a_path() -> None:
    found = judged(refused(19, ZSCALER), *other_store("system", accepts=True, path="~/my certs/ca.pem"))
    assert commands(WIRE.only(found, "tls-intercepted"))[0] == 'export REQUESTS_CA_BUNDLE="$HOME/my certs/ca.pem"'


def test_the_commands_for_powershell() -> None:
    lines = commands(WIRE.only(judged(refused(19, ZSCALER), *OPENSSL_NO, platform="Windows-10"), "tls-intercepted"))
    assert lines[1] == '$env:REQUESTS_CA_BUNDLE = "$HOME\\ca-bundle.pem"'


def test_a_company_name_on_unrelated_hosts_is_interception_too() -> None:
    other = unrelated(cert("example.com", "Contoso Web Gateway CA", "Contoso IT"), code=19)
    finding = WIRE.only(judged(refused(19, CONTOSO, CONTOSO_ROOT), *OPENSSL_NO, other), "tls-intercepted")
    assert finding.certain
    assert any("example.com" in line for line in finding.evidence)
    assert "Contoso Web Gateway CA" in finding.title


def test_a_private_issuer_with_clean_controls_is_only_likely() -> None:
    clean = unrelated(public(subject="example.com"))
    finding = WIRE.only(judged(refused(19, CONTOSO, CONTOSO_ROOT), *OPENSSL_NO, clean), "tls-intercepted")
    assert not finding.certain
    assert finding.also_possible == ("tls-self-signed-server",)


def test_a_medium_product_needs_a_witness() -> None:
    watchguard = cert(issuer="Fireware HTTPS Proxy", org="WatchGuard_Technologies")
    assert not WIRE.only(judged(refused(19, watchguard), *OPENSSL_NO), "tls-intercepted").certain
    twin = unrelated(cert("example.com", "Fireware HTTPS Proxy", "WatchGuard_Technologies"), code=19)
    assert WIRE.only(judged(refused(19, watchguard), *OPENSSL_NO, twin), "tls-intercepted").certain


def test_what_certifi_accepts_is_never_interception() -> None:
    vendor = cert(issuer="Issuing CA 7", org="Palo Alto Networks")
    found = judged(
        refused(20, vendor), *other_store("certifi", accepts=True), used=trust_store("openssl"), client="keras"
    )
    WIRE.only(found, "tls-trust-store-differs")


def test_a_gateway_in_certifis_file_is_still_a_gateway() -> None:
    found = judged(
        refused(20, ZSCALER), *other_store("certifi", accepts=True), used=trust_store("openssl"), client="keras"
    )
    WIRE.only(found, "tls-intercepted")


@pytest.mark.parametrize(
    ("issuer", "org"),
    [
        ("Avast Web/Mail Shield Root", "Avast"),
        ("mitmproxy", "mitmproxy"),
        ("ESET SSL Filter CA", "ESET, spol. s r. o."),
    ],
)
def test_a_program_on_this_machine(issuer: str, org: str) -> None:
    finding = WIRE.only(judged(refused(19, cert(issuer=issuer, org=org)), *OPENSSL_NO), "tls-intercepted-local")
    assert finding.certain
    assert "on this machine" in finding.title


def test_both_controls_are_asked_for() -> None:
    assert WIRE.questions(Evidence().trust().refused(19, ZSCALER).case(asked=())) == {"trust"}
    assert WIRE.questions(Evidence().trust().refused(19, ZSCALER).case(asked=("trust",))) == {"unrelated-tls"}


# the server


def test_a_public_issuer_and_one_certificate() -> None:
    clean = unrelated(public(subject="example.com"))
    finding = WIRE.only(judged(refused(20, public()), *OPENSSL_NO, clean), "tls-missing-intermediate")
    assert finding.certain
    assert "Public CA 1" in finding.title
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.url


@pytest.mark.parametrize("code", [20, 21])
def test_another_host_sends_what_is_missing(code: int) -> None:
    chain = (cert("example.com", "Public CA 1"), cert("Public CA 1", "Root X", dn="CN=Public CA 1,O=Public Trust"))
    found = judged(refused(code, cert()), *OPENSSL_NO, unrelated(*chain))
    finding = WIRE.only(found, "tls-missing-intermediate")
    assert finding.certain
    assert any("example.com sends the certificate" in line for line in finding.evidence)


def test_without_controls_a_missing_intermediate_is_likely() -> None:
    assert not WIRE.only(Evidence().trust().refused(20, public()).case(), "tls-missing-intermediate").certain


def test_an_address_of_its_issuer_alone_is_not_enough_to_be_certain() -> None:
    clean = unrelated(public(subject="example.com"))
    finding = WIRE.only(
        judged(refused(20, cert(names_issuer_url=True)), *OPENSSL_NO, clean), "tls-missing-intermediate"
    )
    assert finding.also_possible == ("tls-intercepted",)


def test_one_unknown_certificate_is_a_guess_that_says_so() -> None:
    finding = WIRE.only(judged(refused(20, cert(org="Nobody")), *OPENSSL_NO), "tls-intercepted")
    assert finding.also_possible == ("tls-missing-intermediate", "tls-self-signed-server")


def test_self_signed() -> None:
    clean = unrelated(public(subject="example.com"))
    finding = WIRE.only(judged(refused(18, own()), *OPENSSL_NO, clean), "tls-self-signed-server")
    assert finding.certain
    assert HOST in finding.title
    assert not WIRE.only(judged(refused(18, own()), *OPENSSL_NO), "tls-self-signed-server").certain


def test_the_same_self_signed_certificate_everywhere_is_no_server() -> None:
    other = unrelated(own("portal.local"), code=18)
    WIRE.only(judged(refused(18, own("portal.local")), *OPENSSL_NO, other), "tls-block-page-certificate")


def test_a_self_signed_certificate_that_another_store_holds() -> None:
    WIRE.only(judged(refused(18, own()), *SYSTEM_YES), "tls-trust-store-differs")


# the store


def test_an_empty_store() -> None:
    used = trust_store("openssl", 0)
    finding = WIRE.only(judged(refused(20, public()), *other_store("certifi", accepts=True), used=used, client="keras"),
                   "tls-trust-store-empty")  # fmt: skip
    assert finding.certain
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.ca_file == "/stores/certifi.pem"
    assert commands(finding)[0] == 'export SSL_CERT_FILE="$(python3 -m certifi)"'


def test_macos_has_an_installer_step() -> None:
    found = judged(refused(20, public()), used=trust_store("openssl", 0), client="keras", platform="Darwin-23.1")
    assert 'open "/Applications/Python 3.11/Install Certificates.command"' in commands(
        WIRE.only(found, "tls-trust-store-empty")
    )


def test_a_directory_that_is_read_on_demand_is_not_empty() -> None:
    clean = unrelated(public(subject="example.com"))
    WIRE.only(
        judged(refused(20, public()), *OPENSSL_NO, clean, used=trust_store("openssl", None)), "tls-missing-intermediate"
    )


def test_a_gateway_behind_an_empty_store_comes_first_when_no_store_would_help() -> None:
    WIRE.only(
        judged(refused(20, ZSCALER), *other_store("certifi", accepts=False), used=trust_store("openssl", 0)),
        "tls-intercepted",
    )
    WIRE.only(judged(refused(20, ZSCALER), *SYSTEM_YES, used=trust_store("openssl", 0)), "tls-trust-store-empty")


def test_a_variable_that_names_a_missing_file() -> None:
    used = trust_store("SSL_CERT_FILE", 0, exists=False, path="/gone/ca.pem")
    yes = other_store("openssl", accepts=True)
    finding = WIRE.only(judged(refused(20, public()), *yes, used=used, client="keras"), "tls-ca-path-wrong")
    assert finding.certain
    assert "/gone/ca.pem" in finding.title
    assert commands(finding)[0] == "unset SSL_CERT_FILE"
    assert finding.fixes[0].change is not None
    assert finding.fixes[0].change.unset == ("SSL_CERT_FILE",)


def test_a_missing_file_beside_a_directory_that_refuses_too_is_not_the_reason() -> None:
    used = trust_store("SSL_CERT_FILE", None, exists=False)
    clean = unrelated(public(subject="example.com"))
    WIRE.only(judged(refused(18, own()), *OPENSSL_NO, clean, used=used, client="keras"), "tls-self-signed-server")


def test_a_missing_file_beside_a_directory_is_likely_the_reason() -> None:
    used = trust_store("SSL_CERT_FILE", None, exists=False)
    finding = WIRE.only(
        judged(refused(20, cert(org="Nobody")), *OPENSSL_NO, used=used, client="keras"), "tls-ca-path-wrong"
    )
    assert finding.also_possible == ("tls-intercepted",)


def test_requests_stops_before_it_connects() -> None:
    used = trust_store("REQUESTS_CA_BUNDLE", 0, exists=False, failure="ca_file_unusable", path="/gone/ca.pem")
    finding = WIRE.only(Evidence(used).case(), "tls-ca-path-wrong")
    assert finding.certain
    assert commands(finding) == ["unset REQUESTS_CA_BUNDLE"]
    assert finding.fixes[0].change is not None


@pytest.mark.parametrize(
    ("form", "title", "lines"),
    [
        ("", "holds no certificate", ["unset SSL_CERT_FILE"]),
        ("other", "holds no certificate", ["unset SSL_CERT_FILE"]),
        ("empty", "which is empty", ["unset SSL_CERT_FILE"]),
        ("der", "DER form", ['openssl x509 -inform der -in "$HOME/c a" -out ca.pem', "export SSL_CERT_FILE=./ca.pem"]),
        ("folder", "without hashed names", ['openssl rehash "$HOME/c a"']),
        ("unexpanded", "nobody but a shell", ['export SSL_CERT_FILE="$HOME/c a"']),
    ],
)
def test_what_the_named_path_leads_to(form: str, title: str, lines: list[str]) -> None:
    used = trust_store("SSL_CERT_FILE", 0, failure="ca_file_unusable", path="~/c a", form=form)
    finding = WIRE.only(Evidence(used).case(), "tls-ca-path-wrong")
    assert title in finding.title
    assert [line.text for line in finding.fixes[0].commands] == lines
    assert "unset SSL_CERT_FILE" in commands(finding)


def test_a_bundle_with_one_authority() -> None:
    used = trust_store("REQUESTS_CA_BUNDLE", 1, path="/corp.pem")
    finding = WIRE.only(
        judged(refused(20, public()), *other_store("certifi", accepts=True), used=used), "tls-ca-bundle-replaced"
    )
    assert finding.certain
    assert "1 authority" in finding.title
    assert finding.fixes[0].change is not None
    assert 'cat "$(python3 -m certifi)" /corp.pem > "$HOME/ca-bundle.pem"' in commands(finding)


def test_a_small_bundle_and_a_gateway_are_a_gateway() -> None:
    used = trust_store("REQUESTS_CA_BUNDLE", 1, path="/corp.pem")
    WIRE.only(judged(refused(19, ZSCALER), *other_store("certifi", accepts=False), used=used), "tls-intercepted")


def test_a_full_store_that_lacks_it_while_another_has_it() -> None:
    finding = WIRE.only(judged(refused(20, public()), *SYSTEM_YES), "tls-trust-store-differs")
    assert finding.certain
    assert commands(finding) == ["export REQUESTS_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt"]


def test_a_private_authority_in_the_system_store_may_be_a_gateways() -> None:
    finding = WIRE.only(judged(refused(20, CONTOSO), *SYSTEM_YES), "tls-trust-store-differs")
    assert finding.also_possible == ("tls-intercepted",)
    twin = unrelated(cert("example.com", "Contoso Web Gateway CA", "Contoso IT"), code=20)
    WIRE.only(judged(refused(20, CONTOSO), *SYSTEM_YES, twin), "tls-intercepted")


def test_a_dead_root_under_a_living_certificate() -> None:
    dead = cert("R3", "DST Root CA X3", not_after=NOW - 400 * DAY)
    shake = refused(10, cert(), dead, failure="ssl_invalid_certificate")
    finding = WIRE.only(judged(shake, *other_store("system", accepts=True)), "tls-trust-store-old")
    assert finding.certain
    assert "2025-10-14" in " ".join(finding.evidence)
    shake = refused(10, cert(), failure="ssl_invalid_certificate")
    assert not WIRE.only(judged(shake), "tls-trust-store-old").certain


def test_a_full_chain_of_a_public_authority_that_nobody_here_knows() -> None:
    shake = refused(20, public(), public(subject="Public CA 1", issuer="New Root"))
    assert not WIRE.only(judged(shake, *OPENSSL_NO), "tls-trust-store-old").certain


# strict


def strict(code: int, python: str, *chain: ev.Certificate) -> Case:
    found = judged(refused(code, *(chain or (CONTOSO,)), failure="ssl_invalid_certificate"), client="keras")
    machine = rec(ev.Machine, None, platform="Linux-6.1", python=python, openssl="OpenSSL 3.0.19", unix_time=NOW)
    records = tuple(machine if isinstance(one, ev.Machine) else one for one in found.observations)
    return Case(records, found.catalogue)


@pytest.mark.parametrize("code", [85, 86, 89, 92])
def test_python_3_13_refuses_an_ill_formed_authority(code: int) -> None:
    finding = WIRE.only(strict(code, "CPython 3.13.0"), "tls-ca-strict-rejected")
    assert finding.certain
    assert any("VERIFY_X509_STRICT" in line for line in commands(finding))
    assert not WIRE.only(strict(code, "CPython 3.12.1"), "tls-ca-strict-rejected").certain


def test_signed_with_a_certificate_of_a_server() -> None:
    signer = cert("proxy.corp.example", issuer="Public CA 1")
    signed = dataclasses.replace(cert(), issuer="CN=proxy.corp.example")
    finding = WIRE.only(strict(79, "CPython 3.11.7", signed, signer), "tls-intercepted")
    assert not finding.certain
    assert finding.also_possible == ("tls-ca-strict-rejected",)


def test_an_authority_that_is_none_says_nothing_of_python() -> None:
    finding = WIRE.only(strict(79, "CPython 3.11.7"), "tls-ca-strict-rejected")
    assert not finding.certain
    assert "3.13" not in finding.explanation
    assert not any("3.12" in fix.title for fix in finding.fixes)


def test_a_weak_authority_of_a_gateway_is_ill_formed_and_not_the_server() -> None:
    WIRE.only(strict(68, "CPython 3.13.0", ZSCALER), "tls-ca-strict-rejected")
    WIRE.only(strict(68, "CPython 3.13.0", public()), "tls-weak-key")


def test_a_handshake_that_went_well_is_nothing() -> None:
    well = rec(ev.Handshake, "tls", server_name=HOST, trust="certifi", verify_code=0, chain=(ZSCALER,))
    WIRE.nothing(judged(well))


# the table of issuers


@pytest.mark.parametrize(
    ("issuer", "org", "product"),
    [
        ("ca.corp.goskope.com", "Corp", "netskope"),
        ("FG100F0000000000", "Fortinet", "fortinet"),
        ("Kaspersky Anti-Virus Personal Root Certificate", "AO Kaspersky Lab", "kaspersky"),
        ("DO_NOT_TRUST_FiddlerRoot", "DO_NOT_TRUST", "fiddler"),
        ("R11", "Let's Encrypt", None),
        ("GlobalSign Atlas R3 DV TLS CA", "GlobalSign nv-sa", None),
        ("Sophos Root", "Sophos Bank", None),
    ],
)
def test_products_by_their_issuer(issuer: str, org: str, product: str | None) -> None:
    match = product_of((cert(issuer=issuer, org=org),))
    assert (match.product.id if match else None) == product


def test_the_weightiest_match_wins() -> None:
    match = product_of((cert(issuer="squid", org="x"), cert(issuer="mitmproxy", org="mitmproxy")))
    assert match is not None
    assert match.product.id == "mitmproxy"


def test_filters_by_their_names() -> None:
    assert filter_of(cert("fritz.box")) == ("FRITZ!Box", "fritz.box")
    assert filter_of(cert("not-opendns.com")) is None
