"""Real clients fail in worlds on loopback; what they print goes through `triage`, and `check` examines the same world.

    python -m tests.symptoms.matrix [--python INTERPRETER]

INTERPRETER has the loaders (keras, scikit-learn, huggingface_hub, pooch, httpx); what is not there is left out. A cell
is right where `triage` names the cause that `check` names, or holds it possible; `-` where the client notices nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from mnistdoctor.catalogue import load
from mnistdoctor.demo.faults_body import cut
from mnistdoctor.demo.faults_http import respond, serve
from mnistdoctor.demo.faults_proxy import auth_required, deny, http_proxy
from mnistdoctor.demo.pages import html
from mnistdoctor.demo.pki import Authority
from mnistdoctor.demo.scenes.files import digits
from mnistdoctor.demo.servers import RefusingPort
from mnistdoctor.symptoms import appearances
from mnistdoctor.symptoms.matches import read
from mnistdoctor.wording import shortened
from tests.faults.tcp import hang, reset_on_accept
from tests.strangers.lab import Lab

SHA256 = "0" * 64

PROGRAMS = {
    "urllib": "import urllib.request as u\nu.urlretrieve(URL, TO)",
    "requests": "import requests\nr = requests.get(URL, timeout=3)\n"
    "r.raise_for_status()\nopen(TO, 'wb').write(r.content)",
    "httpx": "import httpx\nr = httpx.get(URL, timeout=3)\nr.raise_for_status()\nopen(TO, 'wb').write(r.content)",
    "keras": "from keras.utils import get_file\nget_file('f.gz', URL, cache_dir=TO, file_hash=SHA)",
    "pooch": "import pooch\npooch.retrieve(URL, 'sha256:' + SHA, path=TO)",
    "sklearn": (
        "from sklearn.datasets import _base as b\nfrom pathlib import Path\n"
        "b._fetch_remote(b.RemoteFileMetadata('f.gz', URL, SHA), Path(TO).parent, n_retries=0)"
    ),
    "huggingface": "from huggingface_hub import hf_hub_download\nhf_hub_download('a/b', 'f.gz', cache_dir=TO)",
}
"""What a user would write; URL, TO and SHA are given to it."""
COMMANDS = {
    "curl": ["curl", "-fsSL", "--max-time", "3", "-o", "TO", "URL"],
    "wget": ["wget", "-t", "1", "-T", "3", "-O", "TO", "URL"],
}
LEFT_OUT = {
    *((world, "huggingface") for world in ("cut", "wrong digest", "a page")),  # such a server is no Hub
    ("a proxy without a scheme", "urllib"),  # it goes there all the same
}
CLIENT = {"httpx": "huggingface", "pooch": "requests", "wget": "curl"}
"""The client of `--as` where it has another name."""


@dataclass
class Staged:
    """A world: the URL, what the environment holds, and what the doctor is told."""

    url: str
    environment: dict[str, str] = field(default_factory=dict)


World = Callable[[Lab], Staged]


def _answers(status: int) -> World:
    return lambda lab: Staged(lab.serve(respond(status, b"")).url("/f.gz"))


def _tls(**leaf: object) -> World:
    def world(lab: Lab) -> Staged:
        context = Authority().issue(**leaf).server_context()  # type: ignore[arg-type]
        return Staged(lab.serve(respond(200, b""), context).url("/f.gz", host="localhost"))

    return world


def _proxied(world: Callable[[Lab], str]) -> World:
    def staged(lab: Lab) -> Staged:
        proxy = world(lab)
        names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
        return Staged("https://files.example/f.gz", dict.fromkeys(names, proxy))

    return staged


WORLDS: dict[str, World] = {
    "refused": lambda lab: Staged(lab.endpoint(RefusingPort()).url("/f.gz")),
    "silent": lambda lab: Staged(lab.serve(hang).url("/f.gz")),
    "reset": lambda lab: Staged(lab.serve(reset_on_accept).url("/f.gz")),
    "no such name": lambda lab: Staged("http://no-such-name.invalid/f.gz"),
    **{str(status): _answers(status) for status in (403, 404, 410, 429, 500, 502, 503)},
    "cut": lambda lab: Staged(lab.serve(cut(digits().body, 1000)).url("/f.gz")),
    "wrong digest": lambda lab: Staged(lab.serve(serve(digits().body)).url("/f.gz")),
    "a page": lambda lab: Staged(lab.serve(html()).url("/f.gz")),
    "untrusted": _tls(),
    "a bundle that is not there": lambda lab: Staged(
        _tls()(lab).url, dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), "/none.pem")
    ),
    "the proxy asks for a password": _proxied(lambda lab: lab.serve(auth_required('Basic realm="x"')).url("")),
    "the proxy forbids": _proxied(lambda lab: lab.serve(deny(lambda _host: True, http_proxy({}))).url("")),
    "the proxy is gone": _proxied(lambda lab: lab.endpoint(RefusingPort()).url("")),
    "a proxy without a scheme": _proxied(lambda lab: "socks://127.0.0.1:9"),
}


@dataclass(frozen=True)
class Appearance:
    """How a cause looks in a client: the line with which it ends."""

    cause: str
    client: str
    says: str


_VARYING = (
    (r"https?://(?:127\.0\.0\.1|localhost)(?::\d+)?[^\s'\")]*", "URL"),
    (r"/tmp/[^\s'\")]*", "FILE"),
    (r"0x[0-9a-f]{6,}", "0x…"),
    (r"port[= ]\d{4,5}", "port …"),
    (r"\b[0-9a-f]{32,64}\b", "…"),
    (r"127\.0\.0\.1:\d+", "HOST"),
    (r"\(_ssl\.c:\d+\)", "(_ssl.c:…)"),
    (r"after \d+ ms", "after … ms"),
    (r"\d{4}-\d\d-\d\d[ T][\d:]+", "…"),
    (r"\(Request ID[^)]*\)", ""),
)


def last_line(text: str) -> str:
    """The line with which a client ends, without what differs from run to run."""
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith((" ", "\t"))]
    line = next((line for line in reversed(lines) if re.search(r"(?i)err|exce|fail|curl:|refus|forbid|not ", line)), "")
    for pattern, shown in _VARYING:
        line = re.sub(pattern, shown, line)
    return shortened(" ".join(line.split()), 160)


def written(found: list[Appearance]) -> str:
    """The table as TOML; each line of a client once."""
    rows = {(one.cause, one.client): one.says for one in reversed(found) if one.says}
    text = "# How causes look in clients: the line with which each ends.\n# `python -m tests.symptoms.matrix --write`\n"
    for (cause, client), says in sorted(rows.items()):
        line = json.dumps(says, ensure_ascii=False)
        text += f'\n[[appearance]]\ncause = "{cause}"\nclient = "{client}"\nsays = {line}\n'
    return text


@contextmanager
def laboratory() -> Iterator[Lab]:
    """An empty home and nothing else."""
    with tempfile.TemporaryDirectory(prefix="mnistdoctor-matrix-") as folder, Lab(Path(folder)) as lab:
        yield lab


def printed(lab: Lab, client: str, staged: Staged, python: str) -> str | None:
    """What the client prints where it fails; None where it does not, or is not here."""
    url, to = staged.url, str(lab.folder / "f.gz")
    environment = {"PATH": os.environ["PATH"], "HOME": str(lab.home), **staged.environment}
    if client in COMMANDS:
        command = [{"URL": url, "TO": to}.get(word, word) for word in COMMANDS[client]]
    else:
        head = f"URL, TO, SHA = {url!r}, {to!r}, {SHA256!r}\nimport socket\nsocket.setdefaulttimeout(3)\n"
        command = [python, "-c", head + PROGRAMS[client]]
        environment |= {"KERAS_BACKEND": "numpy", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        environment |= {
            "HF_ENDPOINT": url.rsplit("/", 1)[0],
            "HF_HUB_ETAG_TIMEOUT": "3",
            "HF_HUB_DOWNLOAD_TIMEOUT": "3",
        }
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=40, env=environment, cwd=lab.folder)
    except subprocess.TimeoutExpired:  # it asks again and again
        return None
    if not done.returncode or "ModuleNotFoundError" in done.stderr:
        return None
    return done.stdout + done.stderr


def main() -> int:
    """Print the table; the exit code is 1 if a cell is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.symptoms.matrix", description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the loaders")
    parser.add_argument("--texts", action="store_true", help="print what the clients said where a cell is wrong")
    parser.add_argument("--write", action="store_true", help="write how causes look into the package")
    given = parser.parse_args()
    looks: list[Appearance] = []
    catalogue, right, count = load(), 0, 0
    clients = [*PROGRAMS, *(name for name in COMMANDS if shutil.which(name))]
    for world, stage in WORLDS.items():
        for client in clients:
            with laboratory() as lab:
                if (world, client) in LEFT_OUT:
                    continue
                staged = stage(lab)
                text = printed(lab, client, staged, given.python)
                if text is None:
                    continue
                options = ("--sha256", SHA256, "--timeout", "2", "--no-try", "--as", CLIENT.get(client, client))
                cause = lab.check(staged.url, *options, cwd=None, **staged.environment).cause
            reading = read(text, catalogue)
            best = reading.matches[0] if reading.matches else None
            named = best.cause if best else reading.verdict
            good = best is not None and cause in (best.cause, *best.also_possible)
            right, count = right + good, count + 1
            if good and cause != "unexplained":
                looks.append(Appearance(cause, client, last_line(text)))
            print(f"{world:28}{client:14}{named:32}{'' if good else f'WRONG: check says {cause}'}", flush=True)
            if given.texts and not good:
                print("    " + text[-1500:].replace("\n", "\n    "))
    print(f"{right} of {count} as `check`")
    if given.write:
        Path(appearances.__file__).with_suffix(".toml").write_text(written(looks), encoding="utf-8")
    return right != count


if __name__ == "__main__":
    sys.exit(main())
