"""A file is known by its digest, from wherever it comes: a URL, a cache, a disk; packed or unpacked."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from pathlib import Path

from mnistdoctor.demo.faults_http import respond, route
from mnistdoctor.demo.servers import Server
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


def _genuine(name: str, dataset: str = "mnist") -> bytes:
    return (DATA / dataset / name).read_bytes()


LABELS = _genuine("t10k-labels-idx1-ubyte.gz")
FASHION = _genuine("t10k-labels-idx1-ubyte.gz", "fashion_mnist")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _file(lab: Lab, name: str, data: bytes) -> str:
    path = lab.folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return f"./{name}"


def s25_unpacked_where_the_packed_one_was_due(lab: Lab) -> None:
    """The unpacked IDX, with the packed file's digest given in capitals, is no "other version"."""
    bare, digest = gzip.decompress(LABELS), _sha256(LABELS).upper()
    server = lab.serve(respond(200, bare))
    for target in (_file(lab, "labels.gz", bare), server.url("/download")):
        answer = lab.check(target, "--sha256", digest, "--no-try")
        assert (answer.cause, answer.certain) == ("enc-content-decoded", True)


def s25_unpacked_of_another_dataset(lab: Lab) -> None:
    """Fashion-MNIST's labels, unpacked, where MNIST's packed ones were due, are another file."""
    path = _file(lab, "labels.gz", gzip.decompress(FASHION))
    answer = lab.check(path, "--expect", "mnist/t10k-labels")
    assert (answer.cause, answer.certain) == ("data-other-file", True)
    assert "Fashion-MNIST" in answer.diagnosis["title"]


def s25_packed_anew(lab: Lab) -> None:
    """The right data packed by somebody else are called the same data; another dataset's are another file."""
    same = _file(lab, "same.gz", gzip.compress(gzip.decompress(LABELS), 9))
    answer = lab.check(same, "--md5", hashlib.md5(LABELS).hexdigest())
    assert (answer.cause, answer.certain) == ("checksum-upstream-changed", True)
    assert "packed anew" in answer.diagnosis["title"]
    assert lab.check(same).verdict == "healthy"
    other = _file(lab, "other.gz", gzip.compress(gzip.decompress(FASHION), 9))
    assert lab.check(other, "--md5", hashlib.md5(LABELS).hexdigest()).cause == "data-other-file"


def s25_packed_anew_by_a_server(lab: Lab) -> None:
    """So it is for a URL, with no second fetch: what is inside decides."""
    server = lab.serve(respond(200, gzip.compress(gzip.decompress(LABELS), 1)))
    answer = lab.check(server.url("/labels"), "--sha256", _sha256(LABELS), "--no-try")
    assert (answer.cause, answer.certain) == ("checksum-upstream-changed", True)


def s25_another_packing_of_nobodys_data(lab: Lab) -> None:
    """A sound file that holds something else is not called the same data."""
    path = _file(lab, "labels.gz", gzip.compress(gzip.decompress(LABELS)[:-1] + b"\0"))
    answer = lab.check(path, "--sha256", _sha256(LABELS))
    assert answer.cause in ("checksum-upstream-changed", "length-differs-from-manifest")
    assert not answer.certain


def s25_other_line_ends(lab: Lab) -> None:
    """A text with CR LF whose digest is that of the text with LF, and the reverse; from disk and from a server."""
    unix = b"a,b\n1,2\n3,4\n" * 9000
    dos = unix.replace(b"\n", b"\r\n")
    for there, due in ((unix, dos), (dos, unix)):
        server = lab.serve(respond(200, there, content_type="text/csv"))
        for target in (_file(lab, "table.csv", there), server.url("/table.csv")):
            answer = lab.check(target, "--sha256", _sha256(due), "--length", str(len(due)))
            assert (answer.cause, answer.certain) == ("body-double-packed", True)
            assert "line ends" in answer.diagnosis["title"]


def s25_other_text(lab: Lab) -> None:
    """A text that differs in more than its line ends is not called the same."""
    path = _file(lab, "table.csv", b"a,b\r\n1,2\r\n3,5\r\n")
    answer = lab.check(path, "--sha256", _sha256(b"a,b\n1,2\n3,4\n"))
    assert answer.cause == "checksum-upstream-changed"
    assert not answer.certain


