"""Real clients fail in worlds on loopback; what they print goes through `triage`, and `check` examines the same world.

    python -m tests.symptoms.matrix [--python INTERPRETER] [--client NAME]... [WORLD]...

INTERPRETER has the loaders (keras, torchvision, scikit-learn, huggingface_hub, pooch, httpx); what is not there is left
out, and so is a client that notices nothing. A cell is right where `triage` names the cause that `check` names (`=`),
or holds it possible (`~`).
"""

from __future__ import annotations

import argparse
import gzip
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
from mnistdoctor.causes.order import ORDER
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
DATA = Path(__file__).parents[1] / "data"

PROGRAMS = {
    "urllib": "import urllib.request as u\nu.urlretrieve(URL, TO)",
    "requests": "import requests\nr = requests.get(URL, timeout=3)\n"
    "r.raise_for_status()\nopen(TO, 'wb').write(r.content)",
    "httpx": "import httpx\nr = httpx.get(URL, timeout=3)\nr.raise_for_status()\nopen(TO, 'wb').write(r.content)",
    "keras": "from keras.utils import get_file\nget_file('f.gz', URL, cache_dir=TO, file_hash=SHA)",
    "torchvision": (
        "from torchvision.datasets.utils import download_url\nimport os\n"
        "download_url(URL, os.path.dirname(TO), 'f.gz', '0' * 32)"
    ),
    "pooch": "import pooch\npooch.retrieve(URL, 'sha256:' + SHA, path=TO)",
    "sklearn": (
        "from sklearn.datasets import _base as b\nfrom pathlib import Path\n"
        "b._fetch_remote(b.RemoteFileMetadata('f.gz', URL, SHA), Path(TO).parent, n_retries=0)"
    ),
    "huggingface": "from huggingface_hub import hf_hub_download\nhf_hub_download('a/b', 'f.gz', cache_dir=TO)",
}
"""What a user would write; URL, TO and SHA are given to it."""
FROM_CACHE = {
    "keras": "from keras.datasets import fashion_mnist\nfashion_mnist.load_data()",
    "torchvision": "from torchvision.datasets import FashionMNIST\nFashionMNIST('data', download=True)[0]",
}
"""And where the files lie in the loader's cache already."""
COMMANDS = {
    "curl": ["curl", "-fsSL", "--max-time", "3", "-o", "TO", "URL"],
    "wget": ["wget", "-t", "1", "-T", "3", "-O", "TO", "URL"],
}
LEFT_OUT = {
    *((world, "huggingface") for world in ("cut", "wrong digest", "a page")),  # such a server is no Hub
    ("silent", "huggingface"),  # it asks again for minutes
    ("a proxy without a scheme", "urllib"),  # it goes there all the same
}
CLIENT = {"httpx": "huggingface", "pooch": "requests", "wget": "curl"}
"""The client of `--as` where it has another name."""


@dataclass
class Staged:
    """A world: the URL, what the environment holds, and what the doctor is told."""

    url: str
    environment: dict[str, str] = field(default_factory=dict)
    target: str = ""
    """What the doctor is asked, where it is not the URL; CLIENT stands for the loader."""


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


