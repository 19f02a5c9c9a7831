"""The exam of stage `proxy`: squid's true answers, played proxies, and every way to spoil the variable."""

from __future__ import annotations

from functools import partial

from .firewall import PROXY
from .proxy import PASSWORD, USER
from .raw import Fault, after_hello, banner, finish, reply, reset, response, silent
from .scenes import HOST, LABELS, PLAIN, PLAIN_HOST, Arrange, How, collect, independent, scene
from .world import World

KERAS = (LABELS, "--as", "keras")
TORCH = (LABELS, "--as", "torchvision")
CURL = (LABELS, "--as", "curl")
QUICK = ("--timeout", "3")


_row = partial(independent, stage="proxy")


def _by(kind: str, user: str | None = None, password: str | None = None) -> Arrange:
    return lambda world: {"proxy": world.proxy_url(kind, user, password)}


def _given(value: str) -> Arrange:
    """`value` with the open proxy's host and port for `@P`."""

    def arrange(world: World) -> How:
        return {"proxy": value.replace("@P", world.proxy_url("open").removeprefix("http://"))}

    return arrange


SQUID = (
    _row("deny", "Policy refuses the tunnel", "proxy-connect-denied", _by("deny"), KERAS),
    _row("deny-plain", "Policy refuses a plain request", "proxy-connect-denied", _by("deny"), (PLAIN,)),
    _row("basic-none", "No password at all", "proxy-auth-required", _by("basic"), TORCH),
    _row("basic-none-plain", "The same for a plain request", "proxy-auth-required", _by("basic"), (PLAIN,)),
    _row("basic-wrong", "A wrong password", "proxy-auth-wrong", _by("basic", USER, "no"), CURL),
    _row("basic-wrong-plain", "The same for a plain request", "proxy-auth-wrong", _by("basic", USER, "no"), (PLAIN,)),
    _row("basic-user-only", "urllib sends nothing without a password", "proxy-auth-required", lambda world: {"proxy": world.proxy_url("basic").replace("://", f"://{USER}@")}, KERAS),
    _row("basic-right", "The right password", (), _by("basic", USER, PASSWORD), KERAS),
    _row("basic-right-plain", "The right password for a plain request", (), _by("basic", USER, PASSWORD), (PLAIN,)),
    _row("digest", "squid offers Digest alone on this port, and takes Basic all the same", (), _by("digest", USER, PASSWORD), KERAS),
    _row("digest-none", "The same with no password", "proxy-auth-required", _by("digest")),
    _row("open", "A proxy that works", (), _by("open"), TORCH),
    _row("open-plain", "A proxy that works, plain http", (), _by("open"), (PLAIN, "--as", "curl")),
    _row("unknown-upstream", "The proxy cannot resolve the host", "proxy-upstream-failed", _by("open"), ("https://nosuch.googleapis.com/x.gz",)),
    _row("unknown-upstream-plain", "The same on plain http", "proxy-upstream-failed", _by("open"), ("http://nosuch.googleapis.com/x.gz", "--as", "keras")),
    _row("odd-port", "The proxy reaches nobody on that port", "proxy-upstream-failed", _by("open"), (f"https://{HOST}:8443/x.gz",)),
)  # fmt: skip


def _upstream(host: str, action: str) -> Arrange:
    def arrange(world: World) -> How:
        world.firewall(host, action, path="proxy")
        return {"proxy": world.proxy_url("open")}

    return arrange


UPSTREAM = (
    _row("upstream-refused", "The host refuses the proxy", "proxy-upstream-failed", _upstream(HOST, "reset"), KERAS),
    _row("upstream-silent", "The host is silent to the proxy", "proxy-upstream-failed", _upstream(HOST, "drop")),
    _row("upstream-plain", "The same on plain http", "proxy-upstream-failed", _upstream(PLAIN_HOST, "reset"), (PLAIN,)),
)  # fmt: skip


