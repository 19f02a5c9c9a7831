"""Written from the facts alone: further forms of the faults that the first such scenes had found in the doctor."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import json
import lzma

from . import files
from .arrangements import block_page_server
from .replies import Answer, answers, html, ok, only_for, page, reply
from .scenes import HOST, LABELS, PLAIN, S3_HOST, S3_LABELS, Arrange, How, Scene
from .scenes_disk import TORCH, keep, unpacked_set
from .scenes_facts_content import CSV, ERROR, HTML, NOISE, PAGE, POINTER, STALE, _data, _tar, _zip, from_facts, served
from .scenes_facts_http import AGENT, FILE, LIMIT, _cut_off, _limited, _no_python
from .scenes_facts_net import BLOCKED, FILTER, KERAS, NOTICE, _boxed
from .scenes_facts_proxy import NOT, STALE_PROXY, UPSTREAM, _answer, _except, _given, _row
from .scenes_openml import catalogue
from .world import World

HUGGING = ("--as", "huggingface")
GONE = ("http-404-unexplained", "http-404-moved")
UNPACKED_WRONGLY = ("checksum-mismatch-corruption", "body-truncated", "body-truncated-silent", "unexplained")
TWICE = "body-double-packed"


def _box(name: str, motive: str, cause: str | tuple[str, ...], said: bytes, *argv: str, only: str = "") -> Scene:
    return from_facts(f"box-{name}", motive, cause, _boxed(said, only, only=bool(only)), *argv, stage=None)


SQUID = ("Server: squid/6.6", "Via: 1.1 gw (squid/6.6)")
BOXES = (
    _box("404-everywhere", "Every host answers 404 behind a trusted box", (*FILTER, *GONE), html("404 Not Found", "Policy", "x")),
    _box("418-everywhere", "Every host answers 418 behind a trusted box", FILTER, html("418 x", "Policy", "Not here.")),
    _box("403-json", "The refusal is JSON, and curl asks", FILTER, reply("403 Forbidden", b'{"policy":"cloud"}', "Content-Type: application/json"), S3_LABELS, "--as", "curl"),
    _box("200-hub", "The notice, as the Hub's library meets it", FILTER, NOTICE, S3_LABELS, *HUGGING),
    _box("gateway-dns", "A gateway in the path cannot resolve the host", UPSTREAM, html("503 x", "ERROR", "x", "X-Squid-Error: ERR_DNS_FAIL 0", *SQUID), LABELS, *KERAS, only=HOST),
    _box("gateway-status", "A gateway says in Proxy-Status that the host's certificate is bad", UPSTREAM, reply("502 Bad Gateway", b"", "Proxy-Status: gw.contoso; error=tls_certificate_error"), LABELS, only=HOST),
    _box("gateway-denied", "A gateway denies the host in Squid's words", ("proxy-connect-denied", *FILTER), html("403 Forbidden", "ERROR", "x", "X-Squid-Error: ERR_ACCESS_DENIED 0", *SQUID), LABELS, only=HOST),
)  # fmt: skip


def _sunk(said: bytes) -> Arrange:
    def arrange(world: World) -> None:
        block_page_server(world, answers(said), port=80)
        world.dns("fashion-mnist.s3-website.eu-central-1.amazonaws.com", answer="10.77.0.3")

    return arrange


def _inner(world: World) -> None:
    """A company's own server says for itself that it has no such file."""
    block_page_server(world, answers(html("404 Not Found", "404", "No such file.")), port=80)
    world.dns("mirror.contoso.example", answer="10.77.0.3")


NAMES = (
    from_facts("sinkhole-403", "The filter's server refuses a public name on plain http", "dns-filtered", _sunk(BLOCKED), PLAIN, stage=None),
    from_facts("sinkhole-404-keras", "The same with 404, as keras", "dns-filtered", _sunk(html("404 x", "x", "x")), PLAIN, *KERAS, stage=None),
    from_facts("inner-404", "A company's own name leads inside, and the file is gone there", GONE, _inner, "http://mirror.contoso.example/d.csv", stage=None),
    served("squid-of-the-server", "A server behind its own Squid is overloaded", ("http-503-overload", "http-502-504-gateway"),
           html("503 Service Unavailable", "ERROR", "x", "X-Squid-Error: ERR_CONNECT_FAIL 111", *SQUID)),
)  # fmt: skip


def _torch(name: str, motive: str, cause: str, argv: tuple[str, ...], laid: dict[str, bytes]) -> Scene:
    def arrange(world: World) -> How:
        env = catalogue(world)
        (world.home / "data").mkdir(exist_ok=True)
        for path, body in laid.items():
            keep(world, path, body)
        return {"env": env}

    return from_facts(f"kept-{name}", motive, cause, arrange, *argv)


IMAGES = files.genuine("mnist", files.IMAGES)
KEPT = (
    _torch("torch-images-packed", "The packed images under the unpacked ones' name", STALE, TORCH, unpacked_set(t10k_images=IMAGES)),
    _torch("torch-images-in-bz2", "Labels in bzip2 under the unpacked ones' name", STALE, TORCH, unpacked_set(t10k_labels=bz2.compress(NOISE))),
    _torch("well-torch-three", "Three unpacked files, one of them bad: all four are fetched", "", TORCH,
           {path: body for path, body in unpacked_set(t10k_labels=PAGE).items() if "train-images" not in path}),
    _torch("well-fashion-alone", "One bad unpacked file of Fashion-MNIST alone", "", ("torchvision:fashion-mnist", "--root", "data"),
           {"data/FashionMNIST/raw/train-labels-idx1-ubyte": POINTER}),
)  # fmt: skip


