"""Records of proxies and of TLS for tests, and the question that they all ask: which causes hold?"""

from __future__ import annotations

from typing import Any

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Control, Finding, OpenQuestion
from mnistdoctor.causes.proxy import auth as proxy_auth
from mnistdoctor.causes.proxy import settings as proxy_settings
from mnistdoctor.causes.proxy import socks as proxy_socks
from mnistdoctor.causes.proxy import tunnel as proxy
from mnistdoctor.causes.proxy import unreachable as proxy_unreachable
from mnistdoctor.causes.tls import certificate, interception, trust, validity
from mnistdoctor.causes.tls import handshake as tls
from mnistdoctor.causes.tls import outdated_store as trust_old
from mnistdoctor.causes.tls import silence as tls_silence
from mnistdoctor.causes.tls import store as trust_store
from tests.causes.build import NOW, rec

DAY = 86_400.0
FAMILY = (
    *proxy_settings.CAUSES, *proxy_socks.CAUSES, *proxy_unreachable.CAUSES, *proxy_auth.CAUSES, *proxy.CAUSES,
    *interception.CAUSES, *trust_store.CAUSES, *trust_old.CAUSES, *trust.CAUSES, *certificate.CAUSES,
    *validity.CAUSES, *tls.CAUSES, *tls_silence.CAUSES,
)  # fmt: skip
HOST = "ossci-datasets.s3.amazonaws.com"


def held(case: Case) -> dict[str, Finding]:
    """All causes of these families that hold, by id: more than one would be a contradiction."""
    found = {cause.id: cause.found_in(case) for cause in FAMILY}
    return {name: finding for name, finding in found.items() if finding is not None}


def only(case: Case, cause: str) -> Finding:
    """The finding of the one cause that holds, held against what every finding must keep."""
    found = held(case)
    assert list(found) == [cause], list(found)
    finding = found[cause]
    assert finding.title
    assert not finding.title.endswith(".")
    assert "\n" not in finding.title
    assert finding.evidence
    assert finding.certain or finding.also_possible
    assert cause not in finding.also_possible
    for fix in finding.fixes:
        assert fix.change is not None or fix.untried, fix.title
        for line in fix.commands:
            assert not any(bad in line.text for bad in ("verify=False", "--insecure", " -k ", "CERT_NONE"))
    return finding


def nothing(case: Case) -> None:
    assert held(case) == {}


def question(case: Case) -> set[Control]:
    """The controls that are asked for before anything is said."""
    asked = set()
    for cause in FAMILY:
        try:
            cause.found_in(case)
        except OpenQuestion as open_question:
            asked.add(open_question.control)
    return asked


def texts(finding: Finding) -> list[str]:
    return [line.text for fix in finding.fixes for line in fix.commands]


# proxies


def by_proxy(**fields: Any) -> Any:
    values: dict[str, Any] = {
        "way": "tunnel", "proxy": "http://proxy.corp:3128", "proxy_scheme": "http", "proxy_host": "proxy.corp",
        "proxy_port": 3128, "decided_by": "HTTPS_PROXY",
    } | fields  # fmt: skip
    return rec(ev.Route, None, **values)


def socks_route(scheme: str = "socks5", **fields: Any) -> Any:
    values: dict[str, Any] = {
        "way": "socks", "proxy": f"{scheme}://127.0.0.1:1080", "proxy_scheme": scheme, "proxy_host": "127.0.0.1",
        "proxy_port": 1080, "decided_by": "ALL_PROXY",
    } | fields  # fmt: skip
    return by_proxy(**values)


def tunnel(status: int | None = None, failure: str | None = "proxy_tunnel_failed", **fields: Any) -> Any:
    fields.setdefault("protocol", "http")
    fields.setdefault("target", f"{HOST}:443")
    fields.setdefault("proxy", "proxy.corp:3128")
    return rec(ev.Tunnel, "proxy", status=status, failure=failure, **fields)


def to_proxy(failure: str | None = None, address: str = "10.1.2.3", **fields: Any) -> Any:
    errno = {"connection_refused": "ECONNREFUSED", "generic_timeout_error": "ETIMEDOUT"}.get(failure or "")
    return rec(
        ev.Connect, "tcp", address=address, port=3128, family=4, peer="proxy", name="proxy.corp", failure=failure,
        errno=errno, **fields,
    )  # fmt: skip