def _origin_fault(**change: object) -> Arrange:
    def arrange(world: World) -> How:
        world.host(HOST, **change)  # type: ignore[arg-type]
        return {"proxy": world.proxy_url("open")}

    return arrange


BEHIND = (
    _row("behind-expired", "The fault is behind the tunnel: an expired certificate", "tls-cert-expired", _origin_fault(certificate="expired"), stage="tls"),
    _row("behind-wrong-host", "The same, another name", "tls-hostname-mismatch", _origin_fault(certificate="wrong-host"), KERAS, stage="tls"),
    _row("behind-self-signed", "The same, self-signed", "tls-self-signed-server", _origin_fault(certificate="self-signed"), stage="tls"),
    _row("behind-404", "The same, a missing file", ("http-404-unexplained", "http-404-moved"), _origin_fault(status=404), stage="http"),
    _row("behind-502", "A gateway's 502 after the tunnel is not the proxy's", "http-502-504-gateway", _origin_fault(status=502), stage="http"),
    _row("behind-407", "A 407 behind the tunnel", ("http-4xx-other", "proxy-auth-required"), _origin_fault(status=407), stage=None),
)  # fmt: skip


def _intercepting(vendor: str, **stores: tuple[str, ...]) -> Arrange:
    return lambda world: {"proxy": world.proxy_url("intercept", vendor=vendor), **stores}


BOTH = ("public", "zscaler")
RESIGNED = (
    _row("resigned-nobody", "The proxy re-signs, and nobody knows its CA", "tls-intercepted", _intercepting("zscaler"), stage="tls"),
    _row("resigned-nobody-unknown", "An unknown company re-signs", "tls-intercepted", _intercepting("contoso"), KERAS, stage="tls"),
    _row("resigned-system", "The CA is in the system's store, requests reads certifi", "tls-intercepted", _intercepting("zscaler", system=BOTH), stage="tls", proves=True),
    _row("resigned-system-unknown", "The same for a company nobody knows", ("tls-intercepted", "tls-trust-store-differs"), _intercepting("contoso", system=("public", "contoso")), stage="tls", proves=True),
    _row("resigned-system-keras", "keras reads the system's store: well", (), _intercepting("zscaler", system=BOTH), KERAS),
    _row("resigned-certifi-keras", "The CA was appended to certifi, keras reads the system's", "tls-intercepted", _intercepting("zscaler", certifi=BOTH), KERAS, stage="tls", proves=True),
    _row("resigned-certifi", "The CA was appended to certifi: requests is well", (), _intercepting("zscaler", certifi=BOTH)),
    _row("resigned-installed", "The CA is everywhere", (), _intercepting("zscaler", certifi=BOTH, system=BOTH), TORCH),
)  # fmt: skip

