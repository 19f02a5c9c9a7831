"""What a person sees: order, width, encodings, hostile strings."""

from __future__ import annotations

import re

import pytest

from mnistdoctor.diagnosis import Notice
from mnistdoctor.examine.conductor import Report
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.report import layout, terminal
from tests.report import build

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def lines(report: Report, **given: object) -> list[str]:
    return terminal.render(report, 1, **({"colour": False} | given)).splitlines()  # type: ignore[arg-type]


def test_verdict_comes_first_and_the_command_last() -> None:
    shown = lines(build.four())
    assert shown[0].startswith("✗ torchvision cannot download MNIST: your network re-signs TLS")
    assert shown[2] == "  4 files, one cause · certain · your network's side · retrying will not help"
    assert "tls ✗ 24 ms  http ·  length ·  checksum ·" in shown[3]
    labels = [line.split()[0] for line in shown if re.match(r"  (Seen|Ruled|Fix|hint)", line)]
    assert labels == ["Seen", "Ruled", "Fix", "hint:"]
    assert [line for line in shown if line.startswith("    ") and line.split()[0] == "export"] == [
        "    export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"
    ]
    assert "✓ tried just now: all 4 files arrived and their sha256 is right" in "\n".join(shown)
    assert len(shown) <= 26


def test_a_proven_fix_hides_the_others_until_they_are_asked_for() -> None:
    brief, full = " ".join(" ".join(lines(build.four())).split()), "\n".join(lines(build.four(), verbose=True))
    assert "corp-root.pem" not in brief
    assert "`-v` for 2 more fixes" in brief
    assert "not tried: get corp-root.pem from your IT first" in full
    assert "Go round it" in full
    assert full.index("Fix 1  Let torchvision") < full.index("Fix 2  Ask IT") < full.index("Fix 3  Go round")


def test_unproven_fixes_are_never_called_working_and_useless_ones_are_left_out() -> None:
    (target,) = build.targets("keras:mnist")
    shown = "\n".join(lines(build.report(build.intercepted(target, remedies=(build.UNTRIED, build.USELESS)))))
    assert "tried just now" not in shown
    assert "not tried: get corp-root.pem" in shown
    assert "  Tried  without success: Go round it" in shown
    assert shown.index("Ask IT") < shown.index("Go round it")
    assert "more fix" not in shown


def test_fixes_of_each_file_are_joined() -> None:
    results = [
        build.intercepted(
            one, remedies=(build.fix("Fetch it elsewhere", f"curl -O {one.urls[0]}", status="helped", reason="r"),)
        )
        for one in build.targets()
    ]
    shown = lines(build.report(*results))
    assert sum("Fetch it elsewhere" in line for line in shown) == 1
    assert sum(line.startswith("    curl -O https://") for line in shown) == 4


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_prose_keeps_to_the_width_and_commands_are_never_cut(width: int) -> None:
    shown = lines(build.mixed(), width=width)
    commands = [line for line in shown if "export" in line or "$(python3" in line]
    assert '    cat "$(python3 -m certifi)" corp-root.pem > "$HOME/ca-bundle.pem"' in commands
    for line in shown:
        assert layout.cells(line) <= width or line in commands or " " not in line.strip() or "::error" in line


@pytest.mark.parametrize("width", [40, 80])
def test_stages_wrap_between_stages(width: int) -> None:
    strip = [line for line in lines(build.four(), width=width) if re.search(r"(dns|proxy|length|checksum) [✓–·]", line)]
    told = " ".join(" ".join(strip).split()).removesuffix(" (– not needed, · not reached)")
    assert told == "dns ✓ 3 ms tcp ✓ 11 ms proxy – tls ✗ 24 ms http · length · checksum ·"
    assert "(– not needed, · not reached)" in "\n".join(lines(build.four(), width=width))
    assert all(re.match(r"  (dns|tcp|proxy|tls|http|length|checksum) ", line) for line in strip)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_every_stream_can_write_it(encoding: str) -> None:
    text = terminal.render(build.mixed(), 1, encoding=encoding, colour=True)
    assert text.encode(encoding).decode(encoding) == text
    assert ("✗" in text) == (encoding == "utf-8")
    if encoding == "ascii":
        assert "tls x 24 ms" in ESCAPE.sub("", text)
        assert "dns ok 3 ms" in ESCAPE.sub("", text)


