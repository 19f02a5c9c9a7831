"""Reports for tests of renderers: written by hand, from records to diagnoses."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timezone
from typing import Any

from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.causes.base import Command, Fix, Shell
from mnistdoctor.causes.case import Case
from mnistdoctor.examine.conductor import Report, overall
from mnistdoctor.examine.expectation import Expectation
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.target import Target
from mnistdoctor.examine.targets import plan

HOST = "ossci-datasets.s3.amazonaws.com"
HOSTILE = "[bold]<b>x</b>[/bold] \\x1b[31m ```` | ::error title=a::b\n::error::c %0A @octocat #1"
"""What a server may send, as the redactor leaves it: control characters visible, line breaks kept in texts."""


def targets(name: str = "torchvision:mnist") -> tuple[Target, ...]:
    """The targets that a name means, as the command line would make them."""
    return plan((name,), None, Expectation(), load())


def records(target: Target, *more: Any, took: tuple[float, ...] = (0.003, 0.011)) -> tuple[ev.Observation, ...]:
    """Subject, machine, URL, way, lookup and connection, and then `more` (made without ids, with `rec`)."""
    url = target.urls[0]
    host = url.split("/")[2]
    port = 443 if url.startswith("https") else 80
    made = [
        dataclasses.replace(target.subject(url), started_s=0.0),
        rec(
            ev.Machine,
            None,
            platform="Linux-6.1.0-x86_64",
            python="CPython 3.11.7",
            openssl="OpenSSL 3.0.19",
            variables=(("no_proxy", ".intern.example,build7,10.9.0.0/16,localhost"), ("CI", "true")),
        ),
        rec(ev.Address, None, url=url, scheme=url.split(":")[0], host=host, port=port, path="/" + url.split("/", 3)[3]),
        rec(ev.Route, None),
        rec(ev.Lookup, "dns", name=host, addresses=("52.216.1.1",), duration_s=took[0]),
        rec(ev.Connect, "tcp", address="52.216.1.1", port=port, family=4, name=host, duration_s=took[1]),
        *more,
    ]
    clock = 0.0
    for number, one in enumerate(made):
        made[number] = dataclasses.replace(one, id=f"o{number + 1}", started_s=round(clock, 6))
        clock += one.duration_s
    return tuple(made)


def rec(kind: type[Any], stage: str | None, **fields: Any) -> Any:
    """A record without an id."""
    return kind(id="", stage=stage, **fields)


def tls(**fields: Any) -> Any:
    """A handshake with a certificate of an inspecting gateway, refused unless the fields say otherwise."""
    leaf = ev.Certificate(
        subject=f"CN={HOST}", issuer="CN=Zscaler Intermediate Root CA,O=Zscaler Inc.",
        issuer_fields=(("CN", "Zscaler Intermediate Root CA"), ("O", "Zscaler Inc.")),
        names=(HOST, "*.s3.amazonaws.com"),
    )  # fmt: skip
    given = {
        "server_name": HOST,
        "trust": "openssl",
        "duration_s": 0.024,
        "chain": (leaf,),
        "version": "TLSv1.3",
    } | fields
    return rec(ev.Handshake, "tls", **given)


def get(target: Target, status: int | None = 200, **fields: Any) -> Any:
    """A GET and the head of its answer."""
    sent = (("Host", HOST), ("User-Agent", "pytorch/vision"), ("Accept-Encoding", "identity"))
    given = {
        "method": "GET", "url": target.urls[0], "request_fields": sent, "status": status, "duration_s": 0.025,
        "reason": {200: "OK", 403: "Forbidden", 404: "Not Found"}.get(status or 0, ""),
        "fields": (("Date", "Sat, 21 Nov 2026 01:00:00 GMT"), ("x-amz-request-id", "TX234S0F24A06C7")),
    } | fields  # fmt: skip
    return rec(ev.Exchange, "http", **given)


def body(target: Target, seconds: float = 1.8) -> Any:
    """A transfer of exactly what the target should be."""
    size = target.size or 1000
    return rec(
        ev.Transfer, "length", status=200, declared=size, received=size, written=size, complete=True,
        digests=target.digests, duration_s=seconds,
    )  # fmt: skip


def result(target: Target, *more: Any, found: dx.Diagnosis | None = None, **fields: Any) -> TargetResult:
    """What came of a target: healthy unless there is a diagnosis or the fields say otherwise."""
    observations = records(target, *more)
    case = Case(tuple(one for one in observations if one.role != "trial"), load())
    given: dict[str, Any] = {"verdict": "ailing" if found else "healthy", "final_url": target.urls[0]} | fields
    return TargetResult(
        target=target, url=target.urls[0], case=case, diagnosis=found, observations=observations, **given
    )


def healthy(target: Target, **fields: Any) -> TargetResult:
    """All seven stages well."""
    return result(target, tls(failure=None, duration_s=0.031), get(target), body(target), **fields)


def fix(
    title: str, *commands: str, status: dx.TrialStatus = "untried", reason: str = "", shell: Shell = "posix"
) -> dx.Remedy:
    """A fix and its trial."""
    made = Fix(title=title, commands=tuple(Command(text, shell) for text in commands))
    return dx.Remedy(fix=made, trial=dx.Trial(status=status, reason=reason, duration_s=0.4))


PROVEN = fix(
    "Let torchvision verify with the system's store, which accepts the certificate",
    "export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    status="proven", reason="the content arrived and its digest is right",
)  # fmt: skip
UNTRIED = fix(
    "Ask IT for the root certificate as PEM (`corp-root.pem`), compare its fingerprint with them, and add it",
    'cat "$(python3 -m certifi)" corp-root.pem > "$HOME/ca-bundle.pem"',
    'export SSL_CERT_FILE="$HOME/ca-bundle.pem"',
    reason="get corp-root.pem from your IT first",
)  # fmt: skip
USELESS = fix("Go round it", "true", status="no-change", reason="it fails at stage `tls` as well")


def diagnosis(**fields: Any) -> dx.Diagnosis:
    """TLS inspection, unless the fields say otherwise."""
    given: dict[str, Any] = {
        "cause": "tls-intercepted", "stage": "tls", "certainty": "certain", "side": "network",
        "title": "your network re-signs TLS, and this Python does not trust its certificate",
        "explanation": (
            "A gateway of your network opens every TLS connection, looks into it and signs it again with its own "
            "certificate. Programs that use the system's store trust it, because IT put it there; this Python verifies "
            "with a list of its own, which does not have it."
        ),
        "evidence": (
            f'{HOST} presented a certificate issued by "Zscaler Intermediate Root CA"',
            "example.com, an unrelated host, was signed by the same issuer",
            "the system's store accepts it; OpenSSL's default, which torchvision uses, does not",
        ),
        "ruled_out": (("tls-missing-intermediate", "the issuer is a product that re-signs TLS"),),
        "also_possible": (), "retry": "no", "retry_after_s": None, "remedies": (PROVEN, UNTRIED, USELESS),
    } | fields  # fmt: skip
    return dx.Diagnosis(**given)


def intercepted(target: Target, **fields: Any) -> TargetResult:
    """The target stopped at a certificate that nobody here trusts."""
    shake = tls(
        failure="ssl_unknown_authority", verify_code=20, verify_message="unable to get local issuer certificate"
    )
    return result(target, shake, found=diagnosis(**fields))


def report(*results: TargetResult, seconds: float = 2.0, interrupted: bool = False) -> Report:
    """The results as a report of one run."""
    return Report(
        started=datetime(2026, 11, 21, 1, 0, tzinfo=timezone.utc), duration_s=seconds, verdict=overall(results),
        interrupted=interrupted, targets=results, environment=environment(),
    )  # fmt: skip


def environment() -> dict[str, Any]:
    """A machine behind a proxy."""
    return {
        "platform": "Linux-6.1.0-x86_64", "container": False, "python": "CPython 3.11.7", "openssl": "OpenSSL 3.0.19",
        "strict_x509": False, "requests": "2.32.5", "certifi": "2026.1.4",
        "proxies": [{"variable": "https_proxy", "value": "http://***@proxy.corp.example:3128"}],
        "trust_stores": [{"label": "certifi", "path": "~/venv/cacert.pem", "exists": True}],
        "resolvers": ["10.1.2.3"], "loaders": {"torchvision": "0.22.0"},
    }  # fmt: skip


def four() -> Report:
    """Four files of torchvision's MNIST, one cause."""
    return report(*(intercepted(target) for target in targets()))


