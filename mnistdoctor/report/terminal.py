"""The report for a person at a terminal: the verdict first, then why, then what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor import wording
from mnistdoctor.examine.conductor import Report
from mnistdoctor.report import layout, phrasing, records
from mnistdoctor.report.advice import Advice, advice, of_no_help, shown
from mnistdoctor.report.groups import Group, groups
from mnistdoctor.report.stages import stages

if TYPE_CHECKING:
    from mnistdoctor import evidence as ev

MOST_SEEN, MOST_LIKEWISE, MOST_RULED_OUT = 5, 3, 2
"""Lines of evidence that are printed unless all are asked for."""
MOST_EXPLAINED = 2
"""Causes that the last line names."""
NARROW = 60
"""Below so many columns a label stands on a line of its own."""
WIDEST = 100
"""Longer lines of prose are hard to read, whatever the terminal's width."""

_STYLES = {"✓": "green", "ok": "green", "✗": "bold red", "x": "bold red", "!": "yellow", "?": "yellow"}


def render(
    report: Report,
    exit_code: int,
    *,
    width: int = 80,
    verbose: bool = False,
    colour: bool = True,
    encoding: str = "utf-8",
) -> str:
    """The whole report, with a final line break. Nothing is cropped: what is wider than `width` the terminal wraps.

    `colour` False leaves out every escape sequence; `encoding` is that of the stream it will be written to, and decides
    between ``✓`` and ``ok``. The exit code is the caller's affair and is not printed.
    """
    del exit_code
    page = _Page(width, layout.signs_for(encoding))
    found = groups(report)
    if len(found) > 1:
        sign = {"healthy": page.signs.ok, "ailing": page.signs.failed, "inconclusive": page.signs.unknown}
        _answer(page, sign[report.verdict], phrasing.overall(report))
        page.blank()
    for number, group in enumerate(found):
        if number and (group.verdict != "healthy" or verbose):
            page.blank()
        match group.verdict:
            case "healthy":
                _healthy(page, group, report, bars=len(found) == 1 or verbose)
            case "inconclusive":
                _inconclusive(page, group, report)
            case _:
                _ailing(page, group, report, verbose=verbose)
        if verbose:
            _details(page, group)
    _interpreter(page, report)
    _hint(page, found, verbose=verbose)
    return layout.writable(page.text(colour=colour), encoding)


class _Page:
    """Lines in the making, each a list of (text, style) pieces."""

    def __init__(self, width: int, signs: layout.Signs) -> None:
        self.width = max(20, min(width, WIDEST))
        self.signs = signs
        self.explained: set[str] = set()
        """Signs whose meaning was said."""
        self._lines: list[list[tuple[str, str]]] = []

    def line(self, *pieces: tuple[str, str]) -> None:
        """One line as it is, wrapped by nobody but the terminal."""
        self._lines.append([piece for piece in pieces if piece[0]])

    def blank(self) -> None:
        """An empty line; never two."""
        if self._lines and self._lines[-1]:
            self.line()

    def wrapped(self, text: str, *, first: str = "", rest: int = 0, style: str = "", first_style: str = "") -> None:
        """A paragraph; `first` begins it, and its further lines are indented by `rest`."""
        rows = layout.wrap(wording.one_line(text), self.width - max(rest, layout.cells(first)))
        for number, row in enumerate(rows or [""]):
            self.line((first if number == 0 else " " * rest, first_style), (row, style))

    def labelled(self, label: str, entries: list[str], column: int, *, style: str = "") -> None:
        """A label, and its entries beside it (below it on a narrow terminal)."""
        if not entries:
            return
        narrow = self.width < NARROW
        if narrow:
            self.line((f"  {label}", "bold"))
        indent = 4 if narrow else 2 + column
        for number, entry in enumerate(entries):
            first = f"  {label}".ljust(indent) if number == 0 and not narrow else " " * indent
            self.wrapped(entry, first=first, rest=indent, style=style, first_style="bold")

    def text(self, *, colour: bool) -> str:
        """All lines as one string."""
        if not colour:
            return "".join("".join(text for text, _ in line).rstrip() + "\n" for line in self._lines)
        import io

        from rich.console import Console
        from rich.text import Text

        stream = io.StringIO()
        console = Console(
            file=stream, width=self.width, force_terminal=True, color_system="standard", no_color=False, markup=False,
            highlight=False, emoji=False, legacy_windows=False, force_jupyter=False, _environ={},
        )  # fmt: skip
        for line in self._lines:
            # Text and never markup: what a server sent is in here.
            text = Text("", end="")
            for piece, style in line:
                start = len(text)
                text.append(piece, style=style or None)
                if not style:
                    for match in _code_spans(piece):
                        text.stylize("cyan", start + match[0], start + match[1])
            console.print(text, soft_wrap=True, end="\n")
        return stream.getvalue()


