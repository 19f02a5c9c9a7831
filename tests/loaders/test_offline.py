"""What was fetched is what the real loader takes, with the network off; after `--from-file` as well."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from mnistdoctor.catalogue import load
from mnistdoctor.demo.connection import Fault
from mnistdoctor.demo.faults_http import redirect, respond, route, serve
from mnistdoctor.demo.servers import Server
from mnistdoctor.download.forms import tfds_name
from tests.cli.test_commands import Done, run
from tests.loaders import programs
from tests.truth.places import NotHadError, environment

pytestmark = pytest.mark.timeout(900)  # pip may have to fetch a loader first

STUBS = Path(__file__).parent / "stubs"
LABELS = [3, 1, 4]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def python(name: str, *requirements: str, bare: Sequence[str] = ()) -> Path:
    """The interpreter of that loader's environment, or a skip that names it."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    above = Path(os.environ.get("MNISTDOCTOR_LOADERS") or cache / "mnistdoctor-tests" / "loaders")
    try:
        return environment(above / name, f"{sys.version_info.major}.{sys.version_info.minor}", requirements, bare)
    except NotHadError as error:
        pytest.skip(f"{name} cannot be had: {error}")


def offline(interpreter: Path, program: str, home: Path, *arguments: str, **variables: str) -> str:
    """What the loader prints, where it may open no connection."""
    done = subprocess.run(
        [interpreter, "-c", programs.NO_NETWORK + program, *arguments], capture_output=True, text=True, timeout=300,
        env={"HOME": str(home), "PATH": os.environ["PATH"], **variables}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout.strip()


def fetch(home: Path, *arguments: str, **variables: str) -> Done:
    bare = {"KERAS_HOME": "", "SCIKIT_LEARN_DATA": "", "TFDS_DATA_DIR": "", "HF_HOME": "", "HF_HUB_CACHE": ""}
    given = {**bare, "XDG_CACHE_HOME": str(home / ".cache"), "HOME": str(home), **variables}
    return run("fetch", *arguments, "--proxy", "", "--timeout", "5", **given)


def file_table(id_: str, name: str, kind: str, body: bytes, **more: str) -> str:
    sums = {"sha256": hashlib.sha256(body).hexdigest(), "md5": hashlib.md5(body, usedforsecurity=False).hexdigest()}
    values = {"id": id_, "name": name, "kind": kind, **sums, **more}
    return "[[file]]\n" + "".join(f'{key} = "{value}"\n' for key, value in values.items()) + f"size = {len(body)}\n"


def source_table(id_: str, dataset: str, url: str, files: Sequence[str] = ()) -> str:
    served = f"files = {list(files)}\n" if files else ""
    return f'[[source]]\nid = "{id_}"\ndataset = "{dataset}"\nurl = "{url}"\nstatus = "in_use"\n{served}'


def only(dataset: str, url: str) -> str:
    """Every source of the data set leads to this server."""
    served: dict[str, list[str]] = {}
    for file in load().files_of(dataset, secondary=True):
        for source, _ in load().sources_of(file.id, current_only=False):
            served.setdefault(source.id, []).append(file.id)
    return "".join(source_table(one, dataset, url, files) for one, files in sorted(served.items()))


# keras


def npz() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, shape, data in (
            ("x_train", (3, 28, 28), bytes(3 * 784)), ("y_train", (3,), bytes(LABELS)),
            ("x_test", (3, 28, 28), bytes(3 * 784)), ("y_test", (3,), bytes(LABELS)),
        ):  # fmt: skip
            head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
            archive.writestr(
                f"{name}.npy", b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + data
            )
    return held.getvalue()


def test_keras(tmp_path: Path) -> None:
    interpreter, body = python("keras", "keras", "scipy", "jax"), npz()
    with Server(serve(body)) as server:
        tables = file_table("mnist_npz/mnist.npz", "mnist.npz", "npz", body) + only("mnist_npz", server.url("/{name}"))
        (tmp_path / "own.toml").write_text(tables)
        done = fetch(tmp_path, "keras:mnist", "--catalogue", str(tmp_path / "own.toml"))
    assert done.code == 0, done.out + done.err
    sha256 = hashlib.sha256(body).hexdigest()
    told = offline(interpreter, programs.KERAS, tmp_path, sha256, KERAS_BACKEND="numpy")
    assert told == f"(3, 28, 28) {LABELS} (3, 28, 28) {LABELS}"


# torchvision and TFDS: the four files

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")


def plain() -> dict[str, bytes]:
    images = b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (3, 28, 28)) + bytes(3 * 784)
    labels = b"\0\0\x08\x01" + (3).to_bytes(4, "big") + bytes(LABELS)
    return {name: images if "images" in name else labels for name in NAMES}


