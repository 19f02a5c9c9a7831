"""Proxies that a machine knows and a client does not use: where each is found, and that no password gets out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistdoctor.catalogue import load
from mnistdoctor.settings import Environment, Settings
from mnistdoctor.settings.proxy_setting import LARGEST, read_text, without_credentials
from mnistdoctor.settings.unused_proxies import UnusedProxy, unused_proxies

HTTPS, HTTP = "https://data.example/x.gz", "http://data.example/x.gz"
P, Q = "http://p.corp:3128", "http://q.corp:8080"


def known(
    home: Path, monkeypatch: pytest.MonkeyPatch, client: str = "keras", url: str = HTTPS, **variables: str
) -> list[tuple[str, str, str]]:
    """(place, key, proxy or PAC) of what this process and that home know; the machine's own settings are left out."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    found = unused_proxies(load().client(client), url, Settings(), Environment(), home)
    inside = ("this process", str(home))
    return [(one.place, one.key, one.proxy or one.pac) for one in found if one.where.startswith(inside)]


@pytest.mark.parametrize(
    ("client", "url", "variables", "place", "key"),
    [
        ("keras", HTTPS, {"ALL_PROXY": P}, "variable", "ALL_PROXY"),
        ("curl", HTTP, {"HTTP_PROXY": P}, "variable", "HTTP_PROXY"),
        ("keras", HTTPS, {"HTTP_PROXY": P}, "variable", "HTTP_PROXY"),
        ("requests", HTTP, {"https_proxy": P}, "variable", "https_proxy"),
        ("requests", HTTP, {"HTTP_PROXY": P, "REQUEST_METHOD": "GET"}, "variable", "HTTP_PROXY"),
        ("keras", HTTPS, {"HTTPS_PROXY": P, "https_proxy": ""}, "variable", "HTTPS_PROXY"),
        ("requests", HTTPS, {"HTTPS_PROXY": P, "NO_PROXY": "example"}, "exempted", "HTTPS_PROXY"),
        ("curl", HTTPS, {"HTTPS_PROXY": P, "no_proxy": "*"}, "exempted", "HTTPS_PROXY"),
    ],
)
def test_this_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: str, url: str, variables: dict[str, str], place: str,
    key: str,
) -> None:  # fmt: skip
    assert known(tmp_path, monkeypatch, client, url, **variables) == [(place, key, P)]


@pytest.mark.parametrize(
    ("client", "url", "variables"),
    [
        ("requests", HTTPS, {"ALL_PROXY": P}),
        ("curl", HTTP, {"http_proxy": P}),
        ("keras", HTTPS, {"ALL_PROXY": "  "}),
        ("keras", HTTPS, {"ALL_PROXY": "direct"}),
        ("keras", HTTPS, {"NO_PROXY": "example"}),
    ],
    ids=["read", "read in lower case", "blank", "a word", "nothing to exempt from"],
)
def test_nothing_where_it_is_used_or_names_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: str, url: str, variables: dict[str, str]
) -> None:
    assert known(tmp_path, monkeypatch, client, url, **variables) == []


def test_an_option_leaves_nothing_unread(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ALL_PROXY", P)
    for chosen in (Settings(proxy=Q), Settings(direct=True)):
        found = unused_proxies(load().client("keras"), HTTPS, chosen, Environment(), tmp_path)
        assert not [one for one in found if one.where == "this process"]


def test_each_proxy_once_and_the_nearest_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".bashrc").write_text(f"export https_proxy={P}/\nexport all_proxy={Q}\n")
    (tmp_path / ".gitconfig").write_text(f"[http]\nproxy = {P}\n")
    assert known(tmp_path, monkeypatch, ALL_PROXY=P.removeprefix("http://")) == [
        ("variable", "ALL_PROXY", P),
        ("profile", "all_proxy", Q),
    ]


def test_a_home_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/no/such/home"))
    unused_proxies(load().client("requests"), HTTPS, Settings(), Environment())


