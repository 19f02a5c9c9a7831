"""Certificates, handshakes that fail, and HTTP faults inside TLS, as OpenSSL's client sees them."""

from __future__ import annotations

import socket
import ssl
import subprocess
import sys
import warnings
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from mnistdoctor.demo.certificates import now
from mnistdoctor.demo.clienthello import parse_client_hello
from mnistdoctor.demo.connection import Fault
from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.log import Handshake
from mnistdoctor.demo.pki import Authority, Certificate, self_signed
from mnistdoctor.demo.servers import Server
from tests.faults import body as wire
from tests.faults import tls

from .client import ask, drain, pump, request_bytes, trusting

BODY = bytes(range(256)) * 300


def verify_code(certificate: Certificate, trusted: Authority, *, strict: bool = False) -> int:
    """0 when the handshake goes well."""
    context = trusting(trusted)
    if strict:
        context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    else:
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    with Server(respond(200, b"ok"), certificate.server_context()) as server:
        try:
            assert ask(server, tls=context).body == b"ok"
        except ssl.SSLCertVerificationError as error:
            assert server.log.wait(Handshake, 1)
            return error.verify_code
    return 0


def handshake_error(fault: Fault, context: ssl.SSLContext, timeout: float = 30.0) -> OSError:
    with Server(fault, scheme="https") as server:
        with pytest.raises(OSError) as caught:  # noqa: PT012  # with an error only the read brings, in TLS 1.3
            seen = ask(server, tls=context, timeout=timeout)
            raise AssertionError(seen)
        assert server.log.wait(Handshake, 1)
        assert server.log.handshakes[0].version is None
    return caught.value


def test_good_certificate(authority: Authority) -> None:
    with Server(respond(200, b"ok"), authority.issue().server_context()) as server:
        assert server.url() == f"https://127.0.0.1:{server.port}/"
        for name in ("localhost", "127.0.0.1", "::1"):
            seen = ask(server, tls=trusting(authority), name=name)
            assert (seen.body, seen.end) == (b"ok", "fin")
        assert [h.server_name for h in server.log.handshakes] == ["localhost", None, None]
        assert {(h.version, h.error) for h in server.log.handshakes} == {("TLSv1.3", None)}


@pytest.mark.parametrize("intermediate", [False, True])
def test_good_certificate_is_good_to_the_strict(intermediate: bool) -> None:
    made = Authority(intermediate=intermediate)
    assert verify_code(made.issue(), made, strict=True) == 0


def test_root_without_key_usage_is_bad_to_the_strict_only() -> None:
    loose = Authority("Old Corp", strict=False)
    assert verify_code(loose.issue(), loose) == 0
    assert verify_code(loose.issue(), loose, strict=True) in (85, 86, 92)


def test_bad_certificates(authority: Authority) -> None:
    other = Authority("Another")
    assert verify_code(authority.expired(), authority) == 10
    assert verify_code(authority.not_yet_valid(), authority) == 9
    assert verify_code(authority.issue("else.test"), authority) == 62
    assert verify_code(self_signed(), authority) == 18
    assert verify_code(other.issue(), authority) == 20
    assert verify_code(other.issue(send_root=True), authority) == 19
    assert verify_code(authority.issue(send_intermediate=False), authority) == 20
    assert verify_code(authority.issue(client=True), authority) == 26


def test_no_san_is_accepted_by_common_name(authority: Authority) -> None:
    assert verify_code(authority.issue("localhost", san=False), authority) == 0


def test_expired_root() -> None:
    old = Authority("Old", not_after=now() - timedelta(days=1))
    assert verify_code(old.issue(), old) == 10


@pytest.mark.parametrize("intermediate", [False, True])
def test_interception_names_its_product(intermediate: bool) -> None:
    zscaler = Authority("Zscaler Inc.", "Zscaler Intermediate Root CA", intermediate=intermediate)
    assert zscaler.issue("mnist.test").leaf.issuer.rfc4514_string() == "CN=Zscaler Intermediate Root CA,O=Zscaler Inc."
    assert verify_code(zscaler.issue(), zscaler, strict=True) == 0


def test_files_go_with_the_authority() -> None:
    with Authority() as made:
        bundle = made.bundle
        context = ssl.create_default_context(cafile=bundle)
        assert len(context.get_ca_certs()) == 1
        assert made.bundle_with(Authority("b")).read_text().count("BEGIN CERTIFICATE") == 2
        chain, key = made.issue().write(made.folder)
        assert key.stat().st_mode & 0o077 == 0
        assert chain.exists()
    assert not bundle.parent.exists()


def test_cryptography_is_imported_late() -> None:
    code = (
        "import sys, mnistdoctor.demo.pki, mnistdoctor.demo.servers\n"
        "print(sorted({'cryptography', 'dns', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_old_version_only(authority: Authority, version: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context = authority.issue(key=rsa.generate_private_key(65537, 2048)).server_context(
            version=ssl.TLSVersion[version]
        )
    error = handshake_error(tls.tls(context, respond()), trusting(authority))
    assert isinstance(error, ssl.SSLError)
    assert error.reason == "TLSV1_ALERT_PROTOCOL_VERSION"


def test_no_shared_cipher(authority: Authority) -> None:
    context = authority.issue().server_context(version=ssl.TLSVersion.TLSv1_2, ciphers="ECDHE-ECDSA-AES256-CCM")
    error = handshake_error(tls.tls(context, respond()), trusting(authority))
    assert isinstance(error, ssl.SSLError)
    assert error.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE" or "HANDSHAKE_FAILURE" in (error.reason or "")


