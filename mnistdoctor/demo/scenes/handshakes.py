"""Scenes of TLS: the server, or somebody in its place, cannot prove who it is."""

from __future__ import annotations

from mnistdoctor.demo.faults_http import respond, route, serve
from mnistdoctor.demo.faults_tls import plain_http
from mnistdoctor.demo.pki import self_signed
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.scenes.scene import ailing
from mnistdoctor.demo.scenes.testbed import HOST, PATH, PLAIN, SECURE, Testbed


@ailing("tls-intercepted", "tls", proven=True)
def intercepted(testbed: Testbed) -> None:
    """The office re-signs all TLS; pip was told of its authority by PIP_CERT, and the dataset's program was not."""
    gateway = testbed.other_authority("Zscaler Inc.", "Zscaler Intermediate Root CA (zscaler.net)")
    testbed.serve(serve(digits().body), HOST, gateway.issue(HOST).server_context())
    plain = testbed.serve(route({"/generate_204": respond(204)}), PLAIN)
    secure = testbed.serve(respond(200, b"well\n"), SECURE, gateway.issue(SECURE).server_context())
    testbed.controls += [plain.url("/generate_204", host=PLAIN), secure.url("/", host=SECURE)]
    testbed.options["ca_bundle"] = None
    testbed.variables["PIP_CERT"] = str(gateway.bundle)


@ailing("tls-cert-expired", "tls", proven=True)
def certificate_expired(testbed: Testbed) -> None:
    """Nobody renewed the server's certificate; a mirror is well."""
    testbed.serve(serve(digits().body), HOST, testbed.authority.expired(HOST, days=3).server_context())
    testbed.source(testbed.url())
    testbed.mirror()


@ailing("tls-cert-not-yet-valid", "tls")
def certificate_too_new(testbed: Testbed) -> None:
    """The server's certificate begins tomorrow, and this machine's clock is right."""
    testbed.serve(serve(digits().body), HOST, testbed.authority.not_yet_valid(HOST).server_context())


@ailing("tls-hostname-mismatch", "tls")
def certificate_of_another(testbed: Testbed) -> None:
    """The site moved, and its new home shows the certificate of another name."""
    testbed.serve(serve(digits().body), HOST, testbed.context("www.example.demo"))


@ailing("tls-missing-intermediate", "tls")
def intermediate_missing(testbed: Testbed) -> None:
    """Browsers open the site and Python does not: the server sends its certificate without the link to its root."""
    leaf = testbed.authority.issue(HOST, send_intermediate=False)
    testbed.serve(serve(digits().body), HOST, leaf.server_context())


@ailing("tls-self-signed-server", "tls")
def self_signed_server(testbed: Testbed) -> None:
    """The laboratory's own server made its certificate itself."""
    testbed.serve(serve(digits().body), HOST, self_signed(HOST).server_context())


@ailing("tls-plaintext-port", "tls")
def plain_http_on_tls_port(testbed: Testbed) -> None:
    """WRONG_VERSION_NUMBER: the address begins with https, and the port speaks http."""
    data = serve(digits().body)
    server = testbed.serve(lambda connection: (plain_http if connection.client_hello() else data)(connection))
    testbed.target(server.url(PATH, host=HOST, scheme="https"))
