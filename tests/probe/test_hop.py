"""All stages on one connection: what is recorded, and that no server can stretch a deadline."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.demo import faults_proxy
from mnistdoctor.demo.connection import Fault
from mnistdoctor.demo.log import Request
from mnistdoctor.demo.names import DemoNames
from mnistdoctor.demo.pki import Authority, self_signed
from mnistdoctor.demo.servers import RefusingPort, Server, SilentPort
from mnistdoctor.examine.conductor import new_run
from mnistdoctor.failure import Failure
from mnistdoctor.probe import body, hop
from mnistdoctor.run import Recorder, Stopped
from mnistdoctor.settings import Environment, Settings
from tests.faults import body as faults_body
from tests.faults import http as faults_http
from tests.faults import socks as faults_socks
from tests.faults import tls as faults_tls

from .scene import DATA, last, probe, report, target


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    with Authority() as made:
        yield made


def test_a_healthy_file_takes_one_connection_and_one_request(authority: Authority) -> None:
    with Server(faults_http.serve(DATA), tls=authority.issue().server_context()) as server:
        records = probe(server.url("/x.bin"), ca_bundle=str(authority.bundle))
        assert [one.stage for one in records if one.stage] == ["dns", "tcp", "tls", "tls", "http", "length"]
        assert not any(one.failure for one in records)
        transfer = last(records, ev.Transfer)
        assert (transfer.received, transfer.complete, transfer.declared) == (len(DATA), True, len(DATA))
        assert len(server.log.connections) == 1
        assert len(server.log.requests) == 1


PATIENCE = {"generic_timeout_error": 1.0}
"""Seconds of time-out where one is waited for; all else may take its time on a busy machine."""


def test_redirects_are_probed_hop_by_hop() -> None:
    with Server(faults_http.route({"/": faults_http.redirect("/two"), "/two": faults_http.serve(DATA)})) as server:
        records = probe(server.url("/"))
        assert {one.hop for one in records} == {0, 1}
        first, second = (one for one in records if isinstance(one, ev.Exchange))
        assert (first.status, first.location) == (302, server.url("/two"))
        assert second.status == 200


@pytest.mark.parametrize(
    ("fault", "kind", "failure"),
    [
        (faults_body.cut(DATA, 1000), ev.Transfer, "body_incomplete"),
        (faults_body.cut(DATA, 1000, "reset"), ev.Transfer, "connection_reset"),
        (faults_body.cut(DATA, 1000, "stall"), ev.Transfer, "generic_timeout_error"),
        (faults_body.cut(DATA, 1000, framing="chunked"), ev.Transfer, "body_incomplete"),
        (faults_body.empty_reply(), ev.Exchange, "eof_error"),
        (faults_body.reset_after_request(), ev.Exchange, "connection_reset"),
        (faults_body.stall(), ev.Exchange, "generic_timeout_error"),
        (faults_body.not_http(), ev.Exchange, "http_invalid_response"),
        (faults_body.endless_head(), ev.Exchange, "http_invalid_response"),
        (faults_body.endless_continue(), ev.Exchange, "generic_timeout_error"),
        (faults_body.drip_head(), ev.Exchange, "generic_timeout_error"),
        (faults_http.redirect_loop(), ev.Exchange, "http_redirect_loop"),
        (faults_http.redirect("file:///etc/passwd"), ev.Exchange, "http_redirect_scheme"),
        (faults_http.redirect("http://[bad"), ev.Exchange, "http_invalid_redirect_location"),
        (faults_http.respond(404), ev.Transfer, None),
    ],
    ids=lambda value: getattr(value, "__qualname__", str(value)).partition(".")[0],
)
def test_what_ends_an_examination(fault: Fault, kind: Any, failure: str | None) -> None:
    with Server(fault) as server:
        records = probe(server.url("/x"), timeout_s=PATIENCE.get(failure or "", 20.0))
    assert last(records, kind).failure == failure


@pytest.mark.parametrize(
    ("fault", "failure", "reason"),
    [
        (faults_tls.reset_after_hello, "connection_reset", ""),
        (faults_tls.finish_after_hello, "eof_error", None),
        (faults_tls.stall_after_hello, "generic_timeout_error", ""),
        (faults_tls.plain_http, "ssl_plaintext_answer", "WRONG_VERSION_NUMBER"),
        (faults_tls.alert(40), "ssl_failed_handshake", None),
    ],
    ids=["reset", "eof", "stall", "plain", "alert"],
)
def test_handshakes_that_fail(fault: Fault, failure: str, reason: str | None) -> None:
    with Server(fault, scheme="https") as server:
        handshake = last(probe(server.url("/"), timeout_s=PATIENCE.get(failure or "", 20.0)), ev.Handshake)
    assert handshake.failure == failure
    assert reason is None or handshake.reason == reason


def test_the_chain_is_read_after_a_failed_verification(authority: Authority) -> None:
    with Server(faults_http.serve(DATA), tls=authority.issue().server_context()) as server:
        records = probe(server.url("/"))
        assert len(server.log.requests) == 0, "nothing is sent over an unverified connection"
    handshake = last(records, ev.Handshake)
    assert handshake.failure == "ssl_unknown_authority"
    assert handshake.verify_code in (19, 20)
    assert dict(handshake.chain[0].issuer_fields)["O"] == "mnistdoctor demo"


def test_verify_codes(authority: Authority) -> None:
    for certificate, code in ((authority.expired(), 10), (authority.issue("other.test"), 64), (self_signed(), 18)):
        with Server(faults_http.serve(DATA), tls=certificate.server_context()) as server:
            assert last(probe(server.url("/"), ca_bundle=str(authority.bundle)), ev.Handshake).verify_code == code


def test_a_reset_inside_tls_is_a_reset(authority: Authority) -> None:
    with Server(faults_body.cut(DATA, 1000, "reset"), tls=authority.issue().server_context()) as server:
        transfer = last(probe(server.url("/"), ca_bundle=str(authority.bundle)), ev.Transfer)
    assert transfer.failure == "connection_reset"


def test_refused_and_silent_ports() -> None:
    with RefusingPort() as port:
        connect = last(probe(port.url("/")), ev.Connect)
        assert (connect.failure, connect.errno) == ("connection_refused", "ECONNREFUSED")
    with SilentPort() as port:
        assert last(probe(port.url("/"), timeout_s=0.5), ev.Connect).failure == "generic_timeout_error"


def test_dripping_body_is_stopped_by_its_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "SLOW_WINDOW_S", 0.9)
    with Server(faults_body.drip(DATA, 5, 0.05)) as server:
        transfer = last(probe(server.url("/")), ev.Transfer)
    assert transfer.failure == "body_stalled"


def test_the_deadline_of_the_run_stands_above_all() -> None:
    with Server(faults_body.drip(DATA, 100, 0.05)) as server:
        result = report(target(server.url("/")), timeout_s=30, deadline_s=0.6).targets[0]
    assert result.verdict == "inconclusive"
    assert result.diagnosis is None


def test_an_endless_body_is_bounded() -> None:
    with Server(faults_body.endless_body()) as server:
        transfer = last(probe(server.url("/"), timeout_s=5, deadline_s=20), ev.Transfer)
    assert transfer.limited
    assert transfer.digests == ()


def test_a_coding_that_the_client_removes() -> None:
    with Server(faults_body.coded(DATA)) as server:
        decoded = last(probe(server.url("/")), ev.Transfer)
        kept = last(probe(server.url("/"), client="urllib"), ev.Transfer)
    assert (decoded.decodes, decoded.written, decoded.coding) == (True, len(DATA), "gzip")
    assert decoded.received != decoded.written
    assert (kept.decodes, kept.written) == (False, kept.received)


def test_a_gzip_bomb_is_bounded() -> None:
    with Server(faults_body.gzip_bomb(64, as_coding=True)) as server:
        transfer = last(probe(server.url("/"), timeout_s=10), ev.Transfer)
    assert transfer.written >= 2**20


def test_digest_of_the_unpacked_content() -> None:
    import hashlib

    packed = gzip.compress(DATA)
    wanted = target("", data=None).__class__
    with Server(faults_http.serve(packed)) as server:
        one = wanted(name=None, urls=(server.url("/"),), client="urllib", digest_of="decoded",
                     digests=(("md5", hashlib.md5(DATA).hexdigest()),))  # fmt: skip
        result = report(one).targets[0]
    assert result.verdict == "healthy"
    assert dict(last(result.observations, ev.Transfer).decoded_digests)["md5"] == hashlib.md5(DATA).hexdigest()


class TestProxies:
    def test_tunnel_and_forward(self, authority: Authority) -> None:
        with (
            Server(faults_http.serve(DATA), tls=authority.issue().server_context()) as secure,
            Server(faults_http.serve(DATA)) as plain,
            Server(faults_proxy.http_proxy({f"127.0.0.1:{one.port}": one.port for one in (secure, plain)})) as proxy,
        ):
            tunnelled = probe(secure.url("/"), ca_bundle=str(authority.bundle), proxy=proxy.url(""))
            assert last(tunnelled, ev.Tunnel).status == 200
            assert last(tunnelled, ev.Transfer).complete
            forwarded = probe(plain.url("/"), proxy=proxy.url(""))
            assert last(forwarded, ev.Exchange).via == "proxy"
            assert last(forwarded, ev.Transfer).complete
            assert [one.peer for one in forwarded if isinstance(one, ev.Connect)] == ["proxy"]

    @pytest.mark.parametrize(
        ("client", "failure"),
        [("requests", Failure.TUNNEL), ("urllib", Failure.TUNNEL), ("wget", Failure.TUNNEL), ("aria2", Failure.TUNNEL),
         ("curl", None), ("huggingface", None)],
    )  # fmt: skip
    def test_a_tunnel_granted_by_204(self, client: str, failure: Failure | None) -> None:
        """RFC 9110 section 9.3.6 calls any 2xx a grant; http.client, wget and aria2 wait for 200."""
        with Server(lambda connection: connection.send(b"HTTP/1.1 204 No Content\r\n\r\n")) as proxy:
            tunnel = last(probe("https://data.test/", client=client, proxy=proxy.url("")), ev.Tunnel)
        assert (tunnel.status, tunnel.failure) == (204, failure)

    def test_schemes_of_a_407(self) -> None:
        challenges = ('Negotiate', 'NTLM', 'Basic realm="a, b=c", charset="UTF-8"')  # fmt: skip
        with Server(faults_proxy.auth_required(*challenges)) as proxy:
            tunnel = last(probe("https://data.test/", proxy=proxy.url("")), ev.Tunnel)
        assert tunnel.schemes == ("Negotiate", "NTLM", "Basic")
        assert (tunnel.status, tunnel.credentials_sent) == (407, False)

    def test_refused_credentials_are_sent_once_for_four_files(self) -> None:
        with Server(faults_proxy.auth_required('Basic realm="x"')) as proxy:
            url = proxy.url("", host="jo:wrong-secret@127.0.0.1")
            made = report(*(target(f"https://data.test/{number}") for number in range(4)), proxy=url, jobs=4)
            sent = [one for one in proxy.log.of(Request) if one.field("Proxy-Authorization")]
        assert len(sent) == 1
        assert [one.verdict for one in made.targets] == ["ailing"] * 4
        assert len({one.diagnosis.cause for one in made.targets if one.diagnosis}) == 1
        assert "wrong-secret" not in repr([one.observations for one in made.targets])

    @pytest.mark.parametrize("welcome", ["served", "denied", "broken"])
    def test_refused_credentials_are_sent_once_whatever_another_host_was_answered(self, welcome: str) -> None:
        """Some hosts pass, or are refused, before the proxy looks at who is asking."""
        answers = {"served": faults_http.serve(DATA), "denied": faults_http.respond(403, b"no", close=True),
                   "broken": faults_http.respond(502, b"", close=True)}  # fmt: skip
        fault = faults_proxy.deny(
            lambda host: host.startswith("open."), faults_proxy.auth_required('Basic realm="x"'), answers[welcome]
        )
        hosts = ["open.test", *(f"shut{number}.test" for number in range(12)), "open.test"]
        with Server(fault) as proxy:
            url = proxy.url("", host="jo:wrong-secret@127.0.0.1")
            targets = [target(f"http://{host}/{number}") for number, host in enumerate(hosts)]
            report(*targets, proxy=url, jobs=4, controls_allowed=True, trials_allowed=True, controls=(
                "http://shut90.test/generate_204", "https://shut91.test/"))  # fmt: skip
            sent = [one for one in proxy.log.of(Request) if one.field("Proxy-Authorization")]
        assert len([one for one in sent if "//open." not in one.target]) == 1

    def test_refused_credentials_go_to_no_other_proxy(self) -> None:
        with Server(faults_proxy.auth_required('Basic realm="x"')) as one, Server(faults_http.serve(DATA)) as two:
            login = "jo:wrong-secret@127.0.0.1"
            proxies = {"https_proxy": one.url("", host=login), "http_proxy": two.url("", host=login)}
            report(target("https://data.test/1"), target("http://data.test/2"), environment=proxies, jobs=1)
            sent = [each for server in (one, two) for each in server.log.sent("Proxy-Authorization")]
        assert len(sent) == 1

    @pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
    def test_socks(self, scheme: str) -> None:
        with Server(faults_http.serve(DATA)) as origin:
            backends = {f"{name}:{origin.port}": origin.port for name in ("127.0.0.1", "localhost")}
            with Server(faults_socks.socks5(backends, ("jo", "pw"))) as proxy:
                url = f"{scheme}://jo:pw@127.0.0.1:{proxy.port}"
                records = probe(f"http://127.0.0.1:{origin.port}/", client="curl", proxy=url)
                assert last(records, ev.Tunnel).reply == 0
                assert last(records, ev.Transfer).complete
                refused = probe(
                    f"http://127.0.0.1:{origin.port}/", client="curl", proxy=f"{scheme}://jo:no@127.0.0.1:{proxy.port}"
                )
                assert last(refused, ev.Tunnel).reply == 255

    def test_socks_reply_codes(self) -> None:
        with Server(faults_socks.socks5({}, reply=2)) as proxy:
            records = probe("http://data.test/", client="curl", proxy=f"socks5h://127.0.0.1:{proxy.port}")
        assert (last(records, ev.Tunnel).failure, last(records, ev.Tunnel).reply) == ("socks_error", 2)


class TestRedirects:
    def test_private_to_private_is_followed(self) -> None:
        with Server(faults_http.serve(DATA)) as end, Server(faults_http.redirect(end.url("/"))) as start:
            assert last(probe(start.url("/")), ev.Transfer).complete

    def test_cookies_are_handed_on_as_the_client_does(self) -> None:
        gate = faults_http.by_cookie(
            "seen",
            faults_http.serve(DATA),
            faults_http.respond(302, fields=(("Set-Cookie", "seen=1; Path=/"), ("Location", "/"))),
        )
        with Server(gate) as server:
            assert last(probe(server.url("/")), ev.Transfer).complete
            assert last(probe(server.url("/"), client="urllib"), ev.Exchange).failure == "http_redirect_loop"

    def test_headers_go_to_no_control(self) -> None:
        page = faults_http.respond(200, b"<html><title>Sign in</title></html>", content_type="text/html")
        with Server(page) as server, Server(faults_http.respond(204)) as neutral:
            report(
                target(server.url("/f.bin")),
                headers=(("Authorization", "Bearer top-secret-token"),),
                controls=(neutral.url("/generate_204"),),
                controls_allowed=True,
            )
            assert server.log.sent("Authorization")
            assert neutral.log.of(Request)
            assert not neutral.log.sent("Authorization")

    def test_headers_go_to_no_control_of_a_redirect(self) -> None:
        """What a control asks once more is where the target ended: another origin than its own."""
        with (
            Server(faults_body.cut(DATA * 20, 100)) as end,
            Server(faults_http.redirect(end.url("/f.bin"))) as start,
        ):
            headers = (("Authorization", "Bearer top-secret-token"),)
            report(target(start.url("/f.bin")), headers=headers, controls_allowed=True, trials_allowed=True)
            assert start.log.sent("Authorization")
            assert len(end.log.of(Request)) > 1
            assert not end.log.sent("Authorization")

    def test_headers_go_to_the_own_origin_only(self) -> None:
        with Server(faults_http.serve(DATA)) as end, Server(faults_http.redirect(end.url("/"))) as start:
            probe(start.url("/"), headers=(("Authorization", "Bearer top-secret-token"),))
            assert list(start.log.sent("Authorization")) == ["Bearer top-secret-token"]
            assert not end.log.sent("Authorization")


@pytest.mark.parametrize(
    ("host", "usable"),
    [
        ("*.example", False),
        (".evil.example", False),
        ("a..example", False),
        (f"{'x' * 64}.example", False),
        (f"{'x' * 63}.example", True),
        ("data.example.", True),
        ("xn--bcher-kva.example", True),
        ("[::1]", True),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_name_that_no_host_can_have_is_refused_before_a_proxy_is_asked(scheme: str, host: str, usable: bool) -> None:
    with Server(faults_proxy.squid_error("ERR_ACCESS_DENIED", 403)) as proxy:
        (result,) = report(target(f"{scheme}://{host}/f"), proxy=proxy.url().rstrip("/")).targets
    failures = {one.failure for one in result.observations if isinstance(one, ev.Address)}
    assert (Failure.URL_INVALID in failures) is not usable
    assert bool(proxy.log.of(Request)) is usable


class TwoAddresses(DemoNames):
    """One of this machine's network, and one of another."""

    def addresses(self, host: str, family: int) -> tuple[str, ...]:
        return ("127.0.0.2", "127.0.0.1")


