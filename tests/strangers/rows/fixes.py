"""Fixes: the data in hand and where it belongs, what was tried, and what is worth offering."""

from __future__ import annotations

import gzip
import hashlib
import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from mnistdoctor.catalogue import load
from mnistdoctor.demo.connection import Connection, Fault
from mnistdoctor.demo.faults_http import respond
from tests.strangers.lab import Answer, Lab

OTHERS = {"fashion_mnist": ("fashion-github", "fashion-s3-website", "paddle-fashion")}
"""The places of a data set that are not the loader's first."""
REFUSED = respond(403, b"<html><title>403</title>Forbidden</html>", content_type="text/html")
FASHION = tuple(file for file in load().files_of("fashion_mnist"))


def content(name: str) -> bytes:
    """Made labels under that name: whole and small."""
    labels = b"\x00\x00\x08\x01\x00\x00\x00\x04" + hashlib.sha256(name.encode()).digest()[:4]
    return gzip.compress(labels, mtime=0)


def holding(files: Mapping[str, bytes]) -> Fault:
    """A server that has these files, by the last part of the path, and no other."""

    def play(connection: Connection) -> None:
        body = files.get(connection.request.target.rpartition("/")[2].partition("?")[0])
        (respond(200, body) if body is not None else respond(404, b"none"))(connection)

    return play


def catalogue(lab: Lab, first: str, *others: str) -> str:
    """Fashion-MNIST with small files; `first` is where keras looks, `others` the places that have the same files."""
    rows: list[str] = []
    for file in FASHION:
        body = content(file.name)
        rows += [
            "[[file]]", f"id = '{file.id}'", f"name = '{file.name}'", f"size = {len(body)}", "kind = 'gzip-idx'",
            f"sha256 = '{hashlib.sha256(body).hexdigest()}'",
        ]  # fmt: skip
    places = dict(zip(("keras-gcs-fashion", *OTHERS["fashion_mnist"]), (first, *others), strict=False))
    for name in ("keras-gcs-fashion", *OTHERS["fashion_mnist"]):
        status = "in_use" if name in places else "dead_reported"
        url = places.get(name, "http://127.0.0.1:9")
        rows += [
            "[[source]]",
            f"id = '{name}'",
            "dataset = 'fashion_mnist'",
            f"url = '{url}/{{name}}'",
            f"status = '{status}'",
        ]
    path = lab.folder / "catalogue.toml"
    path.write_text("\n".join(rows), encoding="utf-8")
    return str(path)


ALL = {file.name: content(file.name) for file in FASHION}


def pasted(lab: Lab, answer: Answer, **variables: str) -> None:
    """The commands of each target's first fix, pasted one after the other into one shell."""
    lines = [one["text"] for target in answer.targets for one in target["diagnosis"]["fixes"][0]["commands"]]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(lab.home), **variables}
    subprocess.run(["sh", "-ec", "\n".join(lines)], check=True, env=environment, cwd=lab.folder, capture_output=True)


def arrived(folder: Path) -> bool:
    """Whether all four files lie there, byte for byte."""
    return all((folder / name).read_bytes() == body for name, body in ALL.items())


def s33_keras_finds_the_files_where_it_looks(lab: Lab) -> None:
    """Google refuses keras's Fashion-MNIST with 403, and GitHub has it: the fix puts it where keras looks."""
    known = catalogue(lab, lab.serve(REFUSED).url(""), lab.serve(holding(ALL)).url(""))
    answer = lab.check("keras:fashion-mnist", "--catalogue", known)
    assert [target["diagnosis"]["fixes"][0]["trial"]["status"] for target in answer.targets] == ["proven"] * 4
    pasted(lab, answer)
    assert arrived(lab.home / ".keras/datasets/fashion-mnist")


def s33_keras_home_is_respected(lab: Lab) -> None:
    """The same with KERAS_HOME in a folder whose name holds a blank and a quote."""
    home = lab.folder / "its $own 'home'"
    known = catalogue(lab, lab.serve(REFUSED).url(""), lab.serve(holding(ALL)).url(""))
    answer = lab.check("keras:fashion-mnist", "--catalogue", known, KERAS_HOME=str(home))
    pasted(lab, answer)
    assert arrived(home / "datasets/fashion-mnist")


def s33_two_of_four_are_no_success(lab: Lab) -> None:
    """Two of the four files are elsewhere: no ✓ for what did not arrive."""
    half = dict(list(ALL.items())[:2])
    known = catalogue(lab, lab.serve(REFUSED).url(""), lab.serve(holding(half)).url(""))
    answer = lab.check("keras:fashion-mnist", "--catalogue", known)
    statuses = [target["diagnosis"]["fixes"][0]["trial"]["status"] for target in answer.targets]
    assert statuses.count("proven") == 2
    told = lab.run(
        "check", "keras:fashion-mnist", "--catalogue", known, "--control", lab.serve(respond(204)).url("/")
    ).out
    assert "2 of 4 files arrived" in told
    assert "✓ tried" not in told
    assert "ok tried" not in told


