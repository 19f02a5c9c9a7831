"""What lies in a loader's cache and is neither a page nor cut, and which of several files the loader takes."""

from __future__ import annotations

import gzip
import hashlib
import io
import zipfile
from collections.abc import Callable

from . import files, whole
from .scenes import How, Scene
from .scenes_disk import FASHION, KERAS, KERAS_FASHION, LABELS, NPZ, PAGE, STALE, TORCH, TWIN, keep
from .scenes_openml import API, ARFF, CACHE, DESCRIPTION, FILE, NEWER, OLD, OLD_FILE, SKLEARN, catalogue, replies, serve
from .world import World

Lay = Callable[[World], dict[str, str] | None]
HUGGING = ("huggingface:mnist",)


def _row(
    name: str,
    motive: str,
    cause: str,
    argv: tuple[str, ...],
    lay: Lay,
    *,
    warns: str | None = None,
    proves: bool = False,
    stage: str = "checksum",
) -> Scene:
    def arrange(world: World) -> How:
        env = catalogue(world)
        (world.home / "data").mkdir()
        return {"env": {**env, **(lay(world) or {})}}

    return Scene(
        f"cache-{name}", motive, arrange, "ailing" if cause else "healthy", (cause,) if cause else (),
        stage if cause else None, argv, warns=warns, proves=proves,
    )  # fmt: skip


def _has(path: str, body: bytes) -> Lay:
    def lay(world: World) -> None:
        keep(world, path, body)

    return lay


def _folder(world: World) -> None:
    keep(world, f"{NPZ}/somebody's work", b"1")


PLAIN = gzip.decompress(LABELS)
IMAGES = files.genuine("mnist", files.IMAGES)
KERAS_SCENES = (
    _row("unpacked", "Unpacked, and still called .gz: BadGzipFile", STALE, KERAS_FASHION, _has(FASHION, PLAIN),
         proves=True),
    _row("images-unpacked", "The same for images", STALE, KERAS_FASHION,
         _has(FASHION.replace("train-labels-idx1", "t10k-images-idx3"), gzip.decompress(IMAGES))),
    _row("packed-twice", "A gzip in a gzip", STALE, KERAS_FASHION, _has(FASHION, gzip.compress(LABELS))),
    _row("gzip-of-words", "A whole gzip of something else", STALE, KERAS_FASHION, _has(FASHION, gzip.compress(b"hi"))),
    _row("gzip-of-half", "A whole gzip of a cut IDX", STALE, KERAS_FASHION, _has(FASHION, gzip.compress(PLAIN[:9000]))),
    _row("noise", "Bytes that are no gzip at all", STALE, KERAS_FASHION, _has(FASHION, bytes(range(1, 200)) * 40)),
    _row("repacked", "The same labels in another gzip", "", KERAS_FASHION, _has(FASHION, gzip.compress(PLAIN, 1))),
    _row("two-members", "The same labels in a gzip of two members", "", KERAS_FASHION,
         _has(FASHION, gzip.compress(PLAIN[:30_000]) + gzip.compress(PLAIN[30_000:]))),
    _row("zeros-behind", "Zeros behind its end", "", KERAS_FASHION, _has(FASHION, LABELS + bytes(9))),
    _row("folder", "A folder has the file's name: IsADirectoryError", STALE, KERAS, _folder, proves=True),
)  # fmt: skip


def _saved(images: int) -> bytes:
    """A zip with the members that `torch.save` writes for as many images and labels."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("archive/data.pkl", b"\x80\x02}q\x00.")
        made.writestr("archive/data/0", bytes(images * 784))
        made.writestr("archive/data/1", bytes(images))
    return out.getvalue()


def _old_pair(release: str = "", test: bytes = b"", *, dead: bool = True) -> Lay:
    def lay(world: World) -> dict[str, str]:
        keep(world, "data/MNIST/processed/training.pt", _saved(60_000))
        keep(world, "data/MNIST/processed/test.pt", test or _saved(10_000))
        if dead:
            world.firewall("*", "drop")
        return whole.release(world, "torchvision", release) if release else {}

    return lay


def _bad_twin(world: World) -> dict[str, str]:
    keep(world, TWIN, PAGE)
    return whole.release(world, "torchvision", "0.9.2")


def _bad_twin_beside_the_pair(world: World) -> None:
    _old_pair()(world)
    keep(world, TWIN, PAGE)


TORCH_SCENES = (
    _row("old-pair", "What an old release made of the files wins over them: no request would be sent", "", TORCH,
         _old_pair(), warns="tcp-filtered"),
    _row("old-pair-082", "The old release itself", "", TORCH, _old_pair("0.8.2"), warns="tcp-filtered"),
    _row("old-pair-half-bad", "One of the pair was cut", STALE, TORCH, _old_pair(test=_saved(10_000)[:90_000])),
    _row("old-pair-wins", "A bad unpacked file beside the pair is never looked at", "", TORCH,
         _bad_twin_beside_the_pair, warns="tcp-filtered"),
    _row("twin-of-no-use", "Before 0.10 an unpacked file is written anew from the packed one", "", TORCH, _bad_twin),
)  # fmt: skip

HUB = ".cache/huggingface/hub/datasets--ylecun--mnist"
MAIN, OTHER = "77f3279092a1c1579b2250db8eafed0ad422088c", "0123456789abcdef0123456789abcdef01234567"
TRAIN, TEST = whole.made()["mnist_parquet/train"], whole.made()["mnist_parquet/test"]
STRANGE = b"PAR1" + b"\xff" * 3000 + b"PAR1"


def _blob(world: World, name: str, body: bytes, *, commit: str = MAIN, file: str | None = TRAIN.name) -> None:
    """A blob in the Hub's cache; the commit is the current one, and names the blob if there is a file."""
    keep(world, f"{HUB}/blobs/{name}", body)
    keep(world, f"{HUB}/refs/main", commit.encode())
    if file:
        link = world.home / HUB / "snapshots" / commit / file
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(f"../../../blobs/{name}")