def _code_spans(text: str) -> list[tuple[int, int]]:
    marks = [number for number, one in enumerate(text) if one == "`"]
    return [(start, end + 1) for start, end in zip(marks[::2], marks[1::2], strict=False)]


def _answer(page: _Page, sign: str, text: str) -> None:
    page.wrapped(text, first=f"{sign} ", rest=layout.cells(sign) + 1, style="bold", first_style=_STYLES.get(sign, ""))


def _healthy(page: _Page, group: Group, report: Report, *, bars: bool) -> None:
    _answer(page, page.signs.ok, phrasing.headline(group, report))
    if bars:
        _waterfall(page, group)
    for notice in phrasing.notices(group):
        page.wrapped(notice, first=f"  {page.signs.warning} ", rest=4, first_style="yellow")


def _waterfall(page: _Page, group: Group) -> None:
    """How the time was spent, stage by stage, as bars by share."""
    spent: dict[str, float] = {}
    for result in group.results:
        for stage in stages(result):
            if stage.duration_s and stage.stage not in ("checksum",):
                name: str = "body" if stage.stage == "length" else stage.stage
                spent[name] = spent.get(name, 0.0) + stage.duration_s
    whole = sum(spent.values())
    if not whole:
        return
    bars = {name: layout.bar(seconds / whole, 12, page.signs) for name, seconds in spent.items()}
    parts = [f"{name} {bars[name]} {wording.duration(seconds)}" for name, seconds in spent.items()]
    for row in layout.flow(parts, "  ", page.width - 2):
        pieces: list[tuple[str, str]] = [("  ", "")]
        for number in row:
            name = list(spent)[number]
            gap = "  " if number != row[-1] else ""
            pieces += [(f"{name} ", "dim"), (bars[name], "cyan"), (f" {wording.duration(spent[name])}{gap}", "dim")]
        page.line(*pieces)


def _inconclusive(page: _Page, group: Group, report: Report) -> None:
    _answer(page, page.signs.unknown, phrasing.headline(group, report))
    _strip(page, group)
    for notice in phrasing.notices(group):
        page.wrapped(notice, first=f"  {page.signs.warning} ", rest=4, first_style="yellow")


def _ailing(page: _Page, group: Group, report: Report, *, verbose: bool) -> None:
    _answer(page, page.signs.failed, phrasing.headline(group, report))
    found = group.diagnosis
    if found is None:
        return
    facts, dot = phrasing.second_line(group), f" {page.signs.dot} "
    for row in layout.flow(list(facts), dot, page.width - 2):
        page.line(("  ", ""), (dot.join(facts[number] for number in row), "dim"))
    if len(group.results) > 1 and not phrasing.whole(group, report):
        names = wording.first_few((phrasing.file_name(one) for one in group.results), most=99 if verbose else 6)
        page.wrapped(
            f"these {len(group.results)} files fail for the same reason: {names}", first="  ", rest=2, style="dim"
        )
    _strip(page, group)
    page.blank()
    page.wrapped(found.explanation, first="  ", rest=2)
    page.blank()
    seen = _first(list(found.evidence), MOST_SEEN, verbose=verbose)
    if any(one.diagnosis is not None and one.diagnosis.evidence != found.evidence for one in group.results):
        seen.append(f'(this is "{phrasing.file_name(group.first)}"; the others are alike)')
    ruled_out = _first([f"`{cause}`: {by}" for cause, by in found.ruled_out], MOST_RULED_OUT, verbose=verbose)
    also = [wording.first_few(f"`{cause}`" for cause in found.also_possible)] if found.also_possible else []
    sections = [
        ("Seen", seen),
        ("Shown as", list(phrasing.looks(group))),
        ("Likewise", _first(list(phrasing.likewise(group)), MOST_LIKEWISE, verbose=verbose)),
        ("Ruled out", ruled_out),
        ("Also possible", also),
        ("Warnings", list(phrasing.notices(group))),
    ]
    column = max([len(label) for label, entries in sections if entries] or [4]) + 2
    for label, entries in sections:
        page.labelled(label, entries, column, style="dim" if label == "Ruled out" else "")
    _fixes(page, group, verbose=verbose)


def _first(entries: list[str], most: int, *, verbose: bool) -> list[str]:
    if verbose or len(entries) <= most:
        return entries
    return [*entries[: most - 1], f"and {len(entries) - most + 1} more: `-v`"]


