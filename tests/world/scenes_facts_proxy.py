"""Written from the facts alone: proxies played and true, exceptions from them, what is kept on the disk, offline."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
from collections.abc import Callable

from mnistdoctor.demo.connection import Connection, Fault

from . import files, sites, whole
from .firewall import PROXY
from .raw import reply as raw_reply
from .raw import response
from .scenes import HOST, LABELS, PLAIN, Arrange, How, Scene
from .scenes_caches import HUB, MAIN, TEST, TRAIN
from .scenes_disk import FASHION, KERAS_FASHION, TORCH, TWIN, keep, unpacked_set
from .scenes_disk import LABELS as FASHION_LABELS
from .scenes_facts_content import GOOD, PAGE, POINTER, STALE, from_facts
from .scenes_openml import ARFF, CACHE, DESCRIPTION, FEATURES, FILE, LIST, SKLEARN, catalogue, replies
from .scenes_openml import serve as serve_openml
from .world import World

KERAS = ("--as", "keras")
HUGGING = ("--as", "huggingface")
STALE_PROXY = "http://127.0.0.1:7890"


# --- played proxies ------------------------------------------------------------------------------------------------


def _tunnels(granted: bytes) -> Fault:
    """A proxy that says so to CONNECT and then carries the bytes; names are those of this world."""

    def fault(connection: Connection) -> None:
        host, _, port = connection.request.target.rpartition(":")
        with socket.create_connection((sites.address(host), int(port)), 5) as far:
            connection.send(granted)

            def back() -> None:
                with contextlib.suppress(OSError):
                    while data := far.recv(65536):
                        connection.send(data)

            thread = threading.Thread(target=back, daemon=True)
            thread.start()
            with contextlib.suppress(OSError):
                while data := connection.recv():
                    far.sendall(data)

    return fault


def _played(fault: Fault) -> Arrange:
    return lambda world: {"proxy": world.raw_proxy(fault)}


def _answer(status: str, body: bytes = b"", *fields: str) -> Arrange:
    return _played(raw_reply(response(body, *fields, status=status)))


def _with(cause: Callable[[World], object], value: str | None = None) -> Arrange:
    def arrange(world: World) -> How:
        cause(world)
        return {"proxy": value or world.proxy_url("open")}

    return arrange


def _opened(kind_of_fault: Callable[[World], object]) -> Arrange:
    """The proxy opens TLS, and everybody here trusts its root."""

    def arrange(world: World) -> How:
        kind_of_fault(world)
        trusted = ("public", "zscaler")
        return {"proxy": world.proxy_url("intercept"), "certifi": trusted, "system": trusted}

    return arrange


def _gateway(kind_of_fault: Callable[[World], object]) -> Arrange:
    """The same with a gateway in the path and no proxy set."""

    def arrange(world: World) -> How:
        kind_of_fault(world)
        world.intercept("contoso")
        trusted = ("public", "contoso")
        return {"certifi": trusted, "system": trusted}

    return arrange


UPSTREAM = "proxy-upstream-failed"
GRANTED = (b"HTTP/1.0 200 Connection established\r\nProxy-agent: tinyproxy/1.11.1\r\nVia: 1.0 gw\r\n\r\n",
           b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200\r\n\r\n")  # fmt: skip
NO_CONTENT = b"HTTP/1.1 204 No Content\r\n\r\n"


def _given(value: str) -> Arrange:
    return lambda world: {"proxy": value.replace("@P", world.proxy_url("open").removeprefix("http://"))}


def _no_names(world: World) -> How:
    world.no_resolver("silent")
    return {"proxy": "http://proxy.corp.example:3128"}


def _walled(variable: str) -> Arrange:
    """Nothing gets out but by the proxy, which stands in this variable alone."""

    def arrange(world: World) -> How:
        world.firewall("*", "drop")
        return {"env": {variable: world.proxy_url("open")}}

    return arrange


PLAYED = (
    from_facts("tunnel-refused-inside", "A proxy that opens TLS cannot reach the host", UPSTREAM, _opened(lambda world: world.firewall(HOST, "reset", path="proxy"))),
    from_facts("tunnel-self-signed-inside", "The same does not trust the host", (UPSTREAM, "tls-self-signed-server"), _opened(lambda world: world.host(HOST, certificate="self-signed")), LABELS, *KERAS, stage=None),
    from_facts("tunnel-wrong-name-inside", "The same finds another name", (UPSTREAM, "tls-hostname-mismatch"), _opened(lambda world: world.host(HOST, certificate="wrong-host")), stage=None),
    from_facts("tunnel-404-inside", "The same hands a true 404 on", ("http-404-unexplained", "http-404-moved"), _opened(lambda world: world.host(HOST, status=404))),
    from_facts("gateway-refused-inside", "A gateway in the path cannot reach the host", UPSTREAM, _gateway(lambda world: world.firewall(HOST, "reset", path="proxy")), stage=None),
    from_facts("gateway-expired-inside", "A gateway in the path finds an expired certificate", (UPSTREAM, "tls-cert-expired"), _gateway(lambda world: world.host(HOST, certificate="expired")), stage=None),
    from_facts("401-for-407", "A proxy asks with 401", ("proxy-auth-required", "proxy-connect-denied"), _answer("401 Unauthorized", b"", 'WWW-Authenticate: Basic realm="proxy"')),
    from_facts("407-capitals", "407 with BASIC", "proxy-auth-required", _answer("407 x", b"", 'proxy-authenticate: BASIC realm="x"'), LABELS, *KERAS),
    from_facts("407-wrong-mixed", "A wrong password where Negotiate stands first", "proxy-auth-wrong", lambda world: {"proxy": world.raw_proxy(raw_reply(response(
           b"", "Proxy-Authenticate: Negotiate", 'Proxy-Authenticate: Basic realm="x"', status="407 x"))).replace("://", "://ada:no@")}),
    from_facts("451-connect", "451 to CONNECT", "proxy-connect-denied", _answer("451 Unavailable For Legal Reasons")),
    from_facts("508-connect", "508 to CONNECT", UPSTREAM, _answer("508 Loop Detected")),
    from_facts("squid-dns", "503 with Squid's word for DNS", UPSTREAM, _answer("503 Service Unavailable", b"", "X-Squid-Error: ERR_DNS_FAIL 0", "Via: 1.1 gw (squid)")),
    from_facts("squid-too-big", "403 with a word for too big", ("proxy-size-or-type-limit", "proxy-connect-denied"), _answer("403 Forbidden", b"", "X-Squid-Error: ERR_TOO_BIG 0")),
    from_facts("plain-upstream", "A forwarded request that the proxy could not pass on", UPSTREAM, _answer("504 Gateway Timeout", b"", "X-Squid-Error: ERR_READ_TIMEOUT 0", "Via: 1.1 gw (squid)"), PLAIN),
    from_facts("plain-denied", "A forwarded request that policy refuses", ("proxy-connect-denied", "http-403-corporate-filter"), _answer("403 Forbidden", PAGE, "X-Squid-Error: ERR_ACCESS_DENIED 0", "Via: 1.1 gw (squid)"), PLAIN, stage=None),
    from_facts("stale-and-expired", "A dead local proxy, and an expired certificate behind it", "proxy-env-stale", _with(lambda world: world.host(HOST, certificate="expired"), STALE_PROXY), LABELS, *KERAS),
    from_facts("wants-password-and-gone", "The proxy wants a password, and the file is gone", "proxy-auth-required", lambda world: (world.host(HOST, status=404), {"proxy": world.proxy_url("basic")})[1]),
    from_facts("stale-six", "A dead local proxy by its IPv6 address", "proxy-env-stale", _given("http://[::1]:7890")),
    from_facts("stale-zero", "A dead local proxy at 0.0.0.0", ("proxy-env-stale", "proxy-unreachable"), _given("http://0.0.0.0:7890"), LABELS, *KERAS),
    from_facts("docker-host", "A name that Docker alone knows", ("proxy-dns-failure", "proxy-env-stale"), _given("http://host.docker.internal:7890")),
    from_facts("silent-names", "No name server answers, and the proxy has a name", ("proxy-dns-failure", "dns-temporary-failure"), _no_names, LABELS, "--timeout", "4", stage=None),
    from_facts("other-variable", "The proxy stands in the variable for http alone, and nothing else gets out", ("proxy-not-configured", "proxy-env-not-read"), _walled("HTTP_PROXY"), LABELS, "--timeout", "3", stage=None),
    from_facts("other-variable-plain", "The reverse, as keras", ("proxy-not-configured", "proxy-env-not-read"), _walled("HTTPS_PROXY"), PLAIN, *KERAS, "--timeout", "3", stage=None),
    *(from_facts(f"well-granted-{number}", "CONNECT is granted in odd words", "", _played(_tunnels(granted)), LABELS, *(KERAS if number % 2 else ())) for number, granted in enumerate(GRANTED)),
    from_facts("well-granted-3", "curl takes any 2xx for a grant", "", _played(_tunnels(NO_CONTENT)), LABELS, "--as", "curl"),
    from_facts("well-scheme-capitals", "HTTP:// in capitals", "", _given("HTTP://@P")),
    from_facts("well-scheme-capitals-keras", "The same for urllib", "", _given("HTTP://@P"), LABELS, *KERAS),
    from_facts("well-path", "A path behind the proxy's port", "", _given("http://@P/proxy"), LABELS, "--as", "tfds"),
    from_facts("well-name-of-two", "The proxy's first address is dead", "", lambda world: {"proxy": world.proxy_url("open").replace(PROXY, "proxy.corp.example"), "hosts": f"10.77.0.99 proxy.corp.example\n{PROXY} proxy.corp.example"}),
)  # fmt: skip


def _except(value: str, url: str = LABELS, *argv: str, **more: str) -> tuple[Arrange, str, tuple[str, ...]]:
    return (lambda _world: {"proxy": STALE_PROXY, "env": {"NO_PROXY": value, **more}}), url, argv


def _row(name: str, motive: str, cause: str | tuple[str, ...], given: tuple[Arrange, str, tuple[str, ...]]) -> Scene:
    arrange, url, argv = given
    return from_facts(f"except-{name}", motive, cause, arrange, url, *argv)


NOT = "proxy-no-proxy-not-matching"
EXCEPTIONS = (
    _row("dot", "A dot before the whole host: urllib takes it off", "", _except(f".{HOST}", LABELS, *KERAS)),
    _row("dot-hub", "httpx does not", NOT, _except(f".{HOST}", LABELS, *HUGGING)),
    _row("port", "A port that the URL does not name", NOT, _except(f"{HOST}:443", LABELS, *KERAS)),
    _row("port-named", "A port that the URL names too", "", _except(f"{HOST}:443", LABELS.replace(HOST, f"{HOST}:443"))),
    _row("star-in-list", "A star in a list", NOT, _except("foo,*")),
    _row("capitals", "In capitals", "", _except("GOOGLEAPIS.COM", LABELS, *KERAS)),
    _row("final-dot", "A final dot", NOT, _except("googleapis.com.", LABELS, *KERAS)),
    _row("lines", "One a line, as YAML makes it", NOT, _except("localhost\ngoogleapis.com", LABELS, *KERAS)),
    _row("lower-empty", "An empty no_proxy beside a full NO_PROXY: requests takes the latter", "", _except("googleapis.com", no_proxy="")),
    _row("lower-empty-keras", "urllib takes the former", (NOT, "proxy-env-stale"), _except("googleapis.com", LABELS, *KERAS, no_proxy="")),
    _row("comma-first", "Empty entries", "", _except(",,googleapis.com,")),
)  # fmt: skip


def _socks(scheme: str, reply: int = 0, **more: str) -> Arrange:
    def arrange(world: World) -> How:
        value = f"{scheme}://{world.socks(reply=reply)}"
        return {"env": {"ALL_PROXY": value, "HTTPS_PROXY": value, **more}}

    return arrange


SOCKS = (
    from_facts("socks-1", "A general failure", UPSTREAM, _socks("socks5h", 1)),
    from_facts("socks-3", "The network is unreachable for the proxy", UPSTREAM, _socks("socks5h", 3)),
    from_facts("socks-6", "The time to live ended", UPSTREAM, _socks("socks5", 6)),
    from_facts("socks-capitals", "SOCKS5H:// in capitals", "", _socks("SOCKS5H")),
    from_facts("socks-unused", "A SOCKS value that requests does not come to", "", lambda world: {"env": {"ALL_PROXY": "socks://127.0.0.1:1", "https_proxy": world.proxy_url("open")}}),
    from_facts("socks-unused-keras", "The same for urllib", "", lambda world: {"env": {"ALL_PROXY": "socks5://127.0.0.1:1", "https_proxy": world.proxy_url("open")}}, LABELS, *KERAS),
)  # fmt: skip


# --- what is kept on the disk --------------------------------------------------------------------------------------


def _kept(
    name: str, motive: str, cause: str | tuple[str, ...], argv: tuple[str, ...], *files_: tuple[str, bytes], **env: str
) -> Scene:
    def arrange(world: World) -> How:
        settings = catalogue(world)
        (world.home / "data").mkdir(exist_ok=True)
        if argv == SKLEARN:
            serve_openml(world)
        for path, body in files_:
            keep(world, path, body)
        return {"env": {**settings, **env}}

    return from_facts(
        f"kept-{name}", motive, cause, arrange, *argv, stage=None if cause == "" or isinstance(cause, tuple) else ""
    )


SNAPSHOT = f"{HUB}/snapshots/{MAIN}"
REFS = (f"{HUB}/refs/main", MAIN.encode())
RIGHT = tuple((f"{SNAPSHOT}/{one.name}", one.body) for one in (TRAIN, TEST))
HUB_ALL = ("huggingface:mnist",)
PLAIN_LABELS = gzip.decompress(GOOD)
FASHION_TEST = FASHION.replace("train-labels", "t10k-labels")
PLAIN_IMAGES = gzip.decompress(files.genuine("mnist", files.IMAGES))
TRAIN_LABELS = gzip.decompress(files.genuine("mnist", files.TRAIN_LABELS))


def _raw(labels: bytes = PLAIN_LABELS, images: bytes = PLAIN_IMAGES) -> tuple[tuple[str, bytes], ...]:
    return tuple(unpacked_set(t10k_labels=labels, t10k_images=images).items())


def _openml(**instead: bytes) -> tuple[tuple[str, bytes], ...]:
    paths = {"list": LIST, "description": DESCRIPTION, "features": FEATURES, "file": FILE}
    found = {**replies(), FILE: ARFF} | {paths[name]: body for name, body in instead.items()}
    return tuple((f"{CACHE}{path}.gz", gzip.compress(body)) for path, body in found.items())


KEPT = (
    _kept("fashion-pointer", "A pointer was saved as labels", STALE, KERAS_FASHION, (FASHION, POINTER)),
    _kept("fashion-json", "An API's error was saved as labels", STALE, KERAS_FASHION, (FASHION, b'{"error":"rate limit"}')),
    _kept("fashion-packed-nothing", "A gzip of nothing", STALE, KERAS_FASHION, (FASHION, gzip.compress(b""))),
    _kept("fashion-train-for-test", "Train labels lie where test labels are due", "data-other-file", KERAS_FASHION, (FASHION_TEST, FASHION_LABELS)),
    _kept("torch-packed", "The packed file under the unpacked one's name", STALE, TORCH, *_raw(labels=GOOD)),
    _kept("torch-pointer", "A pointer under the unpacked file's name", STALE, TORCH, *_raw(labels=POINTER)),
    _kept("torch-train-for-test", "Train labels lie where test labels are due", "data-other-file", TORCH, *_raw(labels=TRAIN_LABELS)),
    _kept("torch-one-byte-short", "One byte is missing", STALE, TORCH, *_raw(labels=PLAIN_LABELS[:-1])),
    _kept("torch-crlf", "Line ends were changed", (STALE, "body-double-packed"), TORCH, *_raw(images=PLAIN_IMAGES.replace(b"\n", b"\r\n"))),
    _kept("torch-little-endian", "Somebody wrote the header with the bytes the other way round", STALE, TORCH, *_raw(labels=PLAIN_LABELS[:4][::-1] + PLAIN_LABELS[4:8][::-1] + PLAIN_LABELS[8:])),
    _kept("well-sklearn-description-page", "A page was kept as the description: scikit-learn fetches it anew", "", SKLEARN, *_openml(description=PAGE)),
    _kept("well-sklearn-list-nothing", "Nothing was kept as the list: scikit-learn fetches it anew", "", SKLEARN, *_openml(list=b"")),
    _kept("well-sklearn-file-json", "An error was kept as the data: scikit-learn fetches it anew", "", SKLEARN, *_openml(file=json.dumps({"error": {"code": "107", "message": "Database"}}).encode())),
    _kept("hub-pointer", "A pointer lies in the snapshot", STALE, HUB_ALL, REFS, (RIGHT[0][0], POINTER), RIGHT[1]),
    _kept("hub-nothing", "An empty file lies in the snapshot", STALE, HUB_ALL, REFS, (RIGHT[0][0], b""), RIGHT[1]),
    _kept("hub-page", "A page lies in the snapshot", STALE, HUB_ALL, REFS, RIGHT[0], (RIGHT[1][0], PAGE)),
    _kept("hub-offline-on", "HF_HUB_OFFLINE=on", "env-offline-mode", HUB_ALL, HF_HUB_OFFLINE="on"),
    _kept("hub-offline-yes", "HF_DATASETS_OFFLINE=Yes", "env-offline-mode", HUB_ALL, HF_DATASETS_OFFLINE="Yes"),
    _kept("well-hub-copies", "A snapshot of plain copies, as without symbolic links", "", HUB_ALL, REFS, *RIGHT),
    _kept("well-hub-locks", "Locks that were left behind", "", HUB_ALL, REFS, *RIGHT, (".cache/huggingface/hub/.locks/datasets--ylecun--mnist/x.lock", b"")),
    _kept("well-hub-offline-false", "HF_HUB_OFFLINE=false", "", HUB_ALL, HF_HUB_OFFLINE="false"),
    _kept("well-sklearn", "All of OpenML's replies are kept", "", SKLEARN, *_openml()),
    _kept("well-torch-notes", "Notes, a folder's own file and a lock beside the files", "", TORCH, ("data/MNIST/raw/.DS_Store", b"\0" * 90), ("data/MNIST/raw/notes.txt", b"mine"), (TWIN, PLAIN_LABELS)),
    _kept("well-torch-alone", "A bad unpacked file alone: torchvision fetches all four, and writes it anew", "", TORCH, (TWIN, POINTER)),
    _kept("well-keras-beside", "An unfinished file of another set beside it", "", KERAS_FASHION, (".keras/datasets/cifar-10.tar.gz", b"half")),
)  # fmt: skip


def _no_cache(world: World) -> How:
    return {"env": whole.serve(world)}


OFFLINE = (
    from_facts("offline-nothing-kept", "--offline, and nothing lies in place", "", _no_cache, "keras:mnist", "--offline", verdict="inconclusive"),
    from_facts("offline-bad-proxy", "--offline, and the proxy's value is spoilt: settings explain it", "proxy-env-malformed", _given('"http://@P"'), LABELS, "--offline"),
)  # fmt: skip
SCENES = (*PLAYED, *EXCEPTIONS, *SOCKS, *KEPT, *OFFLINE)
