"""Plays a behaviour to the doctor, and says what did not hold."""

from __future__ import annotations

import base64
import html
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import quote

from mnistdoctor.catalogue import load
from mnistdoctor.demo.faults_dns import DnsServer
from mnistdoctor.demo.names import DemoNames
from mnistdoctor.demo.servers import RefusingPort, Server
from mnistdoctor.examine.conductor import Listener, Report, examine
from mnistdoctor.examine.target import Target
from mnistdoctor.failure import Failure
from mnistdoctor.probe import body
from mnistdoctor.report import Format, render
from mnistdoctor.settings import Environment, Settings
from tests.hostile.behaviours import SECRET, Behaviour

TIMEOUT_S, DEADLINE_S = 1.0, 40.0
PASSWORD = f"{SECRET}-pw"
SPELT = tuple(
    spelt
    for secret in (SECRET, PASSWORD)
    for spelt in (secret, quote(secret), html.escape(secret), base64.b64encode(secret.encode()).decode().rstrip("="),
                  base64.b64encode(f"jo:{secret}".encode()).decode().rstrip("="), secret.encode().hex())
)  # fmt: skip
_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_COMMANDS = re.compile(r"(?m)^\s*::(?!error |warning |notice )[a-z-]+( [^:\n]*)?::|##\[|##vso\[|##teamcity\[")
CATALOGUE = load()


@dataclass
class Tally:
    """What the command counts."""

    tried: int = 0
    in_time: int = 0
    met: int = 0
    own_errors: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    escapes: list[str] = field(default_factory=list)
    causes: dict[str, int] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def good(self) -> bool:
        """Whether all held: every server was met, every run ended with an answer, nothing of ours failed or leaked."""
        return bool(self.tried) and self.tried == self.in_time == self.met and not (
            self.own_errors or self.leaks or self.escapes
        )  # fmt: skip

    def play(self, behaviour: Behaviour, *, dead: bool = False) -> None:
        """One behaviour, or a port behind which nothing listens in its place."""
        errors: list[BaseException] = []
        report, met = _examined(behaviour, Listener(on_error=errors.append), dead=dead)
        shown = {form: _shown(report, form, errors) for form in Format}
        with self._lock:
            self.tried += 1
            self.met += met
            self.in_time += _is_answer(report)
            if not _is_answer(report):
                self.unanswered.append(behaviour.name)
            diagnosis = report.targets[0].diagnosis
            cause = diagnosis.cause if diagnosis else report.verdict
            self.causes[cause] = self.causes.get(cause, 0) + 1
            self.own_errors += [f"{behaviour.name}: {error!r}"[:200] for error in errors]
            for form, text in shown.items():
                name = f"{behaviour.name} as {form.value}"
                self.leaks += [name for spelt in SPELT if spelt in text]
                self.escapes += [name] * _escapes(text, form)


def _is_answer(report: Report) -> bool:
    (one,) = report.targets
    if one.verdict == "ailing":
        return one.diagnosis is not None
    private = one.case is not None and one.case.stopped_by is not None
    return one.verdict == "healthy" or (private and one.case.stopped_by.failure == Failure.REDIRECT_PRIVATE)  # type: ignore[union-attr]


def _escapes(text: str, form: Format) -> bool:
    if form is Format.RICH:
        text = _ANSI.sub("", text)
    if form is Format.HTML and any(one in text for one in ("<script>alert", "<img src=x")):
        return True
    return bool(_RAW.search(text) or (form is not Format.JSON and _COMMANDS.search(text)))


def _shown(report: Report, form: Format, errors: list[BaseException]) -> str:
    try:
        return render(report, 1, form, width=100, verbose=True, colour=False, encoding="utf-8", strict=False)
    except Exception as error:
        errors.append(error)
        return ""


def _examined(behaviour: Behaviour, listener: Listener, *, dead: bool) -> tuple[Report, bool]:
    """The report, and whether the server was met at all."""
    if behaviour.way == "dns":
        with DnsServer(behaviour.fault) as dns, RefusingPort() as port:  # type: ignore[arg-type]
            names = DemoNames("127.0.0.1", port.port) if dead else DemoNames(*dns.address)
            report = _run(f"http://hostile.demo:{port.port}/f", listener, names=names)
            return report, bool(dns.log.of(object))
    with Server(behaviour.fault) as server, RefusingPort() as closed:  # type: ignore[arg-type]
        place = closed if dead else server
        proxy = f"jo:{PASSWORD}@127.0.0.1:{place.port}"
        match behaviour.way:
            case "direct":
                report = _run(f"http://jo:{PASSWORD}@127.0.0.1:{place.port}/f?token={SECRET}", listener)
            case "tls":
                report = _run(f"https://127.0.0.1:{place.port}/f?token={SECRET}", listener)
            case "forward":
                report = _run("http://127.0.0.1:1/f", listener, proxy=f"http://{proxy}")
            case "tunnel":
                report = _run("https://127.0.0.1:1/f", listener, proxy=f"http://{proxy}")
            case kind:
                report = _run(
                    "http://127.0.0.1:1/f",
                    listener,
                    proxy=f"{kind}h://{proxy}" if kind == "socks5" else f"{kind}://{proxy}",
                )
        return report, bool(server.log.of(object))


def _run(url: str, listener: Listener, proxy: str = "", names: DemoNames | None = None) -> Report:
    settings = Settings(
        timeout_s=TIMEOUT_S,
        lookup_s=TIMEOUT_S,
        deadline_s=DEADLINE_S,
        proxy=proxy,
        controls_allowed=False,
        trials_allowed=False,
        headers=(("X-Door", SECRET),),
    )
    target = Target(name=None, urls=(url,), client="requests")
    return examine((target,), settings, CATALOGUE, listener, environment=Environment({}), names=names)


def play_all(behaviours: tuple[Behaviour, ...], *, dead: bool = False, side_by_side: int = 8) -> Tally:
    """All of them, several at a time: they wait more than they work. What drips is given up sooner than in earnest."""
    tally = Tally()
    earnest, body.SLOW_WINDOW_S = body.SLOW_WINDOW_S, 3.0
    try:
        with ThreadPoolExecutor(side_by_side) as pool:
            for done in [pool.submit(tally.play, one, dead=dead) for one in behaviours]:
                done.result()
    finally:
        body.SLOW_WINDOW_S = earnest
    return tally
