"""A user's own catalogue: what it may change, and the sentence for everything that is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mnistdoctor.catalogue import CatalogueError, load

MIRROR = """
[[source]]
id = "corp"
dataset = "mnist"
url = "https://data.corp.example/mnist/{name}"
priority = "first"
"""
SOURCE = '[[source]]\nid = "corp"\n'


def write(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_built_in_catalogue_is_read_once() -> None:
    assert load() is load()


def test_an_organisations_mirror_comes_first(tmp_path: Path) -> None:
    known = load(write(tmp_path, MIRROR))
    places = known.sources_of("mnist/train-images")
    assert places[0][0].id == "corp"
    assert places[0][0].current
    assert places[0][1] == "https://data.corp.example/mnist/train-images-idx3-ubyte.gz"
    assert places[1:] == load().sources_of("mnist/train-images")
    assert len(known.source("corp").urls) == 4


def test_without_priority_a_new_source_comes_last_of_its_kind(tmp_path: Path) -> None:
    known = load(write(tmp_path, MIRROR.replace('priority = "first"', "")))
    assert [source.id for source, _ in known.sources_of("mnist/train-images")][-1] == "corp"


def test_an_entry_of_the_same_id_replaces(tmp_path: Path) -> None:
    text = MIRROR.replace('"corp"', '"ossci"').replace('priority = "first"', "")
    known = load(write(tmp_path, text))
    places = known.sources_of("mnist/train-images")
    assert (places[0][0].id, places[0][1]) == (
        "ossci",
        "https://data.corp.example/mnist/train-images-idx3-ubyte.gz",
    )
    assert len(known.sources) == len(load().sources)
    # The loader's plan follows, for it names the source.
    assert known.loader("torchvision").plan("mnist").files[0].sources[0] == places[0]
    assert load().source("ossci").urls[0][1].startswith("https://ossci-datasets")


def test_an_own_dataset_with_its_file_and_source(tmp_path: Path) -> None:
    digest = "AB" * 32
    text = f"""
[[dataset]]
id = "ours"
title = "Our Digits"
aliases = ["digits of ours"]
[[file]]
id = "ours/all"
name = "all.zip"
kind = "zip"
sha256 = "{digest}"
[[source]]
id = "ours-server"
dataset = "ours"
url = "http://10.0.0.1:8000/all.zip"
[[known_bad]]
id = "ours-old"
name = "all.zip"
kind = "truncated"
size = 77
instead_of = "ours"
"""
    known = load(write(tmp_path, text))
    assert known.dataset("Digits-of_ours").id == "ours"
    (file,) = known.by_digest("sha256", digest)
    assert known.sources_of(file.id)[0][1] == "http://10.0.0.1:8000/all.zip"
    (bad,) = (one for one in known.known_bad if one.instead_of == "ours")
    assert (bad.id, bad.size) == ("ours-old", 77)


def test_a_file_added_to_a_known_dataset_is_not_laid_at_the_known_sources(tmp_path: Path) -> None:
    text = '[[file]]\nid = "mnist/extra"\nname = "extra.zip"\nkind = "zip"\n' + MIRROR
    known = load(write(tmp_path, text))
    assert [source.id for source, _ in known.sources_of("mnist/extra")] == ["corp"]
    assert len(known.source("ossci").urls) == 4
    assert len(known.loader("torchvision").plan("mnist").files) == 4


def test_an_own_loader(tmp_path: Path) -> None:
    text = """
