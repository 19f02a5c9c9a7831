"""What `compare` prints: targets by machines, then the settings that tell those where it works from those where not."""

from __future__ import annotations

from mnistdoctor.compare.difference import Comparison, Difference, Group, Telling, folded
from mnistdoctor.compare.machine import Outcome
from mnistdoctor.report import layout
from mnistdoctor.wording import joined, shortened

MOST_GROUPS = 8
"""Columns of the table; a fleet that went in more ways is told in words."""
MOST_TARGETS = 40


def text(comparison: Comparison, *, width: int, encoding: str) -> str:
    """The answer in the first line, the table below it, what may explain it last."""
    signs = layout.signs_for(encoding)
    lines = layout.wrap(_answer(comparison), width)
    shown = comparison.groups[:MOST_GROUPS]
    lines.append("")
    for letter, group in zip("ABCDEFGH", shown, strict=False):
        count = f" ({len(group.machines)} reports)" if len(group.machines) > 1 else ""
        lines += _hanging(f"  {letter}  ", f"{group.name}{count}: {_state(group)}", width)
    if len(comparison.groups) > MOST_GROUPS:
        rest = comparison.groups[MOST_GROUPS:]
        lines.append(
            f"     and {len(rest)} more ways, of {sum(len(one.machines) for one in rest)} reports: `--format json`"
        )
    if not comparison.same:
        lines += ["", *_table(comparison, shown, signs, width)]
    for difference in comparison.differences:
        lines += ["", *_difference(difference, width)]
    return layout.writable("".join(f"{line.rstrip()}\n" for line in lines), encoding)


def _answer(comparison: Comparison) -> str:
    reports = f"{comparison.count} report{'s' * (comparison.count != 1)}"
    if comparison.same:
        group = comparison.groups[0]
        return f"{reports}, all alike: {_state(group)}"
    if not comparison.differences:
        return f"{reports} differ: what fails fails everywhere, and not in the same way"
    first = comparison.differences[0]
    best = first.telling[0] if first.telling and not first.same_settings else None
    failed = f"{len(first.ill)} of {len(first.ill) + len(first.well)} reports fail"
    if best is None:
        return f"{failed}, and no setting tells them from the others: this is not constant"
    sure = "and goes" if best.share > 0.999 else "and mostly goes"
    return f"{failed}: `{best.setting.name}` differs {sure} with it"


def _state(group: Group) -> str:
    """``healthy``, or the causes, each with its stage."""
    ill = [outcome for _, outcome in group.outcomes if not outcome.well]
    if not ill:
        return "healthy"
    causes = list(dict.fromkeys(f"{one.stage or one.verdict}: {one.cause or one.verdict}" for one in ill))
    every = f" in {len(ill)} of {len(group.outcomes)} targets" if len(ill) < len(group.outcomes) else ""
    return joined(causes[:3]) + every


def _table(comparison: Comparison, shown: tuple[Group, ...], signs: layout.Signs, width: int) -> list[str]:
    columns = [dict(group.outcomes) for group in shown]
    cells = {
        target: [_cell(column.get(target), signs) for column in columns] for target in comparison.targets[:MOST_TARGETS]
    }
    room = max(layout.cells(cell) for row in cells.values() for cell in row) + 2
    longest = max(20, width - room * len(shown) - 4)
    label = min(longest, max(layout.cells(target) for target in cells))
    lines = [
        "  " + " " * label + "".join(f"  {letter:<{room - 2}}" for letter, _ in zip("ABCDEFGH", shown, strict=False))
    ]
    for target, row in cells.items():
        name = target
        name = name if layout.cells(name) <= label else "…" + name[-(label - 1) :]
        lines.append(f"  {name:<{label}}" + "".join(f"  {cell:<{room - 2}}" for cell in row))
    if len(comparison.targets) > MOST_TARGETS:
        lines.append(f"  and {len(comparison.targets) - MOST_TARGETS} more targets")
    return lines


def _cell(outcome: Outcome | None, signs: layout.Signs) -> str:
    if outcome is None:
        return signs.none
    if outcome.well:
        return signs.ok
    return f"{signs.failed if outcome.verdict == 'ailing' else signs.unknown} {outcome.stage}".strip()


def _difference(difference: Difference, width: int) -> list[str]:
    targets = joined(difference.targets[:3])
    more = f" and {len(difference.targets) - 3} more" if len(difference.targets) > 3 else ""
    lines = layout.wrap(f"{targets}{more}: works on {len(difference.well)}, fails on {len(difference.ill)}", width)
    where = ", ".join(f"{cause} {count}" for cause, count in difference.causes[:4])
    lines += _hanging("  fails as  ", where, width)
    lines += _hanging("  fails on  ", folded(difference.ill), width)
    if difference.same_settings:
        told = "the same settings both worked and failed: repeat it, and look at the addresses and the hours"
        lines += _hanging("  settings  ", told, width)
        for frequency in difference.frequencies:
            counts = ", ".join(f"{value}: {failed} of {whole}" for value, failed, whole in frequency.values)
            lines += _hanging(f"  failed by {frequency.name}  ", counts, width)
    for telling in difference.telling:
        lines += _hanging(f"  {100 * telling.share:>3.0f} %     ", _telling(telling), width)
    return lines


def _telling(telling: Telling) -> str:
    well, ill = (_values(values) for values in (telling.well, telling.ill))
    return f"{telling.setting.name}: works with {well}; fails with {ill}"


def _values(values: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"`{shortened(value, 60)}` ({count})" for value, count in values)


def _hanging(first: str, rest: str, width: int) -> list[str]:
    rows = layout.wrap(rest, max(20, width - len(first))) or [""]
    return [f"{first if number == 0 else ' ' * len(first)}{row}" for number, row in enumerate(rows)]


def values(comparison: Comparison) -> dict[str, object]:
    """The comparison as JSON values."""
    return {
        "format_version": 1,
        "reports": comparison.count,
        "same": comparison.same,
        "groups": [
            {
                "machines": list(group.machines),
                "targets": {
                    target: {"verdict": one.verdict, "stage": one.stage or None, "cause": one.cause or None}
                    for target, one in group.outcomes
                },
            }
            for group in comparison.groups
        ],
        "differences": [
            {
                "targets": list(one.targets),
                "works_on": list(one.well),
                "fails_on": list(one.ill),
                "stages": dict(one.stages),
                "causes": dict(one.causes),
                "constant": not one.same_settings,
                "failed_by": {
                    frequency.name: {
                        value: {"failed": failed, "reports": whole} for value, failed, whole in frequency.values
                    }
                    for frequency in one.frequencies
                },
                "settings": [
                    {
                        "kind": telling.setting.kind,
                        "name": telling.setting.name,
                        "share": round(telling.share, 4),
                        "works_with": dict(telling.well),
                        "fails_with": dict(telling.ill),
                    }
                    for telling in one.telling
                ],
            }
            for one in comparison.differences
        ],
    }
