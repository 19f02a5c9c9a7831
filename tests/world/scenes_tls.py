"""Scenes of TLS: certificates, stores, versions, and boxes in the path."""

from __future__ import annotations

from email.utils import formatdate
from time import time

from . import raw, sites
from .scenes import HOST, LABELS, How, collect, scene
from .world import World

QUICK = (LABELS, "--timeout", "2")
URLLIB = (LABELS, "--as", "urllib")


@scene("ailing", "tls-intercepted", "tls", proves=True)
def gateway_known_to_the_system(world: World) -> How:
    """Corporate gateway; IT put its root into the system's store, and requests reads certifi instead."""
    world.intercept()
    return {"system": ("public", "zscaler")}


@scene("ailing", "tls-intercepted", "tls")
def gateway_known_to_nobody(world: World) -> None:
    """The gateway's root is in no store: IT has to be asked."""
    world.intercept()


@scene("ailing", "tls-intercepted", "tls")
def gateway_of_no_known_product(world: World) -> None:
    """The issuer's name tells nothing, but unrelated hosts are signed by it too."""
    world.intercept("contoso")


@scene("ailing", "tls-intercepted", "tls")
def proxy_that_intercepts(world: World) -> How:
    """The proxy opens the tunnel, and then answers in the origin's place."""
    return {"proxy": world.proxy_url("intercept")}


@scene("ailing", "tls-trust-store-empty", "tls", argv=URLLIB)
def empty_store(world: World) -> How:
    """A slim image without ca-certificates: every public host fails alike."""
    return {"system": ()}


@scene("ailing", "tls-ca-path-wrong", "tls")
def bundle_that_is_gone(world: World) -> How:
    """The variable names a file of an environment that was deleted."""
    return {"env": {"REQUESTS_CA_BUNDLE": "/opt/gone/cacert.pem"}}


@scene("ailing", "tls-ca-path-wrong", "tls", argv=URLLIB)
def bundle_that_is_gone_for_urllib(world: World) -> How:
    """OpenSSL ignores the missing file without a word, and trusts nobody."""
    env = {"SSL_CERT_FILE": "/opt/gone/cacert.pem", "SSL_CERT_DIR": "/opt/gone"}
    return {"env": env}


@scene("ailing", "tls-trust-store-differs", "tls", proves=True)
def old_certifi(world: World) -> How:
    """The system knows the public root, an old certifi does not: no box in the path, and curl works."""
    return {"certifi": ("genuine",)}


@scene("ailing", "tls-missing-intermediate", "tls", proves=True)
def leaf_alone(world: World) -> None:
    """Browsers fetch what the server forgot to send, Python does not."""
    world.host(HOST, certificate="missing-intermediate")


@scene("ailing", "tls-self-signed-server", "tls")
def self_signed(world: World) -> None:
    """One host vouches for itself; the controls are clean."""
    world.host(HOST, certificate="self-signed")


@scene("ailing", "tls-hostname-mismatch", "tls")
def wrong_name(world: World) -> None:
    """A good certificate, for somebody else."""
    world.host(HOST, certificate="wrong-host")


@scene("ailing", "tls-cert-expired", "tls")
def expired(world: World) -> None:
    """Two days past its end, by a clock that others confirm."""
    world.host(HOST, certificate="expired")


@scene("ailing", "tls-clock-wrong", "tls")
def clock_behind(world: World) -> None:
    """To a clock a month behind, every certificate is of the future, and every Date says so."""
    for site in sites.SITES:
        world.host(site.host, certificate="not-yet-valid")
    date = f"Date: {formatdate(time() + 30 * 86400, usegmt=True)}"
    for host, status, body in (
        ("connectivitycheck.gstatic.com", "204 No Content", b""),
        ("www.msftconnecttest.com", "200 OK", b"Microsoft Connect Test"),
        ("detectportal.firefox.com", "200 OK", b"success\n"),
    ):
        world.raw(host, raw.reply(raw.response(body, date, status=status)), port=80)


@scene("ailing", "tls-protocol-version", "tls")
def old_server(world: World) -> None:
    """TLS 1.0 and nothing newer."""
    world.host(HOST, certificate="rsa", protocols="TLSv1")


@scene("ailing", "tls-handshake-failure", "tls")
def no_common_cipher(world: World) -> None:
    """Alert 40: the two sides have nothing in common."""
    world.raw(HOST, raw.alert(40))


@scene("ailing", "tls-sni-blocked", "tls")
def name_filter(world: World) -> None:
    """A box resets whoever names this host in the ClientHello; another name to the same address passes."""
    world.firewall(HOST, "sni-reset")


@scene("ailing", "tls-handshake-timeout", "tls", argv=QUICK)
def no_server_hello(world: World) -> None:
    """The ClientHello is taken and never answered; requests calls it a read time-out."""
    world.raw(HOST, raw.after_hello(raw.silent))


@scene("ailing", "tls-plaintext-port", "tls")
def plain_http_on_443(world: World) -> None:
    """The port speaks plain HTTP: "wrong version number"."""
    page = raw.response(b"<html>400 Bad Request</html>", status="400 Bad Request")
    world.raw(HOST, raw.after_hello(lambda connection: connection.send(page)))


@scene("ailing", "tls-unexpected-eof", "tls")
def closed_after_hello(world: World) -> None:
    """A clean close in the handshake, whatever the name."""
    world.raw(HOST, raw.after_hello(raw.finish))


@scene("ailing", "tls-cert-wrong-purpose", "tls")
def certificate_of_a_client(world: World) -> None:
    """Somebody installed the certificate of a client on the server."""
    world.pki.put(world.pki.public.issue(HOST, client=True), "of-a-client", HOST)
    world.host(HOST, certificate="of-a-client")


@scene("healthy")
def gateway_that_is_trusted(world: World) -> How:
    """An intercepting gateway whose root the client trusts is how that network works."""
    world.intercept()
    return {"certifi": ("public", "zscaler"), "system": ("public", "zscaler")}


@scene("healthy")
def stores_by_variables(world: World) -> How:
    """All stores are named by variables."""
    return {"ca": "env"}


@scene("healthy")
def tls_12_only(world: World) -> None:
    """TLS 1.2 is old, and fine."""
    world.host(HOST, protocols="TLSv1.2")


@scene("healthy", argv=URLLIB)
def bad_certifi_is_nothing_to_urllib(world: World) -> How:
    """urllib never reads certifi, so what is wrong with it must not be told."""
    return {"certifi": ("genuine",)}


SCENES = collect(globals())