def test_colour_adds_escapes_and_nothing_else() -> None:
    plain, coloured = terminal.render(build.mixed(), 1, colour=False), terminal.render(build.mixed(), 1, colour=True)
    assert "\x1b" not in plain
    assert "\x1b[1m" in coloured
    assert ESCAPE.sub("", coloured) == plain


def test_no_markup_of_a_server_is_obeyed() -> None:
    text = ESCAPE.sub("", terminal.render(build.mixed(), 1, colour=True, width=100))
    assert "[bold]<b>x</b>[/bold] \\x1b[31m" in text
    assert "数据" in text


def test_healthy_is_two_lines_with_bars() -> None:
    shown = lines(build.report(*(build.healthy(one) for one in build.targets("keras:mnist"))))
    assert shown[0] == "✓ Keras will get MNIST: mnist.npz, 11.5 MB, sha256 right, 1.9 s"
    assert re.fullmatch(r"  dns ▏ 3 ms  tcp ▏ 11 ms  tls ▎ 31 ms  http ▏ 25 ms  body █+[▏▎▍▌▋▊▉]? 1.8 s", shown[1])
    assert len(shown) == 2


def test_several_targets_healthy_first_then_ailing_then_overall() -> None:
    shown = lines(build.mixed())
    heads = [line[0] for line in shown if line[:2] in ("✓ ", "? ", "✗ ")]
    assert heads == ["✗", "✓", "✓", "?", "✗", "✗"]
    assert " ".join(shown[:2]) == (
        "✗ 3 of 7 files cannot be downloaded, for 2 reasons; 1 of 7 files cannot be   judged; 3 are well (2 s)"
    )
    assert sum("hint:" in line for line in shown) == 1
    assert "  ! it took 2 repetitions until it went well (2 files)" in shown
    assert "? cannot tell whether Kuzushiji-MNIST can be had: the deadline came before an" in shown


def test_a_url_is_called_by_its_file() -> None:
    (target,) = build.targets("https://a.example/x/train%20set.gz?sig=***")
    assert lines(build.report(build.intercepted(target)))[0].startswith('✗ "train set.gz" cannot be downloaded: ')


def test_verbose_shows_every_record_and_each_request() -> None:
    report = build.mixed()
    shown = "\n".join(lines(report, verbose=True, width=100))
    for result in report.targets:
        for one in result.observations:
            assert f"\n  {one.id:<4} {one.stage or 'before':<8} " in shown
    assert "    curl --globoff" in shown
    assert "failed: the certificate's issuer is not trusted (ssl_unknown_authority)" in " ".join(shown.split())


def test_a_target_that_was_never_reached_is_shown() -> None:
    (target,) = build.targets("keras:mnist")
    notice = Notice(cause=None, stage=None, title="not examined: the run ended before its turn")
    never = TargetResult(
        target=target, verdict="inconclusive", url=target.urls[0], final_url=None, case=None, warnings=(notice,)
    )
    shown = lines(build.report(never, interrupted=True))
    assert " ".join(shown).startswith("? cannot tell whether Keras can download MNIST: not examined:")


def test_python_commands_begin_at_the_margin() -> None:
    remedy = build.fix("Set it", "import os", "os.environ['A'] = 'b'", shell="python")
    shown = lines(build.report(build.intercepted(build.targets()[0], remedies=(remedy,))))
    assert "import os" in shown
    assert any("Set it (Python)" in line for line in shown)


def test_evidence_of_one_file_is_not_passed_off_as_that_of_all() -> None:
    torch = build.targets()
    alike = build.report(build.intercepted(torch[0], evidence=("a",)), build.intercepted(torch[1], evidence=("b",)))
    assert any('(this is "train-images-idx3-ubyte.gz"; the others are alike)' in line for line in lines(alike))
    assert not any("the others are alike" in line for line in lines(build.four()))


def test_a_fix_that_is_proven_for_some_files_does_not_hide_those_of_the_others() -> None:
    torch, (keras,) = build.targets(), build.targets("keras:mnist")
    own = build.fix("Let Keras verify with it", "export B=/b", reason="the deadline came first")
    results = (*(build.intercepted(one) for one in torch), build.intercepted(keras, remedies=(own,)))
    shown = "\n".join(lines(build.report(*results), width=100))
    assert "  tried just now: 4 of 5 files arrived" in shown, "nothing is called working that did not bring every file"
    assert shown.index("export SSL_CERT_FILE") < shown.index("export B=/b")