def packed() -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(body, mtime=at) for at, (name, body) in enumerate(plain().items())}


def four(url: str) -> str:
    known = {file.name: file.id for file in load().files_of("mnist")}
    tables = ""
    for name, body in packed().items():
        inside = hashlib.sha256(plain()[name[:-3]]).hexdigest()
        tables += file_table(known[name], name, "gzip-idx", body, decoded_sha256=inside)
    return tables + only("mnist", url)


def md5s() -> str:
    return json.dumps({name: hashlib.md5(body, usedforsecurity=False).hexdigest() for name, body in packed().items()})


TORCHVISION = "\n".join(
    f"{train} (3, 28, 28) {LABELS}" for _download in (False, True) for train in (True, False)
)  # fmt: skip


def test_torchvision(tmp_path: Path) -> None:
    interpreter = python("torchvision", "numpy", bare=["torchvision"])
    with Server(route({f"/{name}": serve(body) for name, body in packed().items()})) as server:
        (tmp_path / "own.toml").write_text(four(server.url("/{name}")))
        done = fetch(tmp_path, "torchvision:mnist", "--root", str(tmp_path / "data"),
                     "--catalogue", str(tmp_path / "own.toml"))  # fmt: skip
    assert done.code == 0, done.out + done.err
    told = offline(interpreter, programs.TORCHVISION, tmp_path, str(STUBS), str(tmp_path / "data"), md5s())
    assert told == TORCHVISION


@pytest.mark.parametrize("form", ["packed", "unpacked"])
def test_torchvision_with_what_the_user_brings(form: str, tmp_path: Path) -> None:
    interpreter = python("torchvision", "numpy", bare=["torchvision"])
    brought = []
    for number, body in enumerate((packed() if form == "packed" else plain()).values()):
        path = tmp_path / f"download ({number})"
        path.write_bytes(body)
        brought += ["--from-file", str(path)]
    (tmp_path / "own.toml").write_text(four("http://127.0.0.1:9/{name}"))
    done = fetch(tmp_path, "torchvision:mnist", "--root", str(tmp_path / "data"),
                 "--catalogue", str(tmp_path / "own.toml"), *brought)  # fmt: skip
    if form == "unpacked":  # three images and three labels are the same content, and so are the files
        assert "taken from" in done.out
    assert done.code == 0, done.out + done.err
    told = offline(interpreter, programs.TORCHVISION, tmp_path, str(STUBS), str(tmp_path / "data"), md5s())
    assert told == TORCHVISION


def test_tfds(tmp_path: Path) -> None:
    interpreter = python("tfds", "tensorflow-datasets")
    with Server(route({f"/{name}": serve(body) for name, body in packed().items()})) as server:
        url = server.url("/{name}")
        (tmp_path / "own.toml").write_text(four(url))
        done = fetch(tmp_path, "tfds:mnist", "--catalogue", str(tmp_path / "own.toml"))
    assert done.code == 0, done.out + done.err
    infos = {url.format(name=name): (len(body), hashlib.sha256(body).hexdigest()) for name, body in packed().items()}
    folder = tmp_path / "tensorflow_datasets" / "downloads"
    told = offline(interpreter, programs.TFDS, tmp_path, json.dumps(infos), str(folder))
    assert told == str(sorted(len(body) for body in packed().values()))


