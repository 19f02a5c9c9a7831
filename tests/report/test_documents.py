"""JSON, its schema, its reading back, and pseudonyms."""

from __future__ import annotations

import dataclasses
import ipaddress
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.causes.case import Control
from mnistdoctor.compare import read
from mnistdoctor.diagnosis import Notice
from mnistdoctor.evidence.stored import KINDS
from mnistdoctor.examine.conductor import Report
from mnistdoctor.report import (
    Format,
    document,
    from_json,
    github,
    markdown,
    phrasing,
    plain,
    render,
    terminal,
    texts,
)
from mnistdoctor.report.from_json import BadReport
from mnistdoctor.report.pseudonyms import Pseudonyms
from mnistdoctor.report.sanitize import sanitized
from tests.report import build, schema

SCHEMA = json.loads((Path(document.__file__).parent / "report.schema.json").read_text(encoding="utf-8"))


def valid(values: Any) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(values)


def made(report: Report) -> dict[str, Any]:
    """The document with ids that are unique in the report, as a run makes them."""
    return renumbered(json.loads(document.render(report, 1)))


def renumbered(values: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(values["targets"])
    for number, target in enumerate(values["targets"]):
        text = json.dumps(target).replace('"o', f'"t{number}o')
        values["targets"][number] = json.loads(text)
    return values


@pytest.mark.parametrize("report", [build.four(), build.mixed(), build.report()])
def test_every_report_fits_the_schema(report: Report) -> None:
    valid(json.loads(document.render(report, 1)))


@pytest.mark.parametrize(
    ("path", "value"),
    [(("verdict",), "fine"), (("format_version",), 2), (("targets", 0, "stages", 0, "outcome"), "bad"),
     (("targets", 0, "diagnosis", "side"), "moon"), (("targets", 0, "diagnosis"), None), (("extra",), 1),
     (("targets", 0, "observations", 0, "kind"), "dream"), (("targets", 0, "observations", 5, "port"), "443"),
     (("targets", 0, "stages"), []), (("started",), "yesterday")],
)  # fmt: skip
def test_the_schema_refuses(path: tuple[Any, ...], value: Any) -> None:
    values = json.loads(document.render(build.four(), 1))
    place = values
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(jsonschema.ValidationError):
        valid(values)


def test_the_schema_knows_every_kind_and_field() -> None:
    told = SCHEMA["$defs"]["observation"]
    assert told["allOf"] == schema.rules(), "`python -m tests.report.schema` writes it anew"
    base = {item.name for item in dataclasses.fields(ev.Observation)}
    assert set(told["properties"]["kind"]["enum"]) == set(KINDS)
    assert base | {"kind"} == set(told["properties"])


def test_a_report_is_read_back_as_it_was() -> None:
    report = build.four()
    stored = from_json.loads(document.render(report, 1))
    assert (stored.verdict, stored.exit_code, stored.started) == ("ailing", 1, report.started)
    for one, result in zip(stored.targets, report.targets, strict=True):
        assert one.observations == result.observations
        assert (one.name, one.url, one.client) == (result.target.name, result.url, result.target.client)
    statuses = {title: trial.status for (title, _), trial in stored.targets[0].trials}
    assert statuses[build.PROVEN.fix.title] == "proven"


def test_judging_again_needs_no_network_and_keeps_what_is_healthy() -> None:
    late = Notice(cause=None, stage=None, title="nothing was sent, because of `--offline`")
    torch = build.targets()
    report = build.report(build.healthy(torch[0]), build.result(torch[1], verdict="inconclusive", warnings=(late,)))
    again = from_json.judge_again(from_json.loads(document.render(report, 3)), load())
    assert [one.verdict for one in again.targets] == ["healthy", "inconclusive"]
    assert again.targets[0].target.loader == "torchvision"
    assert document.document(again, 3)["targets"][0] == document.document(report, 3)["targets"][0]


def test_controls_that_were_made_may_be_read_and_no_others_asked_for() -> None:
    control = build.rec(ev.Reach, None, family=4, role="control", control="reach")
    stored = from_json.loads(document.render(build.report(build.result(build.targets()[0], control)), 0))
    case = from_json.case_of(stored.targets[0], load())
    assert case is not None
    assert [one.family for one in case.ask(Control.REACH, ev.Reach)] == [4]
    assert case.ask(Control.AGAIN, ev.Exchange) == ()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v: v.pop("format_version"), "has no `format_version`"),
        (lambda v: v.update(format_version=9), "`format_version` 9, and this mnistdoctor reads 1"),
        (lambda v: v.update(format_version=True), "`format_version` True"),
        (lambda v: v.update(targets={}), "`targets` is not a list"),
        (lambda v: v.update(verdict="fine"), "the verdict is 'fine'"),
        (lambda v: v.update(started="soon"), "damaged"),
        (lambda v: v.update(duration_s="1"), "`duration_s` is not a number"),
        (lambda v: v["targets"][0].pop("url"), "`url` is missing"),
        (lambda v: v["targets"].append(3), "a target is not an object"),
        (lambda v: v["targets"][0]["observations"].pop(1), "lack its `subject` or `machine`"),
        (lambda v: v["targets"][0]["observations"][0].update(kind="dream"), "unknown kind of observation 'dream'"),
        (lambda v: v["targets"][0]["observations"][5].update(port="x"), "Connect.port must be of type int"),
        (lambda v: v["targets"][0]["observations"][5].update(id="o1"), "the same `id`"),
        (lambda v: v["targets"][0]["diagnosis"]["fixes"][0]["trial"].update(status="sure"), "the status 'sure'"),
    ],
)
def test_a_damaged_report_gets_one_sentence(change: Any, said: str) -> None:
    values = json.loads(document.render(build.four(), 1))
    change(values)
    with pytest.raises(BadReport) as caught:
        from_json.loads(json.dumps(values), "a.json")
    assert said in str(caught.value)
    assert str(caught.value).startswith("a.json ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", [b"", b"[1]", b'{"a": ', b"\xff\xfe\x00", b"[" * 100_000, b"null"])
