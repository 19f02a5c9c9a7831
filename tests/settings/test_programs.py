"""Proxies in the settings of other programs, as those programs would read them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mnistdoctor.settings import programs
from mnistdoctor.settings.model import Environment
from mnistdoctor.settings.proxy_setting import ProxySetting
from mnistdoctor.settings.python import own

P, Q = "http://p.corp:3128", "http://q.corp:8080"


def values(found: Iterator[ProxySetting]) -> list[str]:
    return [one.value for one in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'Acquire::http::Proxy "{P}";', [("Acquire::http::Proxy", P, 1)]),
        (f"Acquire::http::Proxy {P};", [("Acquire::http::Proxy", P, 1)]),
        (f'Acquire {{\n http {{ Proxy "{P}"; }};\n https {{ proxy "{Q}"; }};\n}};',
         [("Acquire::http::Proxy", P, 2), ("Acquire::https::proxy", Q, 3)]),
        (f'Acquire {{ http::Proxy "{P}"; }}', [("Acquire::http::Proxy", P, 1)]),
        (f'Acquire {{ http {{ Proxy {{ in.corp "DIRECT"; }}; Proxy "{P}"; }}; }};', [("Acquire::http::Proxy", P, 1)]),
        (f'Acquire{{http{{Proxy"{P}";}}}}', [("Acquire::http::Proxy", P, 1)]),
        (f'// Acquire::http::Proxy "{P}";\n# Acquire::http::Proxy "{P}";\n/* Acquire::http::Proxy "{P}"; */', []),
        (f'/* never ended\nAcquire::http::Proxy "{P}";', []),
        ('Acquire::http::Proxy::in.corp "DIRECT";', []),
        (f'APT {{ http {{ Proxy "{P}"; }}; }};', []),
        (f'Acquire::http::Proxy "{P}"', []),
        ("}}}{{{;;;", []),
    ],
)  # fmt: skip
def test_apt(text: str, found: list[tuple[str, str, int]]) -> None:
    assert [(one.key, one.value, one.line) for one in programs.apt_proxies(text, "apt.conf")] == found


Reader = Callable[[Path], Iterator[ProxySetting]]


def docker(path: Path) -> Iterator[ProxySetting]:
    return programs._docker(path, "https")


def conda(path: Path) -> Iterator[ProxySetting]:
    return programs._conda(path, "https")


def lines(path: Path) -> Iterator[ProxySetting]:
    return programs._lines(path, "https")


def _config(default: object) -> str:
    return json.dumps({"proxies": {"default": default}})


@pytest.mark.parametrize(
    ("read", "text", "found"),
    [
        (programs._git, f"[user]\n\tname = x\n[http]\n\tproxy = {P}", [P]),
        (programs._git, f'[HTTP "https://data.example"]\nProxy="{P}"', [P]),
        (programs._git, f"[core]\n\tproxy = {P}", []),
        (programs._git, f'[http]\n\tsslVerify = true\n[remote "o"]\n\tproxy = {P}', []),
        (programs._git, f"[http]\n\t; proxy = {P}\n\tproxySSLCert = x\n\tproxy =", []),
        (programs._pip, f"[global]\nproxy = {P}", [P]),
        (programs._pip, f"[install]\nPROXY: {P}", [P]),
        (programs._pip, "[global]\nproxy = http://u:p%40w@p.corp:3128", ["http://u:p%40w@p.corp:3128"]),
        (programs._pip, f"[global]\n[global]\nproxy = {Q}\nproxy = {P}", [P]),
        (programs._pip, f"proxy = {P}", []),
        (programs._pip, f"[global\nproxy = {P}", []),
        (docker, _config({"httpProxy": Q, "httpsProxy": P}), [P]),
        (docker, _config({"httpProxy": Q}), []),
        (docker, _config({"httpsProxy": 3}), []),
        (docker, _config(None), []),
        (docker, _config([P]), []),
        (docker, '{"proxies": []}', []),
        (docker, _config({"httpsProxy": P})[:-3], []),
        (docker, "[" * 100_000, []),
        (docker, "null", []),
        (conda, f"channels:\n  - x\nproxy_servers:\n  # ours\n  http: {Q}\n\n  https: {P}  # here\n", [P]),
        (conda, f'proxy_servers:\n    "https": "{P}"', [P]),
        (conda, "proxy_servers:\n  https: http://u:12#w@p.corp:1", ["http://u:12#w@p.corp:1"]),
        (conda, f"#proxy_servers:\n  https: {P}", []),
        (conda, f"proxy_servers:\n  http: {Q}\nother:\n  https: {P}", []),
        (lines, f"https-proxy={P}", [P]),
        (lines, f"https_proxy = {P}", [P]),
        (lines, f"proxy={P} ; ours", [P]),
        (lines, f'--proxy "{P}"', [P]),
        (lines, f"proxy: {P}", [P]),
        (lines, 'proxy = "http://u:12#w@p.corp:1"', ["http://u:12#w@p.corp:1"]),
        (lines, f"http_proxy = {Q}\n# proxy = {P}\nnoproxy = a\nuse_proxy = on\nproxy-user = u:pw\nproxy-insecure", []),
    ],
)
def test_files(tmp_path: Path, read: Reader, text: str, found: list[str]) -> None:
    path = tmp_path / "file"
    path.write_text(text)
    assert values(read(path)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'"HTTPS_PROXY={P}" "NO_PROXY=a,b"', [("HTTPS_PROXY", P), ("NO_PROXY", "a,b")]),
        (f"HTTPS_PROXY={P} A=b", [("HTTPS_PROXY", P), ("A", "b")]),
        ("'HTTPS_PROXY=http://u:p%%40w@p.corp:1'", [("HTTPS_PROXY", "http://u:p%40w@p.corp:1")]),
        (f'"HTTPS_PROXY={P}', []),
        ("HTTPS_PROXY", []),
    ],
)
def test_systemd_environment(text: str, found: list[tuple[str, str]]) -> None:
    assert list(programs.environment_line(text)) == found


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".gitconfig", f"[http]\nproxy={P}"),
        (".config/git/config", f"[http]\nproxy={P}"),
        (".config/pip/pip.conf", f"[global]\nproxy={P}"),
        (".docker/config.json", _config({"httpsProxy": P})),
        (".condarc", f"proxy_servers:\n  https: {P}"),
        (".npmrc", f"https-proxy={P}"),
        (".wgetrc", f"https_proxy={P}"),
        (".curlrc", f"proxy={P}"),
    ],
)
def test_the_files_of_a_home(tmp_path: Path, file: str, text: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert [one.value for one in programs.proxies(tmp_path, "https", Environment({})) if one.where == str(path)] == [P]


def test_pips_file_is_that_of_the_users_python(tmp_path: Path) -> None:
    (tmp_path / "pip.conf").write_text(f"[global]\nproxy = {P}\n")
    python = dataclasses.replace(own(), prefix=str(tmp_path))
    known = programs.proxies(tmp_path / "home", "https", Environment({}, python))
    assert [one.value for one in known if one.where == str(tmp_path / "pip.conf")] == [P]


def test_pips_own_variable_comes_before_its_files(tmp_path: Path) -> None:
    def found(**variables: str) -> list[tuple[str, str]]:
        known = programs.proxies(tmp_path, "https", Environment(variables))
        return [(one.key, one.value) for one in known if one.where == "this process"]

    assert found(PIP_PROXY=f" {P} ") == [("PIP_PROXY", P)]
    assert found(PIP_PROXY="") == found(pip_proxy=P) == []  # pip reads no other spelling


PIECES = st.sampled_from([
    "[http]", "[global]", "[", "]", "\n", "proxy", "=", ":", " ", '"', "'", "http://u:pw@p:1", "{", "}", ";", "#", "/*",
    "Acquire::http::Proxy", '{"proxies":', "proxy_servers:", "  https: ", "\t", "\0", "\ufeff", "%", "\\",
])  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.lists(PIECES | st.text(max_size=3), max_size=20).map("".join))
def test_no_text_makes_a_reader_raise(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file"
    path.write_text(text, "utf-8", "replace")
    for read in (programs._git, programs._pip, docker, conda, lines):
        assert not any(":pw@" in repr(one) for one in read(path))
    list(programs.apt_proxies(text, "apt.conf"))
    list(programs.environment_line(text))