def s25_digest_of_the_unpacked_content(lab: Lab) -> None:
    """The digest of the unpacked text, given for its packed file: the number is of another form."""
    text = b"1,2,3\n" * 500
    server = lab.serve(respond(200, gzip.compress(text), content_type="application/gzip"))
    answer = lab.check(server.url("/t.csv.gz"), "--sha256", _sha256(text))
    assert (answer.cause, answer.certain) == ("data-wrong-constant", True)


def s25_a_file_on_disk_is_known_by_its_bytes(lab: Lab) -> None:
    """Renamed, or unpacked: it is told what it is; under another file's name it is the wrong one."""
    for name, data in (("renamed.bin", LABELS), ("t10k-labels-idx1-ubyte", gzip.decompress(LABELS))):
        answer = lab.run("check", _file(lab, name, data), "--format", "plain")
        assert answer.code == 0
        assert "sha256 right" in answer.out, answer.out
    assert lab.check(_file(lab, "a/train-labels-idx1-ubyte.gz", LABELS)).cause == "data-other-file"


def s36_another_source_of_a_file_known_by_its_digest(lab: Lab) -> None:
    """A link that is dead, with the digest of a catalogued file: another source is offered and proven."""
    dead, other = lab.serve(respond(404, b"")), lab.serve(respond(200, LABELS))
    known = _sources(lab, ("ossci", "mnist", other.url("/{name}")), ("cvdf", "mnist", other.url("/cvdf/{name}")))
    for option, digest in (("--sha256", _sha256(LABELS)), ("--md5", hashlib.md5(LABELS).hexdigest().upper())):
        answer = lab.check(dead.url("/private/labels"), option, digest, *known)
        assert answer.verdict == "ailing"
        best = answer.fixes[0]
        assert best["trial"]["status"] == "proven", answer.fixes
        assert other.url() in best["commands"][0]["text"]


def s36_digest_in_the_path(lab: Lab) -> None:
    """So it is where the URL itself names the digest, as stores do that keep files under theirs."""
    dead, other = lab.serve(respond(403, b"")), lab.serve(respond(200, LABELS))
    known = _sources(lab, ("ossci", "mnist", other.url("/{name}")))
    answer = lab.check(dead.url(f"/repos/a1/{_sha256(LABELS)}?Expires=1"), *known)
    assert answer.fixes[0]["trial"]["status"] == "proven", answer.fixes


def s36_digest_of_nothing_known(lab: Lab) -> None:
    """A digest that nobody knows offers no other source."""
    dead = lab.serve(respond(404, b""))
    answer = lab.check(dead.url(f"/{'7' * 64}"), "--sha256", "8" * 64)
    assert not any(one["trial"]["status"] == "proven" for one in answer.fixes)


IMAGES = bytes((0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 28, 0, 0, 0, 28)) + bytes(n * n % 251 for n in range(7840))
"""Stands for the training images, which nobody could ship; nobody states a digest of their unpacked content."""


def _raw(lab: Lab, keep_packed: bool = True) -> tuple[Path, tuple[str, ...]]:
    """torchvision's folder as it leaves it, all of it right; its `raw`, and the options that name it."""
    raw = lab.folder / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    packed = {name: _genuine(f"{name}.gz") for name in _NAMES[1:]} | {_NAMES[0]: gzip.compress(IMAGES)}
    for name, data in packed.items():
        (raw / name).write_bytes(gzip.decompress(data))
        if keep_packed:
            (raw / f"{name}.gz").write_bytes(data)
    data = packed[_NAMES[0]]
    known = lab.folder / "known.toml"
    known.write_text(
        f"[[file]]\nid = 'mnist/train-images'\nname = '{_NAMES[0]}.gz'\nkind = 'gzip-idx'\nsize = {len(data)}\n"
        f"sha256 = '{_sha256(data)}'\ndims = [10, 28, 28]\ndecoded_size = {len(IMAGES)}\n"
        + "".join(
            f"[[source]]\nid = '{one}'\ndataset = 'mnist'\nurl = 'http://127.0.0.1:9/{{name}}'\n"
            for one in ("ossci", "lecun")
        )
    )
    return raw, ("--catalogue", str(known), "--root", str(lab.folder / "data"), "--no-try")


