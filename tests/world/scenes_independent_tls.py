"""The exam of stage `tls`: chains, stores and clocks that the authors did not choose, each with several clients."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from mnistdoctor.demo import certificates as make
from mnistdoctor.demo.pki import Authority, Certificate

from . import sites
from .arrangements import clock
from .pki import sign
from .raw import Fault, after_hello, alert, banner, finish, response, silent
from .scenes import HOST, LABELS, PLAIN, S3_HOST, S3_LABELS, Arrange, How, collect, independent, scene
from .world import World

KERAS = (LABELS, "--as", "keras")
TORCH = (LABELS, "--as", "torchvision")
TFDS = (LABELS, "--as", "tfds")
CURL = (LABELS, "--as", "curl")
CLIENTS = (("requests", (LABELS,)), ("keras", KERAS), ("tfds", TFDS), ("curl", CURL))
QUICK = ("--timeout", "3")


_row = partial(independent, stage="tls")


def _shows(kind: str) -> Arrange:
    return lambda world: (world.host(HOST, certificate=kind), None)[1]


_KINDS = (
    ("expired", "tls-cert-expired"), ("not-yet-valid", "tls-cert-not-yet-valid"), ("wrong-host", "tls-hostname-mismatch"),
    ("self-signed", "tls-self-signed-server"), ("missing-intermediate", "tls-missing-intermediate"),
    ("intercepted", "tls-intercepted"), ("unknown-root", "tls-intercepted"),
)  # fmt: skip
FAULTY = tuple(
    _row(f"{kind}-{who}", f"The server's certificate: {kind}, as {who} sees it", cause, _shows(kind), argv)
    for kind, cause in _KINDS
    for who, argv in (("keras", KERAS), ("curl", CURL), ("torchvision", TORCH))
)


# --- chains of certificates ----------------------------------------------------------------------------------------


def _leaf(issuer: Certificate) -> Certificate:
    return sign(make.name(None, HOST), make.new_key(), issuer, names=(HOST,))


def _expired_upper(of: Certificate, issuer: Certificate) -> Certificate:
    """Another certificate over an authority's own key, out of date."""
    return sign(of.leaf.subject, of.key, issuer, authority=True, span=(-900, -2))


def _put(world: World, kind: str, leaf: Certificate, *beside: Certificate) -> None:
    world.pki.put(replace(leaf, chain=tuple(one.leaf for one in beside)), kind, HOST)
    world.host(HOST, certificate=kind)


def _cross(world: World) -> None:
    old = Authority("Digital Trust Co", "DT Root CA X3").root
    intermediate = world.pki.public.issuer
    _put(world, "exam-cross", _leaf(intermediate), intermediate, _expired_upper(world.pki.public.root, old))


def _dead_upper(world: World) -> None:
    intermediate = world.pki.public.issuer
    _put(world, "exam-dead-upper", _leaf(intermediate), _expired_upper(intermediate, world.pki.public.root))


def _two_uppers(world: World) -> None:
    intermediate = world.pki.public.issuer
    dead = _expired_upper(intermediate, world.pki.public.root)
    _put(world, "exam-two-uppers", _leaf(intermediate), intermediate, dead)


def _disorder(world: World) -> None:
    intermediate = world.pki.public.issuer
    _put(world, "exam-disorder", _leaf(intermediate), world.pki.public.root, intermediate)


def _stranger_beside(world: World) -> None:
    intermediate = world.pki.public.issuer
    _put(world, "exam-beside", _leaf(intermediate), world.pki.stranger.root, intermediate)


def _root_beside(world: World) -> None:
    intermediate = world.pki.public.issuer
    _put(world, "exam-root", _leaf(intermediate), intermediate, world.pki.public.root)


DOTTED = LABELS.replace(HOST, f"{HOST}.")


def _as_it_is(_world: World) -> None:
    """Nothing is wrong."""


def _leaf_signs(world: World) -> None:
    intermediate, name = world.pki.public.issuer, "proxy.corp.example"
    own = sign(make.name(None, name), make.new_key(), intermediate, names=(name,))
    _put(world, "exam-leaf-signs", _leaf(own), own, intermediate)


def _common_name_alone(world: World) -> None:
    world.pki.put(world.pki.public.issue(HOST, san=False), "exam-cn-alone", HOST)
    world.host(HOST, certificate="exam-cn-alone")


