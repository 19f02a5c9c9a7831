"""scikit-learn and OpenML: four replies in JSON, and the file whose place and digest they state."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from typing import Any

from . import whole
from .scenes import How, Scene
from .scenes_disk import PAGE, STALE, keep
from .world import World

WWW, API, OLD = "www.openml.org", "api.openml.org", "openml.org"
LOGIN = "login.microsoftonline.com"
LIST = "/api/v1/json/data/list/data_name/mnist_784/limit/2/data_version/1"
DESCRIPTION, FEATURES, QUALITIES = (f"/api/v1/json/data/{part}554" for part in ("", "features/", "qualities/"))
OLD_FILE, FILE = "/data/v1/download/52667", "/data/v1/download/52667/mnist_784.arff"
CACHE = "scikit_learn_data/openml/openml.org"
ARFF = b"@RELATION mnist_784\n@ATTRIBUTE pixel1 real\n@ATTRIBUTE class {0,1}\n@DATA\n" + b"0,1\n7,0\n" * 900
NEWER = ARFF.replace(b"7,0", b"7,1")
SKLEARN = ("sklearn:mnist_784",)
Lay = Callable[[World], dict[str, str] | None]


def replies(arff: bytes = ARFF) -> dict[str, bytes]:
    """The four, by their paths; the features are longer than what is looked at first."""
    described = {"id": "554", "name": "mnist_784", "description": "x" * 2500, "format": "ARFF",
                 "md5_checksum": hashlib.md5(arff, usedforsecurity=False).hexdigest()}  # fmt: skip
    known: dict[str, Any] = {
        LIST: {"data": {"dataset": [{"did": 554, "name": "mnist_784", "version": 1, "status": "active"}]}},
        DESCRIPTION: {"data_set_description": described},
        FEATURES: {"data_features": {"feature": [{"index": str(n), "name": f"pixel{n}", "data_type": "numeric",
                                                  "is_target": "false"} for n in range(1200)]}},
        QUALITIES: {"data_qualities": {"quality": [{"name": "NumberOfInstances", "value": "70000.0"}]}},
    }  # fmt: skip
    return {path: json.dumps(said).encode() for path, said in known.items()}


HALF = replies()[FEATURES][:90_000]


def catalogue(world: World) -> dict[str, str]:
    """The environment in which the tool knows the made file."""
    env = whole.serve(world)
    with (world.home / "whole.toml").open("a") as more:
        md5 = hashlib.md5(ARFF, usedforsecurity=False).hexdigest()
        more.write(f"\n[[file]]\nid = 'mnist_784/arff'\nname = 'mnist_784.arff'\nkind = 'arff'\nmd5 = '{md5}'\n")
        more.write("digest_of = 'decoded'\n")
    return env


def serve(world: World, *, host: str = WWW, file: str = FILE, arff: bytes = ARFF, **instead: bytes) -> None:
    """All five at the host; a reply may be another: `list`, `description`, `features`."""
    paths = {"list": LIST, "description": DESCRIPTION, "features": FEATURES}
    bodies = replies() | {paths[name]: body for name, body in instead.items()}
    for path, body in bodies.items():
        world.serve(host, path, body, kind="text/html" if body.startswith(b"<") else "application/json")
    world.serve(host, file, arff, kind="text/plain")


def _cached(world: World, *, file: str = FILE, folder: str = CACHE, arff: bytes = ARFF, level: int = 9) -> None:
    for path, body in replies().items():
        keep(world, f"{folder}{path}.gz", gzip.compress(body))
    keep(world, f"{folder}{file}.gz", gzip.compress(arff, level))
    world.firewall("*", "drop")


def _row(name: str, motive: str, cause: str, lay: Lay, stage: str | None = None, *, warns: str | None = None) -> Scene:
    def arrange(world: World) -> How:
        env = catalogue(world)
        return {"env": {**env, **(lay(world) or {})}}

    causes = (cause,) if cause else ()
    return Scene(
        f"openml-{name}", motive, arrange, "ailing" if cause else "healthy", causes, stage, SKLEARN, warns=warns
    )


def _answers(**how: Any) -> Lay:
    return lambda world: serve(world, **how)


def _has(**how: Any) -> Lay:
    return lambda world: _cached(world, **how)


def _has_in_a_home_of_its_own(world: World) -> dict[str, str]:
    _cached(world, folder="else/openml/openml.org")
    return {"SCIKIT_LEARN_DATA": str(world.home / "else")}


def _old_has(world: World) -> dict[str, str]:
    _cached(world, file=OLD_FILE)
    return whole.release(world, "scikit-learn", "1.6.1")


def _has_a_bad_reply(body: bytes) -> Lay:
    def lay(world: World) -> None:
        serve(world)
        keep(world, f"{CACHE}{FEATURES}.gz", gzip.compress(body))

    return lay


def _has_no_file(world: World) -> None:
    _cached(world)
    (world.home / f"{CACHE}{FILE}.gz").unlink()


CACHED = (
    _row("cached", "All five are there and right: no request would be sent", "", _has(), warns="tcp-filtered"),
    _row("cached-161", "1.6.1 keeps the file under another name", "", _old_has, warns="tcp-filtered"),
    _row("cached-elsewhere", "SCIKIT_LEARN_DATA", "", _has_in_a_home_of_its_own, warns="tcp-filtered"),
    _row("cached-repacked", "Another gzip of the same text", "", _has(level=1), warns="tcp-filtered"),
    _row("cached-replies-alone", "The file is missing, and the network is dead", "tcp-filtered", _has_no_file, "tcp"),
    _row("cached-page", "A page in a reply's place: scikit-learn throws it away and asks again", "",
         _has_a_bad_reply(PAGE), warns=STALE),
    _row("cached-cut", "A whole gzip of half a reply", "", _has_a_bad_reply(HALF), warns=STALE),
    _row("cached-error", "A report of an error is JSON: it is read, ends in a KeyError, and stays for ever",
         STALE, _has_a_bad_reply(b'{"error":{"code":"107","message":"Database connection error"}}'), "checksum"),
)  # fmt: skip


def _sent_to_sign_in(world: World) -> None:
    world.host(LOGIN, status=200, body=b"<html><title>Sign in</title><form><input type=password></form></html>")
    world.host(WWW, redirect=f"https://{LOGIN}/common/oauth2/authorize")


def _packed_on_the_way(world: World) -> None:
    serve(world)
    world.host(WWW, nginx="gzip on; gzip_types application/json text/plain; gzip_min_length 1;")


def _forwarded(world: World) -> None:
    serve(world, host=API)
    world.host(WWW, redirect=f"https://{API}$request_uri")


HTML, ERROR = b"<!DOCTYPE html><html><title>OpenML</title>Welcome</html>", b'{"error":{"code":"111"}}'
REPLIES = (
    _row("well", "Everything as it should be", "", _answers()),
    _row("packed-on-the-way", "JSON under Content-Encoding: gzip", "", _packed_on_the_way),
    _row("forwarded", "www sends on to api", "", _forwarded),
    _row("page", "HTML in place of JSON (scikit-learn#12504)", "body-html-instead-of-data", _answers(list=HTML),
         "length"),
    _row("page-described", "The description alone is a page", "body-html-instead-of-data", _answers(description=HTML),
         "length"),
    _row("cut", "JSON that breaks off behind what is looked at first, with a length that fits", "body-truncated-silent",
         _answers(features=HALF), "length"),
    _row("blank", "Success, and a blank", "body-error-document", _answers(features=b" "), "length"),
    _row("error-200", "An error under success: the body says so", "http-api-error-body", _answers(description=ERROR),
         "http"),
    _row("sign-in", "All of the host is behind a sign-in", "http-redirect-to-login", _sent_to_sign_in, "http"),
)  # fmt: skip


def _newer_file(world: World) -> None:
    serve(world, arff=NEWER, description=replies(NEWER)[DESCRIPTION])


def _old_host_gone(world: World) -> dict[str, str]:
    serve(world)
    world.host(OLD, status=404, body=b"<html><title>404</title></html>")
    return whole.release(world, "scikit-learn", "1.2.2")


def _old_host_serves(world: World) -> dict[str, str]:
    serve(world, host=OLD, file=OLD_FILE)
    return whole.release(world, "scikit-learn", "1.2.2")


OTHERS = (
    _row("new-file", "Another file than the catalogue's, with the digest that its description states", "", _newer_file,
         warns="checksum-upstream-changed"),
    _row("other-file", "Another file, of which its description knows nothing", "checksum-upstream-changed",
         _answers(arff=NEWER), "checksum"),
    _row("old-host-gone", "1.2.2 asks openml.org, which has lost all five; the newer host serves", "fw-url-stale",
         _old_host_gone, "http"),
    _row("old-host-serves", "1.2.2 asks openml.org, and is answered", "", _old_host_serves),
)  # fmt: skip


def _home_page(world: World) -> How:
    world.host("yann.lecun.com", status=200, body=b"<html><title>Home page</title>Welcome</html>")
    (world.home / "data").mkdir()
    return {"env": whole.serve(world) | whole.release(world, "torchvision", "0.21.0")}


OLD_MIRROR = Scene(
    "torch-021-home-page", "The first mirror of old releases answers with a page, which ends their search",
    _home_page, "ailing", ("fw-url-stale",), None, ("torchvision:mnist", "--root", "data"), proves=True,
)  # fmt: skip

SCENES: tuple[Scene, ...] = (*CACHED, *REPLIES, *OTHERS, OLD_MIRROR)
