"""What `import mnistdoctor` offers, in programs, in IPython, in a Jupyter kernel and in pytest."""

from __future__ import annotations

import email.message
import hashlib
import json
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import requests

import mnistdoctor
from mnistdoctor.demo.faults_http import respond, serve
from mnistdoctor.demo.servers import RefusingPort, Server

CHECKOUT = Path(mnistdoctor.__file__).parents[1]


def failing() -> Exception:
    with RefusingPort() as port, pytest.raises(OSError) as caught:
        urllib.request.urlopen(port.url("/a.gz"), timeout=10)
    return caught.value


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments, "-c", code] if not arguments else [sys.executable, *arguments, code],
        capture_output=True, text=True, timeout=120, cwd=CHECKOUT,
    )  # fmt: skip


class TestImport:
    def test_it_loads_itself_and_nothing_else(self) -> None:
        """The time is for `tests.bench`; what it costs is what it loads."""
        done = python("import sys, importlib\nbefore = set(sys.modules)\nimport mnistdoctor\n"
                      "print(*sorted(set(sys.modules) - before))")  # fmt: skip
        assert done.stdout.split() == ["mnistdoctor"]

    def test_a_name_that_is_not_there(self) -> None:
        with pytest.raises(AttributeError, match="nothing"):
            mnistdoctor.nothing  # type: ignore[attr-defined]  # noqa: B018


class TestCheck:
    def test_a_healthy_url(self) -> None:
        with Server(serve(b"a,b\n1,2\n", content_type="text/csv")) as server:
            found = mnistdoctor.check(server.url("/a.csv"), proxy="")
        assert (found.verdict, found.diagnosis) == ("healthy", None)
        assert "a.csv" in str(found)
        assert "<pre" in found._repr_html_()

    def test_an_ailing_one(self) -> None:
        with Server(respond(410, b"")) as server:
            found = mnistdoctor.check(server.url("/a.gz"), proxy="", controls_allowed=False, trials_allowed=False)
        assert found.verdict == "ailing"
        assert found.diagnosis is not None
        assert found.diagnosis.cause == "http-410-gone"

    @pytest.mark.parametrize("target", ["nosuch:mnist", "no such thing"])
    def test_bad_input_is_a_value_error(self, target: str) -> None:
        with pytest.raises(ValueError, match=r"nosuch|no such"):
            mnistdoctor.check(target)


class TestTriage:
    def test_an_exception_with_what_led_to_it(self) -> None:
        found = mnistdoctor.triage(failing())
        assert found.verdict == "download-failure"
        assert found.match is not None
        assert found.match.cause == "tcp-refused"
        assert "tcp-refused" in str(found)

    def test_a_reason_that_nobody_prints(self) -> None:
        error = RuntimeError("the download failed")
        error.reason = OSError(28, "No space left on device")  # type: ignore[attr-defined]
        assert mnistdoctor.triage(error).match.cause == "disk-full"  # type: ignore[union-attr]

    def test_one_that_is_an_argument_of_another(self) -> None:
        inner = RuntimeError("the loader says nothing", ValueError("nor this", ConnectionRefusedError(111, "refused")))
        assert mnistdoctor.triage(inner).match.cause == "tcp-refused"  # type: ignore[union-attr]

    def test_one_that_from_none_hides(self) -> None:
        error = RuntimeError("download failed")
        error.__context__ = urllib.error.HTTPError("https://a.example/a", 410, "Gone", email.message.Message(), None)
        error.__suppress_context__ = True
        assert mnistdoctor.triage(error).match.cause == "http-410-gone"  # type: ignore[union-attr]

    def test_a_circle_of_exceptions_ends(self) -> None:
        one, other = RuntimeError("one"), OSError(28, "No space left on device")
        one.reason, other.reason = other, one  # type: ignore[attr-defined]
        assert mnistdoctor.triage(one).match.cause == "disk-full"  # type: ignore[union-attr]

    def test_what_requests_raises(self) -> None:
        with requests.Session() as session, RefusingPort() as port:
            session.trust_env = False
            with pytest.raises(requests.ConnectionError) as caught:
                session.get(port.url("/a.gz"), timeout=10)
        assert mnistdoctor.triage(caught.value).match.cause == "tcp-refused"  # type: ignore[union-attr]

    def test_a_text(self) -> None:
        assert mnistdoctor.triage("curl: (6) Could not resolve host: a.example").match.cause == "dns-nxdomain"  # type: ignore[union-attr]

    def test_what_is_no_download(self) -> None:
        assert mnistdoctor.triage(ModuleNotFoundError("No module named 'torch'")).verdict == "not-a-download-failure"


FAILS = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:{}/a.gz', timeout=10)"


# In a process of its own: a kernel's client keeps sockets for as long as it lives.
NOTEBOOK = """
import json, nbclient, nbformat
book = nbformat.v4.new_notebook(cells=[
    nbformat.v4.new_code_cell("%load_ext mnistdoctor\\n{fails}"), nbformat.v4.new_code_cell("1 + 1")])
nbclient.NotebookClient(book, timeout=120, allow_errors=True, kernel_name="python3").execute()
print(json.dumps([cell.outputs for cell in book.cells]))
"""


def by_install(code: str, folder: Path) -> str:
    return python(f"import mnistdoctor; mnistdoctor.install()\n{code}").stderr


def by_ipython(code: str, folder: Path) -> str:
    pytest.importorskip("IPython")
    done = python(f"%load_ext mnistdoctor\n{code}", "-m", "IPython", "--colors=NoColor", "--no-banner", "-c")
    return done.stdout + done.stderr