def test_tfds_itself_names_the_files_so() -> None:
    interpreter = python("tfds", "tensorflow-datasets")
    catalogue = load()
    urls = [url for file in catalogue.files for _, url in catalogue.sources_of(file.id, current_only=False)]
    program = "import json,sys\nfrom tensorflow_datasets.core.download.resource import get_dl_fname\n"
    program += "print(json.dumps([get_dl_fname(url, sys.argv[2]) for url in json.loads(sys.argv[1])]))"
    sha256 = hashlib.sha256(b"known").hexdigest()
    told = json.loads(subprocess.check_output([interpreter, "-c", program, json.dumps(urls), sha256], text=True))
    assert told == [tfds_name(url, sha256) for url in urls]


# scikit-learn

CALLS = "api/v1/json/data/"


def arff() -> bytes:
    lines = ["@RELATION mnist_784", *(f"@ATTRIBUTE pixel{n} real" for n in range(1, 5))]
    lines += ["@ATTRIBUTE class {1,3,4}", "@DATA", *(f"0,{n},0,255,{label}" for n, label in enumerate(LABELS))]
    return ("\n".join(lines) + "\n").encode()


def answers(path: str = "/data/v1/download/52667/mnist_784.arff", md5: str = "") -> dict[str, bytes]:
    md5 = md5 or hashlib.md5(arff(), usedforsecurity=False).hexdigest()
    row = {"did": 554, "name": "mnist_784", "version": 1, "status": "active", "format": "ARFF", "file_id": 52667}
    about = {"id": "554", "name": "mnist_784", "version": "1", "description": "d", "format": "ARFF", "status": "active",
             "url": f"https://www.openml.org{path}", "file_id": "52667", "default_target_attribute": "class",
             "md5_checksum": md5}  # fmt: skip
    names = [*(f"pixel{n}" for n in range(1, 5)), "class"]
    features = [
        {"index": str(n), "name": name, "data_type": "nominal" if name == "class" else "numeric",
         "is_target": str(name == "class").lower(), "is_ignore": "false", "is_row_identifier": "false",
         "number_of_missing_values": "0"}
        for n, name in enumerate(names)
    ]  # fmt: skip
    told = {
        "list/data_name/mnist_784/limit/2/data_version/1": {"data": {"dataset": [row]}},
        "554": {"data_set_description": about},
        "features/554": {"data_features": {"feature": features}},
        "qualities/554": {"data_qualities": {"quality": [{"name": "NumberOfInstances", "value": "3"}]}},
    }
    return {f"/{CALLS}{call}": json.dumps(answer).encode() for call, answer in told.items()}


def openml(origin: str) -> str:
    """The catalogue with scikit-learn's newest route at this origin."""
    body = arff()
    md5 = hashlib.md5(body, usedforsecurity=False).hexdigest()
    calls = ", ".join(f"'{call[1:]}'" for call in answers())
    return f"""
[[file]]
id = "mnist_784/arff"
name = "mnist_784.arff"
kind = "arff"
md5 = "{md5}"
digest_of = "decoded"

[[source]]
id = "openml-4"
dataset = "mnist_784"
url = "{origin}/data/v1/download/52667/mnist_784.arff"
status = "in_use"

[[loader]]
name = "sklearn"
distributions = ["scikit-learn"]
newest_release = "1.9.1"
clients = [{{ client = "sklearn" }}]
caches = [{{ roots = ["$SCIKIT_LEARN_DATA/openml/openml.org", "~/scikit_learn_data/openml/openml.org"] }}]

[[loader.datasets]]
name = "mnist_784"
dataset = "mnist_784"
calls = [{calls}]
call_names = ["{{call}}.gz"]
digest_in = "api/v1/json/data/554.gz"
names = ["data/v1/download/52667/mnist_784.arff.gz"]
routes = [{{ api = "{origin}/", described_by = "api/v1/json/data/554", sources = ["openml-4"], digest = "md5" }}]
"""


def of_openml(tmp_path: Path, pages: dict[str, bytes]) -> Done:
    faults: dict[str, Fault] = {}
    with Server(route(faults)) as server:
        for path, body in pages.items():
            here = body.replace(b"https://www.openml.org", server.url("").encode())
            faults[path] = serve(here, content_type="application/json")
        (tmp_path / "own.toml").write_text(openml(server.url("")))
        return fetch(tmp_path, "sklearn:mnist_784", "--catalogue", str(tmp_path / "own.toml"))


