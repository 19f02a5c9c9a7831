"""The page for a browser: it stands alone, asks nobody, and lets no stranger's text become markup."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mnistdoctor.report import html
from mnistdoctor.report.sanitize import sanitized
from tests.report import build

POISON = "</title></style></pre><script>alert(1)</script><img src=x onerror=y> \" ' `code` https://evil.example/"
VOID = {"meta", "line", "rect", "br"}


class Page(HTMLParser):
    """Every element and attribute; complains of what is not closed in its order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(poison: str = POISON) -> str:
    return html.render(sanitized(build.report(build.intercepted(build.targets()[0], title=poison))), 1)


@pytest.mark.parametrize("text", [page(), page("plain"), html.render(sanitized(build.mixed()), 1)])
def test_it_is_well_formed_and_stands_alone(text: str) -> None:
    found = Page(text)
    names = {tag for tag, _ in found.tags}
    assert not names & {"script", "img", "link", "iframe", "form", "object", "embed", "base"}
    assert not any(name.startswith("on") or name in ("src", "href", "srcset") for _, own in found.tags for name in own)
    assert not re.search(r"@import|url\(", text)
    policy = next(own["content"] for tag, own in found.tags if own.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'")


def test_the_answer_comes_first_and_the_fix_before_the_reasons() -> None:
    text = page("your network re-signs TLS")
    places = [text.index(one) for one in ("<h1>", "What to do", "<h3>Why", "<h3>Seen", "All targets", "<details>")]
    assert places[:5] == sorted(places[:5])
    assert "your network re-signs TLS" in text[: places[1]]


def test_day_and_night() -> None:
    assert "prefers-color-scheme: dark" in page()


@pytest.mark.skipif(shutil.which("chromium") is None, reason="Debian's chromium is not installed")
def test_a_real_browser_draws_it_and_runs_nothing(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(page(), encoding="utf-8")
    shot = tmp_path / "page.png"
    switches = (
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", f"--user-data-dir={tmp_path / 'profile'}",
    )  # fmt: skip
    done = subprocess.run(
        ["chromium", *switches, "--dump-dom", f"--screenshot={shot}", (tmp_path / "page.html").as_uri()],
        capture_output=True, text=True, timeout=110, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-500:]
    assert "<script" not in done.stdout
    assert shot.exists()
    assert shot.read_bytes().startswith(b"\x89PNG")