_NAMES = tuple(
    f"{part}-ubyte" for part in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1")
)


def s14_complete_folder_offline(lab: Lab) -> None:
    """All that torchvision would load lies there and is proven: healthy without the network."""
    _, options = _raw(lab)
    answer = lab.run("check", "torchvision:mnist", "--offline", "--format", "json", *options)
    assert (answer.verdict, answer.code) == ("healthy", 0), answer.warnings


def s14_unproven_folder_offline(lab: Lab) -> None:
    """One file that nothing proves, and one that is missing, leave it open."""
    raw, options = _raw(lab, keep_packed=False)
    answer = lab.run("check", "torchvision:mnist", "--offline", "--format", "json", *options)
    assert [one["verdict"] for one in answer.targets] == ["inconclusive", "healthy", "healthy", "healthy"]
    (raw / _NAMES[3]).unlink()
    answer = lab.run("check", "torchvision:mnist", "--offline", "--format", "json", *options)
    assert {one["verdict"] for one in answer.targets} == {"inconclusive"}, "it would make all of them anew"


def s14_packed_files_alone_offline(lab: Lab) -> None:
    """The packed files are enough: torchvision compares them and unpacks them."""
    raw, options = _raw(lab)
    for name in _NAMES:
        (raw / name).unlink()
    answer = lab.run("check", "torchvision:mnist", "--offline", "--format", "json", *options)
    assert (answer.verdict, answer.code) == ("healthy", 0)


def s5_another_dataset_under_these_names(lab: Lab) -> None:
    """Fashion-MNIST's labels, unpacked, under MNIST's name: they load without a word."""
    raw, options = _raw(lab)
    (raw / _NAMES[3]).write_bytes(gzip.decompress(FASHION))
    for extra in ((), ("--offline",)):
        answer = lab.run("check", "torchvision:mnist", *extra, "--format", "json", *options)
        assert (answer.cause, answer.certain) == ("data-other-file", True)
        assert "Fashion-MNIST" in answer.diagnosis["title"]
        assert "rm -- " in answer.fixes[0]["commands"][0]["text"]


def s5_zeros_under_these_names(lab: Lab) -> None:
    """The right length and header, and zeros behind it: with a digest, with the packed file beside it, with neither."""
    for name in (_NAMES[0], _NAMES[3]):
        for keep_packed in (True, False):
            with Lab(_empty(lab.folder / f"{name}-{keep_packed}")) as own:
                raw, options = _raw(own, keep_packed)
                data = (raw / name).read_bytes()
                head = 16 if "images" in name else 8
                (raw / name).write_bytes(data[:head] + bytes(len(data) - head))
                answer = own.check("torchvision:mnist", *options)
                assert answer.cause == "cache-stale-bad-file", (name, keep_packed)
                assert "zeros" in answer.diagnosis["title"]


def s5_altered_in_place(lab: Lab) -> None:
    """One byte of an unpacked file differs from what the packed file beside it holds."""
    raw, options = _raw(lab)
    data = bytearray(IMAGES)
    data[5000] ^= 1
    (raw / _NAMES[0]).write_bytes(data)
    assert lab.check("torchvision:mnist", *options).cause == "cache-stale-bad-file"


def s5_bad_packed_file_that_nobody_opens(lab: Lab) -> None:
    """Beside right unpacked files a spoilt packed one does no harm."""
    raw, options = _raw(lab)
    (raw / f"{_NAMES[3]}.gz").write_bytes(b"<html>")
    answer = lab.run("check", "torchvision:mnist", "--offline", "--format", "json", *options)
    assert (answer.verdict, answer.warnings) == ("healthy", [])