AT = "http://ada:love@lace@@P"
SPOILT = (
    _row("https-scheme", "`https://` before a plain proxy", "proxy-env-https-scheme", _given("https://@P"), proves=True),
    _row("https-scheme-keras", "urllib does not care", (), _given("https://@P"), KERAS),
    _row("https-scheme-curl", "curl does", "proxy-env-https-scheme", _given("https://@P"), CURL),
    _row("quotes", "Quotes round the value", "proxy-env-malformed", _given('"http://@P"'), proves=True),
    _row("quotes-keras", "The same in urllib", "proxy-env-malformed", _given('"http://@P"'), KERAS, proves=True),
    _row("single-quotes-curl", "The same in curl", "proxy-env-malformed", _given("'http://@P'"), CURL),
    _row("blank", "A blank at the end", "proxy-env-malformed", _given("http://@P "), proves=True),
    _row("blank-keras", "urllib does not care", (), _given("http://@P "), KERAS),
    _row("blank-curl", "curl does", "proxy-env-malformed", _given("http://@P "), CURL),
    _row("newline", "A newline at the end, from a secret", "proxy-env-malformed", _given("http://@P\n"), proves=True),
    _row("return-torchvision", "CRLF from a .env file; urllib does not care", (), _given("http://@P\r\n"), TORCH),
    _row("no-scheme", "No scheme", (), _given("@P")),
    _row("no-scheme-keras", "No scheme", (), _given("@P"), KERAS),
    _row("slash", "A slash at the end", (), _given("http://@P/"), KERAS),
    _row("slash-requests", "A slash at the end", (), _given("http://@P/")),
    _row("at", "`@` in the password; requests takes the last", (), _given(AT)),
    _row("at-keras", "`@` in the password", (), _given(AT), KERAS),
    _row("at-curl", "curl refuses it", ("proxy-env-credentials-unencoded",), _given(AT), CURL),
    _row("hash", "`#` in the password", "proxy-env-credentials-unencoded", _given("http://ada:love#lace@@P")),
    _row("hash-keras", "urllib parses it", (), _given("http://ada:love#lace@@P"), KERAS),
    _row("slash-in-password", "`/` in the password", "proxy-env-credentials-unencoded", _given("http://ada:love/lace@@P")),
    _row("slash-in-password-keras", "urllib looks for the last `@` first, and is right", (), _given("http://ada:love/lace@@P"), KERAS),
    _row("question", "`?` in the password", "proxy-env-credentials-unencoded", _given("http://ada:love?lace@@P")),
    _row("colon", "`:` in the password: it works", (), _given("http://ada:love:lace@@P")),
    _row("backslash", "DOMAIN\\user sends requests to a host `dom`", "proxy-env-credentials-unencoded", _given("http://DOM\\ada:pw@@P")),
    _row("backslash-keras", "urllib takes it", (), _given("http://DOM\\ada:pw@@P"), KERAS),
    _row("encoded", "Percent-encoded as it should be", (), _given("http://DOM%5Cada:p%40w%23@@P")),
    _row("port-text", "A port that is no number", "proxy-env-malformed", _given(f"http://{PROXY}:port")),
    _row("port-huge", "A port beyond 65535", "proxy-env-malformed", _given(f"http://{PROXY}:312800")),
    _row("empty-value", "An empty variable is no proxy", (), _given("")),
)  # fmt: skip


def _behind_wall(action: str) -> Arrange:
    def arrange(world: World) -> How:
        world.firewall("proxy", action)
        return {"proxy": world.proxy_url("open")}

    return arrange


AWAY = (
    _row("stale", "A local helper that was closed", "proxy-env-stale", _given("http://127.0.0.1:7890"), KERAS, proves=True),
    _row("stale-name", "The same by name", "proxy-env-stale", _given("http://localhost:8888"), proves=True),
    _row("stale-curl", "The same in curl", "proxy-env-stale", _given("http://127.0.0.1:1080"), CURL),
    _row("stale-socks", "A SOCKS helper that was closed", ("proxy-env-stale", "proxy-socks-support-missing"), _given("socks5h://127.0.0.1:1080")),
    _row("no-such-proxy", "The proxy's name does not exist", "proxy-dns-failure", _given("http://proxy.nosuch.example:3128"), KERAS, proves=True),
    _row("no-such-proxy-short", "A short name away from the office", "proxy-dns-failure", _given("http://proxy:3128")),
    _row("closed", "Nothing listens on the proxy's port", "proxy-unreachable", _given(f"http://{PROXY}:3999"), TORCH),
    _row("silent", "The proxy's machine is silent", "proxy-unreachable", _behind_wall("drop"), (LABELS, *QUICK)),
    _row("gone", "No machine has that address", "proxy-unreachable", _given("http://10.77.0.99:3128")),
    _row("no-port", "No port: requests takes 80", "proxy-unreachable", _given(f"http://{PROXY}")),
    _row("no-port-keras", "No port: urllib takes 443", "proxy-unreachable", _given(f"http://{PROXY}"), KERAS),
    _row("admin", "The proxy is prohibited", "proxy-unreachable", _behind_wall("icmp-admin")),
)  # fmt: skip