CHAINS = (
    _row("cross-signed", "A cross-signed root whose old signer is dead and unknown", (), _cross),
    _row("cross-signed-keras", "The same for keras", (), _cross, KERAS),
    _row("two-intermediates", "An expired intermediate beside the valid one", (), _two_uppers),
    _row("disorder", "The chain in the wrong order, with its root", (), _disorder),
    _row("stranger-beside", "A certificate that has nothing to do with it", (), _stranger_beside, KERAS),
    _row("root-beside", "The root sent needlessly", (), _root_beside, CURL),
    _row("dead-intermediate", "The only intermediate sent has expired", ("tls-cert-expired", "tls-trust-store-old"), _dead_upper),
    _row("dead-intermediate-keras", "The same for keras", ("tls-cert-expired", "tls-trust-store-old"), _dead_upper, KERAS),
    _row("rsa", "An RSA certificate", (), _shows("rsa")),
    _row("leaf-as-authority", "Signed with the certificate of a server", "tls-intercepted", _leaf_signs),
    _row("cn-alone", "The name stands as the common name alone", "tls-hostname-mismatch", _common_name_alone),
    _row("final-dot", "requests takes the final dot of the host off", (), _as_it_is, (DOTTED,)),
    _row("final-dot-curl", "curl too", (), _as_it_is, (DOTTED, "--as", "curl")),
    _row("final-dot-keras", "urllib does not", "tls-hostname-mismatch", _as_it_is, (DOTTED, "--as", "keras"), proves=True),
    _row("final-dot-redirect", "A redirect to such a host", (), lambda world: (world.host(S3_HOST, redirect=DOTTED), None)[1],
         (S3_LABELS,)),
)  # fmt: skip


# --- clocks --------------------------------------------------------------------------------------------------------


def _skewed(days: float, fault: Arrange = lambda _world: None) -> Arrange:
    def arrange(world: World) -> How:
        fault(world)
        return {"env": clock(world, days)}

    return arrange


CLOCKS = (
    _row("clock-behind", "A clock that is 400 days behind", "tls-clock-wrong", _skewed(-400)),
    _row("clock-behind-keras", "The same for keras", "tls-clock-wrong", _skewed(-400), KERAS),
    _row("clock-ahead", "A clock that is 400 days ahead", "tls-clock-wrong", _skewed(400)),
    _row("clock-ahead-curl", "The same for curl", "tls-clock-wrong", _skewed(400), CURL),
    _row("clock-1970", "A board without a battery", "tls-clock-wrong", _skewed(-20_000)),
    _row("clock-a-day", "A day off: every certificate is still in date", (), _skewed(1)),
    _row("clock-a-day-expired", "A day ahead, and the certificate expired two days ago", "tls-cert-expired", _skewed(1, _shows("expired"))),
    _row("clock-ahead-closed", "A clock ahead, and port 80 is closed: no Date to compare with", ("tls-cert-expired", "tls-clock-wrong"), _skewed(400, lambda world: world.firewall("*", "reset", port=80))),
    _row("clock-ahead-plain", "Plain http does not look at the clock", (), _skewed(400), (PLAIN,)),
    _row("clock-ahead-self-signed", "A clock ahead and a self-signed certificate", ("tls-self-signed-server", "tls-clock-wrong"), _skewed(400, _shows("self-signed"))),
)  # fmt: skip


# --- CA files ------------------------------------------------------------------------------------------------------


def _file(variable: str, text: str | None, name: str = "ca.pem") -> Arrange:
    """A variable that names a file of the home folder with this text; None for a file that is not there."""

    def arrange(world: World) -> How:
        path = world.home / name
        if text is not None:
            path.write_text(text)
        return {"env": {variable: str(path)}}

    return arrange


def _company(variable: str) -> Arrange:
    return lambda world: _file(variable, (world.pki.folder / "contoso.pem").read_text())(world)


def _folder(variable: str) -> Arrange:
    def arrange(world: World) -> How:
        (world.home / "certs").mkdir()
        return {"env": {variable: str(world.home / "certs")}}

    return arrange


def _tilde(world: World) -> How:
    (world.home / "good.pem").write_bytes(world.pki.bundle("public").read_bytes())
    return {"env": {"SSL_CERT_FILE": "~/good.pem", "SSL_CERT_DIR": "/none"}}


