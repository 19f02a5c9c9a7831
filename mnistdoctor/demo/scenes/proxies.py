"""Scenes of an office: everything leaves through a proxy."""

from __future__ import annotations

from mnistdoctor.demo.faults_http import serve
from mnistdoctor.demo.faults_proxy import auth_required, basic_auth, deny, http_proxy, speaks_no_connect
from mnistdoctor.demo.scenes.files import digits, parts
from mnistdoctor.demo.scenes.ground import HOST, Ground
from mnistdoctor.demo.scenes.scene import ailing, healthy
from mnistdoctor.demo.servers import RefusingPort


@healthy
def healthy_by_proxy(ground: Ground) -> None:
    """The proxy wants a password, has been given the right one, and lets the download through."""
    ground.serve_safely(serve(digits().body))
    ground.proxy(basic_auth("ann", "s3cret", http_proxy(ground.backends)), "ann:s3cret")


@ailing("proxy-auth-required", "proxy")
def proxy_wants_password(ground: Ground) -> None:
    """407: the proxy wants a name and a password, and the program sends none."""
    ground.serve_safely(serve(digits().body))
    ground.proxy(auth_required('Basic realm="Example Corp"'))


@ailing("proxy-auth-wrong", "proxy")
def proxy_password_wrong(ground: Ground) -> None:
    """407 for each of four files; whoever tries the old password four times is locked out."""
    for file in parts():
        ground.target(f"https://{HOST}/parts/{file.name}", file)
    ground.proxy(basic_auth("ann", "new password", http_proxy(ground.backends)), "ann:old-password")


@ailing("proxy-auth-negotiate", "proxy")
def proxy_wants_kerberos(ground: Ground) -> None:
    """407: the browser signs in to the proxy by itself, Python cannot."""
    ground.serve_safely(serve(digits().body))
    ground.proxy(auth_required("Negotiate", "NTLM"))


@ailing("proxy-connect-denied", "proxy")
def proxy_denies_host(ground: Ground) -> None:
    """403, but not from the server: the proxy's policy does not let programs go there."""
    ground.serve_safely(serve(digits().body))
    ground.proxy(deny(lambda authority: authority.startswith(HOST), http_proxy(ground.backends)))


@ailing("proxy-connect-denied", "proxy")
def proxy_is_no_proxy(ground: Ground) -> None:
    """What is set as the proxy is a web server, which knows no CONNECT."""
    ground.serve_safely(serve(digits().body))
    ground.proxy(speaks_no_connect())


@ailing("proxy-env-stale", "proxy", proven=True)
def proxy_gone(ground: Ground) -> None:
    """A VPN program left its proxy setting behind, and nothing listens there any more."""
    ground.serve_safely(serve(digits().body))
    ground.use_proxy(ground.place(RefusingPort(), "proxy.demo").url(""))


@ailing("proxy-dns-failure", "proxy", proven=True)
def proxy_unknown(ground: Ground) -> None:
    """At home with the office's proxy still set: its name does not exist here."""
    ground.serve_safely(serve(digits().body))
    ground.use_proxy("http://proxy.office.demo:3128")
