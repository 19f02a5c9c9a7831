"""The report as a JSON document (`format_version` 1; the schema is `report.schema.json` beside this file)."""

from __future__ import annotations

import json
from typing import Any

from mnistdoctor import __version__
from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor.examine.conductor import Report
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.report.phrasing import appearance
from mnistdoctor.report.stages import StageResult, stages

FORMAT_VERSION = 1
MOST_INDENTED = 50
"""Targets: the encoder that indents takes four times as long (`json` writes without indent in C)."""


def document(report: Report, exit_code: int) -> dict[str, Any]:
    """The whole report as JSON values."""
    return {
        "format_version": FORMAT_VERSION,
        "tool": {"name": "mnistdoctor", "version": __version__},
        "started": report.started.isoformat(timespec="seconds"),
        "duration_s": report.duration_s,
        "verdict": report.verdict,
        "exit_code": exit_code,
        "interrupted": report.interrupted,
        "environment": report.environment,
        "targets": [_target(result) for result in report.targets],
    }


def render(report: Report, exit_code: int, *, redaction: str | None = None) -> str:
    """One JSON document with a final line break; `redaction` says what was taken out of it.

    It is indented for whoever reads it; one of many targets, which nobody does, is one line, as ``.jsonl`` has them.
    """
    values = document(report, exit_code) | ({"redaction": redaction} if redaction else {})
    indent = 2 if len(report.targets) <= MOST_INDENTED else None
    return json.dumps(values, indent=indent, ensure_ascii=False) + "\n"


def _target(result: TargetResult) -> dict[str, object]:
    results = stages(result) or _no_stages()
    return {
        "name": result.target.name,
        "url": result.url,
        "final_url": result.final_url,
        "client": result.target.client,
        "route": _route(result),
        "verdict": result.verdict,
        **({"allowed": True} if result.allowed else {}),
        "stages": [_stage(stage) for stage in results],
        "diagnosis": _diagnosis(result.diagnosis, appearance(result)) if result.diagnosis else None,
        "warnings": [{"cause": one.cause, "stage": one.stage, "title": one.title} for one in result.warnings],
        "observations": [ev.to_json(one) for one in result.observations],
    }


def _no_stages() -> tuple[StageResult, ...]:
    return tuple(
        StageResult(stage=stage, outcome="skipped", duration_s=0.0, summary="", observations=()) for stage in ev.STAGES
    )


def _route(result: TargetResult) -> dict[str, object]:
    route = result.case.route if result.case else None
    if route is None:
        return {"kind": "direct", "proxy": None, "decided_by": None}
    return {"kind": route.way, "proxy": route.proxy, "decided_by": route.decided_by}


def _stage(stage: StageResult) -> dict[str, object]:
    return {
        "stage": stage.stage,
        "outcome": stage.outcome,
        "duration_s": round(stage.duration_s, 6),
        "summary": stage.summary,
        "observations": list(stage.observations),
    }


def _diagnosis(found: dx.Diagnosis, line: str | None) -> dict[str, object]:
    return {
        "cause": found.cause,
        "stage": found.stage,
        "certainty": found.certainty,
        "side": found.side,
        "title": found.title,
        "explanation": found.explanation,
        "evidence": list(found.evidence),
        "ruled_out": [{"cause": cause, "by": by} for cause, by in found.ruled_out],
        "also_possible": list(found.also_possible),
        "retry": found.retry,
        "retry_after_s": found.retry_after_s,
        "fixes": [_fix(remedy) for remedy in found.remedies],
        **({"appearance": line} if line else {}),
    }


def _fix(remedy: dx.Remedy) -> dict[str, object]:
    return {
        "title": remedy.fix.title,
        "commands": [{"shell": command.shell, "text": command.text} for command in remedy.fix.commands],
        "trial": {
            "status": remedy.trial.status,
            "reason": remedy.trial.reason,
            "duration_s": remedy.trial.duration_s,
        },
    }
