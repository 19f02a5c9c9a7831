"""Fixes that put a file where it belongs: quoting, platforms, the loaders' places, and what a person does by hand."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Command
from mnistdoctor.causes.case import Case
from mnistdoctor.diagnosis import judge
from tests.causes.evidence import SHA256, URL, Evidence, rec, store_error

OTHER = "https://mirror.example/a"


def of_loader(name: str, file: str, folder: str | None, platform: str = "Linux-6.1", **subject: Any) -> Case:
    """A target of that loader, whose files lie below that folder."""
    lies = (rec(ev.Folder, None, path=folder),) if folder else ()
    machine = rec(ev.Machine, None, platform=platform, python="3.11.7", openssl="OpenSSL 3.0.19")
    known = rec(ev.Subject, None, url=URL, name=name, file=file, loader=name.partition(":")[0], **subject)
    return Case((known, machine, *lies), load())


def texts(commands: tuple[Command, ...]) -> list[str]:
    return [one.text for one in commands]


@pytest.mark.parametrize(
    ("name", "file", "folder", "path"),
    [
        ("keras:mnist/mnist.npz", "mnist_npz/mnist.npz", "~/.keras/datasets", '"$HOME/.keras/datasets/mnist.npz"'),
        ("keras:cifar10/a", "cifar10/python", "/k/datasets", "/k/datasets/cifar-10-batches-py-target_archive"),
        ("torchvision:mnist/a", "mnist/t10k-labels", "/d", "/d/MNIST/raw/t10k-labels-idx1-ubyte.gz"),
        ("torchvision:mnist/a", "mnist/t10k-labels", None, "data/MNIST/raw/t10k-labels-idx1-ubyte.gz"),
        ("tfds:mnist/a", "mnist/t10k-labels", "~/t/downloads", '"$HOME/t/downloads/manual/t10k-labels-idx1-ubyte.gz"'),
    ],
)  # fmt: skip
def test_a_loaders_file_goes_where_the_loader_looks(name: str, file: str, folder: str | None, path: str) -> None:
    make, fetch = texts(fixes.download(of_loader(name, file, folder), OTHER))
    assert make == f"mkdir -p {path.rpartition('/')[0]}{path[-1] if path[0] == chr(34) else ''}"
    assert fetch == f"curl -fL -o {path} {OTHER}"


def test_the_hubs_cache_is_not_filled_by_hand() -> None:
    case = of_loader("huggingface:mnist/a", "mnist_parquet/train", "~/.cache/huggingface/hub")
    assert texts(fixes.download(case, OTHER)) == [f"curl -fL -o a {OTHER}"]
    assert fixes.same_file(case, OTHER).title.endswith("into the current folder")


def test_another_data_set_of_the_same_names_is_named() -> None:
    case = of_loader("tfds:mnist/a", "mnist/t10k-labels", "~/t/downloads")
    assert "`fashion_mnist` would take it too" in fixes.same_file(case, OTHER).title
    keras = of_loader("keras:mnist/a", "mnist_npz/mnist.npz", "~/.keras/datasets")
    assert "would take it too" not in fixes.same_file(keras, OTHER).title


def test_what_scikit_learn_keeps_packed_is_packed(tmp_path: Path) -> None:
    folder = tmp_path / "it's here"
    case = of_loader("sklearn:mnist_784/a", "mnist_784/arff", str(folder), digest_of="decoded")
    lines = [one.replace("curl -fL", "fetch") for one in texts(fixes.download(case, OTHER))]
    done = subprocess.run(
        ["sh", "-ec", 'fetch() { printf words > "$2"; }\n' + "\n".join(lines)], check=False, capture_output=True
    )
    assert done.returncode == 0, done.stderr
    (kept,) = folder.rglob("*.gz")
    assert kept == folder / "data/v1/download/52667/mnist_784.arff.gz"
    assert subprocess.run(["gzip", "-dc", kept], check=True, capture_output=True).stdout == b"words"


def test_powershell_makes_the_folder_and_names_curl_itself() -> None:
    case = of_loader("keras:mnist/a", "mnist_npz/mnist.npz", "~\\.keras\\datasets", "Windows-10")
    assert texts(fixes.download(case, OTHER)) == [
        'New-Item -ItemType Directory -Force "$HOME\\.keras\\datasets" | Out-Null',
        f"curl.exe -fL -o \"$HOME\\.keras\\datasets\\mnist.npz\" '{OTHER}'",
    ]


@pytest.mark.skipif(shutil.which("sh") is None, reason="a POSIX shell")
@pytest.mark.parametrize("folder", ["with blank", "it's", 'a "b" c', "$HOME`x`", "-dash", "semi;colon"])
def test_any_folder_is_one_word(folder: str, tmp_path: Path) -> None:
    case = of_loader("keras:mnist/a", "mnist_npz/mnist.npz", f"{tmp_path}/{folder}")
    (make, fetch) = texts(fixes.download(case, OTHER))
    subprocess.run(["sh", "-ec", make], check=True)
    assert (tmp_path / folder).is_dir()
    assert shlex.split(fetch)[3] == f"{tmp_path}/{folder}/mnist.npz"


CHALLENGE = (("Server", "cloudflare"), ("CF-Ray", "1"), ("cf-mitigated", "challenge"))
WAF = (("x-amzn-waf-action", "challenge"),)


def challenged(status: int, fields: ev.Fields, url: str = URL, **known: Any) -> tuple[str, list[Any]]:
    judgement = judge(Evidence(url=url, **known).get(status, fields=fields, url=url).case())
    assert judgement.cause is not None
    assert judgement.finding is not None
    return judgement.cause.id, list(judgement.finding.fixes)


def test_a_check_of_browsers_is_passed_by_a_person() -> None:
    cause, found = challenged(403, CHALLENGE, file="mnist/t10k-labels", digests=(("sha256", SHA256),))
    assert cause == "http-403-challenge"
    by_hand = next(fix for fix in found if "browser" in fix.title)
    assert by_hand.change is None
    assert texts(by_hand.commands) == ["mnistdoctor check ./t10k-labels-idx1-ubyte.gz --expect mnist/t10k-labels"]


def test_what_nobody_knows_is_not_compared() -> None:
    _, found = challenged(403, CHALLENGE, url="https://files.example/a.gz")
    by_hand = next(fix for fix in found if "browser" in fix.title)
    assert by_hand.commands == ()
    assert "compares" not in by_hand.title


def test_figshare_has_an_address_for_programs() -> None:
    cause, found = challenged(202, WAF, url="https://figshare.com/ndownloader/files/12")
    assert cause == "http-403-challenge"
    assert found[0].change is not None
    assert found[0].change.url == "https://api.figshare.com/v2/file/download/12"


def test_by_hand_into_the_loaders_place() -> None:
    case = of_loader("keras:mnist/a", "mnist_npz/mnist.npz", "~/.keras/datasets")
    make, move = texts(fixes.by_browser(case).commands)
    assert make == 'mkdir -p "$HOME/.keras/datasets"'
    assert move == (
        "mnistdoctor check ./t10k-labels-idx1-ubyte.gz --expect mnist_npz/mnist.npz"
        ' && mv ./t10k-labels-idx1-ubyte.gz "$HOME/.keras/datasets/mnist.npz"'
    )


def test_who_pays_is_said() -> None:
    url = "https://storage.googleapis.com/bucket/dir/a%20b.csv"
    answer = store_error("UserProjectMissing", "Bucket is a requester pays bucket but no user project provided.")
    judgement = judge(Evidence(url=url).get(400, answer, (("x-guploader-uploadid", "A"),), url=url).case())
    assert judgement.cause is not None
    assert judgement.finding is not None
    assert judgement.cause.id == "http-403-object-not-public"
    (line,) = texts(judgement.finding.fixes[0].commands)
    assert line == "gcloud storage cp --billing-project=PROJECT 'gs://bucket/dir/a b.csv' ."


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("https://github.com/o/r/archive/refs/heads/master.zip", "https://github.com/o/r/archive/refs/heads/main.zip"),
        ("https://codeload.github.com/o/r/tar.gz/main", "https://codeload.github.com/o/r/tar.gz/master"),
    ],
)
def test_an_archive_of_a_renamed_branch(url: str, other: str) -> None:
    judgement = judge(Evidence(url=url).get(404, "Not Found", url=url).case())
    assert judgement.cause is not None
    assert judgement.finding is not None
    assert judgement.cause.id == "http-404-revision-or-path"
    assert judgement.finding.fixes[0].change is not None
    assert judgement.finding.fixes[0].change.url == other


@pytest.mark.parametrize(
    "url",
    ["https://github.com/o/r/archive/refs/tags/main-2.zip", "https://github.com/o/r/archive/refs/heads/mainly.zip"],
)
def test_another_name_that_begins_so_is_no_branch_to_guess(url: str) -> None:
    judgement = judge(Evidence(url=url).get(404, "Not Found", url=url).case())
    assert judgement.cause is not None
    assert judgement.cause.id == "http-404-unexplained"