PATH, EMPTY, FEW = "tls-ca-path-wrong", ("tls-ca-path-wrong", "tls-trust-store-empty"), "tls-ca-bundle-replaced"
FILES = (
    _row("ca-missing-requests", "REQUESTS_CA_BUNDLE names a file that is gone", PATH, _file("REQUESTS_CA_BUNDLE", None), proves=True),
    _row("ca-missing-curlvar", "requests reads CURL_CA_BUNDLE too", PATH, _file("CURL_CA_BUNDLE", None)),
    _row("ca-missing-tfds", "tfds goes out with requests", PATH, _file("REQUESTS_CA_BUNDLE", None), TFDS),
    _row("ca-missing-keras", "SSL_CERT_FILE names a file that is gone: the folder of CAs is still read", (), _file("SSL_CERT_FILE", None), KERAS),
    _row("ca-tilde-keras", "A `~` that only a shell would have expanded", PATH, _tilde, KERAS, proves=True),
    _row("ca-missing-curl", "curl stops at once", PATH, _file("CURL_CA_BUNDLE", None), CURL),
    _row("ca-missing-curl-ssl", "curl reads SSL_CERT_FILE too", PATH, _file("SSL_CERT_FILE", None), CURL),
    _row("ca-not-read-requests", "requests ignores SSL_CERT_FILE", (), _file("SSL_CERT_FILE", None)),
    _row("ca-not-read-keras", "urllib ignores REQUESTS_CA_BUNDLE", (), _file("REQUESTS_CA_BUNDLE", None), KERAS),
    _row("ca-not-read-curl", "curl ignores REQUESTS_CA_BUNDLE", (), _file("REQUESTS_CA_BUNDLE", None), CURL),
    _row("ca-empty-requests", "An empty bundle", EMPTY, _file("REQUESTS_CA_BUNDLE", "")),
    _row("ca-garbage-requests", "A bundle that is no bundle", EMPTY, _file("REQUESTS_CA_BUNDLE", "<html>404</html>\n")),
    _row("ca-garbage-curl", "The same in curl", EMPTY, _file("CURL_CA_BUNDLE", "garbage\n"), CURL),
    _row("ca-folder-requests", "An empty folder of CAs", EMPTY, _folder("REQUESTS_CA_BUNDLE")),
    _row("ca-blank", "A variable that is set to nothing", (), lambda _world: {"env": {"REQUESTS_CA_BUNDLE": "", "SSL_CERT_FILE": ""}}),
    _row("ca-company-requests", "The company's CA alone", FEW, _company("REQUESTS_CA_BUNDLE"), proves=True),
    _row("ca-company-curl", "Debian's curl still reads the folder it was built with", (), _company("CURL_CA_BUNDLE"), CURL),
    _row("ca-option", "`--ca-bundle` names a file that holds nothing", EMPTY, lambda _world: None, (LABELS, "--ca-bundle", "/dev/null")),
    _row("ca-plain", "A missing CA file does not matter to plain http", (), _file("REQUESTS_CA_BUNDLE", None), (PLAIN,)),
)  # fmt: skip


def _env_both(variable: str, text: str | None) -> Arrange:
    """As `_file`, with an empty system store: then nothing is left to read beside the file."""
    return lambda world: {**(_file(variable, text)(world) or {}), "system": ()}


def _stores(**stores: tuple[str, ...]) -> Arrange:
    return lambda _world: stores


STORES = (
    _row("store-empty-keras", "A slim image without ca-certificates", "tls-trust-store-empty", _stores(system=()), KERAS, proves=True),
    _row("store-empty-curl", "The same in curl", "tls-trust-store-empty", _stores(system=()), CURL),
    _row("store-empty-requests", "requests brings its own", (), _stores(system=())),
    _row("store-empty-file-gone-keras", "No store, and SSL_CERT_FILE names nothing", PATH, _env_both("SSL_CERT_FILE", None), KERAS),
    _row("store-empty-garbage-keras", "No store, and SSL_CERT_FILE holds garbage", EMPTY, _env_both("SSL_CERT_FILE", "garbage"), KERAS),
    _row("certifi-old", "certifi does not know the root, the system does", ("tls-trust-store-differs", "tls-trust-store-old"), _stores(certifi=("genuine",)), proves=True),
    _row("system-old-keras", "The system's store holds one company's CA alone", ("tls-trust-store-differs", "tls-trust-store-old", "tls-ca-bundle-replaced"), _stores(system=("contoso",)), KERAS, proves=True),
)  # fmt: skip


# --- what is not TLS, and what ends early --------------------------------------------------------------------------


def _raw(play: Fault) -> Arrange:
    return lambda world: (world.raw(HOST, play), None)[1]


