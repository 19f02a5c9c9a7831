"""Scenes of TLS: the server, or somebody in its place, cannot prove who it is."""

from __future__ import annotations

from mnistdoctor.demo.faults_http import respond, route, serve
from mnistdoctor.demo.faults_tls import plain_http
from mnistdoctor.demo.pki import self_signed
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.scenes.ground import HOST, PATH, PLAIN, SECURE, Ground
from mnistdoctor.demo.scenes.scene import ailing


@ailing("tls-intercepted", "tls", proven=True)
def intercepted(ground: Ground) -> None:
    """The office re-signs all TLS; pip was told of its authority by PIP_CERT, and the dataset's program was not."""
    gateway = ground.other_authority("Zscaler Inc.", "Zscaler Intermediate Root CA (zscaler.net)")
    ground.serve(serve(digits().body), HOST, gateway.issue(HOST).server_context())
    plain = ground.serve(route({"/generate_204": respond(204)}), PLAIN)
    secure = ground.serve(respond(200, b"well\n"), SECURE, gateway.issue(SECURE).server_context())
    ground.controls += [plain.url("/generate_204", host=PLAIN), secure.url("/", host=SECURE)]
    ground.options["ca_bundle"] = None
    ground.variables["PIP_CERT"] = str(gateway.bundle)


@ailing("tls-cert-expired", "tls", proven=True)
def certificate_expired(ground: Ground) -> None:
    """Nobody renewed the server's certificate; a mirror is well."""
    ground.serve(serve(digits().body), HOST, ground.authority.expired(HOST, days=3).server_context())
    ground.source(ground.url())
    ground.mirror()


@ailing("tls-cert-not-yet-valid", "tls")
def certificate_too_new(ground: Ground) -> None:
    """The server's certificate begins tomorrow, and this machine's clock is right."""
    ground.serve(serve(digits().body), HOST, ground.authority.not_yet_valid(HOST).server_context())


@ailing("tls-hostname-mismatch", "tls")
def certificate_of_another(ground: Ground) -> None:
    """The site moved, and its new home shows the certificate of another name."""
    ground.serve(serve(digits().body), HOST, ground.context("www.example.demo"))


@ailing("tls-missing-intermediate", "tls")
def intermediate_missing(ground: Ground) -> None:
    """Browsers open the site and Python does not: the server sends its certificate without the link to its root."""
    leaf = ground.authority.issue(HOST, send_intermediate=False)
    ground.serve(serve(digits().body), HOST, leaf.server_context())


@ailing("tls-self-signed-server", "tls")
def self_signed_server(ground: Ground) -> None:
    """The laboratory's own server made its certificate itself."""
    ground.serve(serve(digits().body), HOST, self_signed(HOST).server_context())


@ailing("tls-plaintext-port", "tls")
def plain_http_on_tls_port(ground: Ground) -> None:
    """WRONG_VERSION_NUMBER: the address begins with https, and the port speaks http."""
    data = serve(digits().body)
    server = ground.serve(lambda connection: (plain_http if connection.client_hello() else data)(connection))
    ground.target(server.url(PATH, host=HOST, scheme="https"))
