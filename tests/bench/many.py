"""What many files, and many machines, cost: `python -m tests.bench.many`.

Each row is a process of its own, with its seconds and its peak memory: a thousand URLs with mixed outcomes; Ctrl-C
in the middle of a thousand of which half hang; hosts that do not answer; ten thousand reports in one `compare`.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from mnistdoctor.demo.faults_http import respond, route, serve
from mnistdoctor.demo.log import Accepted
from mnistdoctor.demo.servers import Server, SilentPort
from tests.compare import fleets
from tests.faults.tcp import hang

PREFLIGHT = ("preflight", "urls.txt", "--proxy", "", "--no-controls", "--format", "json")

_MEASURED = """
import resource, sys
from mnistdoctor.__main__ import main
try:
    main()
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


Told = tuple[int, float, float, str]


def measured(folder: Path, *arguments: str, stop_when: Callable[[], object] | None = None) -> Told:
    """(exit code, seconds, peak MB, stdout) of a command; the seconds from Ctrl-C on where it is stopped."""
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", _MEASURED, *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder,
    ) as process:  # fmt: skip
        if stop_when:
            stop_when()
            process.send_signal(signal.SIGINT)
            began = time.perf_counter()
        out, err = process.communicate(timeout=600)
    return process.returncode, time.perf_counter() - began, int(err.splitlines()[-1]) / 1024, out


def row(name: str, told: Told, right: bool) -> str:
    """One line of the table."""
    code, seconds, peak, _ = told
    return f"  {name:<44}{seconds:>7.1f} s{peak:>7.0f} MB  exit {code}{'' if right else '  WRONG'}"


def mixed(folder: Path, count: int) -> str:
    """URLs of which a tenth is gone and another tenth not found."""
    pages = {
        f"/{number}": respond(410, b"gone")
        if number % 10 == 3
        else respond(404)
        if number % 10 == 7
        else serve(b"x" * 9)
        for number in range(count)
    }
    with Server(route(pages)) as server:
        urls = [server.url(f"/{number}") for number in range(count)]
        (folder / "urls.txt").write_text("\n".join(urls), encoding="utf-8")
        told = measured(folder, *PREFLIGHT)
    targets = json.loads(told[3])["targets"]
    wanted = ["ailing" if number % 10 in (3, 7) else "healthy" for number in range(count)]
    right = [one["url"] for one in targets] == urls and [one["verdict"] for one in targets] == wanted and told[0] == 1
    return row(f"{count} URLs, mixed outcomes", told, right)


def stopped(folder: Path, count: int) -> str:
    """Ctrl-C while half of the URLs hang; the seconds are those from the key to the end."""
    with Server(hang) as bad, Server(serve(b"x")) as good:
        urls = [(good if number % 2 else bad).url(f"/{number}") for number in range(count)]
        (folder / "urls.txt").write_text("\n".join(urls), encoding="utf-8")
        told = measured(folder, *PREFLIGHT, stop_when=lambda: bad.log.wait(Accepted, 2))
    return row(f"{count} URLs, Ctrl-C", told, told[0] == 130 and len(json.loads(told[3])["targets"]) == count)


def silent(folder: Path, hosts: int, files: int) -> str:
    """Hosts that answer nothing, with a time-out of two seconds and no retries."""
    with ExitStack() as stack:
        dead = [stack.enter_context(SilentPort()) for _ in range(hosts)]
        urls = [one.url(f"/{number}") for one in dead for number in range(files)]
        (folder / "urls.txt").write_text("\n".join(urls), encoding="utf-8")
        told = measured(folder, *PREFLIGHT, "--timeout", "2", "--retries", "0")
    return row(f"{hosts} black-holed hosts, {files} files each, 2 s", told, told[0] == 1)


def compared(folder: Path, count: int) -> str:
    """Reports of a fleet in which one setting was planted."""
    planted, made = fleets.fleet(1, count)
    with (folder / "fleet.jsonl").open("w", encoding="utf-8") as file:
        for _, one in made:
            file.write(json.dumps(one) + "\n")
    told = measured(folder, "compare", "fleet.jsonl", "--format", "json")
    first = json.loads(told[3])["differences"][0]["settings"][0]["name"]
    return row(f"compare of {count} reports", told, first == planted and told[0] == 1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 where a row is wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.many", description=__doc__)
    parser.add_argument("--urls", type=int, default=1000)
    parser.add_argument("--reports", type=int, default=10_000)
    given = parser.parse_args(arguments)
    rows: tuple[Callable[[Path], str], ...] = (
        lambda folder: mixed(folder, given.urls // 10),
        lambda folder: mixed(folder, given.urls),
        lambda folder: stopped(folder, given.urls),
        lambda folder: silent(folder, 1, 1),
        lambda folder: silent(folder, 4, 25),
        lambda folder: compared(folder, given.reports // 10),
        lambda folder: compared(folder, given.reports),
    )
    wrong = False
    for one in rows:
        with tempfile.TemporaryDirectory(prefix="mnistdoctor-bench-") as name:
            line = one(Path(name))
        print(line, flush=True)
        wrong |= line.endswith("WRONG")
    return int(wrong)


if __name__ == "__main__":
    sys.exit(main())
