"""A file is known by its digest, from wherever it comes: a URL, a cache, a disk; packed or unpacked."""

from __future__ import annotations

from pathlib import Path

from mnistdoctor.demo.faults_http import respond
from tests.strangers.lab import Lab

DATA = Path(__file__).parents[2] / "data"


def _sources(lab: Lab, *entries: tuple[str, str, str]) -> tuple[str, str]:
    """`--catalogue FILE` with these sources: id, dataset, and the URL with ``{name}``."""
    path = lab.folder / "sources.toml"
    tables = (f"[[source]]\nid = '{one}'\ndataset = '{dataset}'\nurl = '{url}'\n" for one, dataset, url in entries)
    path.write_text("".join(tables))
    return "--catalogue", str(path)


def s11_no_digest_is_judged_where_length_is_the_last_stage(lab: Lab) -> None:
    """`--until length` of a file whose digest alone would differ is healthy as far as asked."""
    server = lab.serve(respond(200, b"PK\5\6" + bytes(18)))
    known = _sources(lab, ("keras-gcs-npz", "mnist_npz", server.url("/mnist.npz")))
    wrong = ("--sha256", "0" * 64)
    answer = lab.check("keras:mnist", "--until", "http", *known)
    assert answer.verdict == "healthy", answer.cause
    answer = lab.check(server.url("/mnist.npz"), "--until", "length", *wrong)
    assert answer.verdict == "healthy", answer.cause
    assert [one["outcome"] for one in answer.targets[0]["stages"]][-2:] == ["ok", "skipped"]
    assert lab.check(server.url("/mnist.npz"), *wrong).verdict == "ailing"


def s11_first_mirror_decides(lab: Lab) -> None:
    """Where no digest is judged, a mirror is not given up for its digest."""
    first, second = lab.serve(respond(200, b"\x1f\x8b")), lab.serve(respond(404, b""))
    places = (("ossci", "mnist", first.url("/{name}")), ("lecun", "mnist", second.url("/{name}")))
    answer = lab.check("torchvision:mnist", "--until", "http", *_sources(lab, *places))
    assert answer.verdict == "healthy", answer.cause
    assert all(first.url() in target["url"] for target in answer.targets)


def s11_a_length_is_judged(lab: Lab) -> None:
    """A wrong length is of the stage that was asked for."""
    server = lab.serve(respond(200, b"1,2\n" * 20))
    answer = lab.check(server.url("/a.csv"), "--length", "100", "--sha256", "0" * 64, "--until", "length")
    assert answer.cause == "length-differs-from-manifest"