def test_what_is_no_report_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "r.json"
    path.write_bytes(content)
    with pytest.raises(BadReport, match=r"r\.json is not a report"):
        from_json.load_file(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadReport, match="cannot be read: No such file"):
        from_json.load_file(tmp_path / "none.json")


def proxied() -> dict[str, Any]:
    """Its document."""
    return json.loads(document.render(proxied_report(), 1))  # type: ignore[no-any-return]


def proxied_report() -> Report:
    """A report full of names and addresses, in every place where one can stand."""
    (target,) = build.targets("https://data.corp.example/mnist/train.gz?next=https%3A%2F%2Fsso.corp.example")
    route = build.rec(
        ev.Route,
        None,
        way="tunnel",
        proxy="http://proxy:3128",
        proxy_scheme="http",
        proxy_host="proxy",
        proxy_port=3128,
    )
    tunnel = build.rec(
        ev.Tunnel, "proxy", protocol="http", target="data.corp.example:443", proxy="proxy:3128", status=403,
        fields=(("Via", "1.1 squid01 (squid/5.7)"), ("X-Squid-Error", "ERR_ACCESS_DENIED 0")),
        failure="proxy_tunnel_failed",
        text="Ask helpdesk.corp.example or it@corp.example, host fe80::1, 10.1.2.3, see train.gz; from squid01",
    )  # fmt: skip
    query = build.rec(ev.NameQuery, "dns", name="data.corp.example", type="A", server="10.1.2.3", answers=("8.8.4.4",))
    remedy = build.fix(
        "Ask who runs proxy:3128", "curl -x http://proxy:3128 https://data.corp.example/ --resolve a:1:8.8.4.4"
    )
    found = build.diagnosis(
        cause="proxy-policy", stage="proxy", side="proxy", title="the proxy proxy:3128 refuses data.corp.example",
        evidence=("the proxy is at 10.1.2.3, and 127.0.0.1 answers", "deep.data.corp.example is at 2606:4700::1111"),
        remedies=(remedy,),
    )  # fmt: skip
    shake = build.tls(failure=None, server_name="data.corp.example", chain=(
        ev.Certificate(subject="CN=*.corp.example", issuer="CN=ca.corp.example,O=Corp", names=("*.corp.example",)),
    ))  # fmt: skip
    return build.report(build.result(target, query, shake, route, tunnel, found=found))


def redacted(report: Report) -> dict[str, Any]:
    values: dict[str, Any] = json.loads(document.render(sanitized(report, strict=True), 1, redaction="strict"))
    return values


def test_strict_leaves_no_host_and_no_address() -> None:
    made = redacted(proxied_report())
    text = json.dumps(made)
    for secret in (
        "corp.example",
        "helpdesk",
        "sso",
        "squid01",
        "proxy:3128",
        "10.1.2.3",
        "8.8.4.4",
        "52.216",
        "2606:4700",
        "fe80",
    ):
        assert secret not in text, secret
    assert "127.0.0.1" in text
    assert "localhost" in text
    assert "/mnist/train.gz" in text
    assert made["redaction"] == "strict"
    valid(made)