def s33_each_file_from_where_it_is(lab: Lab) -> None:
    """Two files are at one place, two at another: one fix fetches all four."""
    first, second = dict(list(ALL.items())[:2]), dict(list(ALL.items())[2:])
    known = catalogue(
        lab, lab.serve(REFUSED).url(""), lab.serve(holding(first)).url(""), lab.serve(holding(second)).url("")
    )
    answer = lab.check("keras:fashion-mnist", "--catalogue", known)
    assert len({target["diagnosis"]["fixes"][0]["title"] for target in answer.targets}) == 1
    pasted(lab, answer)
    assert arrived(lab.home / ".keras/datasets/fashion-mnist")


def s33_a_plain_url_stays_in_the_current_folder(lab: Lab) -> None:
    """Who asked for a URL gets the file under its name, where he is."""
    first = lab.serve(REFUSED).url("")
    known = catalogue(lab, first, lab.serve(holding(ALL)).url(""))
    name = FASHION[0].name
    answer = lab.check(f"{first}/{name}", "--catalogue", known)
    pasted(lab, answer)
    assert (lab.folder / name).read_bytes() == ALL[name]


def s34_what_failed_stands_last(lab: Lab) -> None:
    """The other place refuses as well: that stands behind what was not tried."""
    first = lab.serve(REFUSED).url("")
    known = catalogue(lab, first, lab.serve(REFUSED).url(""))
    answer = lab.check(f"{first}/{FASHION[0].name}", "--catalogue", known)
    statuses = [fix["trial"]["status"] for fix in answer.fixes]
    assert statuses[-1] == "no-change"
    assert statuses[0] != "no-change"


def s36_a_file_known_by_its_digest_alone(lab: Lab) -> None:
    """An address that nobody knows, with `--sha256` of a file that the catalogue has: its places are tried."""
    name = FASHION[1].name
    known = catalogue(lab, lab.serve(REFUSED).url(""), lab.serve(holding(ALL)).url(""))
    url = lab.serve(respond(503, b"busy")).url("/mirror/labels.gz?X-Amz-Signature=abc")
    digest = hashlib.sha256(ALL[name]).hexdigest()
    answer = lab.check(url, "--sha256", digest, "--catalogue", known)
    assert answer.fixes[0]["trial"]["status"] == "proven"
    pasted(lab, answer)
    assert any(one.read_bytes() == ALL[name] for one in lab.folder.glob("*.gz"))


def s36_netrc_is_left_out(lab: Lab) -> None:
    """A revoked password in ~/.netrc: the file is public, and without it the server gives it."""
    body = content("x")

    def play(connection: Connection) -> None:
        signed = connection.request.field("authorization")
        (respond(401, b"no", fields=(("WWW-Authenticate", "Basic"),)) if signed else respond(200, body))(connection)

    (lab.home / ".netrc").write_text("machine 127.0.0.1 login ada password old\n", encoding="utf-8")
    answer = lab.check(lab.serve(play).url("/x.gz"), "--sha256", hashlib.sha256(body).hexdigest())
    assert answer.cause == "http-401-netrc"
    assert answer.fixes[0]["trial"]["status"] == "proven"
    assert shlex.split(answer.fixes[0]["commands"][0]["text"])[1] == "NETRC=/dev/null"


def s37_a_browser_passes_what_no_program_can(lab: Lab) -> None:
    """202 with an empty body and a bot check's mark: download by hand, compare, put it where keras looks."""
    wall = lab.serve(respond(202, b"", (("x-amzn-waf-action", "challenge"),))).url("")
    answer = lab.check("keras:fashion-mnist", "--catalogue", catalogue(lab, wall))
    by_hand = next(fix for fix in answer.fixes if "browser" in fix["title"])
    assert "mnistdoctor check" in by_hand["commands"][-1]["text"]
    assert ".keras/datasets/fashion-mnist/" in by_hand["commands"][-1]["text"]
    assert by_hand["trial"]["status"] == "untried"


def s37_an_empty_202_without_a_mark(lab: Lab) -> None:
    """The same without the mark: what was accepted is not yet there, or wants a browser."""
    url = lab.serve(respond(202, b"")).url("/data.gz")
    answer = lab.check(url, "--sha256", "0" * 64)
    assert any("browser" in fix["title"] for fix in answer.fixes)