def test_scikit_learn(tmp_path: Path) -> None:
    interpreter = python("sklearn", "scikit-learn")
    done = of_openml(tmp_path, {**answers(), "/data/v1/download/52667/mnist_784.arff": arff()})
    assert done.code == 0, done.out + done.err
    assert offline(interpreter, programs.SKLEARN, tmp_path) == f"(3, 4) {[str(one) for one in LABELS]}"


def test_scikit_learn_where_openml_has_moved_the_file(tmp_path: Path) -> None:
    interpreter = python("sklearn", "scikit-learn")
    moved = answers("/data/v2/elsewhere/554.arff")
    done = of_openml(tmp_path, {**moved, "/data/v2/elsewhere/554.arff": arff()})
    assert done.code == 0, done.out + done.err
    assert offline(interpreter, programs.SKLEARN, tmp_path) == f"(3, 4) {[str(one) for one in LABELS]}"


def test_openml_that_is_down_is_said_and_nothing_is_made_up(tmp_path: Path) -> None:
    done = of_openml(tmp_path, {"/data/v1/download/52667/mnist_784.arff": arff()})
    assert done.code == 1
    assert "from OpenML alone" in done.out
    assert not list((tmp_path / "scikit_learn_data").rglob("api/**/*.gz"))


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("554", answers(md5="0" * 32)[f"/{CALLS}554"]),
        ("554", b'{"data_set_description": {"id": "555"}}'),
        ("features/554", b'{"data_features": {"feature": []}}'),
        ("qualities/554", b'{"error": {"code": "362"}}'),
    ],
)
def test_an_answer_that_contradicts_what_is_known_is_not_kept(call: str, answer: bytes, tmp_path: Path) -> None:
    pages = {**answers(), f"/{CALLS}{call}": answer, "/data/v1/download/52667/mnist_784.arff": arff()}
    done = of_openml(tmp_path, pages)
    assert done.code == 1
    assert not (tmp_path / "scikit_learn_data/openml/openml.org" / CALLS / f"{call}.gz").exists()


# the Hub


def parquet(interpreter: Path, folder: Path) -> dict[str, bytes]:
    program = """
import sys, pyarrow, pyarrow.parquet as parquet
for name in ("train", "test"):
    labels = [3, 1, 4] if name == "train" else [1]
    parquet.write_table(pyarrow.table({"label": labels}), f"{sys.argv[1]}/{name}.parquet")
"""
    subprocess.run([interpreter, "-c", program, str(folder)], check=True)
    return {name: (folder / f"{name}.parquet").read_bytes() for name in ("train", "test")}


@pytest.mark.parametrize("named", [True, False])
def test_the_hub(named: bool, tmp_path: Path) -> None:
    interpreter = python("huggingface", "huggingface_hub", "datasets")
    bodies, tables = parquet(interpreter, tmp_path), ""
    pages: dict[str, Fault] = {}
    with Server(route(pages)) as server:
        for name, body in bodies.items():
            path = f"mnist/{name}-00000-of-00001.parquet"
            tables += file_table(f"mnist_parquet/{name}", path, "parquet", body, revision=COMMIT[::-1])
            commit = (("X-Repo-Commit", COMMIT),) if named else ()
            pages[f"/datasets/ylecun/mnist/resolve/main/{path}"] = redirect(f"/blob/{name}", fields=commit)
            pages[f"/blob/{name}"] = respond(200, body)
        (tmp_path / "own.toml").write_text(tables)
        done = fetch(
            tmp_path, "huggingface:mnist", "--catalogue", str(tmp_path / "own.toml"), HF_ENDPOINT=server.url("")
        )
    assert done.code == 0, done.out + done.err
    below = tmp_path / ".cache/huggingface/hub/datasets--ylecun--mnist"
    assert ((below / "refs/main").read_text() == COMMIT) is named
    assert all(link.is_symlink() and not link.readlink().is_absolute() for link in below.glob("snapshots/*/mnist/*"))
    told = offline(interpreter, programs.HUB, tmp_path, XDG_CACHE_HOME=str(tmp_path / ".cache"))
    assert told == f"['test', 'train'] {LABELS} [1]"
