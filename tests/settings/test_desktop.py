"""The system's proxy, from the words of the programs and files that know it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistdoctor.settings import desktop

MACOS = """<dictionary> {
  ExceptionsList : <array> {
    0 : *.local
    1 : 169.254/16
  }
  HTTPEnable : 1
  HTTPPort : 8080
  HTTPProxy : proxy.corp
  HTTPSEnable : %s
  HTTPSPort : 8443
  HTTPSProxy : secure.corp
  ProxyAutoConfigEnable : %s
  ProxyAutoConfigURLString : http://pac.corp/p.pac
  __SCOPED__ : <dictionary> {
    en0 : <dictionary> {
      HTTPSEnable : 0
      HTTPSProxy : other.corp
      ProxyAutoConfigEnable : 0
    }
  }
}
"""


@pytest.mark.parametrize(
    ("enabled", "scheme", "python", "found"),
    [
        ((1, 0), "https", False, [("http://secure.corp:8443", "")]),
        ((0, 0), "http", False, [("http://proxy.corp:8080", "")]),
        ((0, 0), "https", False, []),
        ((1, 0), "https", True, []),
        ((1, 1), "https", True, [("", "http://pac.corp/p.pac")]),
        ((1, 1), "https", False, [("http://secure.corp:8443", ""), ("", "http://pac.corp/p.pac")]),
    ],
)
def test_macos(enabled: tuple[int, int], scheme: str, python: bool, found: list[tuple[str, str]]) -> None:
    given = desktop.macos(MACOS % enabled, scheme, python=python)
    assert [(one.value, one.pac) for one in given] == found


@pytest.mark.parametrize(
    ("text", "https", "http"),
    [
        ("p.corp:8080", "p.corp:8080", "p.corp:8080"),
        ("http=a.corp:80;https=b.corp:81", "b.corp:81", "a.corp:80"),
        ("HTTPS=B.corp:81; http=a.corp:80", "b.corp:81", "a.corp:80"),
        ("http=a.corp:80", "", "a.corp:80"),
        ("socks=s.corp:1080", "", ""),
        ("https=http://b.corp:81", "http://b.corp:81", ""),
        ("", "", ""),
        ("=;=;", "", ""),
    ],
)
def test_windows(text: str, https: str, http: str) -> None:
    assert (desktop.windows_server(text, "https"), desktop.windows_server(text, "http")) == (https, http)


@pytest.mark.parametrize(
    ("kind", "line", "value", "pac"),
    [
        ("1", "httpsProxy=http://p.corp 3128", "http://p.corp:3128", ""),
        ("1", "httpsProxy=http://p.corp:3128", "http://p.corp:3128", ""),
        ("1", "httpProxy=http://p.corp 3128", None, ""),
        ("2", "Proxy Config Script=file:///etc/p.pac", "", "file:///etc/p.pac"),
        ("0", "httpsProxy=http://p.corp 3128", None, ""),
        ("3", "Proxy Config Script=http://wpad/wpad.dat", None, ""),
        ("4", "httpsProxy=HTTPS_PROXY", None, ""),
    ],
)
def test_kde(kind: str, line: str, value: str | None, pac: str) -> None:
    found = list(desktop.kde(f"[Other]\na=b\n[Proxy Settings]\nProxyType={kind}\n{line}\n", "file", "https"))
    assert [(one.value, one.pac) for one in found] == ([] if value is None else [(value, pac)])


def _gsettings(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Puts a program of that name on the path."""
    program = folder / "gsettings"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.skipif(sys.platform != "linux", reason="gsettings is asked on Linux only")
class TestGnome:
    ANSWERS = """case "$2 $3" in
      "org.gnome.system.proxy mode") echo "'%s'";;
      "org.gnome.system.proxy autoconfig-url") echo "'http://pac.corp/p.pac'";;
      "org.gnome.system.proxy.https host") echo "'p.corp'";;
      "org.gnome.system.proxy.https port") echo %s;;
      *) echo "''";;
    esac"""

    @pytest.mark.parametrize(
        ("mode", "port", "found"),
        [
            ("manual", 3128, [("http://p.corp:3128", "")]),
            ("manual", 0, []),
            ("auto", 3128, [("", "http://pac.corp/p.pac")]),
            ("none", 3128, []),
        ],
    )
    def test_modes(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: str, port: int, found: list[tuple[str, str]]
    ) -> None:
        _gsettings(tmp_path, monkeypatch, self.ANSWERS % (mode, port))
        given = list(desktop.system_settings(tmp_path, "https", python=True))
        assert [(one.value, one.pac) for one in given] == found
        assert all(one.pac or not one.value for one in desktop.system_settings(tmp_path, "http", python=True))

    @pytest.mark.parametrize("script", ["exec sleep 1000", "exit 1", "printf '\\377\\376'"])
    def test_a_program_that_hangs_fails_or_raves(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
    ) -> None:
        _gsettings(tmp_path, monkeypatch, script)
        assert list(desktop.system_settings(tmp_path, "https", python=True)) == []


PIECES = st.sampled_from([
    "[Proxy Settings]", "ProxyType", "=", "1", "2", "\n", " ", "httpsProxy", "http://u:pw@p", "8080", "[", "]",
    "{", "}",
    "HTTPSEnable : 1", "HTTPSProxy : p", ";", ":", "https=", "\0", "%",
])  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=3), max_size=20).map("".join))
def test_no_text_makes_a_reader_raise(text: str) -> None:
    list(desktop.kde(text, "file", "https"))
    list(desktop.macos(text, "https", python=False))
    desktop.windows_server(text, "https")
