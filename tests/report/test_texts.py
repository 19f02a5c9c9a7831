"""Plain lines, Markdown, GitHub's commands, curl commands, the live display."""

from __future__ import annotations

import io
import re
import shlex
import time

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.report import curl, github, live, markdown, plain, records
from mnistdoctor.report.groups import groups
from mnistdoctor.report.sanitize import sanitized
from tests.report import build


def test_plain_begins_with_the_answer_and_the_fix_follows() -> None:
    shown = plain.render(build.four(), 1, encoding="ascii").splitlines()
    assert shown[0] == f"ailing: torchvision cannot download MNIST: {build.diagnosis().title}"
    assert shown[1] == "summary: 4 files, one cause, certain, your network's side, retrying will not help"
    assert shown[2:5] == [
        f"fix: {build.PROVEN.fix.title}",
        "    tried just now: all 4 files arrived and their sha256 is right",
        "    export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    ]
    keys = list(dict.fromkeys(line.partition(":")[0] for line in shown if line[:1].strip()))
    assert keys[3:7] == ["cause", "why", "seen", "ruled out"]
    stages = "stages: dns=ok tcp=ok proxy=skipped tls=failed http=skipped length=skipped checksum=skipped"
    assert [line for line in shown if "stages: " in line] == [f"[{number}] {stages}" for number in (1, 2, 3, 4)]


def test_plain_of_several_reasons_begins_with_all_of_them_and_the_worst() -> None:
    shown = plain.render(sanitized(build.mixed()), 1, encoding="ascii").splitlines()
    assert shown[0] == (
        "ailing: 3 of 7 files cannot be downloaded, for 2 reasons; 1 of 7 files cannot be judged; 3 are well"
    )
    assert [line.partition(":")[0] for line in shown if re.match("(ailing|inconclusive|healthy): ", line)] == [
        "ailing", "ailing", "ailing", "inconclusive", "healthy", "healthy",
    ]  # fmt: skip
    assert shown[-1].startswith("result: ailing, 7 targets: 3 healthy, 1 inconclusive, 3 ailing, exit code 1, ")
    assert not any(line.lstrip().startswith("::") for line in shown)


def test_python_in_plain_keeps_its_blanks() -> None:
    remedy = build.fix("Set it", "if True:\n    import os", shell="python")
    shown = plain.render(build.report(build.intercepted(build.targets()[0], remedies=(remedy,))), 1)
    assert "\nfix: Set it (Python)\n    not tried\nif True:\n    import os\n" in shown


def test_plain_says_the_same_whatever_the_times() -> None:
    (target,) = build.targets("keras:mnist")
    fast, slow = (
        plain.render(build.report(build.healthy(target), seconds=seconds), 0).splitlines() for seconds in (1.0, 9.0)
    )
    assert [line for line in fast if not line.startswith("time")] == [
        line for line in slow if not line.startswith("time")
    ]
    assert not any("1.9 s" in line for line in fast)


def test_plain_verbose_has_every_record() -> None:
    shown = plain.render(build.four(), 1, verbose=True)
    assert shown.count("] record: o7 tls handshake with") == 4


def test_markdown_obeys_no_markup_and_ends_with_the_message() -> None:
    text = markdown.render(build.mixed(), 1)
    prose = re.sub(r"(?ms)^(`{3,})\w*\n.*?^\1$", "", text)
    assert "<b>" not in prose
    assert "@octocat" not in prose
    assert not re.search(r"(?<!\\)\[bold", prose)
    assert "<details>\n<summary>" in text
    assert text.rstrip().endswith("`")
    assert "### Message to IT" in text
    assert "x-amz-request-id: TX234S0F24A06C7" in text
    assert "2026-11-21 01:00:00: https://" in text
    assert text.count("| dns | ok |") == len(groups(build.mixed()))


def test_markdown_begins_with_the_answer_and_the_fix_follows() -> None:
    parts = markdown.render(build.four(), 1).split("\n\n")
    assert parts[0] == f"## ✗ torchvision cannot download MNIST: {build.diagnosis().title}"
    assert parts[2] == "**What to do**"
    assert parts[3].startswith(f"1. {build.PROVEN.fix.title}")
    assert markdown.render(build.mixed(), 1).startswith("## ✗ 3 of 7 files cannot be downloaded, for 2 reasons")


def test_markdown_fits_into_an_issue_and_keeps_what_matters() -> None:
    torch = build.targets()
    noise = build.rec(ev.Content, "checksum", what="text", title="x" * 5000, role="control", control="again")
    results = [build.result(one, *([noise] * 40)) for one in torch[1:]]
    bad = build.result(
        torch[0], noise, build.get(torch[0], 403, failure="http_request_failed"), found=build.diagnosis()
    )
    text = markdown.render(build.report(*results, bad), 1)
    assert len(text) < 65_536
    assert "observations; <code>--format json</code> has them all" in text
    assert '"kind": "exchange"' in text
    assert text.rstrip().endswith("```")


def test_markdown_without_anyone_to_write_to_has_steps_only() -> None:
    text = markdown.render(build.report(build.intercepted(build.targets()[0], side="you")), 1)
    assert "Message to" not in text
    assert "**What to do**" in text


@pytest.mark.parametrize("inside", ["", "`", "```", "``` ```` ``"])
def test_fences_are_longer_than_what_they_hold(inside: str) -> None:
    first, *_, last = markdown.fence(f"a{inside}\nb", "sh").split("\n")
    assert first == f"{last}sh"
    assert last not in f"a{inside}"


@pytest.mark.parametrize(
    ("text", "made"),
    [("a `b*c|d` *e*", r"a `b*c\|d` \*e\*"), ("# x", r"\# x"), ("1. x", r"1\. x"), ("1.2.3.4 x", "1.2.3.4 x"),
     ("`` a", r"\`\` a"), ("<img src=x>", "&lt;img src=x&gt;"), ("fixes #12", "fixes #<!-- -->12"), ("a\n- b", "a - b"),
     ("a\\`b`", "a\\\\\\`b\\`")],
)  # fmt: skip
def test_escapes(text: str, made: str) -> None:
    assert markdown.escape(text) == made


def test_github_commands_cannot_be_injected() -> None:
    lines = github.render(build.mixed(), 1).splitlines()
    assert [line.split(" ")[0] for line in lines] == ["::warning", "::error", "::error", "::error"]
    for line in lines:
        head, _, rest = line[2:].partition("::")
        title = head.partition("title=")[2]
        assert ":" not in title
        assert "," not in title
        assert rest
    assert "%250A" in lines[-1]
    assert "%0A::error%3A%3A" not in lines[-1].partition("::")[0]


def test_github_is_silent_when_all_is_well() -> None:
    assert github.render(build.report(build.healthy(build.targets()[0])), 0) == ""


def test_curl_makes_the_same_request() -> None:
    (target,) = build.targets("https://a.example/x[1]/a b.gz?sig=***")
    exchange = build.get(target)
    route = build.rec(ev.Route, None, way="tunnel", proxy="http://proxy.example:3128", has_credentials=True)
    words = shlex.split(curl.as_curl(exchange, route, resolve="a.example:443:192.0.2.1"))
    assert words[0] == "curl"
    assert words[-1] == "https://a.example/x[1]/a b.gz?sig=***"
    assert words[words.index("--proxy") + 1] == "http://proxy.example:3128"
    assert words[words.index("--proxy-user") + 1] == "***:***"
    assert words[words.index("--resolve") + 1] == "a.example:443:192.0.2.1"
    headers = [words[n + 1] for n, word in enumerate(words) if word == "--header"]
    assert headers == ["Accept:", "User-Agent: pytorch/vision", "Accept-Encoding: identity"]
    assert "--insecure" not in words


def test_curl_quotes_what_a_shell_would_run() -> None:
    (target,) = build.targets("https://a.example/x")
    evil = build.get(
        target, url="https://a.example/$(touch /tmp/x)'`;x", request_fields=(("X", "a'; rm -rf ~"),), method="HEAD"
    )
    words = shlex.split(curl.as_curl(evil, build.rec(ev.Route, None)))
    assert words[-1] == "https://a.example/$(touch /tmp/x)'`;x"
    assert "X: a'; rm -rf ~" in words
    assert "--head" in words
    assert "--request" not in words
    assert words[words.index("--noproxy") + 1] == "*"


def test_curl_of_a_record_goes_to_the_address_that_was_asked() -> None:
    result = build.healthy(build.targets()[0])
    (exchange,) = [one for one in result.observations if isinstance(one, ev.Exchange)]
    assert f"--resolve {build.HOST}:443:52.216.1.1 " in records.curl_of(exchange, result.observations)


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_live_draws_nothing_without_a_terminal_or_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(live, "PATIENCE_S", 60.0)
    pipe, terminal = io.StringIO(), Terminal()
    for stream in (pipe, terminal):
        with live.watch(stream) as listener:
            listener.on_start(build.targets()[0])
        assert stream.getvalue() == ""
    monkeypatch.setenv("TERM", "dumb")
    assert not live.is_lively(terminal)


def test_live_shows_what_goes_on_and_cleans_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    stream = Terminal()
    result = build.healthy(build.targets()[0])
    with live.watch(stream) as listener:
        listener.on_start(result.target)
        for one in result.observations[:7]:
            listener.on_record(result.target.key, one)
        end = time.monotonic() + 60
        while "tls" not in stream.getvalue() and time.monotonic() < end:
            time.sleep(0.02)
        listener.on_progress(result.target.key, 4_000_000, 9_912_422)
        while "of 9.9 MB" not in stream.getvalue() and time.monotonic() < end:
            time.sleep(0.02)
        listener.on_result(result)
    shown = stream.getvalue()
    assert "dns" in shown
    assert "4.0 MB of 9.9 MB" in re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert shown.rstrip("\n").endswith("\x1b[2K") or "\x1b[1A\x1b[2K" in shown[-60:]


def test_live_survives_strangers_and_starts_again() -> None:
    board = live.Board()
    target = build.targets()[0]
    result = build.healthy(target)
    board.record("nobody", result.observations[4])
    board.progress("nobody", 1, None)
    board.start(target)
    for one in (*result.observations, result.observations[0]):
        board.record(target.key, one)
    board.result(result)
    board.result(result)