def _blob_cut(world: World) -> None:
    _blob(world, TRAIN.sha256, TRAIN.body[:900])


def _older_in_full(world: World) -> None:
    _blob(world, hashlib.sha256(STRANGE).hexdigest(), STRANGE, commit=OTHER)


def _older_cut(world: World) -> None:
    _blob(world, "ab" * 32, STRANGE, commit=OTHER)


def _older_cut_offline(world: World) -> dict[str, str]:
    _older_cut(world)
    _blob(world, TEST.sha256, TEST.body, commit=OTHER, file=TEST.name)
    return {"HF_HUB_OFFLINE": "1"}


def _beside_main(world: World) -> None:
    keep(world, f"{HUB}/snapshots/{OTHER}/{TRAIN.name}", b"PAR1 an older revision PAR1")
    keep(world, f"{HUB}/refs/main", MAIN.encode())


def _blobs_without_names(world: World) -> None:
    for file_id, file in whole.made().items():
        if file_id.startswith("mnist_parquet/"):
            _blob(world, file.sha256, file.body, file=None)
    world.firewall("*", "drop")


def _prepared(*paths: str) -> Lay:
    """Records in the loader's own format, and no network."""

    def lay(world: World) -> None:
        for path in paths:
            keep(world, path, b"\xff\xff\xff\xff" + bytes(500))
        world.firewall("*", "drop")

    return lay


ARROW = ".cache/huggingface/datasets/ylecun___mnist/mnist/0.0.0/77f3279092a1"
RECORDS = "tensorflow_datasets/mnist/3.0.1"
TFDS = ("tfds:mnist",)
PREPARED_SCENES = (
    _row("tfds-records", "TFDS has prepared the records already: it asks nobody", "", TFDS,
         _prepared(f"{RECORDS}/mnist-train.tfrecord-00000-of-00001", f"{RECORDS}/mnist-test.tfrecord-00000-of-00001"),
         warns="tcp-filtered"),
    _row("tfds-records-of-another", "Records of another data set are none of this one", "tcp-filtered", TFDS,
         _prepared("tensorflow_datasets/kmnist/3.0.1/kmnist-train.tfrecord-00000-of-00001"), stage="tcp"),
    _row("hub-arrow", "The datasets library goes on with its Arrow files where the Hub cannot be reached", "", HUGGING,
         _prepared(f"{ARROW}/mnist-train.arrow", f"{ARROW}/mnist-test.arrow"), warns="tcp-filtered"),
)  # fmt: skip

HUB_SCENES = (
    _row("blob-cut", "A cut blob is trusted, and linked again if its link alone is removed", STALE, HUGGING, _blob_cut,
         proves=True),
    _row("beside-main", "A bad file in a revision that is not the current one", "", HUGGING, _beside_main),
    _row("older-in-full", "An older revision, as it was published; the Hub is asked for the newest", "", HUGGING,
         _older_in_full),
    _row("older-cut", "An older revision whose blob is bad; the Hub is asked for the newest", "", HUGGING, _older_cut,
         warns=STALE),
    _row("older-cut-offline", "The same, and nobody may ask the Hub", STALE, HUGGING, _older_cut_offline),
    _row("blobs-without-names", "The blobs are there, and no revision names them: they must be asked for",
         "tcp-filtered", HUGGING, _blobs_without_names, stage="tcp"),
)  # fmt: skip


def _described(release: str, arff: bytes, described: bytes = ARFF, *, file: str = FILE, host: str = API) -> Lay:
    """A whole gzip of a text in scikit-learn's cache, and the description of a text."""

    def lay(world: World) -> dict[str, str]:
        serve(world, host=host, file=file)
        keep(world, f"{CACHE}{DESCRIPTION}.gz", gzip.compress(replies(described)[DESCRIPTION]))
        keep(world, f"{CACHE}{file}.gz", gzip.compress(arff))
        return whole.release(world, "scikit-learn", release)

    return lay


SKLEARN_SCENES = (
    _row("arff-cut-180", "A whole gzip of half a text; 1.8.0 compares it and never replaces it", STALE, SKLEARN,
         _described("1.8.0", ARFF[:3000]), proves=True),
    _row("arff-other-180", "Another text of the same length", STALE, SKLEARN, _described("1.8.0", NEWER)),
    _row("arff-cut-023", "0.23 compares nothing", STALE, SKLEARN,
         _described("0.23.2", ARFF[:3000], file=OLD_FILE, host=OLD)),
    _row("arff-cut-191", "1.9.1 throws it away and asks again", "", SKLEARN,
         _described("1.9.1", ARFF[:3000], host="www.openml.org"), warns=STALE),
    _row("arff-newer-180", "A text that no catalogue knows and the stored description does", "", SKLEARN,
         _described("1.8.0", NEWER, NEWER)),
)  # fmt: skip

SCENES: tuple[Scene, ...] = (*KERAS_SCENES, *TORCH_SCENES, *PREPARED_SCENES, *HUB_SCENES, *SKLEARN_SCENES)