def test_a_redirect_reaches_no_host_with_a_private_address_beside_a_public_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever owns the name decides which of its addresses answers, now and at the loader's own lookup."""
    monkeypatch.setattr(hop, "is_global", lambda address: address == "127.0.0.2")
    run = new_run(Settings(), load(), (), Environment({}), TwoAddresses("", 0))
    rec = Recorder(run, "t")
    with Server(faults_body.stall()) as private:
        url, client = private.url("/f", host="both.example"), run.catalogue.client("requests")
        address, _ = hop.take_apart(rec, url, client)
        with pytest.raises(Stopped) as stopped:
            hop.open_line(rec, url, address, client, public_only=True)
    assert stopped.value.record.failure == Failure.REDIRECT_PRIVATE
    assert not [one for one in rec.records if isinstance(one, ev.Connect)]


def test_a_password_of_any_bytes_is_sent_to_a_socks_proxy_as_it_is() -> None:
    """An environment variable that is no UTF-8 holds surrogates (PEP 383)."""
    with Server(faults_socks.socks5({}, ("jo", "x"))) as proxy:
        (result,) = report(
            target("http://data.example/f"), proxy=f"socks5h://jo:\udcff@{proxy.host}:{proxy.port}"
        ).targets
    (tunnel,) = (one for one in result.observations if isinstance(one, ev.Tunnel))
    assert tunnel.credentials_sent
    assert tunnel.failure == Failure.SOCKS
