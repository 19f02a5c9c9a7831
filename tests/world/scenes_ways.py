"""Networks that want a proxy, and clients that were not told, or were told in words that they do not read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mnistdoctor.demo.connection import Connection

from . import files, raw
from .scenes import LABELS, PLAIN, How, Scene, scene
from .world import World

QUICK = ("--timeout", "2")
KERAS = (LABELS, "--as", "keras", *QUICK)
CURL = (PLAIN, "--as", "curl", *QUICK)
REQUESTS = (LABELS, *QUICK)
PAC = """
function FindProxyForURL(url, host) {
  if (isPlainHostName(host) || dnsDomainIs(host, ".corp.example")) return "DIRECT";
  return "PROXY %s; DIRECT";
}
"""


def walled(world: World) -> None:
    """Only the proxy gets out."""
    world.firewall("*", "drop")


def _row(
    name: str,
    motive: str,
    cause: str,
    argv: tuple[str, ...],
    how: Callable[[World], dict[str, Any]],
    *,
    wall: bool = True,
    proves: bool | None = None,
    stage: str | None = "proxy",
) -> Scene:
    def arrange(world: World) -> How:
        if wall:
            walled(world)
        return how(world)

    proven = bool(cause) if proves is None else proves
    return Scene(
        f"ways-{name}", motive, arrange, "ailing" if cause else "healthy", (cause,) if cause else (),
        stage if cause else None, argv, proves=proven,
    )  # fmt: skip


def _env(**names: str) -> Callable[[World], dict[str, Any]]:
    """Variables; `PROXY` in a value is the open proxy, and `DEAD` one that is not there."""

    def how(world: World) -> dict[str, Any]:
        proxy = world.proxy_url("open")
        return {"env": {key: value.replace("PROXY", proxy) for key, value in names.items()}}

    return how


def _file(path: str, text: str, **names: str) -> Callable[[World], dict[str, Any]]:
    def how(world: World) -> dict[str, Any]:
        file = world.home / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.replace("@", world.proxy_url("open")))
        return {"env": names}

    return how


def _pac(text: str = PAC) -> Callable[[World], dict[str, Any]]:
    def how(world: World) -> dict[str, Any]:
        (world.home / "proxy.pac").write_text(text.replace("%s", world.proxy_url("open").partition("://")[2]))
        return {}

    return how


WITH_PAC = ("--pac", "proxy.pac")
UNREAD = (
    _row("all-proxy", "ALL_PROXY alone: curl works and Keras does not", "proxy-env-not-read", KERAS,
         _env(ALL_PROXY="PROXY")),
    _row("other-variable", "HTTP_PROXY alone, for an https URL", "proxy-env-not-read", KERAS, _env(HTTP_PROXY="PROXY")),
    _row("other-variable-requests", "The same with requests", "proxy-env-not-read", REQUESTS,
         _env(http_proxy="PROXY")),
    _row("other-variable-plain", "HTTPS_PROXY alone, for a plain URL", "proxy-env-not-read", (PLAIN, *QUICK),
         _env(HTTPS_PROXY="PROXY"), proves=False),
    _row("other-variable-open", "Nobody needs it on an open network", "", KERAS, _env(HTTP_PROXY="PROXY"),
         wall=False),
    _row("all-proxy-requests", "requests reads ALL_PROXY", "", REQUESTS, _env(ALL_PROXY="PROXY")),
    _row("all-proxy-open", "Nobody needs the proxy on an open network", "", KERAS, _env(ALL_PROXY="PROXY"),
         wall=False),
    _row("upper-case-curl", "HTTP_PROXY in upper case, which curl does not read", "proxy-env-letter-case", CURL,
         _env(HTTP_PROXY="PROXY"), proves=False),
    _row("upper-case-python", "Python reads it", "", (PLAIN,), _env(HTTP_PROXY="PROXY")),
    _row("cgi", "Under CGI Python ignores HTTP_PROXY", "proxy-env-letter-case", (PLAIN, "--as", "keras", *QUICK),
         _env(HTTP_PROXY="PROXY", REQUEST_METHOD="GET"), proves=False),
    _row("empty-lower", "An empty https_proxy switches the proxy off for Python", "proxy-env-letter-case", KERAS,
         _env(https_proxy="", HTTPS_PROXY="PROXY")),
    _row("lower-wins", "The lower-case one wins, and is right", "", KERAS,
         _env(https_proxy="PROXY", HTTPS_PROXY="http://10.77.0.66:3128")),
)  # fmt: skip
FREED = (
    _row("too-wide", "An entry frees all of googleapis.com", "proxy-no-proxy-too-wide", KERAS,
         _env(https_proxy="PROXY", no_proxy="localhost,googleapis.com")),
    _row("too-wide-top", "`com` frees half the world", "proxy-no-proxy-too-wide", REQUESTS,
         _env(HTTPS_PROXY="PROXY", NO_PROXY="localhost,.com,127.0.0.1")),
    _row("star", "NO_PROXY=* on a network that needs the proxy", "proxy-no-proxy-too-wide", REQUESTS,
         _env(HTTPS_PROXY="PROXY", NO_PROXY="*")),
    _row("exempt-open", "A freed host on an open network is well", "", KERAS,
         _env(https_proxy="http://10.77.0.66:3128", no_proxy="googleapis.com"), wall=False),
    _row("exempt-other", "Another host is freed", "", KERAS, _env(https_proxy="PROXY", no_proxy="corp.example")),
)  # fmt: skip
ELSEWHERE = (
    _row("profile", "The proxy is set in ~/.bashrc, and this process is no shell", "env-not-inherited", KERAS,
         _file(".bashrc", "# proxy\nexport HTTPS_PROXY=@\n"), stage="dns"),
    _row("profile-two-steps", "The start file builds the value from another variable", "env-not-inherited", REQUESTS,
         _file(".profile", 'P="@"\nexport https_proxy="$P"\n'), stage="dns"),
    _row("commented", "A line that is commented out sets nothing", "tcp-filtered", REQUESTS,
         _file(".profile", "# export https_proxy=@\n"), proves=False, stage="tcp"),
    _row("git", "git knows the way out, and nobody told Python", "proxy-not-configured", KERAS,
         _file(".gitconfig", "[user]\n\tname = Ada\n[http]\n\tproxy = @\n")),
    _row("pip", "pip knows it", "proxy-not-configured", REQUESTS,
         _file(".config/pip/pip.conf", "[global]\nproxy = @\n")),
    _row("pip-variable", "pip's own variable names it, which nobody else reads", "proxy-not-configured", REQUESTS,
         _env(PIP_PROXY="PROXY")),
    _row("docker", "docker knows it", "proxy-not-configured", REQUESTS,
         _file(".docker/config.json", '{"proxies": {"default": {"httpsProxy": "@", "noProxy": "localhost"}}}')),
    _row("git-open", "A proxy for git on an open network is nobody's business", "", KERAS,
         _file(".gitconfig", "[http]\n\tproxy = http://10.77.0.66:3128\n"), wall=False),
    _row("git-dead", "git's proxy is dead too: the network is closed", "tcp-filtered", REQUESTS,
         _file(".gitconfig", "[http]\n\tproxy = http://10.77.0.3:9\n"), proves=False, stage="tcp"),
    _row("pac", "Only a PAC file names the proxy", "proxy-pac-only", (*KERAS, *WITH_PAC), _pac()),
    _row("pac-open", "A PAC file on an open network", "", (*KERAS, *WITH_PAC), _pac(), wall=False),
    _row("pac-direct", "The PAC file says DIRECT: no proxy is known", "tcp-filtered", (*REQUESTS, *WITH_PAC),
         _pac('function FindProxyForURL(u, h) { return "DIRECT"; }'), proves=False, stage="tcp"),
    _row("pac-broken", "The PAC file does not run", "proxy-pac-only", (*REQUESTS, *WITH_PAC), _pac("this is no code"),
         proves=False),
    _row("pac-endless", "The PAC file never ends", "proxy-pac-only", (*REQUESTS, *WITH_PAC),
         _pac("function FindProxyForURL(u, h) { while (true) {} }"), proves=False),
)  # fmt: skip


def _denied(no_proxy: str) -> Callable[[World], dict[str, Any]]:
    def how(world: World) -> dict[str, Any]:
        return {"env": {"https_proxy": world.proxy_url("deny"), "no_proxy": no_proxy}}

    return how


MEANT = (
    *(_row(f"meant-{name}", f"NO_PROXY was meant for the host: {motive}", "proxy-no-proxy-not-matching", REQUESTS,
         _denied(value), wall=False, proves=False)
    for name, motive, value in (
        ("star", "a star before the dot", "localhost,*.googleapis.com"),
        ("semicolon", "semicolons", "localhost;googleapis.com"),
        ("blank", "blanks alone", "localhost googleapis.com"),
        ("quotes", "quote marks", '"googleapis.com"'),
        ("scheme", "a URL", "https://storage.googleapis.com"),
    )),
    _row("not-meant", "The list names others: the proxy denies this host", "proxy-connect-denied", REQUESTS,
         _denied("localhost,.corp.example"), wall=False, proves=False),
)  # fmt: skip


TOO_BIG = raw.response(
    b"<html><title>ERROR</title>The request or reply is too large.</html>",
    "Server: squid/5.7", "X-Squid-Error: ERR_TOO_BIG 0", "Via: 1.1 proxy.corp.example (squid/5.7)",
    "Content-Type: text/html", status="403 Forbidden",
)  # fmt: skip


@scene("ailing", "proxy-size-or-type-limit", "proxy", argv=(PLAIN,))
def ways_too_big(world: World) -> How:
    """The proxy lets small files pass, and not this one"""
    return {"proxy": world.raw_proxy(raw.reply(TOO_BIG))}


def _scanned(world: World, seconds: float) -> str:
    """A proxy that takes the whole file, thinks, and then sends it all."""
    body = (world.home / "answer").read_bytes()

    def play(connection: Connection) -> None:
        _ = connection.request
        connection.pause(seconds)
        connection.send(raw.response(body, "Via: 1.1 scan.corp.example"))

    return world.raw_proxy(play)


def _genuine(world: World) -> None:
    (world.home / "answer").write_bytes(files.genuine("fashion_mnist", files.LABELS))


@scene("ailing", "proxy-scan-stall", "proxy", argv=(PLAIN, "--timeout", "1"), proves=True)
def ways_scan(world: World) -> How:
    """The gateway scans the file for three seconds; the client waits one"""
    _genuine(world)
    return {"proxy": _scanned(world, 3.0)}


@scene("healthy", argv=(PLAIN,))
def ways_scan_quick(world: World) -> How:
    """The same scan, and a client with more patience"""
    _genuine(world)
    return {"proxy": _scanned(world, 2.0)}


SCENES = UNREAD + FREED + ELSEWHERE + MEANT + (ways_too_big, ways_scan, ways_scan_quick)
