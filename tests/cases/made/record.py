"""Judges evidence that was written by hand, and stores a report for each cause: `python -m tests.cases.made.record`.

For what no scene can play here: another operating system, an interpreter without a module, what a program said.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from mnistdoctor import diagnosis as dx
from mnistdoctor.causes.case import Case
from mnistdoctor.examine.conductor import Report
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.examine.target import Target
from mnistdoctor.report.document import document
from tests.cases import made_elsewhere, made_program, made_vantage

FOLDER = Path(__file__).parent
MADE: dict[str, Callable[[], Case]] = {**made_elsewhere.MADE, **made_program.MADE, **made_vantage.MADE}
_ENVIRONMENT = {
    "platform": "Linux-6.1.0-x86_64", "container": False, "python": "CPython 3.11.7", "openssl": "OpenSSL 3.0.19",
    "strict_x509": False, "requests": "2.34.2", "certifi": "2026.1.1", "proxies": [], "trust_stores": [],
    "resolvers": [], "loaders": {},
}  # fmt: skip


def report(case: Case) -> dict[str, Any]:
    """The document of a report on this case alone."""
    early = dx.ended_early(case)
    judgement = dx.Judgement() if early or dx.verified(case) else dx.judge(case)
    found = dx.diagnosis(case, judgement.cause, judgement.finding) if judgement.cause and judgement.finding else None
    subject = case.subject
    target = Target(
        name=subject.name, urls=(subject.url,), client=subject.client, file=subject.file, size=subject.size,
        digests=subject.digests, loader=subject.loader, release=subject.release,
    )  # fmt: skip
    verdict: dx.Verdict = "inconclusive" if early else "ailing" if found else "healthy"
    result = TargetResult(
        target=target, verdict=verdict, url=subject.url, final_url=None, case=case, observations=case.observations,
        diagnosis=found, warnings=dx.notices(case, judgement.cause),
    )  # fmt: skip
    whole = Report(
        started=datetime(2026, 1, 1, 12, tzinfo=timezone.utc), duration_s=0.1, verdict=verdict, interrupted=False,
        environment=_ENVIRONMENT | {"platform": case.machine.platform}, targets=(result,),
    )  # fmt: skip
    return document(whole, {"healthy": 0, "ailing": 1}.get(verdict, 3))


def main() -> None:
    """Judge and store all."""
    for name, make in MADE.items():
        values = report(make())
        (target,) = values["targets"]
        causes = {one["cause"] for one in (target["diagnosis"], *target["warnings"]) if one}
        if name not in causes:
            raise SystemExit(f"{name}: judged to be {causes or target['verdict']}")
        (FOLDER / f"{name}.json").write_text(json.dumps(values, indent=1, ensure_ascii=False) + "\n", "utf-8")
        print(name)


if __name__ == "__main__":
    main()
