"""Scenes of the proxy: its setting, its reach, its password and its policy."""

from __future__ import annotations

from . import raw
from .proxy import PASSWORD, USER
from .scenes import HOST, LABELS, PLAIN, How, collect, scene
from .world import World

QUICK = (LABELS, "--timeout", "2")


@scene("ailing", "proxy-env-malformed", "proxy")
def quotes_in_proxy(world: World) -> How:
    """`set HTTPS_PROXY="..."` of Windows leaves the quotes in the value."""
    return {"proxy": f'"{world.proxy_url("open")}"'}


@scene("ailing", "proxy-env-https-scheme", "proxy")
def https_scheme_on_plain_proxy(world: World) -> How:
    """The variable's name speaks of the target, so people write https into its value."""
    return {"proxy": world.proxy_url("open").replace("http:", "https:")}


@scene("ailing", "proxy-env-credentials-unencoded", "proxy")
def hash_in_password(world: World) -> How:
    """A password with a `#` ends the URL early."""
    return {"proxy": world.proxy_url("basic").replace("//", "//ada:love#lace@")}


@scene("ailing", "proxy-env-stale", "proxy", proves=True)
def stale_local_proxy(world: World) -> How:
    """A local proxy program that no longer runs: it looks as though the site were down."""
    return {"proxy": "http://127.0.0.1:7890"}


@scene("ailing", "proxy-dns-failure", "proxy", proves=True)
def unknown_proxy_name(world: World) -> How:
    """Off the company's network the proxy's own name does not resolve; urllib's text blames the target."""
    return {"proxy": "http://proxy.corp.nosuch.example:3128"}


@scene("ailing", "proxy-unreachable", "proxy")
def proxy_refuses(world: World) -> How:
    """A remote proxy with nothing on that port."""
    return {"proxy": world.proxy_url("open").replace(":3128", ":3999")}


@scene("ailing", "proxy-unreachable", "proxy", argv=QUICK)
def proxy_filtered(world: World) -> How:
    """SYNs to the proxy vanish; the direct way must not be tried, it is the company's to decide."""
    world.firewall("proxy", "drop")
    return {"proxy": world.proxy_url("open")}


@scene("ailing", "proxy-auth-required", "proxy")
def proxy_wants_password(world: World) -> How:
    """407 with Basic, and none was given."""
    return {"proxy": world.proxy_url("basic")}


@scene("ailing", "proxy-auth-required", "proxy", argv=(PLAIN,))
def proxy_wants_password_for_plain_http(world: World) -> How:
    """407 to a forwarded GET, with no CONNECT to carry it."""
    return {"proxy": world.proxy_url("basic")}


@scene("ailing", "proxy-auth-required", "proxy")
def proxy_offers_digest_only(world: World) -> How:
    """407 with Digest, which requests cannot do on CONNECT."""
    return {"proxy": world.proxy_url("digest")}


@scene("ailing", "proxy-auth-wrong", "proxy")
def proxy_password_wrong(world: World) -> How:
    """Credentials were sent and refused: once, for accounts lock."""
    return {"proxy": world.proxy_url("basic", USER, "forgotten")}


@scene("ailing", "proxy-auth-negotiate", "proxy")
def proxy_wants_kerberos(world: World) -> How:
    """Only Negotiate and NTLM are offered, and no Python client speaks them."""
    fields = ("Proxy-Authenticate: Negotiate", "Proxy-Authenticate: NTLM")
    status = "407 Proxy Authentication Required"
    return {"proxy": world.raw_proxy(raw.reply(raw.response(b"", *fields, status=status)))}


@scene("ailing", "proxy-connect-denied", "proxy")
def proxy_policy(world: World) -> How:
    """403 to CONNECT is the proxy's word, not the dataset host's."""
    return {"proxy": world.proxy_url("deny")}


@scene("ailing", "proxy-connect-denied", "proxy", argv=(PLAIN,))
def proxy_policy_on_plain_http(world: World) -> How:
    """403 to a forwarded GET looks like the origin's, but for the proxy's marks."""
    return {"proxy": world.proxy_url("deny")}


@scene("ailing", "proxy-upstream-failed", "proxy")
def proxy_cannot_connect(world: World) -> How:
    """The proxy is well, and its own connection to the origin is refused."""
    world.firewall(HOST, "reset", path="proxy")
    return {"proxy": world.proxy_url("open")}


@scene("ailing", "proxy-upstream-failed", "proxy", argv=("https://no-such-host.example/a.gz",))
def proxy_cannot_resolve(world: World) -> How:
    """Behind a proxy it is the proxy that resolves the target's name."""
    return {"proxy": world.proxy_url("open")}


@scene("healthy")
def proxy_with_password(world: World) -> How:
    """The right password, once."""
    return {"proxy": world.proxy_url("basic", USER, PASSWORD)}


@scene("healthy")
def tls_proxy(world: World) -> How:
    """A true https:// proxy. Its name is in the hosts file, since its certificate is for the name."""
    url = world.proxy_url("https").replace("10.77.0.3", "proxy.corp.example")
    return {"proxy": url, "hosts": "10.77.0.3 proxy.corp.example"}


@scene("healthy")
def proxy_only_network(world: World) -> How:
    """Neither names nor packets leave but by the proxy: by design, and no failure."""
    world.dns("*", rcode="NXDOMAIN")
    world.firewall("*", "drop")
    return {"proxy": world.proxy_url("open")}


@scene("healthy", argv=(PLAIN,))
def plain_http_by_proxy(world: World) -> How:
    """A forwarded GET, where nothing is tunnelled."""
    return {"proxy": world.proxy_url("open")}


@scene("healthy")
def dead_proxy_not_for_this_host(world: World) -> How:
    """NO_PROXY frees this host from a dead proxy."""
    return {"proxy": "http://127.0.0.1:9", "env": {"no_proxy": "googleapis.com,localhost"}}


SCENES = collect(globals())