def s5_unpacked_file_that_is_made_anew(lab: Lab) -> None:
    """A wrong unpacked file is written over where another one is missing and the packed ones are right."""
    raw, options = _raw(lab)
    (raw / _NAMES[3]).write_bytes(gzip.decompress(FASHION))
    (raw / _NAMES[1]).unlink()
    answer = lab.run("check", "torchvision:mnist", "--offline", "--format", "json", *options)
    assert answer.verdict == "healthy", answer.cause


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def s15_intact_cache_and_no_network(lab: Lab) -> None:
    """No warning tells a cause that nobody looked into: what failed is said, and that it is not needed."""
    _, options = _raw(lab)
    answer = lab.check("torchvision:mnist", *options)
    assert (answer.verdict, answer.code) == ("healthy", 0)
    assert not any(one.startswith("dns-") for one in answer.warnings)
    titles = [one["title"] for target in answer.targets for one in target["warnings"]]
    assert all("will not ask for it" in title for title in titles)


def s41_root_that_is_not_there(lab: Lab) -> None:
    """`--root nosuch` is said to be missing."""
    _, options = _raw(lab)
    answer = lab.run("check", "torchvision:mnist", "--offline", *options[:2], "--root", "nosuch", "--format", "plain")
    assert "nosuch` is not there" in answer.out + answer.err


def s41_root_one_too_deep(lab: Lab) -> None:
    """`--root data/MNIST`, its `raw`, or the folder above: the one that was meant is named."""
    _, options = _raw(lab)
    for given in ("data/MNIST", "data/MNIST/raw", "."):
        answer = lab.run("check", "torchvision:mnist", "--offline", *options[:2], "--root", given, "--format", "json")
        titles = {one["title"] for target in answer.targets for one in target["warnings"]}
        assert any("data` was probably meant" in title for title in titles), titles


def s41_root_that_is_right(lab: Lab) -> None:
    """The right one is not commented upon."""
    _, options = _raw(lab)
    answer = lab.run("check", "torchvision:mnist", "--offline", "--format", "json", *options)
    assert not answer.warnings


def s8_unfinished_download_as_a_target(lab: Lab) -> None:
    """Its name says that it is not whole, and which digest is due; a whole one is known by that digest."""
    body = b"PAR1" + bytes(range(256)) * 40 + b"PAR1"
    digest = _sha256(body)
    for name, part in ((f"blobs/{digest}.incomplete", body[:5000]), ("mnist.npz.part", b"PK\3\4" + bytes(900))):
        answer = lab.check(_file(lab, name, part))
        assert (answer.cause, answer.certain) == ("body-truncated-silent", True), name
        assert "has not ended" in answer.diagnosis["title"]
    answer = lab.check(_file(lab, f"blobs/{digest}.incomplete", body))
    assert answer.verdict == "healthy"
    assert lab.check(_file(lab, "table.csv.gz.part", LABELS)).verdict == "healthy", "a whole gzip"


def s8_leftover_in_the_hubs_cache(lab: Lab) -> None:
    """What a broken download left in the Hub's cache is told."""
    digest = "f2c01285a9f89399335b00ee4e8d499dc4e46db5e39c74903ce5618d895eb3bf"
    part = lab.home / ".cache/huggingface/hub/datasets--ylecun--mnist/blobs" / f"{digest}.incomplete"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"PAR1")
    os.utime(part, (1e9, 1e9))
    answer = lab.run("check", "huggingface:mnist", "--offline", "--format", "json")
    titles = [one["title"] for target in answer.targets for one in target["warnings"]]
    assert any(".incomplete" in title and "416" in title for title in titles), titles


ARFF = b"@RELATION mnist_784\n@ATTRIBUTE class {0,1}\n@DATA\n" + b"1\n" * 700
_CALLS = tuple(f"api/v1/json/data/{end}" for end in ("list/data_name/mnist_784/limit/2/data_version/1", "554"))


def _openml(lab: Lab, api: Server, guessed: str) -> tuple[str, str]:
    """OpenML at `api`; the place of the file that the catalogue knows is `guessed`."""
    path = lab.folder / "openml.toml"
    path.write_text(
        f"[[file]]\nid = 'mnist_784/arff'\nname = 'mnist_784.arff'\nkind = 'arff'\n"
        f"md5 = '{hashlib.md5(ARFF).hexdigest()}'\ndigest_of = 'decoded'\n"
        f"[[source]]\nid = 'openml-4'\ndataset = 'mnist_784'\nurl = '{guessed}'\n"
        "[[loader]]\nname = 'sklearn'\ndistributions = ['no-such-distribution']\nnewest_release = '1.9.1'\n"
        "clients = [{ client = 'sklearn' }]\ncaches = [{ roots = ['~/openml'] }]\n"
        f"[[loader.datasets]]\nname = 'mnist_784'\ndataset = 'mnist_784'\ncalls = {list(_CALLS)}\n"
        f"call_names = ['{{call}}.gz']\ndigest_in = '{_CALLS[1]}.gz'\nnames = ['mnist_784.arff.gz']\n"
        f"routes = [{{ api = '{api.url()}', sources = ['openml-4'], described_by = '{_CALLS[1]}', digest = 'md5' }}]\n"
    )
    return "--catalogue", str(path)