def mixed() -> Report:
    """Healthy, ailing for two reasons, and undecided targets together."""
    torch, keras = targets(), targets("keras:mnist")
    (url,) = targets("https://data.corp.example/mnist/[x]/train.gz?token=***")
    lost = diagnosis(
        cause="http-forbidden", stage="http", side="server", certainty="likely", title=f"the server refuses: {HOSTILE}",
        explanation=HOSTILE, evidence=(HOSTILE, "é ✓ 数据"), also_possible=("http-not-found", "proxy-policy"),
        retry="wait", retry_after_s=30.0, remedies=(UNTRIED, fix(HOSTILE, f"echo '{HOSTILE}'"), USELESS),
    )  # fmt: skip
    late = dx.Notice(cause=None, stage="http", title="the deadline came before an answer")
    slow = dx.Notice(cause="tcp-slow", stage="tcp", title="it took 2 repetitions until it went well")
    return report(
        *(healthy(one) for one in keras), *(intercepted(one) for one in torch[:2]),
        *(healthy(one, warnings=(slow,)) for one in torch[2:]),
        result(url, tls(failure=None), get(url, 403, failure="http_request_failed", reason=HOSTILE), found=lost),
        result(
            targets("kmnist")[0], get(url, None, failure="deadline_exceeded"), verdict="inconclusive",
            warnings=(late,),
        ),
    )  # fmt: skip
