"""The fixes of a group of targets, joined: what was tried, on how many files, and which are worth showing."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mnistdoctor import diagnosis as dx
from mnistdoctor import wording
from mnistdoctor.causes.base import Command, Cost
from mnistdoctor.report.groups import Group

MOST_SHOWN = 3
"""Fixes that are printed unless all are asked for."""

SHELLS = {"posix": "", "powershell": "PowerShell", "python": "Python"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One fix, as it fits all files of the group."""

    title: str
    commands: tuple[Command, ...]
    status: dx.TrialStatus
    """The best that a trial of it came to."""
    trial: str
    """The same as a sentence."""
    cost: Cost | None = None

    @property
    def shell(self) -> str:
        """What the commands are for, where it is not the usual shell."""
        return next((SHELLS.get(one.shell, one.shell) for one in self.commands if one.shell != "posix"), "")


def advice(group: Group) -> tuple[Advice, ...]:
    """Every fix, proven ones first. Fixes of one title are one: its commands for each file follow one another."""
    found: dict[str, list[dx.Remedy]] = {}
    for result in group.results:
        for remedy in result.diagnosis.remedies if result.diagnosis else ():
            found.setdefault(remedy.fix.title, []).append(remedy)
    joined = [_join(group, title, remedies) for title, remedies in found.items()]
    return tuple(sorted(joined, key=lambda one: dx.BEST_FIRST.index(one.status)))


def shown(every: tuple[Advice, ...], *, verbose: bool) -> tuple[Advice, ...]:
    """The fixes worth reading: where one is proven, no other; none that was seen not to help."""
    if verbose:
        return _with_costs(every)
    proven = tuple(one for one in every if one.status == "proven")
    return _with_costs((proven or tuple(one for one in every if one.status != "no-change"))[:MOST_SHOWN])


def _with_costs(fixes: tuple[Advice, ...]) -> tuple[Advice, ...]:
    """Several to choose from are told apart by what each takes."""
    if len(fixes) < 2:
        return fixes
    return tuple(replace(one, trial=f"{one.trial}; it takes {one.cost}") if one.cost else one for one in fixes)


def of_no_help(every: tuple[Advice, ...], *, verbose: bool) -> tuple[str, ...]:
    """What was tried and did not help, in one line; nothing where another helped, or all fixes are shown."""
    vain = [one.title for one in every if one.status == "no-change"]
    if verbose or not vain or any(one.status == "proven" for one in every):
        return ()
    more = f"; {len(vain) - MOST_SHOWN} more" if len(vain) > MOST_SHOWN else ""
    return (f"without success: {'; '.join(vain[:MOST_SHOWN])}{more}",)


def _join(group: Group, title: str, remedies: list[dx.Remedy]) -> Advice:
    best = min((one.trial for one in remedies), key=lambda trial: dx.BEST_FIRST.index(trial.status))
    commands = dict.fromkeys(command for remedy in remedies for command in remedy.fix.commands)
    count = sum(one.trial.status == best.status for one in remedies)
    # Nothing is called working that did not bring every file.
    status = "helped" if best.status == "proven" and count < len(group.results) else best.status
    return Advice(
        title=wording.one_line(title),
        commands=tuple(commands),
        status=status,
        trial=wording.one_line(_trial(best, count, len(group.results), _digest(group))),
        cost=remedies[0].fix.cost,
    )


def _trial(best: dx.Trial, count: int, of: int, digest: str) -> str:
    if best.status == "untried":
        return f"not tried: {best.reason}" if best.reason else "not tried"
    when = "tried when the report was made" if best.stored else "tried just now"
    if best.status == "proven" and of == 1:
        return f"{when}: the file arrived and its {digest} is right"
    if best.status == "proven":
        every = "both files" if of == 2 else f"all {of} files"
        files = every if count == of else f"{count} of {of} files"
        return f"{when}: {files} arrived and their {digest} is right"
    few = f" ({count} of {of} files)" if count != of else ""
    return f"{when}: {best.reason}{few}"


def _digest(group: Group) -> str:
    """The digest's algorithm, where all files have one and the same."""
    names = {
        result.case.subject.digests[0][0] if result.case and result.case.subject.digests else ""
        for result in group.results
    }
    return names.pop() if len(names) == 1 and "" not in names else "digest"