def test_strict_keeps_what_the_reader_fills_in() -> None:
    values = proxied() | {"note": ["export HTTPS_PROXY=http://PROXY:PORT", "http://proxy:3128/"]}
    made = texts.replaced(values, Pseudonyms(values).of)
    assert made["note"][0] == "export HTTPS_PROXY=http://PROXY:PORT"
    assert "host-" in made["note"][1]


def test_strict_keeps_the_words_of_the_format() -> None:
    before, after = proxied(), redacted(proxied_report())
    for one, other in zip(before["targets"], after["targets"], strict=True):
        assert [stage["stage"] for stage in other["stages"]] == list(ev.STAGES)
        assert other["diagnosis"]["side"] == "proxy"
        assert [r["kind"] for r in one["observations"]] == [r["kind"] for r in other["observations"]]
    assert "the proxy host-" in after["targets"][0]["diagnosis"]["title"]
    from_json.read(after)


def test_strict_names_the_same_thing_the_same_everywhere_and_different_things_differently() -> None:
    made = redacted(proxied_report())
    (target,) = made["targets"]
    records = {one["kind"]: one for one in target["observations"]}
    host = records["url"]["host"]
    assert host == records["lookup"]["name"] == records["handshake"]["server_name"] == records["tunnel"]["target"][:-4]
    assert host in target["diagnosis"]["title"]
    assert target["url"].startswith(f"https://{host}/mnist/")
    assert records["route"]["proxy_host"] != host
    assert records["query"]["server"] in target["diagnosis"]["evidence"][0]
    assert records["query"]["server"] != records["query"]["answers"][0]
    assert records["handshake"]["chain"][0]["names"][0].startswith("*.host-")
    for address in (records["query"]["server"], records["lookup"]["addresses"][0]):
        assert ipaddress.ip_address(address).is_private  # documentation ranges count as such
    assert redacted(proxied_report()) == made


def test_strict_leaves_a_report_without_secrets_readable() -> None:
    made = redacted(build.mixed())
    valid(made)
    assert made["environment"]["openssl"] == "OpenSSL 3.0.19"
    assert made["environment"]["proxies"][0]["value"].startswith("http://***@host-")
    assert made["targets"][0]["name"] == "keras:mnist/mnist.npz"


def test_strict_is_the_same_for_every_form() -> None:
    hidden = sanitized(proxied_report(), strict=True)
    values = proxied()
    assert json.loads(document.render(hidden, 1)) == texts.replaced(values, Pseudonyms(values).of)
    secrets = ("corp.example", "helpdesk", "sso", "squid01", "proxy:3128", "10.1.2.3", "8.8.4.4", "52.216", "2606:4700")
    for text in (
        terminal.render(hidden, 1, verbose=True, colour=True),
        markdown.render(hidden, 1),
        plain.render(hidden, 1, verbose=True),
        github.render(hidden, 1),
    ):
        assert [secret for secret in secrets if secret in text] == []


def test_the_line_by_which_a_loader_s_user_knows_the_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = {"keras": "Exception: URL fetch failure", "requests": "SSLError: no"}
    monkeypatch.setattr(phrasing, "appearances", lambda cause: seen if cause == "tls-intercepted" else {})
    keras, torchvision = build.targets("keras:mnist")[0], build.targets()[0]
    url = dataclasses.replace(keras, loader=None)
    report = build.report(*(build.intercepted(one) for one in (keras, torchvision, url)))
    values = made(report)
    assert [one["diagnosis"].get("appearance") for one in values["targets"]] == [seen["keras"], None, None]
    for form in (Format.PLAIN, Format.RICH, Format.MARKDOWN, Format.HTML):
        text = render(report, 1, form, width=100, verbose=False, colour=False, encoding="utf-8", strict=False)
        assert text.count("URL fetch failure") == 1, form


def test_a_report_of_many_targets_is_one_line(tmp_path: Path) -> None:
    one, most = build.healthy(build.targets()[0]), document.MOST_INDENTED
    few, many = (document.render(build.report(*[one] * number), 0) for number in (1, most + 1))
    assert (few.count("\n") > 10, many.count("\n")) == (True, 1)
    (tmp_path / "r.jsonl").write_text(many + few + many, encoding="utf-8")
    found = [values["targets"] for _, values in read.reports((tmp_path,))]
    assert [len(found_in) for found_in in found if isinstance(found_in, list)] == [most + 1, 1, most + 1]