def _bypass(value: str, proxy: str = "http://127.0.0.1:7890") -> Arrange:
    return lambda _world: {"proxy": proxy, "env": {"NO_PROXY": value}}


EXCEPTIONS = (
    _row("bypass-suffix", "NO_PROXY frees the host, so a dead proxy does not matter", (), _bypass(".googleapis.com"), KERAS),
    _row("bypass-all", "NO_PROXY=*", (), _bypass("*")),
    _row("bypass-star", "`*.host` frees nothing in Python", "proxy-no-proxy-not-matching", _bypass("*.googleapis.com")),
    _row("bypass-blank", "A blank in place of a comma", "proxy-no-proxy-not-matching", _bypass("localhost googleapis.com"), KERAS),
    _row("bypass-spaced", "A comma and a blank", (), _bypass("localhost, googleapis.com"), TORCH),
    _row("all-proxy-keras", "urllib does not read ALL_PROXY", (), lambda _world: {"env": {"ALL_PROXY": "http://127.0.0.1:7890"}}, KERAS),
    _row("all-proxy", "requests reads ALL_PROXY", "proxy-env-stale", lambda _world: {"env": {"ALL_PROXY": "http://127.0.0.1:7890"}}),
    _row("http-only", "A dead proxy for http does not matter to https", (), lambda _world: {"env": {"http_proxy": "http://127.0.0.1:7890"}}),
    _row("upper-curl", "curl does not read HTTP_PROXY in capitals", (), lambda _world: {"env": {"HTTP_PROXY": "http://127.0.0.1:7890"}}, (PLAIN, "--as", "curl")),
    _row("upper-keras", "urllib does", "proxy-env-stale", lambda _world: {"env": {"HTTP_PROXY": "http://127.0.0.1:7890"}}, (PLAIN, "--as", "keras")),
    _row("socks-keras", "urllib speaks HTTP to a SOCKS port", ("proxy-socks-support-missing", "proxy-unreachable"), lambda world: {"proxy": world.raw_proxy(after_hello(finish)).replace("http://", "socks5://")}, KERAS),
)  # fmt: skip


def _played(fault: Fault) -> Arrange:
    return lambda world: {"proxy": world.raw_proxy(fault)}


def _opened(then: Fault) -> Fault:
    """Grants the tunnel, then plays."""
    return reply(b"HTTP/1.1 200 Connection established\r\n\r\n", then)


def _answer(status: str, body: bytes = b"", *fields: str) -> Arrange:
    return _played(reply(response(body, *fields, status=status)))