[[client]]
name = "ours"
like = "tfds"
retries = 1
[[loader]]
name = "ourlib"
distributions = ["ourlib"]
newest_release = "1.0"
clients = [{ client = "ours" }]
caches = [{ roots = ["~/ours"] }]
names = ["{name}"]
[[loader.datasets]]
name = "mnist"
dataset = "mnist"
routes = [{ sources = ["cvdf"], digest = "md5" }]
"""
    known = load(write(tmp_path, text))
    made = known.loader("ourlib").plan("mnist")
    client = known.client(made.client)
    assert (client.family, client.retries, client.ca_variables[0]) == ("requests", 1, "REQUESTS_CA_BUNDLE")
    assert made.files[0].cached[0].path == "train-images-idx3-ubyte.gz"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            SOURCE + 'dataset = "mnist"\nurl = "https://h/{name}"\nstate = "in_use"\n',
            '[[source]] "corp": unknown key `state`, did you mean `status`?',
        ),
        ('[[sauce]]\nid = "x"\n', "unknown key `sauce`, did you mean `source`?"),
        (
            SOURCE + 'dataset = "mnits"\nurl = "https://h/x"\n',
            '[[source]] "corp": `dataset` names an unknown dataset `mnits`, did you mean `mnist`?',
        ),
        (
            SOURCE + 'dataset = "mnist"\nfiles = ["mnist/train-image"]\nurl = "https://h/x"\n',
            '[[source]] "corp": `files` names an unknown file `mnist/train-image`, did you mean `mnist/train-images`?',
        ),
        (SOURCE + 'dataset = "mnist"\n', '[[source]] "corp": the key `url` is missing'),
        ('[[source]]\ndataset = "mnist"\n', "[[source]] number 1: the key `id` is missing"),
        (
            SOURCE + 'dataset = "mnist"\nurl = "https://h/x"\n',
            '[[source]] "corp": `url` needs {name}, for 4 files',
        ),
        (
            SOURCE + 'dataset = "mnist"\nurl = "ftp://h/{name}"\n',
            '[[source]] "corp": `url` must begin with http:// or https:// and a host: `ftp://h/{name}`',
        ),
        (
            SOURCE + 'dataset = "mnist"\nurl = "https://h/{file}"\n',
            '[[source]] "corp": `url` may hold {name} and no other placeholder: `https://h/{file}`',
        ),
        (
            SOURCE + 'dataset = "mnist"\nurl = "https://h/{name"\n',
            "`url` has a stray brace",
        ),
        (
            SOURCE + 'dataset = "notmnist"\nurl = "https://h/x"\n',
            '[[source]] "corp": serves no file: list them under `files`',
        ),
        (
            SOURCE + 'dataset = "mnist"\nurl = "https://h/{name}"\nstatus = "fine"\n',
            '[[source]] "corp": `status` is `fine` but must be one of in_use, degraded_reported, superseded, '
            "dead_reported, never_existed",
        ),
        (
            SOURCE + 'dataset = "mnist"\nurl = "https://h/{name}"\npriority = 1\n',
            '[[source]] "corp": `priority` must be text in quotes',
        ),
        (
            SOURCE + 'dataset = "mnist"\nurl = "https://h/{name}"\nusers = "me"\n',
            '[[source]] "corp": `users` must be a list, each item text in quotes',
        ),
        (MIRROR + MIRROR, '[[source]] "corp": the id is used twice'),
        ('source = "x"\n', "`source` must be written as [[source]]"),
        ("source = [1]\n", "[[source]] number 1: must be a table"),
        (
            '[[file]]\nid = "mnist/x"\nname = "x"\nkind = "zip"\nmd5 = "abc"\n',
            '[[file]] "mnist/x": `md5` must have 32 hexadecimal digits and has 3 characters',
        ),
        (
            f'[[file]]\nid = "mnist/x"\nname = "x"\nkind = "zip"\nsha256 = "{"g" * 64}"\n',
            '[[file]] "mnist/x": `sha256` must be hexadecimal but holds `g`',
        ),
        (
            '[[file]]\nid = "mnist/x"\nname = "x"\nkind = "zip"\nsize = -1\n',
            '[[file]] "mnist/x": `size` must not be negative',
        ),
        (
            '[[file]]\nid = "mnist/x"\nname = "x"\nkind = "zip"\nsize = true\n',
            '[[file]] "mnist/x": `size` must be a whole number',
        ),
        (
            '[[file]]\nid = "mnist/x"\nname = "x"\nkind = "zip"\nsame_data_as = "mnist/train-imags"\n',
            '[[file]] "mnist/x": `same_data_as` names an unknown file `mnist/train-imags`, '
            "did you mean `mnist/train-images`?",
        ),
        (
            '[[file]]\nid = "nowhere"\nname = "x"\nkind = "zip"\n',
            '[[file]] "nowhere": `dataset` names an unknown dataset `nowhere`',
        ),
        (
            '[[known_bad]]\nid = "b"\nname = "x"\nkind = "html"\n',
            '[[known_bad]] "b": needs a `size` or a digest to be known by',
        ),
        (
            '[[client]]\nname = "a"\nlike = "b"\n[[client]]\nname = "b"\nlike = "a"\n',
            '[[client]] "a": `like` leads back to itself',
        ),
        (
            '[[client]]\nname = "a"\nlike = "curll"\n',
            '[[client]] "a": `like` names an unknown client `curll`, did you mean `curl`?',
        ),
        (
            '[[client]]\nname = "a"\nlike = "curl"\nheaders = [["Accept", "*/*"]]\n',
            '[[client]] "a": `headers` must hold a User-Agent',
        ),
        (
            '[[client]]\nname = "a"\nlike = "curl"\nheaders = [["Accept"]]\n',
            '[[client]] "a": `headers` must be a list of pairs of texts',
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(CatalogueError) as caught:
        load(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: ")
    assert sentence in said
    assert "\n" not in said
    assert caught.value.path == path


LOADER = """
[[loader]]
name = "ourlib"
distributions = ["ourlib"]
newest_release = "1.0"
clients = [{ client = "keras" }]
caches = [{ roots = [] }]
[[loader.datasets]]
name = "mnist"
dataset = "mnist"
names = ["{name}"]
"""


@pytest.mark.parametrize(
    ("rest", "sentence"),
    [
        ("", "the key `routes` is missing"),
        ("routes = []", "`routes` must be a list of tables, and not empty"),
        ('routes = [{ sources = ["osci"] }]', "an unknown source `osci`, did you mean `ossci`?"),
        ('routes = [{ sources = ["codh-kmnist"] }]', "no source of the route serves the file `mnist/train-images`"),
        ('routes = [{ sources = ["ossci"], digest = "crc" }]', "`digest` is `crc` but must be one of md5, sha1"),
        ('routes = [{ sources = ["ossci"], fallback = ["any"] }]', "`fallback` holds `any` but may hold url-error"),
        ('routes = [{ since = "2", sources = ["ossci"] }, { sources = ["ossci"] }]', "must rise from the oldest"),
        ('routes = [{ sources = ["ossci"], names = ["{nmae}"] }]', "a name of the cache cannot be filled in"),
        ('routes = [{ source = ["ossci"] }]', "routes number 1: unknown key `source`, did you mean `sources`?"),
    ],
)
def test_what_is_wrong_in_a_loader(tmp_path: Path, rest: str, sentence: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load(write(tmp_path, LOADER + rest))
    assert '[[loader]] "ourlib", datasets number 1' in str(caught.value)
    assert sentence in str(caught.value)


def test_toml_that_does_not_parse_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"own\.toml: is not valid TOML: .*line 2") as caught:
        load(write(tmp_path, "# mine\n[[source]\n"))
    assert caught.value.where == ""


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError) as caught:
        load(tmp_path / "no.toml")
    assert str(caught.value) == f"{tmp_path / 'no.toml'}: cannot be read: No such file or directory"


def test_a_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_what_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_bytes(b"# \xff\n")
    with pytest.raises(CatalogueError, match=r"is not UTF-8 text \(byte 2\)"):
        load(path)


def test_a_bad_file_leaves_the_built_in_catalogue_as_it_was(tmp_path: Path) -> None:
    before = load()
    with pytest.raises(CatalogueError):
        load(write(tmp_path, SOURCE))
    assert load() is before
    assert [source.id for source in load(write(tmp_path, "")).sources] == [source.id for source in before.sources]
