"""Scenes of an office: everything leaves through a proxy."""

from __future__ import annotations

from mnistdoctor.demo.faults_http import serve
from mnistdoctor.demo.faults_proxy import auth_required, basic_auth, deny, http_proxy, speaks_no_connect
from mnistdoctor.demo.scenes.files import digits, parts
from mnistdoctor.demo.scenes.scene import ailing, healthy
from mnistdoctor.demo.scenes.testbed import HOST, Testbed
from mnistdoctor.demo.servers import RefusingPort


@healthy
def healthy_by_proxy(testbed: Testbed) -> None:
    """The proxy wants a password, has been given the right one, and lets the download through."""
    testbed.serve_safely(serve(digits().body))
    testbed.proxy(basic_auth("ann", "s3cret", http_proxy(testbed.backends)), "ann:s3cret")


@ailing("proxy-auth-required", "proxy")
def proxy_wants_password(testbed: Testbed) -> None:
    """407: the proxy wants a name and a password, and the program sends none."""
    testbed.serve_safely(serve(digits().body))
    testbed.proxy(auth_required('Basic realm="Example Corp"'))


@ailing("proxy-auth-wrong", "proxy")
def proxy_password_wrong(testbed: Testbed) -> None:
    """407 for each of four files; whoever tries the old password four times is locked out."""
    for file in parts():
        testbed.target(f"https://{HOST}/parts/{file.name}", file)
    testbed.proxy(basic_auth("ann", "new password", http_proxy(testbed.backends)), "ann:old-password")


@ailing("proxy-auth-negotiate", "proxy")
def proxy_wants_kerberos(testbed: Testbed) -> None:
    """407: the browser signs in to the proxy by itself, Python cannot."""
    testbed.serve_safely(serve(digits().body))
    testbed.proxy(auth_required("Negotiate", "NTLM"))


@ailing("proxy-connect-denied", "proxy")
def proxy_denies_host(testbed: Testbed) -> None:
    """403, but not from the server: the proxy's policy does not let programs go there."""
    testbed.serve_safely(serve(digits().body))
    testbed.proxy(deny(lambda authority: authority.startswith(HOST), http_proxy(testbed.backends)))


@ailing("proxy-connect-denied", "proxy")
def proxy_is_no_proxy(testbed: Testbed) -> None:
    """What is set as the proxy is a web server, which knows no CONNECT."""
    testbed.serve_safely(serve(digits().body))
    testbed.proxy(speaks_no_connect())


@ailing("proxy-env-stale", "proxy", proven=True)
def proxy_gone(testbed: Testbed) -> None:
    """A VPN program left its proxy setting behind, and nothing listens there any more."""
    testbed.serve_safely(serve(digits().body))
    testbed.use_proxy(testbed.place(RefusingPort(), "proxy.demo").url(""))


@ailing("proxy-dns-failure", "proxy", proven=True)
def proxy_unknown(testbed: Testbed) -> None:
    """At home with the office's proxy still set: its name does not exist here."""
    testbed.serve_safely(serve(digits().body))
    testbed.use_proxy("http://proxy.office.demo:3128")