CHILD = f"""
from mnistdoctor.catalogue import load
from mnistdoctor.settings import Environment, Settings
from mnistdoctor.settings.unused_proxies import unused_proxies
for one in unused_proxies(load().client("requests"), {HTTPS!r}, Settings(), Environment()):
    if one.place == "ancestor":
        print(one.key, one.proxy, one.has_credentials, one.where, repr(one))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("kept", "found"), [("-u HTTPS_PROXY", True), ("", False)], ids=["lost", "inherited"])
def test_the_environment_of_a_parent_process(tmp_path: Path, kept: str, found: bool) -> None:
    (tmp_path / "child.py").write_text(CHILD)
    # `; true` keeps the shell from handing its place over to the last command.
    line = f"env {kept} HOME={tmp_path} {sys.executable} {tmp_path / 'child.py'}; true"
    done = subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, check=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2]),
             "HTTPS_PROXY": "http://jo:s3cret@p.corp:3128"},
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.startswith("HTTPS_PROXY http://p.corp:3128 True sh (process ") is found, done.stderr
    assert "s3cret" not in done.stdout


class TestFilesThatAreNone:
    def test_a_pipe_is_not_opened(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in (".bashrc", ".gitconfig", ".condarc", ".curlrc"):
            os.mkfifo(tmp_path / name)
        (tmp_path / ".docker").mkdir()
        os.mkfifo(tmp_path / ".docker/config.json")
        assert known(tmp_path, monkeypatch) == []

    def test_a_gigabyte_is_not_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        file = tmp_path / ".bashrc"
        file.write_text(f"export https_proxy={P}\n")
        assert known(tmp_path, monkeypatch) == [("profile", "https_proxy", P)]
        os.truncate(file, 2**30)
        assert known(tmp_path, monkeypatch) == []

    def test_the_limit_is_the_last_byte(self, tmp_path: Path) -> None:
        file = tmp_path / "file"
        file.write_bytes(b"x" * LARGEST)
        assert read_text(file) == "x" * LARGEST
        file.write_bytes(b"x" * (LARGEST + 1))
        assert read_text(file) is None

    def test_folders_loops_and_odd_bytes(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / ".bashrc").mkdir()
        (tmp_path / ".profile").symlink_to(tmp_path / ".profile")
        (tmp_path / ".zshrc").write_bytes(b"\xff\xfe\x00# \x80\n" + f"export https_proxy={P}\n".encode())
        assert known(tmp_path, monkeypatch) == [("profile", "https_proxy", P)]
        assert read_text(tmp_path / "\0") is None


@pytest.mark.parametrize(
    ("value", "proxy", "credentials"),
    [
        ("http://p.corp:3128", "http://p.corp:3128", False),
        ("p.corp:3128", "http://p.corp:3128", False),
        (" 'http://p.corp:3128/' ", "http://p.corp:3128", False),
        ("http://[::1]:3128", "http://[::1]:3128", False),
        ("socks5h://jo:pw@p.corp:1080", "socks5h://p.corp:1080", True),
        ("jo:pw@p.corp:3128", "http://p.corp:3128", True),
        ("http://jo@p.corp", "http://p.corp", True),
        ("http://DOM\\jo:pw@p.corp:3128", "http://p.corp:3128", True),
        ("http://jo:p@w@p.corp:3128", "http://p.corp:3128", True),
        ("http://jo:12#w@p.corp:3128", "", False),
        ("http://jo:12/w@p.corp:3128", "", False),
        ("jo:12?w@p.corp:3128", "", False),
        ("http://p.corp:31x28", "", False),
        ("http://a:1,http://b:2", "", False),
        ("ftp://p.corp:21", "", False),
        ("http:/p.corp:3128", "", False),
        ("DIRECT", "", False),
        ("null", "", False),
        ("false", "", False),
        ("${HTTPS_PROXY}", "", False),
        ("", "", False),
    ],
)
def test_how_a_value_is_shown(value: str, proxy: str, credentials: bool) -> None:
    one = UnusedProxy(place="profile", key="https_proxy", value=value)
    assert (one.proxy, one.has_credentials) == (proxy, credentials)


RAW = st.text(st.characters(exclude_categories=["Cs"]), min_size=4, max_size=12)


@given(
    password=RAW, user=st.sampled_from(["", "jo", "DOM\\jo", "12"]), encoded=st.booleans(),
    scheme=st.sampled_from(["", "http://", "https://", "socks5h://", "HTTP://", "http:/", "//"]),
    end=st.sampled_from(["", "/", ":3128", ":3128/", ":x"]),
)  # fmt: skip
def test_no_password_is_shown(password: str, user: str, encoded: bool, scheme: str, end: str) -> None:
    secret = f"s3c{password}"
    value = f"{scheme}{user}:{quote(secret, safe='') if encoded else secret}@p.corp{end}"
    one = UnusedProxy(place="profile", key="https_proxy", where="file", value=value)
    assert one.proxy.lower() in ("", *(f"{kind}://p.corp{port}" for kind in ("http", "https", "socks5h")
                                       for port in ("", ":3128")))  # fmt: skip
    assert "s3c" not in repr(one)


@given(st.text(max_size=40) | st.text("htp:/@#?[]\\u1.%", max_size=30))
def test_no_text_makes_it_raise(value: str) -> None:
    proxy, has_credentials = without_credentials(value)
    assert "@" not in proxy
    assert proxy or not has_credentials