def _description(url: str | None) -> bytes:
    return json.dumps({"data_set_description": {"id": "554", **({"url": url} if url else {})}}).encode()


def s9_the_file_is_asked_where_its_description_says(lab: Lab) -> None:
    """scikit-learn goes to the `url` of the description that came just before, whatever the place was once."""
    files = lab.serve(route({"/new/mnist.arff": respond(200, ARFF)}, respond(404, b"")))
    url = files.url("/new/mnist.arff")
    answers = {f"/{_CALLS[0]}": respond(200, b'{"data": {}}'), f"/{_CALLS[1]}": respond(200, _description(url))}
    api = lab.serve(route(answers, respond(404, b"")))
    known = _openml(lab, api, api.url("/old/mnist.arff"))
    for more in ((), ("--jobs", "1"), ("--per-host", "1")):
        answer = lab.check("sklearn:mnist_784", *known, *more)
        assert answer.verdict == "healthy", answer.cause
        assert answer.targets[-1]["url"] == url
    stored = lab.home / "openml" / f"{_CALLS[1]}.gz"
    stored.parent.mkdir(parents=True)
    stored.write_bytes(gzip.compress(_description(files.url("/stored.arff"))))
    assert lab.check("sklearn:mnist_784", *known).targets[-1]["url"] == files.url("/stored.arff"), "it asks no more"


def s9_a_healthy_guess_is_of_no_use(lab: Lab) -> None:
    """Where the described place alone is dead, the loader fails, however well the guessed one is."""
    dead = lab.serve(respond(404, b""))
    url = dead.url("/new/mnist.arff")
    answers = {f"/{_CALLS[0]}": respond(200, b'{"data": {}}'), f"/{_CALLS[1]}": respond(200, _description(url))}
    api = lab.serve(route(answers, respond(200, ARFF)))
    answer = lab.check("sklearn:mnist_784", *_openml(lab, api, api.url("/old/mnist.arff")))
    assert (answer.verdict, answer.targets[-1]["url"]) == ("ailing", url)


def s9_a_description_without_an_address(lab: Lab) -> None:
    """No address, and one that no client may be sent to, leave the catalogue's own."""
    for url in (None, "file:///etc/passwd", "http://10.0.0.1/x", "http://user:word@example.com/x", "nonsense"):
        answers = {f"/{_CALLS[0]}": respond(200, b'{"data": {}}'), f"/{_CALLS[1]}": respond(200, _description(url))}
        api = lab.serve(route(answers, respond(200, ARFF)))
        answer = lab.check("sklearn:mnist_784", *_openml(lab, api, api.url("/old/mnist.arff")))
        assert (answer.verdict, answer.targets[-1]["url"]) == ("healthy", api.url("/old/mnist.arff")), url


def s25_cut_arff(lab: Lab) -> None:
    """An ARFF whose last row breaks off is cut, and no other version; one that ends with its last value is not."""
    whole = b"@RELATION m\n" + b"".join(b"@ATTRIBUTE p%d REAL\n" % n for n in range(785)) + b"@DATA\n"
    whole += (b",".join([b"0"] * 785) + b"\n") * 400
    for name, data in (("m.arff", whole[:-700]), ("m.arff", whole[: len(whole) // 2 + 7])):
        answer = lab.check(_file(lab, name, data), "--expect", "mnist_784/arff")
        assert answer.cause == "body-truncated-silent"
    answer = lab.check(_file(lab, "m.arff", whole[:-1]), "--expect", "mnist_784/arff")
    assert answer.cause == "checksum-upstream-changed"