def forwarded(status: int, *fields: tuple[str, str], **values: Any) -> Any:
    return rec(
        ev.Exchange, "http", method="GET", url="http://data.example/a.gz", via="proxy", status=status, fields=fields,
        failure="http_request_failed", **values,
    )  # fmt: skip


def opened(host: str = "example.com:443") -> Any:
    return rec(ev.Tunnel, "proxy", control="unrelated-tls", protocol="http", target=host, proxy="p", status=200)


# TLS


def cert(
    subject: str = HOST, issuer: str = "Public CA 1", org: str = "Public Trust", dn: str = "", **fields: Any
) -> ev.Certificate:
    values: dict[str, Any] = {
        "subject": dn or f"CN={subject}", "issuer": f"CN={issuer},O={org}",
        "issuer_fields": (("CN", issuer), ("O", org)),
        "names": (subject,), "not_before": NOW - 30 * DAY, "not_after": NOW + 60 * DAY, "sha256": f"{subject}/{issuer}",
        "key": "RSA 2048", "signature": "sha256",
    }  # fmt: skip
    return ev.Certificate(**(values | fields))


def public(**fields: Any) -> ev.Certificate:
    return cert(organisation_known_to=("certifi", "system"), **fields)


def own(subject: str = HOST) -> ev.Certificate:
    """A certificate that signs itself."""
    return ev.Certificate(
        subject=f"CN={subject}", issuer=f"CN={subject}", issuer_fields=(("CN", subject),), names=(subject,),
        not_before=NOW - DAY, not_after=NOW + DAY, self_signed=True, sha256=f"own/{subject}",
    )  # fmt: skip


def refused(code: int, *chain: ev.Certificate, failure: str = "ssl_unknown_authority", **fields: Any) -> Any:
    messages = {18: "self-signed certificate", 19: "self-signed certificate in certificate chain",
                20: "unable to get local issuer certificate", 10: "certificate has expired",
                9: "certificate is not yet valid"}  # fmt: skip
    values: dict[str, Any] = {
        "server_name": HOST, "address": "192.0.2.1", "port": 443, "trust": "certifi", "verify_code": code,
        "verify_message": messages.get(code, "refused"), "chain": chain, "failure": failure,
        "reason": "CERTIFICATE_VERIFY_FAILED", "received": 3000,
    } | fields  # fmt: skip
    return rec(ev.Handshake, "tls", **values)


def broken(failure: str, **fields: Any) -> Any:
    values: dict[str, Any] = {
        "server_name": HOST, "address": "192.0.2.1", "port": 443, "trust": "certifi", "failure": failure,
    } | fields  # fmt: skip
    return rec(ev.Handshake, "tls", **values)


def store(label: str = "certifi", certificates: int | None = 140, **fields: Any) -> Any:
    fields.setdefault("path", f"/stores/{label}.pem")
    return rec(ev.Trust, "tls", label=label, certificates=certificates, **fields)


def other_store(label: str, *, accepts: bool, code: int = 20, path: str | None = None) -> tuple[Any, Any]:
    """Another trust store, and the target's handshake with it."""
    verdict: dict[str, Any] = (
        {"verify_code": 0} if accepts else {"verify_code": code, "failure": "ssl_unknown_authority"}
    )
    return (
        store(label, in_use=False, control="trust", path=path if path is not None else f"/stores/{label}.pem"),
        rec(ev.Handshake, "tls", control="trust", server_name=HOST, trust=label, **verdict),
    )


def unrelated(*chain: ev.Certificate, code: int = 0, host: str = "example.com", failure: str = "") -> Any:
    fails = failure or ("ssl_unknown_authority" if code else None)
    return rec(
        ev.Handshake, "tls", control="unrelated-tls", server_name=host, trust="certifi", verify_code=code, chain=chain,
        failure=fails or None,
    )  # fmt: skip


def dated(skew: float, url: str = "http://portal.example/generate_204") -> Any:
    return rec(ev.Exchange, "http", control="portal", method="GET", url=url, status=204, date_skew_s=skew)