def _cut_in_cache(lab: Lab) -> Staged:
    """All four files, each without its end, where keras and torchvision look for them."""
    whole = (DATA / "fashion_mnist" / "train-labels-idx1-ubyte.gz").read_bytes()
    kinds = ("train-labels-idx1", "train-images-idx3", "t10k-labels-idx1", "t10k-images-idx3")
    for folder, end, body in (
        (lab.home / ".keras/datasets/fashion-mnist", ".gz", whole[: len(whole) // 2]),
        (lab.folder / "data/FashionMNIST/raw", "", gzip.decompress(whole)[:10_000]),
    ):
        folder.mkdir(parents=True)
        for kind in kinds:
            (folder / f"{kind}-ubyte{end}").write_bytes(body)
    return Staged("", target="CLIENT:fashion-mnist")


WORLDS: dict[str, World] = {
    "refused": lambda lab: Staged(lab.endpoint(RefusingPort()).url("/f.gz")),
    "silent": lambda lab: Staged(lab.serve(hang).url("/f.gz")),
    "reset": lambda lab: Staged(lab.serve(reset_on_accept).url("/f.gz")),
    "no such name": lambda lab: Staged("http://no-such-name.invalid/f.gz"),
    **{str(status): _answers(status) for status in (403, 404, 410, 429, 500, 502, 503)},
    "cut": lambda lab: Staged(lab.serve(cut(digits().body, len(digits().body) // 2)).url("/f.gz")),
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
    "cut in the cache": _cut_in_cache,
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
    """The table as TOML: what was played now, and what was known of other causes and clients."""
    rows = {(cause, client): says for cause in ORDER for client, says in appearances.appearances(cause).items()}
    rows |= {(one.cause, one.client): one.says for one in reversed(found) if one.says}
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
    if client in COMMANDS and not shutil.which(client):
        return None
    url, to = staged.url, str(lab.folder / "f.gz")
    environment = {"PATH": os.environ["PATH"], "HOME": str(lab.home), **staged.environment}
    programs = PROGRAMS if url else FROM_CACHE
    if client in COMMANDS and url:
        command = [{"URL": url, "TO": to}.get(word, word) for word in COMMANDS[client]]
    elif client not in programs:
        return None
    else:
        head = f"URL, TO, SHA = {url!r}, {to!r}, {SHA256!r}\nimport socket\nsocket.setdefaulttimeout(3)\n"
        command = [python, "-c", head + programs[client]]
        environment |= {"KERAS_BACKEND": "jax", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
        environment |= {
            "HF_ENDPOINT": url.rsplit("/", 1)[0],
            "HF_HUB_ETAG_TIMEOUT": "3",
            "HF_HUB_DOWNLOAD_TIMEOUT": "3",
        }
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, cwd=lab.folder)
    except subprocess.TimeoutExpired:  # it asks again and again
        return None
    if not done.returncode or "ModuleNotFoundError" in done.stderr:
        return None
    return done.stdout + done.stderr


def examined(lab: Lab, client: str, staged: Staged, python: str) -> str:
    """The cause that the doctor names in the same world."""
    if staged.target:
        arguments = ("check", staged.target.replace("CLIENT", client), "--offline", "--python", python)
        return lab.run(*arguments, "--format", "json", cwd=None, **staged.environment).cause
    options = ("--sha256", SHA256, "--timeout", "2", "--no-try", "--as", CLIENT.get(client, client))
    return lab.check(staged.url, *options, cwd=None, **staged.environment).cause


def main() -> int:
    """Print the table; the exit code is 1 if a cell is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.symptoms.matrix", description=__doc__)
    parser.add_argument("--python", default=sys.executable, help="the interpreter that has the loaders")
    parser.add_argument("worlds", nargs="*", metavar="WORLD", help="only these")
    parser.add_argument("--client", action="append", metavar="NAME", help="only these")
    parser.add_argument("--texts", action="store_true", help="print what the clients said where a cell is wrong")
    parser.add_argument("--write", action="store_true", help="put how causes look into the package")
    given = parser.parse_args()
    looks: list[Appearance] = []
    catalogue, right, count = load(), 0, 0
    clients = [name for name in (*PROGRAMS, *COMMANDS) if not given.client or name in given.client]
    for world, stage in WORLDS.items():
        if given.worlds and world not in given.worlds:
            continue
        for client in clients:
            with laboratory() as lab:
                if (world, client) in LEFT_OUT:
                    continue
                staged = stage(lab)
                text = printed(lab, client, staged, given.python)
                if text is None:
                    continue
                cause = examined(lab, client, staged, given.python)
            reading = read(text, catalogue)
            best = reading.matches[0] if reading.matches else None
            named = best.cause if best else reading.verdict
            good = best is not None and cause in (best.cause, *best.also_possible)
            right, count = right + good, count + 1
            if good and cause not in ("unexplained", "inconclusive", "healthy"):
                looks.append(Appearance(cause, client, last_line(text)))
            mark = "=" if named == cause else f"~ {cause}" if good else f"WRONG: check says {cause}"
            print(f"{world:32}{client:14}{named:32}{mark}", flush=True)
            if given.texts and not good:
                print("    " + text[-1500:].replace("\n", "\n    "))
    print(f"{right} of {count} as `check`")
    if given.write:
        Path(appearances.__file__).with_suffix(".toml").write_text(written(looks), encoding="utf-8")
    return right != count


if __name__ == "__main__":
    sys.exit(main())