ODD = (
    _row("plain-400", "A web server answers a ClientHello with 400 in clear", "tls-plaintext-port",
         _raw(after_hello(lambda connection: connection.send(response(b"<h1>400</h1>", status="400 Bad Request")))), KERAS),
    _row("ssh", "An SSH server", "tls-plaintext-port", _raw(banner(b"SSH-2.0-OpenSSH_9.6\r\n"))),
    _row("smtp", "A mail server", "tls-plaintext-port", _raw(banner(b"220 mail.example ESMTP\r\n")), CURL),
    _row("alert-40", "handshake_failure", "tls-handshake-failure", _raw(alert(40)), KERAS),
    _row("alert-70", "protocol_version", "tls-protocol-version", _raw(alert(70))),
    _row("alert-80", "internal_error", "tls-handshake-failure", _raw(alert(80)), CURL),
    _row("alert-49", "access_denied", "tls-handshake-failure", _raw(alert(49))),
    _row("alert-120", "no_application_protocol", "tls-handshake-failure", _raw(alert(120))),
    _row("alert-112", "unrecognized_name", "tls-handshake-failure", _raw(alert(112))),
    _row("alert-116", "certificate_required", "tls-handshake-failure", _raw(alert(116)), KERAS),
    _row("alert-48", "unknown_ca from the far side", "tls-handshake-failure", _raw(alert(48))),
    _row("tls10", "TLS 1.0 only", "tls-protocol-version", lambda world: (world.host(HOST, certificate="rsa", protocols="TLSv1"), None)[1], KERAS),
    _row("tls13", "TLS 1.3 only", (), lambda world: (world.host(HOST, protocols="TLSv1.3"), None)[1]),
    _row("tls12", "TLS 1.2 only", (), lambda world: (world.host(HOST, protocols="TLSv1.2"), None)[1], KERAS),
    _row("fin", "It closes after the ClientHello", ("tls-unexpected-eof", "tls-sni-blocked"), _raw(after_hello(finish)), CURL),
    _row("stall-after-hello", "It stalls after the ClientHello", "tls-handshake-timeout", _raw(after_hello(silent)), (*KERAS, *QUICK)),
    _row("sni-reset", "A filter resets by name", "tls-sni-blocked", lambda world: world.firewall(HOST, "sni-reset"), KERAS),
    _row("sni-drop", "A filter drops by name", "tls-sni-blocked", lambda world: world.firewall(HOST, "sni-drop"), (LABELS, *QUICK)),
    _row("mtu", "Large packets of this host vanish", ("tcp-mtu-blackhole", "tls-handshake-timeout"), lambda world: world.mtu_hole(HOST), (LABELS, *QUICK), stage=None),
    _row("mtu-small", "A small MTU that is told honestly", (), lambda world: world.mtu(1280)),
)  # fmt: skip


def _portal(status: int, body: bytes = b"") -> Arrange:
    return lambda world: world.portal(status=status, body=body)


LOGIN = b"<html><title>Hotel Wi-Fi</title><form action=/login>Accept terms</form></html>"
PORTALS = tuple(
    _row(f"portal-{status}-{who}", f"A guest network answers {status} to everything, as {who} sees it", "captive-portal",
         _portal(status, LOGIN if status != 302 else b""), argv, stage=stage)
    for status in (302, 200, 511)
    for who, argv, stage in (("https", (LABELS,), "tls"), ("keras", KERAS, "tls"), ("plain", (PLAIN,), "http" if status != 200 else None))
)  # fmt: skip


def _gateway(vendor: str, **stores: tuple[str, ...]) -> Arrange:
    def arrange(world: World) -> How:
        world.intercept(vendor)
        return stores

    return arrange


GATEWAY = (
    _row("gateway-keras", "A gateway in the path re-signs, and nobody knows its CA", "tls-intercepted", _gateway("zscaler"), KERAS),
    _row("gateway-unknown-tfds", "A company's own gateway", "tls-intercepted", _gateway("contoso"), TFDS),
    _row("gateway-system-requests", "Its CA is in the system's store", "tls-intercepted", _gateway("contoso", system=("public", "contoso")), proves=True),
    _row("gateway-system-keras", "The same, and keras reads that store", (), _gateway("contoso", system=("public", "contoso")), KERAS),
    _row("gateway-certifi-curl", "Its CA was appended to certifi, which curl does not read", "tls-intercepted", _gateway("zscaler", certifi=("public", "zscaler")), CURL, proves=True),
    _row("gateway-s3-torchvision", "torchvision's own source behind it", "tls-intercepted", _gateway("zscaler", system=("public",)), (S3_LABELS, "--as", "torchvision")),
)  # fmt: skip


@scene("healthy")
def exam_gateway_bundle_for_requests(world: World) -> How:
    """A bundle with the gateway's CA and the public ones, named as it should be"""
    world.intercept("contoso")
    return {"env": {"REQUESTS_CA_BUNDLE": str(world.pki.bundle("public", "contoso"))}}


@scene("ailing", "tls-hostname-mismatch", "tls", argv=(f"https://{sites.address(HOST)}/cvdf-datasets/mnist/x.gz",))
def exam_by_address(_world: World) -> None:
    """The host by its address: the certificate carries the name"""


@scene("ailing", "tls-cert-expired", "tls", argv=(S3_LABELS, "--as", "torchvision"))
def exam_second_hop_is_ill(world: World) -> None:
    """A redirect leads to a host whose certificate has expired"""
    world.host(S3_HOST, redirect=f"https://{HOST}/cvdf-datasets$request_uri")
    world.host(HOST, certificate="expired")


SCENES = (*FAULTY, *CHAINS, *CLOCKS, *FILES, *STORES, *ODD, *PORTALS, *GATEWAY, *collect(globals()))
