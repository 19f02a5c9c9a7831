"""Scenes of variables and of forms of a URL on a healthy network: what the doctor should say the client tells."""

from __future__ import annotations

import ssl
import threading

from mnistdoctor.demo.connection import Connection, Fault
from tests.world import files, raw
from tests.world.scenes import HOST, LABELS, Arrange, How, Scene
from tests.world.world import World

_GOOD, _GONE = "{proxy}", "http://10.77.0.66:3128"


def _env(**variables: str) -> Arrange:
    def arrange(world: World) -> How:
        proxy = world.proxy_url("open")
        bare = proxy.partition("://")[2]
        return {"env": {name: value.format(proxy=proxy, bare=bare) for name, value in variables.items()}}

    return arrange


def _once(first: Fault, *, in_tls: bool = True) -> Arrange:
    """The first connection meets the fault, before TLS or in it; all others get the file."""

    def arrange(world: World) -> How:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(world.pki.leaf("good", HOST))
        well, left, lock = raw.reply(raw.response(files.genuine("mnist", files.LABELS))), [first], threading.Lock()

        def play(connection: Connection) -> None:
            with lock:
                fault = left.pop() if left else well
            if fault is well or in_tls:
                connection.start_tls(context)
            fault(connection)

        world.raw(HOST, play)
        return {}

    return arrange


def _busy(status: str, *fields: str) -> Fault:
    return raw.reply(raw.response(b"not now", *fields, status=status))


def _scene(name: str, arrange: Arrange, url: str = LABELS, patience_s: int = 4) -> Scene:
    argv = (url, "--timeout", str(patience_s))
    return Scene(f"truth-{name}", "Whatever the client makes of it.", arrange, "healthy", argv=argv)