def _strip(page: _Page, group: Group) -> None:
    marks = layout.stage_marks(stages(group.first), page.signs, page.width - 2)
    parts = [" ".join(filter(None, mark)) for mark in marks]
    legend = _legend(page, {sign for _, sign, _ in marks})
    rows = layout.flow([*parts, *legend], "  ", page.width - 2) if parts else []
    for row in rows:
        pieces: list[tuple[str, str]] = [("  ", "")]
        for number in row:
            gap = "  " if number != row[-1] else ""
            if number >= len(marks):
                pieces.append((legend[number - len(marks)] + gap, "dim"))
                continue
            name, sign, took = marks[number]
            if sign == page.signs.failed and group.verdict == "inconclusive":
                sign = page.signs.unknown
            style = _STYLES.get(sign, "dim")
            pieces += [
                (f"{name} ", "" if style != "dim" else "dim"),
                (sign, style),
                (f" {took}" if took else "", "dim"),
                (gap, ""),
            ]
        page.line(*pieces)


def _legend(page: _Page, signs: set[str]) -> tuple[str, ...]:
    """What the signs mean that do not say it themselves, once a report, as a last part of the strip."""
    meanings = ((page.signs.none, "not needed"), (page.signs.after, "not reached"))
    new = [f"{sign} {meaning}" for sign, meaning in meanings if sign in signs and sign not in page.explained]
    page.explained |= signs
    return (f"({', '.join(new)})",) if new else ()


def _fixes(page: _Page, group: Group, *, verbose: bool) -> None:
    every = advice(group)
    printed = shown(every, verbose=verbose)
    for number, one in enumerate(printed, 1):
        page.blank()
        _fix(page, one, f"Fix {number}" if len(printed) > 1 else "Fix")
    for line in of_no_help(every, verbose=verbose):
        page.blank()
        page.labelled("Tried", [line], 7)


def _interpreter(page: _Page, report: Report) -> None:
    """The Python that was looked at; the last line but the hint."""
    told = phrasing.interpreter(report)
    if told:
        page.blank()
        page.wrapped(told, first="  Python  ", rest=10)


def _hint(page: _Page, found: tuple[Group, ...], *, verbose: bool) -> None:
    """The last lines: where there is more to read."""
    ailing = [group for group in found if group.diagnosis]
    if not ailing:
        return
    page.blank()
    causes = list(dict.fromkeys(f"`mnistdoctor explain {one.diagnosis.cause}`" for one in ailing if one.diagnosis))
    tips = [f"{' or '.join(causes[:MOST_EXPLAINED])} for the whole story"]
    more = sum(_hidden(group, verbose=verbose) for group in ailing)
    if more:
        tips.append(f"`-v` for {more} more fix{'es' if more > 1 else ''}")
    to = {phrasing.addressee(one.diagnosis, one.first) for one in ailing if one.diagnosis}
    whom = wording.joined(sorted(one for one in to if one))
    letters = f"{'a message' if len(to) == 1 else 'messages'} to {whom}" if whom else "a report to paste into an issue"
    tips.append(f"`--format markdown` for {letters}")
    page.wrapped(", ".join(tips), first="  hint: ", rest=8, first_style="bold cyan")


def _hidden(group: Group, *, verbose: bool) -> int:
    """How many fixes are neither shown nor named among what was of no help."""
    every = advice(group)
    proven = any(one.status == "proven" for one in every)
    named = {one.title for one in shown(every, verbose=verbose)}
    return sum(one.title not in named and (proven or one.status != "no-change") for one in every)


def _fix(page: _Page, one: Advice, label: str) -> None:
    narrow = page.width < NARROW
    column = 4 if narrow else len(label) + 4
    if narrow:
        page.line((f"  {label}", "bold green"))
    first = " " * column if narrow else f"  {label}".ljust(column)
    shell = f" ({one.shell})" if one.shell else ""
    page.wrapped(f"{one.title}{shell}", first=first, rest=column, first_style="bold green")
    sign, style = (f"{page.signs.ok} ", "green") if one.status == "proven" else ("", "dim")
    page.wrapped(one.trial, first=" " * column + sign, rest=column + len(sign), style=style, first_style=style)
    for command in one.commands:
        # Python and here-documents mind leading blanks; a shell does not.
        indent = "" if command.shell == "python" or "\n" in command.text else "    "
        for row in command.text.split("\n"):
            page.line((indent + row, "bold"))


def _details(page: _Page, group: Group) -> None:
    """Every record as a line, and each request as a curl command."""
    from mnistdoctor import evidence as ev

    for result in group.results:
        page.blank()
        page.wrapped(result.target.name or result.url, first="  ", rest=2, style="underline")
        exchanges: list[ev.Exchange] = []
        for one in result.observations:
            number, stage = records.columns(one)
            first = f"  {number} {stage} " if page.width < NARROW else f"  {number:<4} {stage:<8} "
            rest = 4 if page.width < NARROW else len(first)
            page.wrapped(
                records.text(one), first=first, rest=rest, style="red" if one.failure else "", first_style="dim"
            )
            exchanges += [one] if isinstance(one, ev.Exchange) else []
        for exchange in exchanges:
            page.blank()
            page.line((f"    {records.curl_of(exchange, result.observations)}", ""))
