"""What the tests ask of the causes of a family: which of them hold, which comes first, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterable

from mnistdoctor.causes.base import Case, Cause, Control, Finding, OpenQuestion
from mnistdoctor.causes.order import CAUSES


class Family:
    """Some causes, in the order in which they are asked."""

    def __init__(self, causes: Iterable[Cause], fallbacks: Iterable[str] = ()) -> None:
        self.causes = tuple(causes)
        self.fallbacks = frozenset(fallbacks)
        """Causes that hold whenever the status is theirs, and stand last."""

    def holding(self, case: Case) -> dict[str, Finding]:
        """All that hold, by id, without the fallbacks where a better one holds."""
        found = {cause.id: finding for cause in self.causes if (finding := cause.found_in(case)) is not None}
        return {name: one for name, one in found.items() if name not in self.fallbacks} or found

    def first(self, case: Case) -> tuple[str, Finding] | None:
        """The first that holds, with its id, held against what every finding must keep."""
        for cause in self.causes:
            if (finding := cause.found_in(case)) is not None:
                kept(cause.id, finding)
                return cause.id, finding
        return None

    def finding(self, name: str, case: Case) -> Finding:
        """The finding of this cause, which must hold; others may hold as well."""
        finding = next(cause for cause in self.causes if cause.id == name).found_in(case)
        assert finding is not None, name
        kept(name, finding)
        return finding

    def only(self, case: Case, name: str) -> Finding:
        """The finding of the one cause that holds: more than one would be a contradiction."""
        found = self.holding(case)
        assert list(found) == [name], list(found)
        kept(name, found[name])
        return found[name]

    def questions(self, case: Case) -> set[Control]:
        """The controls that are asked for before anything is said."""
        asked = set()
        for cause in self.causes:
            try:
                cause.found_in(case)
            except OpenQuestion as question:
                asked.add(question.control)
        return asked


def family(*prefixes: str) -> Family:
    """The causes whose ids begin so, in the order of all."""
    return Family(cause for cause in CAUSES if cause.id.startswith(prefixes))


def kept(name: str, finding: Finding) -> None:
    """Hold a finding against what every one must keep."""
    assert finding.title
    assert not finding.title.endswith(".")
    assert "\n" not in finding.title
    assert finding.evidence
    assert finding.certain or finding.also_possible or name == "unexplained"
    assert name not in finding.also_possible
    for fix in finding.fixes:
        assert fix.change is not None or fix.untried, fix.title
        for line in fix.commands:
            assert not any(bad in line.text for bad in ("verify=False", "--insecure", " -k ", "CERT_NONE"))


def commands(finding: Finding) -> list[str]:
    """The lines to paste of all its fixes."""
    return [line.text for fix in finding.fixes for line in fix.commands]