VALUES = {
    "whole": "{proxy}",
    "bare": "{bare}",
    "slashes": "//{bare}",
    "one-slash": "http:/{bare}",
    "path": "{proxy}/path",
    "query": "{proxy}?x",
    "upper": "HTTP://{bare}",
    "quoted": '"{proxy}"',
    "blank": "{proxy} ",
    "newline": "{proxy}\n",
    "blank-first": " {proxy}",
    "tls": "https://{bare}",
    "socks": "socks://{bare}",
    "socks5": "socks5://{bare}",
    "ftp": "ftp://{bare}",
    "at": "http://u:p@ss@{bare}",
    "slash": "http://u:p/ss@{bare}",
    "both": "http://u:p@s/s@{bare}",
    "hash": "http://u:p#ss@{bare}",
    "mark": "http://u:p?ss@{bare}",
    "percent": "http://u:p%zz@{bare}",
    "colon": "http://u:p:q@{bare}",
    "backslash": "http://D\\u:p@{bare}",
    "user": "http://u@{bare}",
    "no-user": "http://:p@{bare}",
    "inner-blank": "http://u:p s@{bare}",
    "letters": "http://{bare}x",
    "gone": _GONE,
}
LISTS = {
    "host": HOST,
    "suffix": "googleapis.com",
    "dot": ".googleapis.com",
    "dot-host": f".{HOST}",
    "star": "*.googleapis.com",
    "all": "*",
    "star-and": "*,x",
    "end-dot": f"{HOST}.",
    "port": f"{HOST}:443",
    "other-port": f"{HOST}:80",
    "url": f"https://{HOST}",
    "blanks": f"x {HOST}",
    "semicolon": f"x;{HOST}",
    "upper": HOST.upper(),
    "ipv6": "[::1]",
    "ipv6-net": "fd00::/8",
    "word-port": "localhost:http",
    "quoted": f'"{HOST}"',
    "blank": f" {HOST} ,x",
}
NAMES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy")
OTHERS: dict[str, dict[str, str]] = {
    "lower-empty": {"https_proxy": "", "HTTPS_PROXY": _GONE},
    "bad-for-all": {"ALL_PROXY": "socks://p:80", "https_proxy": _GOOD},
    "bad-for-http": {"http_proxy": "ftp://p:1"},
    "socks-for-all": {"ALL_PROXY": "socks5://p:80", "https_proxy": _GOOD},
    "star-frees-all": {"ALL_PROXY": "socks://p:80", "NO_PROXY": "*"},
    "keys-file": {"SSLKEYLOGFILE": "/var/nowhere/k"},
    "conf-gone": {"OPENSSL_CONF": "/var/nowhere/openssl.cnf"},
    "ca-file-gone": {"SSL_CERT_FILE": "/var/nowhere/ca.pem"},
    "ca-dir-gone": {"SSL_CERT_DIR": "/var/nowhere"},
    "ca-both-gone": {"SSL_CERT_FILE": "/var/nowhere/ca.pem", "SSL_CERT_DIR": "/var/nowhere"},
    "ca-requests-gone": {"REQUESTS_CA_BUNDLE": "/var/nowhere/ca.pem"},
    "ca-curl-gone": {"CURL_CA_BUNDLE": "/var/nowhere/ca.pem"},
    "hub-offline": {"HF_HUB_OFFLINE": "1"},
    "cgi": {"REQUEST_METHOD": "GET", "HTTPS_PROXY": _GONE},
}
URLS = {
    "blank": LABELS.replace("mnist", "mnist/a b/..", 1),
    "letter": LABELS.replace("mnist", "mnist/\u00e4/..", 1),
    "dots": LABELS.replace("mnist", "x/../mnist", 1),
    "login": LABELS.replace("://", "://user:word@"),
    "user": LABELS.replace("://", "://user@"),
    "fragment": LABELS + "#part",
    "port": LABELS.replace(HOST, f"{HOST}:443"),
    "upper-host": LABELS.replace(HOST, HOST.upper()),
    "query": LABELS + "?a=b c",
    "escape": LABELS + "?a=%zz",
    "brackets": LABELS + "?a[1]=2",
}
PART = raw.response(files.genuine("mnist", files.LABELS)[:2000], length=4542)
ONCE = {
    "reset-before-tls": _once(raw.reset, in_tls=False),
    "end-before-tls": _once(raw.finish, in_tls=False),
    "end": _once(raw.reply(b"", raw.finish)),
    "reset": _once(raw.reply(b"", raw.reset)),
    "body-end": _once(raw.reply(PART)),
    "body-reset": _once(raw.reply(PART, raw.reset)),
    "other-bytes": _once(raw.reply(raw.response(b"x" * 4542))),
    "408": _once(_busy("408 Request Timeout")),
    "425": _once(_busy("425 Too Early")),
    "429": _once(_busy("429 Too Many Requests")),
    "429-after": _once(_busy("429 Too Many Requests", "Retry-After: 1")),
    "500": _once(_busy("500 Internal Server Error")),
    "503": _once(_busy("503 Service Unavailable")),
    "504": _once(_busy("504 Gateway Timeout")),
}
"""What passes, and goes away by itself where the client asks once more."""
OF_PATIENCE = frozenset({"ways-scan"})
"""The user gives up before the server answers (`--timeout 1`); the clients themselves wait."""
OF_FIRST_BODY = frozenset({"truth-once-body-end", "truth-once-body-reset", "truth-once-other-bytes"})
"""A client that asks twice, and reads no body of its first request, does not meet these; the doctor asks once."""
SCENES = (
    *(_scene(f"value-{name}", _env(https_proxy=value)) for name, value in VALUES.items()),
    *(_scene(f"list-{name}", _env(https_proxy=_GONE, no_proxy=value)) for name, value in LISTS.items()),
    *(_scene(f"name-{name}", _env(**{name: _GONE})) for name in NAMES),
    *(_scene(f"other-{name}", _env(**variables)) for name, variables in OTHERS.items()),
    *(_scene(f"url-{name}", _env(), url) for name, url in URLS.items()),
    *(_scene(f"once-{name}", arrange, patience_s=20) for name, arrange in ONCE.items()),
)