def _said(
    name: str,
    motive: str,
    cause: str | tuple[str, ...],
    body: bytes,
    file: str,
    *argv: str,
    fields: tuple[str, ...] = (),
) -> Scene:
    return served(name, motive, cause, _data(body, *fields), file, *argv)


BODIES = (
    _said("csv-packed-twice", "A table in two gzips", TWICE, gzip.compress(gzip.compress(CSV)), "d.csv.gz"),
    _said("tbz-packed-twice", "A tar in two bzip2s, as keras", TWICE, bz2.compress(bz2.compress(_tar())), "d.tbz2", *KERAS),
    _said("txz-of-gzip", "A gzip in an xz that should hold a tar", TWICE, lzma.compress(gzip.compress(_tar())), "d.tar.xz"),
    _said("well-gz-of-gz", "A gzip in a gzip whose name promises nothing of its inside", "", gzip.compress(gzip.compress(NOISE)), "d.gz"),
    _said("well-disposition-tar", "A star and a charset, another archive's name", "", _zip(), "d.zip", *KERAS,
          fields=("Content-Disposition: attachment; filename*=UTF-8''other%20one.tar.gz",)),
    _said("disposition-page", "A page that calls itself one, for an archive", (HTML, ERROR), PAGE, "d.tar.gz",
          fields=("Content-Disposition: attachment; filename=error.html",)),
    _said("noise-json-gz", "Bytes that are no gzip", UNPACKED_WRONGLY, NOISE, "d.json.gz"),
    _said("noise-pkl-xz", "Bytes that are no xz, as keras", UNPACKED_WRONGLY, hashlib.sha512(b"a").digest() * 90, "d.pkl.xz", *KERAS),
)  # fmt: skip
GOOGLE = json.dumps(
    {"error": {"errors": [{"domain": "usageLimits", "reason": "userRateLimitExceeded"}], "code": 403}}
).encode()
AWS = b'{"__type":"com.amazon.coral.availability#ThrottlingException","message":"Rate exceeded"}'


def _refused(name: str, motive: str, cause: str | tuple[str, ...], refusal: Answer | bytes, *argv: str) -> Scene:
    return served(name, motive, cause, only_for(_no_python, FILE, refusal), LABELS, *argv)  # type: ignore[arg-type]


STATUSES = (
    served("limit-google", "403 in the words of Google's APIs", LIMIT, _limited(status="403 Forbidden", body=GOOGLE), f"https://{HOST}/download/storage/v1/b/a/o/b?alt=media"),
    served("limit-aws", "403 in the words of an AWS gateway", LIMIT, _limited(status="403 Forbidden", body=AWS), "d.zip", *HUGGING),
    served("limit-only-a-pause", "403 that says when to come back and nothing else", (LIMIT, "http-403-unexplained"), _limited("Retry-After: 120", status="403 Forbidden", body=b""), "d.zip"),
    _refused("agent-400-keras", "400 to one kind of agent, as keras", AGENT, reply("400 Bad Request"), *KERAS),
    _refused("agent-409", "409 to one kind of agent", AGENT, reply("409 Conflict")),
    _refused("agent-page-keras", "A page to one kind of agent, as keras", AGENT, html("200 OK", "Hello", "Robots are not served."), *KERAS),
    served("agent-reset-keras", "A reset to one kind of agent, as keras", AGENT, b"", LABELS, *KERAS, play=_cut_off()),
    served("418-to-all", "418 to everybody", "http-4xx-other", reply("418 I'm a teapot")),
    served("page-to-all", "A page to every agent", HTML, ok(page("Moved", "x"), "Content-Type: text/html"), LABELS, *HUGGING),
)  # fmt: skip
PROXIES = (
    _row("lines-crlf", "One a line, as Windows writes them", NOT, _except("localhost\r\ngoogleapis.com\r\n")),
    _row("tabs", "Tabs between the entries", NOT, _except(f"localhost\t{HOST}", LABELS, *KERAS)),
    _row("final-dot-hub", "A final dot, for httpx", NOT, _except(f"{HOST}.", LABELS, *HUGGING)),
    from_facts("connect-protocol", "403 to CONNECT with a word that few know", "proxy-connect-denied", _answer("403 Forbidden", b"", "X-Squid-Error: ERR_PROTOCOL_UNKNOWN 0")),
    from_facts("connect-413", "413 to CONNECT", ("proxy-connect-denied", "proxy-size-or-type-limit"), _answer("413 Content Too Large")),
    from_facts("offline-blank-inside", "--offline, and a blank in the proxy's name", "proxy-env-malformed", _given("http://pro xy.corp:3128"), LABELS, "--offline"),
    from_facts("offline-proxy-fine", "--offline, and a proxy's value that can be read", "", lambda _world: {"proxy": STALE_PROXY}, S3_LABELS.replace(S3_HOST, HOST), "--offline", verdict="inconclusive"),
)  # fmt: skip

SCENES = (*BOXES, *NAMES, *KEPT, *BODIES, *STATUSES, *PROXIES)
