"""Which proxy variables a start file leaves set, as a shell would, without running it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnistdoctor.settings import start_files
from mnistdoctor.settings.start_files import assignments, proxies

P, Q = "http://p.corp:3128", "http://q.corp:8080"


def left_set(text: str) -> dict[str, str]:
    return {one.key: one.value for one in assignments(text, "file")}


SET = [
    f"https_proxy={P}",
    f"export https_proxy={P}",
    f"export https_proxy='{P}'",
    f'export https_proxy="{P}"  # the way out',
    f"declare -x https_proxy={P}",
    f"typeset https_proxy={P}",
    f"true; export https_proxy={P}",
    f"[ -f /run/office ] && export https_proxy={P}",
    f"if office; then export https_proxy={P}; fi",
    f"if office; then\n  export https_proxy={P}\nelse\n  unset https_proxy\nfi",
    f"{{ export https_proxy={P}; }}",
    "HOST=p.corp\nexport https_proxy=http://$HOST:3128",
    f"http_proxy={P}\nexport https_proxy=${{http_proxy}}",
    f"export \\\n  https_proxy={P}",
    f"# a comment \\\nexport https_proxy={P}",
    f"unset https_proxy\nexport https_proxy={P}",
    f"export https_proxy={Q}\nexport https_proxy={P}",
    f"off() {{ unset https_proxy; }}\nexport https_proxy={P}",
    f"off() {{ unset https_proxy; }}  # at home\nexport https_proxy={P}",
    f"off()\n{{\n  unset https_proxy\n}}\nexport https_proxy={P}",
    f"setenv https_proxy {P}",
    f"set -gx https_proxy '{P}'",
    f"set --export --global https_proxy {P}",
    f"function off\n    set -e https_proxy\nend\nset -Ux https_proxy {P}",
    f"cat <<END\nunset https_proxy\nEND\nhttps_proxy={P}",
    f"quote='that ends\non a later line'\nhttps_proxy={P}",
]
UNSET = [
    f"#https_proxy={P}",
    f"  # export https_proxy={P}",
    f"https_proxy={P} curl https://data.example",
    f"env https_proxy={P} curl https://data.example",
    f"sudo https_proxy={P} apt update",
    f"echo https_proxy={P}",
    f"alias on='export https_proxy={P}'",
    f"on() {{\n  export https_proxy={P}\n}}",
    f"on()\n{{\n  if x; then\n    export https_proxy={P}\n  fi\n}}",
    f"on() {{ # }}\n  export https_proxy={P}\n}}",
    f"on() {{ export https_proxy={P}; }}",
    f"function on\n    set -gx https_proxy {P}\nend",
    f"function on {{\n export https_proxy={P}\n}}",
    f"cat > x <<'END'\nexport https_proxy={P}\nEND",
    f"export https_proxy={P}\nunset https_proxy",
    f"setenv https_proxy {P}\nunsetenv https_proxy",
    f"set -gx https_proxy {P}\nset -e https_proxy",
    f"export https_proxy={P}\nexport https_proxy=",
    f"export https_proxy={P}\nexport https_proxy=$(ask)",
    "export https_proxy=http://$HOST:3128",
    "export https_proxy=http://u:${PASSWORD}@p.corp:3128",
    "HOST=`hostname`\nexport https_proxy=http://$HOST:3128",
    "HOST=p.corp\nunset HOST\nexport https_proxy=http://$HOST:3128",
    f"set https_proxy {P}",
    f"https_proxy = {P}",
    "export https_proxy='http://p.corp:3128",
    "export https_proxy",
]


@pytest.mark.parametrize("text", SET)
def test_what_a_shell_would_have_set(text: str) -> None:
    assert left_set(text)["https_proxy"] == P


@pytest.mark.parametrize("text", UNSET)
def test_what_it_would_not(text: str) -> None:
    assert "https_proxy" not in left_set(text)


# What csh and fish read, what hangs on a condition, and what a shell knows and we do not.
NOT_FOR_BASH = re.compile(r"office|setenv|set -|^set |[$`](?!\{?http_proxy)")


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
@pytest.mark.parametrize("text", [one for one in SET + UNSET if not NOT_FOR_BASH.search(one)])
def test_bash_says_the_same(tmp_path: Path, text: str) -> None:
    (tmp_path / "rc").write_text(text)
    bash = [str(shutil.which("bash")), "--noprofile", "--norc", "-c", '. ./rc >/dev/null; printf "%s" "$https_proxy"']
    # Without a path no program can be run, only what the shell itself can do.
    done = subprocess.run(bash, cwd=tmp_path, env={"PATH": "/nowhere"}, capture_output=True, text=True, check=False)
    assert done.stdout == left_set(text).get("https_proxy", "")


def test_several_in_one_line_with_its_number() -> None:
    found = list(assignments(f"\n# proxies\nexport http_proxy={P} HTTPS_PROXY={Q}\n", "/h/.bashrc"))
    assert [(one.key, one.value, one.line, one.where) for one in found] == [
        ("http_proxy", P, 3, "/h/.bashrc"), ("HTTPS_PROXY", Q, 3, "/h/.bashrc"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "text"),
    [
        (".profile", f"export https_proxy={P}"),
        (".bashrc", f"export HTTPS_PROXY={P}"),
        (".zshrc", f"export all_proxy={P}"),
        (".pam_environment", f"https_proxy={P}"),
        (".config/fish/config.fish", f"set -gx https_proxy {P}"),
        (".config/fish/conf.d/proxy.fish", f"set -gx https_proxy {P}"),
        (".config/environment.d/50-proxy.conf", f"https_proxy={P}"),
    ],
)
def test_the_files_of_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str) -> None:
    monkeypatch.setattr(start_files, "_ETC", ())
    monkeypatch.setattr(start_files, "_ETC_FOLDERS", ())
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    assert [(one.value, one.where, one.line) for one in proxies(tmp_path, "https")] == [(P, str(path), 1)]
    assert len(list(proxies(tmp_path, "http"))) == (file == ".zshrc"), "only all_proxy concerns http"


PIECES = st.sampled_from([
    "export ", "https_proxy", "=", "http://u:pw@p:1", "'", '"', "\\", "\n", " ", ";", "&&", "$", "${A}", "`", "#",
    "() {",
    "}", "function f", "end", "unset ", "set -gx ", "set -e ", "setenv ", "<<E", "E", "then ", "(", ")", "\0", "\x1b",
    "\u2028",
])  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=4), max_size=30).map("".join))
def test_no_text_makes_it_raise(text: str) -> None:
    for one in assignments(text, "file"):
        assert one.value
        assert 1 <= (one.line or 0) <= len(text.splitlines())
        assert ":pw@" not in repr(one)