def test_client_certificate_is_demanded(authority: Authority) -> None:
    context = authority.issue().server_context(client_ca=authority)
    with Server(respond(200, b"ok"), context) as server:
        assert ask(server, tls=trusting(authority)).end == "SSLError"
        assert server.log.wait(Handshake, 1)
        assert server.log.handshakes[0].error == "PEER_DID_NOT_RETURN_A_CERTIFICATE"
        client = trusting(authority)
        client.load_cert_chain(*authority.issue("me", client=True).write(authority.folder, "me"))
        assert ask(server, tls=client).body == b"ok"


@pytest.mark.parametrize(
    ("fault", "kind", "reason"),
    [
        (tls.reset_after_hello, ConnectionResetError, None),
        (tls.finish_after_hello, ssl.SSLEOFError, None),
        (tls.stall_after_hello, TimeoutError, None),
        (tls.plain_http, ssl.SSLError, "WRONG_VERSION_NUMBER"),
        (tls.answer_hello(wire.SSH_BANNER), ssl.SSLError, "WRONG_VERSION_NUMBER"),
        (tls.alert(tls.HANDSHAKE_FAILURE), ssl.SSLError, "HANDSHAKE_FAILURE"),
        (tls.alert(tls.PROTOCOL_VERSION), ssl.SSLError, "PROTOCOL_VERSION"),
        (tls.alert(tls.INTERNAL_ERROR), ssl.SSLError, "INTERNAL_ERROR"),
        (tls.alert(tls.UNRECOGNIZED_NAME), ssl.SSLError, "UNRECOGNIZED_NAME"),
    ],
)
def test_handshake_faults(authority: Authority, fault: Fault, kind: type[OSError], reason: str | None) -> None:
    error = handshake_error(fault, trusting(authority), 0.2 if kind is TimeoutError else 30.0)
    assert isinstance(error, kind)
    if reason:
        assert reason in str(getattr(error, "reason", ""))


def test_stall_after_server_hello(authority: Authority) -> None:
    fault = tls.stall_after_server_hello(authority.issue().server_context(), keep=40)
    assert isinstance(handshake_error(fault, trusting(authority), 0.2), TimeoutError)
    with Server(fault) as server, socket.create_connection(server.address, timeout=30) as sock:
        sock.sendall(client_hello("a.test"))
        assert len(sock.recv(1000)) == 40


def test_fault_for_one_name_only(authority: Authority) -> None:
    good = tls.tls(authority.issue("localhost", "blocked.test").server_context(), respond(200, b"ok"))
    fault = tls.by_server_name(lambda name: name == "blocked.test", tls.reset_after_hello, good)
    with Server(fault, scheme="https") as server:
        assert ask(server, tls=trusting(authority)).body == b"ok"
        with pytest.raises(ConnectionResetError):
            ask(server, tls=trusting(authority), name="blocked.test")
        assert [h.server_name for h in server.log.handshakes] == ["localhost", "blocked.test"]


def test_handshake_that_stops_half_way_does_not_block_close(authority: Authority) -> None:
    with Server(respond(), authority.issue().server_context()) as server:
        sock = socket.create_connection(server.address, timeout=30)
        sock.sendall(client_hello("a.test")[:50])
    sock.close()


def test_plain_request_to_tls_port(authority: Authority) -> None:
    with Server(respond(), authority.issue().server_context()) as server:
        ask(server)
        assert server.log.wait(Handshake, 1)
        assert server.log.handshakes[0].error in ("HTTP_REQUEST", "WRONG_VERSION_NUMBER")


@pytest.mark.parametrize(
    ("fault", "body", "end"),
    [
        (wire.cut(BODY, 5000), BODY[:5000], "SSLEOFError"),
        (wire.cut(BODY, 5000, "stall"), BODY[:5000], "TimeoutError"),
        (wire.drip(BODY[:100], 20, 0.001), BODY[:100], "fin"),
        (respond(200, BODY, framing="close"), BODY, "fin"),
        (wire.raw(b"\r\n\r\nx"), b"x", "fin"),
    ],
)
def test_http_faults_inside_tls(authority: Authority, fault: Fault, body: bytes, end: str) -> None:
    with Server(fault, authority.issue().server_context()) as server:
        seen = ask(server, tls=trusting(authority), timeout=2.0 if end == "TimeoutError" else 30.0)
        assert (seen.body, seen.end) == (body, end)


def test_reset_inside_tls_is_a_real_reset(authority: Authority) -> None:
    """SSLSocket hides it, so the client drives TLS over the raw socket."""
    with Server(wire.cut(BODY, 5000, "reset"), authority.issue().server_context()) as server:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = trusting(authority).wrap_bio(incoming, outgoing, server_hostname="localhost")
        with socket.create_connection(server.address, timeout=30) as sock:
            pump(sock, incoming, outgoing, client.do_handshake)
            client.write(request_bytes("GET", "/"))
            sock.sendall(outgoing.read())
            assert drain(sock).end == "ConnectionResetError"


def client_hello(name: str) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def test_client_hello_is_read_only_when_whole() -> None:
    data = client_hello("mnist.test")
    hello = parse_client_hello(data)
    assert hello is not None
    assert hello.server_name == "mnist.test"
    assert all(parse_client_hello(data[:n]) is None for n in range(len(data)))
    split = (
        b"\x16\x03\x01"
        + (20).to_bytes(2, "big")
        + data[5:25]
        + data[:3]
        + (len(data) - 25).to_bytes(2, "big")
        + data[25:]
    )
    assert parse_client_hello(split) == hello
    assert parse_client_hello(b"GET / HTTP/1.1\r\n\r\n") is None
    assert parse_client_hello(b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x03") is None
