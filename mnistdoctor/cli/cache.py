"""`mnistdoctor cache`: what lies in the loaders' caches, and the repair of it."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mnistdoctor import interrupt
from mnistdoctor.cli import output, session, suggest
from mnistdoctor.cli.group import Unable, Wrong
from mnistdoctor.cli.options import EXISTING, FOLDER, PYTHON, option, report_format

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mnistdoctor.download.inventory import KeptFile
    from mnistdoctor.download.repair import Bad, Moved, Unmoved
    from mnistdoctor.examine.conductor import Report
    from mnistdoctor.examine.result import TargetResult


@click.command(short_help="Examine the files that loaders keep on this disk.")
@click.argument("names", nargs=-1, metavar="[LOADER:DATASET]...", shell_complete=suggest.targets)
@option(
    "--root", type=FOLDER, metavar="DIR", help="The folder that a loader's caller names, such as torchvision's `root`."
)
@option("--repair", is_flag=True, help="Move aside what is provably bad; nothing is deleted.")
@option("--dry-run", is_flag=True, help="With `--repair`: only say what would be moved.")
@option("--undo", is_flag=True, help="Put back what the last repair moved.")
@report_format("What stdout gets: a table, or a report as `check` prints it.")
@PYTHON
@option("--catalogue", type=EXISTING, metavar="FILE", help="Adds to or overrides the built-in catalogue.")
def cache(
    names: tuple[str, ...],
    root: Path | None,
    form: str,
    python: str | None,
    catalogue: Path | None,
    *,
    repair: bool,
    dry_run: bool,
    undo: bool,
) -> int:
    """Examine what lies in the loaders' caches; nothing is sent.

    \b
    mnistdoctor cache                          all that is found in the usual places
    mnistdoctor cache torchvision:mnist --root data
    mnistdoctor cache --repair                 move aside what is provably bad

    Exit codes: 0 nothing bad, 1 something bad, 2 wrong usage, 3 something that nobody can prove.
    """
    from mnistdoctor.download import repair as repairs
    from mnistdoctor.download.inventory import inventory
    from mnistdoctor.examine.conductor import examine
    from mnistdoctor.examine.expectation import BadTarget
    from mnistdoctor.settings import Settings

    if undo:
        if names or repair or dry_run:
            raise Wrong("`--undo` puts back what the last repair moved, and takes nothing else", "leave the rest out")
        return _undone(*repairs.put_back())
    if dry_run and not repair:
        raise Wrong("`--dry-run` says what `--repair` would do", "give both")
    known = session.catalogue_of(catalogue)
    environment = session.environment_of({"python": python})
    # which release looks at the files is read; how it would go out does not matter here
    environment = dataclasses.replace(environment, python=dataclasses.replace(environment.python, may_run=False))
    try:
        targets = repairs.cached_targets(names, known, environment, root)
    except BadTarget as error:
        raise Wrong(str(error), error.hint) from None
    if not targets:
        output.show("nothing is kept: none of the loaders' files lies in its usual place\n")
        if root is None:
            output.note("hint: `--root DIR` names the folder of a loader whose caller chooses it, such as torchvision")
        return 0
    interrupt.hold()
    settings = Settings(offline=True, trials_allowed=False)
    report = examine(targets, settings, known, environment=environment, interrupted=interrupt.noted)
    code = session.exit_code(report, interrupt.code(), strict=False)
    kept = inventory(report.targets)
    found = repairs.bad_files(kept)
    if not code and any(one.state == "bad" for one in kept):
        code = 1
    if form == "auto":
        output.show(_table(report, kept))
    else:
        output.show_report(report, code, form, verbose=False, redact=None)
    if not repair or interrupt.noted():
        if found:
            output.note("hint: `mnistdoctor cache --repair` moves aside what is bad, `--undo` puts it back")
        return code
    words, whole = _repair(found, dry_run=dry_run)
    (output.note if form == "json" else output.show)(words)
    return 0 if whole else code


def _repair(found: Sequence[Bad], *, dry_run: bool) -> tuple[str, bool]:
    """What was done, in words, and whether all that is bad is out of the way."""
    from mnistdoctor.download import repair as repairs

    if dry_run:
        return _repaired(found, (), (), dry_run=True), False
    try:
        moved, left = repairs.move_aside(found)
    except OSError as error:
        raise Unable(
            f"nothing was moved: what is moved is written down first, and {str(error.filename)!r} cannot be: "
            f"{error.strerror}",
            "`XDG_STATE_HOME` names another folder for that",
        ) from None
    return _repaired(found, moved, left, dry_run=False), bool(moved) and not left


_FATES = {
    "kept": "{} loads it as it is",
    "seen": "{} sees that, and never replaces it",
    "replaced": "{} sees that, and downloads it again",
    "blocked": "{} can neither open nor replace it",
    "unread": "{} does not open it",
}


def _table(report: Report, kept: Sequence[KeptFile]) -> str:
    from mnistdoctor.redact import for_this_user
    from mnistdoctor.report import layout
    from mnistdoctor.wording import nbytes

    clean = for_this_user().text
    signs = layout.signs_for(getattr(sys.stdout, "encoding", None) or "utf-8")
    lines = []
    for result in sorted(report.targets, key=_worst_last):
        own = [one for one in kept if one.target == (result.target.name or "")]
        sign, state = _state(result, own, signs)
        lines.append(f"{sign} {clean(result.target.name or '')}: {clean(state)}")
        loader = result.target.loader or "the loader"
        for one in own:
            fate = f"; {_FATES[one.fate].format(loader)}" if one.fate else ""
            lines.append(f"    {clean(one.file.path)}  {nbytes(one.file.size)}: {clean(one.what)}{fate}")
    return layout.writable("".join(f"{line}\n" for line in lines), getattr(sys.stdout, "encoding", None) or "utf-8")


def _worst_last(result: TargetResult) -> int:
    return ("healthy", "inconclusive", "ailing").index(result.verdict)


def _state(result: TargetResult, own: Sequence[KeptFile], signs: object) -> tuple[str, str]:
    from mnistdoctor.report import layout

    assert isinstance(signs, layout.Signs)
    if result.verdict != "ailing" and any(one.state == "bad" for one in own):
        return signs.failed, "bad, though it does not stop the loader"
    match result.verdict:
        case "healthy":
            return signs.ok, "intact"
        case "inconclusive":
            return signs.unknown, "not proven: no digest is known of what lies there, or it is not all there"
        case _:
            return signs.failed, result.diagnosis.title if result.diagnosis else "bad"


def _repaired(found: Sequence[Bad], moved: Sequence[Moved], left: Sequence[Unmoved], *, dry_run: bool) -> str:
    from mnistdoctor.redact import for_this_user

    clean = for_this_user().text
    if not found:
        return "nothing is provably bad, so nothing was moved\n"
    if dry_run:
        return "".join(f"would move aside: {clean(str(one.path))} ({clean(one.flaw)})\n" for one in found)
    lines = [f"moved: {clean(str(one.source))} -> {clean(str(one.target))}" for one in moved]
    lines += [f"left: {clean(str(one.path))}: {clean(one.why)}" for one in left]
    names = " ".join(sorted({one.target.partition("/")[0] for one in found}))
    then = f"hint: load again, or `mnistdoctor fetch {names}`; `mnistdoctor cache --undo` puts back what was moved"
    return "\n".join((*lines, *([then] if moved else []), ""))


def _undone(back: Sequence[Moved], left: Sequence[Moved]) -> int:
    from mnistdoctor.redact import for_this_user

    clean = for_this_user().text
    if not back and not left:
        output.show("nothing was moved by a repair\n")
        return 0
    lines = [f"put back: {clean(str(one.source))}" for one in back]
    lines += [f"left: {clean(str(one.target))}, since something lies in its place or it is gone" for one in left]
    output.show("\n".join((*lines, "")))
    return 1 if left else 0
