"""Whole data sets for the loaders: the files that are too big to keep here have small made ones in their place."""

from __future__ import annotations

import os
import random
from functools import cache
from importlib import util
from pathlib import Path

from . import files
from .files import Made
from .world import World

GCS = "storage.googleapis.com"
S3 = "ossci-datasets.s3.amazonaws.com"
FASHION = "fashion-mnist.s3-website.eu-central-1.amazonaws.com"
HUB, MIRROR, XET = "huggingface.co", "hf-mirror.com", "cas-bridge.xethub.hf.co"
HUB_PATH = "/datasets/ylecun/mnist/resolve/main/"
_COUNT = 60
_DECODED = 16 + _COUNT * 784


@cache
def made() -> dict[str, Made]:
    """By their ids in the catalogue."""
    return {
        "mnist/train-images": files.idx_images(count=_COUNT),
        "mnist_npz/mnist.npz": files.npz(_COUNT, 10),
        "fashion_mnist/train-images": files.idx_images(count=_COUNT, seed=3),
        "fashion_mnist/t10k-images": files.idx_images("t10k-images-idx3-ubyte.gz", count=_COUNT, seed=4),
        "mnist_parquet/train": Made("mnist/train-00000-of-00001.parquet", _parquet(5)),
        "mnist_parquet/test": Made("mnist/test-00000-of-00001.parquet", _parquet(6)),
    }


def _parquet(seed: int) -> bytes:
    """What begins and ends as a parquet file does; nobody here reads its columns."""
    return b"PAR1" + random.Random(seed).randbytes(3000) + b"PAR1"


def serve(world: World) -> dict[str, str]:
    """Every current source has them; the environment in which the tool's catalogue knows them."""
    for file_id, file in made().items():
        if file_id.startswith("mnist/"):
            world.serve(S3, f"/mnist/{file.name}", file.body)
            world.serve(GCS, f"/cvdf-datasets/mnist/{file.name}", file.body)
        elif file_id.startswith("fashion_mnist/"):
            world.serve(GCS, f"/tensorflow/tf-keras-datasets/{file.name}", file.body)
            world.serve(FASHION, f"/{file.name}", file.body)
        elif file_id.startswith("mnist_parquet/"):
            for host in (HUB, MIRROR):
                world.host(host, nginx=f"location = {HUB_PATH}{file.name} {{ return 302 https://{XET}/{file.name}; }}")
            world.serve(XET, f"/{file.name}", file.body)
        else:
            world.serve(GCS, f"/tensorflow/tf-keras-datasets/{file.name}", file.body)
    path = world.home / "whole.toml"
    path.write_text(catalogue())
    return {"MNISTDOCTOR_CATALOGUE": str(path)}


def catalogue() -> str:
    """A catalogue in which the made files have the place of the genuine ones."""
    return files.catalogue(made(), _DECODED)


def release(world: World, distribution: str, version: str) -> dict[str, str]:
    """The environment in which a loader is installed in that release, as far as its metadata tell."""
    folder = world.home / "site"
    info = folder / f"{distribution.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    found = util.find_spec("mnistdoctor")
    assert found
    assert found.origin
    return {"PYTHONPATH": f"{folder}{os.pathsep}{Path(found.origin).parents[1]}"}
