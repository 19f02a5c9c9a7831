"""What the tests ask of the causes of a family: which of them hold, which comes first, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mnistdoctor.causes.base import Cause, Finding
from mnistdoctor.causes.case import Case, Control, OpenQuestion
from mnistdoctor.causes.registry import CAUSES
from tests.causes.evidence import KNOWN, Evidence


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

    def names(self, case: Case) -> set[str]:
        """The ids of those that hold."""
        return set(self.holding(case))

    def nothing(self, case: Case) -> None:
        """None of them holds."""
        assert self.names(case) == set()

    def first(self, case: Case) -> tuple[str, Finding] | tuple[None, None]:
        """The first that holds, with its id, held against what every finding must keep."""
        for cause in self.causes:
            if (finding := cause.found_in(case)) is not None:
                kept(cause.id, finding)
                return cause.id, finding
        return None, None

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


def of_modules(*names: str, but: tuple[str, ...] = (), fallbacks: Iterable[str] = ()) -> Family:
    """The causes whose rules stand in these modules or packages of `mnistdoctor.causes`, in the order of all."""

    def stands_in(cause: Cause, places: tuple[str, ...]) -> bool:
        where = getattr(cause.holds, "__module__", "").removeprefix("mnistdoctor.causes.") + "."
        return where.startswith(tuple(f"{place}." for place in places))

    return Family((cause for cause in CAUSES if stands_in(cause, names) and not stands_in(cause, but)), fallbacks)


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


HTTP = Family(
    (cause for cause in CAUSES if cause.id.startswith("http-")),
    fallbacks=("http-403-unexplained", "http-404-unexplained", "http-4xx-other"),
)
WIRE = of_modules("proxy", "tls", but=("proxy.unused_proxies", "proxy.exemption", "proxy.gateway"))
BODIES = of_modules("length", "checksum", "unexplained")
PROGRAMS = of_modules("environment.interpreter", "loaders.framework", "programs")


def diagnosed(data: bytes, **more: Any) -> str | None:
    """What is found when MNIST's t10k labels were due and this came."""
    return BODIES.first(Evidence(**KNOWN).body(data, **more).case())[0]


def cause_of(*symptoms: Any, **subject: Any) -> str | None:
    """The id of the cause that these symptoms tell; None where none does."""
    return PROGRAMS.first(Evidence(*symptoms, **subject).case())[0]


def finding_of(cause: str, *symptoms: Any, **subject: Any) -> Finding:
    """The finding of what these symptoms tell, which must be of that cause."""
    name, finding = PROGRAMS.first(Evidence(*symptoms, **subject).case())
    assert finding is not None
    assert name == cause
    return finding
