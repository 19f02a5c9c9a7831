"""Boxes, proxies and name services that answer in another's place.

Names that are denied (S22, S23), lookups without an answer (S57) and portals (S21) are scenes of the closed world too:
`tests/world/scenes_independent_boxes.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.faults_proxy import ESTABLISHED, SQUID, basic_auth, http_proxy, squid_error
from mnistdoctor.demo.pki import Authority

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Connection, Fault
    from tests.strangers.lab import Answer, Lab

QUICK = ("--timeout", "3", "--no-try")
PAGE = b"<!doctype html><html><head><title>Blocked</title></head><body>Not allowed here.</body></html>"


def _behind_box(lab: Lab, fault: Fault, neutral: Fault, *, own: bool = False) -> Answer:
    """The answer to a file of a host that shares its issuer with the neutral host, unless it has an `own` authority."""
    gateway = lab.enter_context(Authority("Fabrikam", "Fabrikam Web Gateway"))
    other = lab.enter_context(Authority("Acme", "Acme Mirrors"))
    target = lab.serve(fault, (other if own else gateway).issue().server_context())
    control = lab.serve(neutral, gateway.issue().server_context())
    bundle = str(gateway.bundle_with(other))
    return lab.check(
        target.url("/data/train.npz"), "--ca-bundle", bundle, "--control", control.url("/", host="localhost"), *QUICK
    )


def _page(status: int = 200) -> Fault:
    return respond(status, PAGE, content_type="text/html")


def s20_one_refusal_of_every_host(lab: Lab) -> None:
    """A trusted box answers 403 for every host: it is named, and no server is blamed."""
    answer = _behind_box(lab, _page(403), _page(403))
    assert (answer.cause, answer.diagnosis["side"]) == ("http-403-corporate-filter", "network")
    assert any("Fabrikam Web Gateway" in sentence for sentence in answer.diagnosis["evidence"])


def s20_one_404_of_every_host(lab: Lab) -> None:
    """The same with 404."""
    assert _behind_box(lab, _page(404), _page(404)).diagnosis["side"] == "network"


def s20_one_page_of_every_host(lab: Lab) -> None:
    """The same page under status 200 for every host."""
    answer = _behind_box(lab, _page(), _page())
    assert (answer.cause, answer.diagnosis["side"]) == ("body-block-page", "network")


def s20_box_that_lets_others_pass(lab: Lab) -> None:
    """A box signs for all, and the neutral host answers well: whose 403, page or 404 it is stays open."""
    for fault in (_page(403), _page(404), _page()):
        answer = _behind_box(lab, fault, respond(200, b"Example Domain"))
        assert (answer.diagnosis["side"], answer.certain) == ("unknown", False)
        assert any("Fabrikam Web Gateway" in sentence for sentence in answer.diagnosis["evidence"])


def s20_bytes_of_another_digest(lab: Lab) -> None:
    """Other bytes under a box's certificate are not certainly the server's."""
    gateway = lab.enter_context(Authority("Fabrikam", "Fabrikam Web Gateway"))
    context = gateway.issue().server_context()
    target, control = lab.serve(respond(200, b"\0" * 4000), context), lab.serve(respond(200, b"well"), context)
    answer = lab.check(
        target.url("/a.bin"), "--sha256", "0" * 64, "--ca-bundle", str(gateway.bundle),
        "--control", control.url("/", host="localhost"), *QUICK,
    )  # fmt: skip
    assert (answer.diagnosis["side"], answer.certain) == ("unknown", False)


def s20_mirror_of_ones_own_authority(lab: Lab) -> None:
    """A company's mirror under its own authority, which unrelated hosts do not bear: its refusals are its own."""
    for status in (403, 404):
        answer = _behind_box(lab, _page(status), respond(200, b"Example Domain"), own=True)
        assert answer.cause == f"http-{status}-unexplained"
        assert answer.diagnosis["side"] == "server"


FILE_HOST = "data.example.org"


def _opening(gateway: Authority, inner: Fault, *, others: bool = True) -> Fault:
    """A proxy that opens TLS under certificates of its own, and plays `inner` there; nothing for `others`."""

    def fault(connection: Connection) -> None:
        host, _, _ = connection.request.target.rpartition(":")
        if host != FILE_HOST and not others:
            squid_error("ERR_ACCESS_DENIED", 403)(connection)
            return
        connection.send(ESTABLISHED)
        connection.forget_request()
        connection.start_tls(gateway.issue(host).server_context())
        (inner if host == FILE_HOST else respond(200, b"well"))(connection)

    return fault


def _through_opener(lab: Lab, inner: Fault, *, controls: bool = True, others: bool = True) -> Answer:
    gateway = lab.enter_context(Authority("Fabrikam", "Fabrikam Web Gateway"))
    proxy = lab.serve(_opening(gateway, inner, others=others)).url("").rstrip("/")
    extra = ("--control", "https://neutral.example.org/") if controls else ("--no-controls",)
    given = (f"https://{FILE_HOST}/train.npz", "--proxy", proxy, "--ca-bundle", str(gateway.bundle), *extra, *QUICK)
    return lab.run("check", *given, "--format", "json")