PLAYED = (
    _row("says-302", "A portal answers CONNECT with a redirect", ("captive-portal", "proxy-connect-denied"), _answer("302 Found", b"", "Location: http://login.hotel-wifi.com/")),
    _row("says-page", "A web page with 200 and a body is no tunnel", ("captive-portal", "proxy-connect-denied", "tls-plaintext-port"), _answer("200 OK", b"<html>Sign in</html>", "Content-Type: text/html"), stage=None),
    _row("says-511", "511 to CONNECT", ("captive-portal", "proxy-connect-denied"), _answer("511 Network Authentication Required"), stage=None),
    _row("hangs", "It takes CONNECT and is silent", ("proxy-unreachable", "proxy-upstream-failed"), _played(silent), (LABELS, *QUICK)),
    _row("closes", "It closes at once", "proxy-unreachable", _played(finish)),
    _row("resets", "It resets at once", "proxy-unreachable", _played(reset), KERAS),
    _row("banner", "An SSH server in place of a proxy", ("proxy-unreachable", "proxy-env-malformed"), _played(banner(b"SSH-2.0-OpenSSH_9.6\r\n"))),
    _row("407-bare", "407 with no scheme", ("proxy-auth-required", "proxy-auth-negotiate"), _answer("407 Proxy Authentication Required")),
    _row("407-login", "407 with Negotiate and NTLM", "proxy-auth-negotiate", _answer("407 Proxy Authentication Required", b"", "Proxy-Authenticate: Negotiate", "Proxy-Authenticate: NTLM"), KERAS),
    _row("407-mixed", "407 with NTLM and Basic in one field", "proxy-auth-required", _answer("407 x", b"", 'Proxy-Authenticate: NTLM, Basic realm="a, b"')),
    _row("405", "405 to CONNECT", "proxy-connect-denied", _answer("405 Method Not Allowed")),
    _row("400", "400 to CONNECT", ("proxy-connect-denied", "proxy-unreachable"), _answer("400 Bad Request", b"", "Server: nginx")),
    _row("404", "A web server answers CONNECT with 404", ("proxy-connect-denied", "proxy-unreachable"), _answer("404 Not Found")),
    _row("502", "502 to CONNECT", "proxy-upstream-failed", _answer("502 Bad Gateway"), TORCH),
    _row("504", "504 to CONNECT", "proxy-upstream-failed", _answer("504 Gateway Timeout")),
    _row("429", "429 to CONNECT", "proxy-upstream-failed", _answer("429 Too Many Requests", b"", "Retry-After: 5")),
    _row("status-dns", "503 with Proxy-Status dns_error", "proxy-upstream-failed", _answer("503 Service Unavailable", b"", 'Proxy-Status: gw.corp; error=dns_error; rcode="NXDOMAIN"')),
    _row("status-denied", "502 with Proxy-Status denied", "proxy-connect-denied", _answer("502 Bad Gateway", b"", "Proxy-Status: gw.corp; error=http_request_denied")),
    _row("tunnel-reset", "The tunnel opens and is reset", ("tcp-reset", "tls-sni-blocked", "tls-unexpected-eof", "proxy-upstream-failed"), _played(_opened(after_hello(reset))), stage=None),
    _row("tunnel-closed", "The tunnel opens and is closed", ("tls-unexpected-eof", "tls-sni-blocked", "proxy-upstream-failed"), _played(_opened(after_hello(finish))), stage=None),
    _row("tunnel-silent", "The tunnel opens and is silent", ("tls-handshake-timeout", "tcp-mtu-blackhole", "proxy-upstream-failed"), _played(_opened(silent)), (LABELS, *QUICK), stage=None),
    _row("slow", "A proxy that thinks for two seconds and grants", (), lambda world: {"proxy": world.proxy_url("open")}),
)  # fmt: skip


@scene("ailing", ("tls-hostname-mismatch", "proxy-env-https-scheme"), None)
def exam_tls_proxy_by_address(world: World) -> How:
    """A true TLS proxy named by its address: its certificate carries a name"""
    return {"proxy": world.proxy_url("https")}


@scene("healthy")
def exam_tls_proxy_by_name(world: World) -> How:
    """A true TLS proxy by its name"""
    value = world.proxy_url("https").replace(PROXY, "proxy.corp.example")
    return {"proxy": value, "hosts": f"{PROXY} proxy.corp.example"}


@scene("healthy")
def exam_names_only_at_the_proxy(world: World) -> How:
    """Outside names do not resolve here, and need not"""
    world.dns(HOST, rcode="NXDOMAIN")
    return {"proxy": world.proxy_url("open")}


@scene("ailing", "proxy-no-proxy-too-wide", "proxy", argv=(LABELS, *QUICK))
def exam_freed_where_nothing_is_free(world: World) -> How:
    """NO_PROXY sends the host direct, and direct is closed"""
    world.firewall("*", "drop")
    return {"proxy": world.proxy_url("open"), "env": {"NO_PROXY": "googleapis.com"}}


SCENES = (*SQUID, *UPSTREAM, *BEHIND, *RESIGNED, *SPOILT, *AWAY, *EXCEPTIONS, *PLAYED, *collect(globals()))