def by_kernel(code: str, folder: Path) -> str:
    pytest.importorskip("nbclient")
    cell = f"%load_ext mnistdoctor\n{code}"
    return python(NOTEBOOK.replace('"%load_ext mnistdoctor\\n{fails}"', repr(cell))).stdout


def by_pytest(code: str, folder: Path) -> str:
    body = "\n    ".join(code.splitlines())
    (folder / "test_it.py").write_text(f"def test_it():\n    {body}\n")
    return python(str(folder), "-m", "pytest", "-p", "mnistdoctor.pytest_plugin", "-p", "no:cacheprovider").stdout


HOOKS = {"install": by_install, "IPython": by_ipython, "a kernel": by_kernel, "pytest": by_pytest}
REAL = {
    "urllib": (FAILS, "tcp-refused"),
    "requests": (
        "import requests; requests.get('http://127.0.0.1:{}/a.gz', timeout=10, proxies={{'http': ''}})", "tcp-refused"
    ),
    "as scikit-learn checks a download": (
        "import hashlib; got = hashlib.sha256(b'{}').hexdigest()\n"
        "raise OSError('The SHA256 checksum of f.gz (' + got + ') differs from expected (' + '0' * 64 + ').')",
        "checksum-mismatch-corruption",
    ),
}  # fmt: skip
"""A program that fails by itself on the port that it is given, and the cause."""


class TestHooks:
    @pytest.mark.parametrize(("program", "cause"), REAL.values(), ids=REAL.keys())
    @pytest.mark.parametrize("hook", ["install", "IPython", "a kernel", "pytest"])
    def test_each_hook_explains_and_keeps_the_error(self, program: str, cause: str, hook: str, tmp_path: Path) -> None:
        with RefusingPort() as port:
            code = program.format(port.port)
            last = python(code).stderr.strip().splitlines()[-1]
            shown = HOOKS[hook](code, tmp_path)
        assert shown.count(f"explain {cause}`") == 1
        assert last.partition(":")[0].rpartition(".")[2] in shown

    def test_below_an_uncaught_error(self) -> None:
        with RefusingPort() as port:
            code = FAILS.format(port.port)
            plain = python(code)
            done = python(f"import mnistdoctor; mnistdoctor.install(); mnistdoctor.install()\n{code}")
        assert done.returncode == plain.returncode == 1
        assert done.stderr.count("tcp-refused") == 2  # the cause, and `explain` of it
        assert "URLError" in done.stderr

    def test_other_errors_are_left_alone(self) -> None:
        done = python("import mnistdoctor; mnistdoctor.install()\n1/0")
        assert done.returncode == 1
        assert done.stderr.rstrip().endswith("division by zero")

    def test_ipython(self) -> None:
        pytest.importorskip("IPython")
        with RefusingPort() as port:
            code = f"%load_ext mnistdoctor\n{FAILS.format(port.port)}"
            done = python(code, "-m", "IPython", "--colors=NoColor", "--no-banner", "-c")
        assert "tcp-refused" in done.stdout + done.stderr

    def test_a_jupyter_kernel(self) -> None:
        pytest.importorskip("nbclient")
        with RefusingPort() as port:
            done = python(NOTEBOOK.format(fails=FAILS.format(port.port)))
        outputs, other = json.loads(done.stdout)
        assert any(output["output_type"] == "error" for output in outputs)
        assert any("tcp-refused" in output.get("text", "") for output in outputs)
        assert other[0]["data"]["text/plain"] == "2"

    def test_pytest(self, tmp_path: Path) -> None:
        with RefusingPort() as port:
            (tmp_path / "test_it.py").write_text(
                f"def test_it():\n    {FAILS.format(port.port)}\n\ndef test_other():\n    1 / 0\n"
            )
            plugin = ("-p", "mnistdoctor.pytest_plugin", "-p", "no:cacheprovider")
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *plugin, str(tmp_path)],
                capture_output=True, text=True, timeout=120, cwd=CHECKOUT,
            )  # fmt: skip
        assert done.returncode == 1
        assert done.stdout.count("- mnistdoctor -") == 1
        assert "tcp-refused" in done.stdout


class TestFetch:
    def test_it_puts_the_file_there_and_says_so(self, tmp_path: Path) -> None:
        sha256 = hashlib.sha256(b"data").hexdigest()
        with Server(serve(b"data")) as server:
            found = mnistdoctor.fetch(server.url("/a.bin"), to=tmp_path, sha256=sha256, proxy="")
        assert found.ready
        assert [path.read_bytes() for path in found.paths] == [b"data"]
        assert "ready: " in str(found)
        assert "sha256 right" in found._repr_html_()

    def test_what_cannot_be_had_is_no_error(self, tmp_path: Path) -> None:
        with Server(respond(404)) as server:
            found = mnistdoctor.fetch(server.url("/a.bin"), to=tmp_path, sha256="0" * 64, proxy="")
        assert (found.ready, found.paths) == (False, ())
        assert found.report is not None
        assert "404" in str(found)

    def test_a_file_that_was_brought(self, tmp_path: Path) -> None:
        (tmp_path / "mine").write_bytes(b"data")
        sha256 = hashlib.sha256(b"data").hexdigest()
        url = "https://files.example/a.bin"
        found = mnistdoctor.fetch(url, to=tmp_path / "to", from_files=[tmp_path / "mine"], sha256=sha256)
        assert found.ready
        assert found.report is None

    def test_what_names_no_place_is_a_value_error(self) -> None:
        with pytest.raises(ValueError, match="where the file belongs"):
            mnistdoctor.fetch("mnist")