def s51_name_unknown_to_the_opening_proxy(lab: Lab) -> None:
    """squid's page inside the tunnel: the host's name is unknown to it, or its certificate is bad."""
    for name in ("ERR_DNS_FAIL", "ERR_SECURE_CONNECT_FAIL", "ERR_CONNECT_FAIL"):
        answer = _through_opener(lab, squid_error(name, 503))
        assert (answer.cause, answer.diagnosis["side"]) == ("proxy-upstream-failed", "proxy"), name


def s51_denied_inside_the_tunnel(lab: Lab) -> None:
    """squid denies inside the tunnel that it opened."""
    answer = _through_opener(lab, squid_error("ERR_ACCESS_DENIED", 403))
    assert (answer.cause, answer.diagnosis["side"]) == ("proxy-connect-denied", "proxy")


def s51_nobody_else_can_be_asked(lab: Lab) -> None:
    """The same where the proxy lets no unrelated host pass, or no control may be made: likely."""
    denied = squid_error("ERR_ACCESS_DENIED", 403)
    for controls, others in ((True, False), (False, True)):
        answer = _through_opener(lab, denied, controls=controls, others=others)
        assert (answer.cause, answer.certain) == ("proxy-connect-denied", False)


def s51_server_behind_its_own_squid(lab: Lab) -> None:
    """A tunnel that nobody opens, to a host behind a squid of its own: the answer is the server's."""
    public, other = lab.enter_context(Authority("Acme", "Acme CA")), lab.enter_context(Authority("Umbra", "Umbra CA"))
    origin = lab.serve(squid_error("ERR_CONNECT_FAIL", 503), public.issue(FILE_HOST).server_context())
    neutral = lab.serve(respond(200, b"well"), other.issue("neutral.example.org").server_context())
    ways = {FILE_HOST: origin.port, "neutral.example.org": neutral.port}
    proxy = lab.serve(http_proxy(ways))
    answer = lab.check(
        f"https://{FILE_HOST}/train.npz", "--proxy", proxy.url("").rstrip("/"),
        "--ca-bundle", str(public.bundle_with(other)), "--control", "https://neutral.example.org/", *QUICK,
    )  # fmt: skip
    assert answer.diagnosis["side"] == "server"


def s51_servers_refusal_relayed_by_the_opener(lab: Lab) -> None:
    """The opening proxy passes the server's own 503 on: its `Via` alone does not make it the proxy's."""
    fields = (("Server", "nginx"), SQUID[1])
    answer = _through_opener(lab, respond(503, b"busy", fields))
    assert answer.cause == "http-503-overload"


def s21_511_in_clear(lab: Lab) -> None:
    """511 over plain http is a portal's, whatever the checks say."""
    server = lab.serve(respond(511, b"<html><body>Sign in first</body></html>", content_type="text/html"))
    answer = lab.check(server.url("/a.gz"), *QUICK)
    assert (answer.cause, answer.diagnosis["side"]) == ("captive-portal", "network")
    assert lab.check(server.url("/a.gz"), "--timeout", "3").cause == "captive-portal"


def _for_strangers_only(connection: Connection) -> None:
    known = connection.request.field("Authorization") is not None
    respond(401 if known else 200, b"who?" if known else b"data")(connection)


def s59_without_netrc(lab: Lab) -> None:
    """Going without netrc sends fewer credentials, so it is tried, and works."""
    (lab.home / ".netrc").write_text("machine 127.0.0.1 login ada password lovelace-1815\n")
    (lab.home / ".netrc").chmod(0o600)
    answer = lab.check(lab.serve(_for_strangers_only).url("/a.bin"), "--timeout", "3")
    assert answer.cause == "http-401-netrc"
    tried = {fix["title"]: fix["trial"]["status"] for fix in answer.fixes}
    assert next(status for title, status in tried.items() if "netrc" in title) in ("helped", "proven")


def s59_quotes_around_a_proxy_with_a_password(lab: Lab) -> None:
    """The same credentials without the quotes are tried, and neither they nor a blank to fill in are printed."""
    origin = lab.serve(respond(200, b"data"))
    proxy = lab.serve(basic_auth("ada", "lovelace-1815", http_proxy({"data.example.org": origin.port})))
    for wrapped in ('"{}"', "'{}'", '"{}"\n'):
        value = wrapped.format(proxy.url("").rstrip("/").replace("://", "://ada:lovelace-1815@"))
        answer = lab.check("http://data.example.org/a.bin", "--timeout", "3", http_proxy=value)
        assert answer.cause == "proxy-env-malformed"
        assert answer.fixes[0]["trial"]["status"] in ("helped", "proven"), answer.fixes
        assert "lovelace" not in answer.out + answer.err
        assert "PROXY:PORT" not in answer.fixes[0]["commands"][0]["text"]
