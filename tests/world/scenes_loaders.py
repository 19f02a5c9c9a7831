"""How a loader goes about it: what its client repeats by itself, and what sends it to its next mirror."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from mnistdoctor.demo.connection import Connection

from . import files, raw, whole
from .scenes import LABELS, How, Scene, Verdict
from .whole import GCS, HUB, S3, XET
from .world import World

# With the usual patience: a client's repetitions end with one time-out.
KERAS, TFDS, HUGGING = ("keras:mnist",), ("tfds:mnist",), ("huggingface:mnist",)
TORCH = ("torchvision:mnist", "--root", "data")

Lay = Callable[[World], Mapping[str, str] | None]


def _row(
    name: str,
    motive: str,
    cause: str | tuple[str, ...],
    stage: str | None,
    argv: tuple[str, ...],
    lay: Lay,
    warns: str | None = None,
) -> Scene:
    def arrange(world: World) -> How:
        env = whole.serve(world)
        return {"env": {**env, **(lay(world) or {})}}

    causes = ((cause,) if cause else ()) if isinstance(cause, str) else cause
    verdict: Verdict = "ailing" if causes else "healthy"
    return Scene(f"loader-{name}", motive, arrange, verdict, causes, stage, argv, warns=warns)


def _busy(status: str) -> bytes:
    return raw.response(b"<html>not now</html>", "Content-Type: text/html", status=status)


def _mnist() -> dict[str, bytes]:
    made = {name: files.genuine("mnist", name) for name in (files.LABELS, files.TRAIN_LABELS, files.IMAGES)}
    images = whole.made()["mnist/train-images"]
    return {**made, images.name: images.body}


def _at_gcs() -> dict[str, bytes]:
    npz = whole.made()["mnist_npz/mnist.npz"]
    found = {f"/cvdf-datasets/mnist/{name}": raw.response(body) for name, body in _mnist().items()}
    return {**found, f"/tensorflow/tf-keras-datasets/{npz.name}": raw.response(npz.body)}


def _at_hub() -> dict[str, bytes]:
    names = [file.name for file_id, file in whole.made().items() if file_id.startswith("mnist_parquet/")]
    return {
        whole.HUB_PATH + name: raw.response(b"", f"Location: https://{XET}/{name}", status="302 Found")
        for name in names
    }


def _first(host: str, well: Callable[[], dict[str, bytes]], bad: bytes, times: int = 1, release: str = "") -> Lay:
    """Each path is answered with `bad` so many times, and rightly from then on."""

    def lay(world: World) -> Mapping[str, str] | None:
        answers, seen, lock = well(), dict[str, int](), threading.Lock()

        def play(connection: Connection) -> None:
            path = connection.request.target
            with lock:
                seen[path] = seen.get(path, 0) + 1
            if seen[path] <= times and not bad:
                raw.reset(connection)
            elif path in answers:
                connection.send(bad if seen[path] <= times else answers[path])

        world.raw(host, play, certificate="good")
        distribution, _, version = release.partition("==")
        return whole.release(world, distribution, version) if release else None

    return lay


RESET = b""
CUT = raw.response(files.genuine("mnist", files.LABELS)[:2000], length=4542)
SKLEARN = (LABELS, "--as", "sklearn")
BUSY, GATEWAY = "http-503-overload", "http-502-504-gateway"
REPEATS = (
    _row("tfds-503-once", "TFDS repeats a 503 ten times", "", None, TFDS,
         _first(GCS, _at_gcs, _busy("503 Busy")), BUSY),
    _row("tfds-503-thrice", "It is as patient with three", "", None, TFDS,
         _first(GCS, _at_gcs, _busy("503 Busy"), times=3), BUSY),
    _row("tfds-503", "A 503 that stays is the same fault as ever", BUSY, "http", TFDS,
         _first(GCS, _at_gcs, _busy("503 Busy"), times=99)),
    _row("tfds-404-once", "It repeats no 404", "http-404-moved", "http", TFDS,
         _first(GCS, _at_gcs, _busy("404 Not Found"))),
    _row("tfds-reset-once", "A reset in place of an answer is repeated too", "", None, TFDS,
         _first(GCS, _at_gcs, RESET), "tcp-reset"),
    _row("tfds-old-503-once", "TFDS 4.7 repeats nothing", BUSY, "http", TFDS,
         _first(GCS, _at_gcs, _busy("503 Busy"), release="tensorflow-datasets==4.7.0")),
    _row("hub-503-once", "The Hub's client repeats 429 and 5xx", "", None, HUGGING,
         _first(HUB, _at_hub, _busy("503 Busy")), BUSY),
    _row("hub-old-503-once", "Its releases before 0.35 do not", BUSY, "http", HUGGING,
         _first(HUB, _at_hub, _busy("503 Busy"), release="huggingface_hub==0.30.2")),
    _row("keras-503-once", "Keras repeats nothing", BUSY, "http", KERAS, _first(GCS, _at_gcs, _busy("503 Busy"))),
    _row("keras-403-once", "A 403 that passes is no rule about a name", "http-403-unexplained", "http", KERAS,
         _first(GCS, _at_gcs, _busy("403 Forbidden"))),
    _row("requests-503-once", "Nor does requests", BUSY, "http", (LABELS,),
         _first(GCS, _at_gcs, _busy("503 Busy"))),
    _row("sklearn-503-once", "scikit-learn repeats three times", "", None, SKLEARN,
         _first(GCS, _at_gcs, _busy("503 Busy")), BUSY),
    _row("sklearn-404-once", "A 404 too, as every status but 412", "", None, SKLEARN,
         _first(GCS, _at_gcs, _busy("404 Not Found")), "http-404-moved"),
    _row("sklearn-502-once", "And a 502", "", None, SKLEARN, _first(GCS, _at_gcs, _busy("502 Bad Gateway")), GATEWAY),
    _row("sklearn-412-once", "412 is OpenML's own word for no such data set", "http-4xx-other", "http", SKLEARN,
         _first(GCS, _at_gcs, _busy("412 Precondition Failed"))),
    _row("sklearn-401-once", "Nobody repeats a 401", "http-401-token-missing", "http", SKLEARN,
         _first(GCS, _at_gcs, _busy("401 Unauthorized"))),
    _row("sklearn-cut-once", "A short file does not fit its digest, and is fetched once more", "", None, SKLEARN,
         _first(GCS, _at_gcs, CUT), "body-truncated"),
    _row("sklearn-1.0-503-once", "Up to 1.0 it repeats nothing", BUSY, "http", (LABELS, "--as", "sklearn-1.0"),
         _first(GCS, _at_gcs, _busy("503 Busy"))),
)  # fmt: skip


def _mirror(answer: bytes, end: raw.Fault | None = None, release: str = "0.29.2", play: raw.Fault | None = None) -> Lay:
    """The first mirror answers like that, the second one is well."""

    def lay(world: World) -> Mapping[str, str]:
        (world.home / "data").mkdir(exist_ok=True)
        for name, body in _mnist().items():
            world.serve("yann.lecun.com", f"/exdb/mnist/{name}", body)
        if play:
            world.raw(S3, play)
        else:
            world.raw(S3, raw.reply(answer, end), certificate="good")
        return whole.release(world, "torchvision", release)

    return lay


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n200\r\n" + b"x" * 512 + b"\r\n400\r\n" + b"y" * 300
MIRRORS = (
    _row("chunk-cut", "IncompleteRead is no URLError: torchvision never asks its second mirror", "body-truncated",
         "length", TORCH, _mirror(CHUNKED)),
    _row("chunk-cut-0.26", "Nor did it earlier", "body-truncated", "length", TORCH, _mirror(CHUNKED, release="0.26.0")),
    _row("chunk-reset", "Nor after a reset", "body-reset", "length", TORCH, _mirror(CHUNKED, raw.reset)),
    _row("short", "A short body with a length ends in silence, and its md5 sends 0.27 to the next mirror", "", None,
         TORCH, _mirror(raw.response(b"x" * 900, length=4542)), "body-truncated"),
    _row("short-0.26", "0.26 stays with the first one", "body-truncated", "length", TORCH,
         _mirror(raw.response(b"x" * 900, length=4542), release="0.26.0")),
    _row("reset-after-request", "A reset in place of an answer escapes as it is", "tcp-reset", "tcp", TORCH,
         _mirror(b"", raw.reset)),
    _row("silent-mirror", "torchvision has no time-out: it waits for its first mirror for ever",
         "tls-handshake-timeout", "tls", (*TORCH, "--timeout", "3"), _mirror(b"", play=raw.silent)),
)  # fmt: skip


def _cut_after_request(world: World) -> None:
    world.raw(GCS, raw.reply(b"", raw.reset), certificate="good")


def _ended_after_request(world: World) -> None:
    world.raw(GCS, raw.reply(b"", raw.finish), certificate="good")


ENDS = (
    _row("keras-reset-after-request", "The handshake went well, and a reset came in place of an answer", "tcp-reset",
         "tcp", KERAS, _cut_after_request),
    _row("keras-end-after-request", "An end in order at the same place is an empty reply", "http-not-http", "http",
         KERAS, _ended_after_request),
)  # fmt: skip

SCENES: tuple[Scene, ...] = REPEATS + MIRRORS + ENDS
