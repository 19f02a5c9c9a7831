"""Manifests: what each form names, what is refused with its file and line, and what is no manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mnistdoctor.catalogue import load
from mnistdoctor.examine.expectation import BadTarget, Expectation
from mnistdoctor.examine.manifest.entry import BadManifest, ManifestEntry
from mnistdoctor.examine.manifest.reader import entries, expanded, of_folder
from mnistdoctor.examine.targets import plan

BASE = "https://data.example/mnist/"
MD5, SHA1, SHA256, SHA512 = (hashlib.new(name, b"x").hexdigest() for name in ("md5", "sha1", "sha256", "sha512"))


def read(folder: Path, name: str, text: str, base: str | None = BASE) -> list[tuple[str, dict[str, str], int | None]]:
    (folder / name).write_text(text, encoding="utf-8")
    found = entries(folder / name, base)
    assert found is not None
    return [(one.target, dict(one.digests), one.length) for one in found]


@pytest.mark.parametrize(
    ("name", "text", "target", "digests", "length"),
    [
        ("SHA256SUMS", f"{SHA256}  a.gz\n", f"{BASE}a.gz", {"sha256": SHA256}, None),
        (
            "SHA256SUMS",
            f"\ufeff# made today\r\n\r\n{SHA256.upper()} *a.gz\r\n",
            f"{BASE}a.gz",
            {"sha256": SHA256},
            None,
        ),
        ("MD5SUMS", f"{MD5}  ./sub/a b.gz", f"{BASE}sub/a%20b.gz", {"md5": MD5}, None),
        ("a.gz.sha512", f"{SHA512}  a.gz", f"{BASE}a.gz", {"sha512": SHA512}, None),
        ("sums", f"SHA256 (a (1).gz) = {SHA256}", f"{BASE}a%20(1).gz", {"sha256": SHA256}, None),
        ("sums", f"SHA2-256(a.gz)= {SHA256}", f"{BASE}a.gz", {"sha256": SHA256}, None),
        ("sums", f"MD5 (a.gz) = {MD5}\nSHA1 (a.gz) = {SHA1}", f"{BASE}a.gz", {"sha1": SHA1, "md5": MD5}, None),
        ("registry.txt", f"a.gz {SHA256}", f"{BASE}a.gz", {"sha256": SHA256}, None),
        ("registry.txt", f"'a b.gz' md5:{MD5}", f"{BASE}a%20b.gz", {"md5": MD5}, None),
        ("registry.txt", f"a.gz sha1:{SHA1} https://other.example/z", "https://other.example/z", {"sha1": SHA1}, None),
        ("checksums.tsv", f"https://h.example/a\t12\t{SHA256}\ta", "https://h.example/a", {"sha256": SHA256}, 12),
        ("mnist.txt", f"https://h.example/a 12 {SHA256}", "https://h.example/a", {"sha256": SHA256}, 12),
        ("urls", "# ours\nhttps://h.example/a\n", "https://h.example/a", {}, None),
    ],
)
def test_each_form(
    tmp_path: Path, name: str, text: str, target: str, digests: dict[str, str], length: int | None
) -> None:
    assert read(tmp_path, name, text) == [(target, digests, length)]


def test_a_projects_table(tmp_path: Path) -> None:
    text = (
        '[tool.mnistdoctor]\ntargets = [\n  "keras:mnist",\n'
        f'  {{url = "https://h.example/a", sha256 = "{SHA256}", length = 3}},\n]\n[tool.other]\ntimeout = 1\n'
    )
    found = read(tmp_path, "pyproject.toml", text, None)
    assert found == [("keras:mnist", {}, None), ("https://h.example/a", {"sha256": SHA256}, 3)]
    assert of_folder(tmp_path) == str(tmp_path / "pyproject.toml")


@pytest.mark.parametrize("text", ["[tool.ruff]\n", "# [tool.mnistdoctor]\n", None])
def test_a_project_that_says_nothing_is_not_read_unasked(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / "pyproject.toml").write_text(text)
    assert of_folder(tmp_path) is None


@pytest.mark.parametrize("base", ["https://h.example/d", "https://h.example/d/", "https://h.example/d?sig=1#x"])
def test_names_stand_below_the_base(tmp_path: Path, base: str) -> None:
    ((target, _, _),) = read(tmp_path, "SHA256SUMS", f"{SHA256}  a/100%.gz?x#y", base)
    assert target == "https://h.example/d/a/100%25.gz%3Fx%23y" + ("?sig=1" if "?" in base else "")


@pytest.mark.parametrize(
    "name",
    [
        "../a",
        "a/../../b",
        "/etc/passwd",
        "~/a",
        "C:\\a",
        "a\\..\\b",
        "https://evil.example/a",
        "//evil.example/a",
        "..",
    ],
)
@pytest.mark.parametrize("form", ["sum", "tag", "registry"])
def test_no_name_leaves_the_folder(tmp_path: Path, name: str, form: str) -> None:
    first = {"sum": f"{SHA256}  ok", "tag": f"SHA256 (ok) = {SHA256}", "registry": f"ok {SHA256}"}[form]
    line = {"sum": f"{SHA256}  {name}", "tag": f"SHA256 ({name}) = {SHA256}", "registry": f"'{name}' {SHA256}"}[form]
    with pytest.raises(BadManifest, match=r"SHA256SUMS, line 3: the name .* leads out of its folder"):
        read(tmp_path, "SHA256SUMS", f"{first}\n\n{line}\n")


def test_escaped_names_are_read_as_gnu_writes_them(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match="leads out"):
        read(tmp_path, "SHA256SUMS", f"\\{SHA256}  a\\nb")
    assert read(tmp_path, "SHA256SUMS", f"{SHA256}  ...a..b") == [(f"{BASE}...a..b", {"sha256": SHA256}, None)]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("SHA256SUMS", f"{SHA256}  a\nnonsense\n", "line 2: this line has another form"),
        ("SHA256SUMS", f"{SHA256[:-1]}  a\n", "line 1: this is no line"),
        ("SHA256SUMS", "", "names nothing"),
        ("SHA256SUMS", f"{SHA256}  -", "line 1: this is the digest of what was read from standard input"),
        ("sums", f"SHA256 (a) = {MD5}", "line 1: a sha256 has 64 hexadecimal digits"),
        ("registry.txt", f"a xxh128:{MD5}", "line 1: `xxh128` is no digest"),
        ("registry.txt", f"a {SHA256}\nb sha256:{MD5}", "line 2: a sha256 has 64"),
        ("SHA256SUMS", f"{SHA256}  a\n{'0' * 64}  a\n", "line 2: another sha256 than in .*SHA256SUMS, line 1"),
        ("checksums.tsv", f"https://h/a\t1\t{SHA256}\ta\nhttps://h/a\t2\t{SHA256}\ta", "line 2: another length"),
        ("urls.txt", "https://h.example/a\nb.gz", "line 2: this line has another form"),
        ("pyproject.toml", "[tool.mnistdoctor]\ntargets = [\n", "line [23]: this is no TOML"),
        ("pyproject.toml", "[tool.x]\n", "has no table"),
        ("pyproject.toml", "\n[tool.mnistdoctor]\n", "line 2: `targets`"),
        ("pyproject.toml", "[tool.mnistdoctor]\ntargets=['mnist']\nproxy='http://x'", "line 3: `proxy` is not read"),
        ("pyproject.toml", "[tool.mnistdoctor]\ntargets=[\n'mnist',\n3]", "a target is neither"),
        (
            "pyproject.toml",
            "[tool.mnistdoctor]\ntargets=[\n{url='https://h/a', sha2='1'}]",
            "line 3: `sha2` is nothing",
        ),
        ("pyproject.toml", "[tool.mnistdoctor]\ntargets=[{url='../a'}]", "line 2: a target is neither"),
        ("pyproject.toml", "[tool.mnistdoctor]\ntargets=[{url='https://h/a', length=-1}]", "line 2: `length`"),
        ("pyproject.toml", "tool.mnistdoctor = 3", "line 1: `tool.mnistdoctor` is no table"),
    ],
)
def test_what_is_wrong_is_said_with_file_and_line(tmp_path: Path, name: str, text: str, told: str) -> None:
    with pytest.raises(BadManifest, match=f"{name}.*{told}"):
        read(tmp_path, name, text)


def test_without_a_base_a_name_has_no_address(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match="line 1: 'a' is a name without an address") as caught:
        read(tmp_path, "SHA256SUMS", f"{SHA256}  a", None)
    assert "--base-url" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("train.gz", b"\x1f\x8b\x08\0\0"),
        ("iris.csv", b"5.1,3.5,1.4,0.2,Iris-setosa\n"),
        ("labels.txt", b"cat\ndog\n"),
        ("pairs.txt", b"it's a file\nof 'words\n"),
        ("empty", b""),
        ("other.toml", b"[a]\nb = 1\n"),
        ("notes.txt", "Grüße".encode("latin-1")),
    ],
)
def test_a_data_file_is_no_manifest(tmp_path: Path, name: str, body: bytes) -> None:
    (tmp_path / name).write_bytes(body)
    assert entries(tmp_path / name, BASE) is None
    assert expanded((str(tmp_path / name),)) == (str(tmp_path / name),)


def test_what_two_manifests_say_of_one_file_is_put_together(tmp_path: Path) -> None:
    (tmp_path / "S").write_text(f"{SHA256}  a\n{SHA256}  b\n")
    (tmp_path / "M").write_text(f"{MD5}  b\n{MD5}  c\n")
    found = [
        one for one in expanded((str(tmp_path / "S"), str(tmp_path / "M")), BASE) if isinstance(one, ManifestEntry)
    ]
    assert [one.target.rpartition("/")[2] for one in found] == ["a", "b", "c"]
    assert dict(found[1].digests) == {"sha256": SHA256, "md5": MD5}


class TestTargets:
    """What `plan` makes of entries."""

    def planned(self, target: str) -> list[tuple[str | None, str]]:
        entry = ManifestEntry(target=target, digests=(("sha256", SHA256),), length=9, place="m.txt, line 4")
        return [(one.name, one.urls[0]) for one in plan((entry,), None, Expectation(), load())]

    def test_a_url_and_what_is_known_of_it(self) -> None:
        entry = ManifestEntry(
            target="https://h.example/a", digests=(("sha512", SHA512),), length=9, place="m.txt, line 4"
        )
        (target,) = plan((entry,), None, Expectation(), load())
        assert (target.digests, target.size, target.path) == ((("sha512", SHA512),), 9, None)

    def test_a_file_of_that_name_is_not_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "mnist").write_text("not the dataset")
        (tmp_path / "secret").write_text("x")
        monkeypatch.chdir(tmp_path)
        entry = ManifestEntry(target="mnist", place="m, line 1")
        assert all(one.path is None for one in plan((entry,), None, Expectation(), load()))
        for name in ("secret", "./secret", str(tmp_path / "secret"), "../secret"):
            with pytest.raises(BadTarget, match=r"m\.txt, line 4: "):
                self.planned(name)

    @pytest.mark.parametrize("url", ["http://", "http://[::1", "https://a b/"])
    def test_a_url_that_cannot_be_read(self, url: str) -> None:
        with pytest.raises(BadTarget, match=r"m\.txt, line 4: this URL"):
            self.planned(url)

    def test_options_describe_no_manifest(self) -> None:
        entry = ManifestEntry(target="https://h.example/a", place="m, line 1")
        with pytest.raises(BadTarget, match="a manifest describes its own"):
            plan((entry,), None, Expectation(sha256=SHA256), load())
