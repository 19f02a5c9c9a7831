"""Known faults of loaders' releases that a later release mended, and which releases hash with md5 as FIPS forbids."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from mnistdoctor.catalogue import release_key
from mnistdoctor.causes.base import Shell
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.traceback import ProgramError


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class LoaderBug:
    """A row of ``loader_bugs.toml``, which says what each field holds."""

    package: str
    distribution: str
    says: str
    what: str
    source: str
    loader: str = ""
    since: str = ""
    before: str = ""
    needs_release: bool = False
    distinct: bool = False
    upgrade: str = ""
    way: str = ""
    command: str = ""
    shell: Shell = "posix"

    def matches(self, error: ProgramError) -> bool:
        """Whether the words are this fault's, and from where they have to come."""
        inside = error.inside(self.package) or (self.distinct and not error.symptom.raised_in)
        return inside and error.match(self.says) is not None

    def installed(self, case: Case) -> bool | None:
        """Whether the installed release has the fault; None where the release is not known."""
        release = case.subject.release
        if not self.before or not self.loader or release is None or case.subject.loader != self.loader:
            return None
        return release_key(self.since) <= release_key(release) < release_key(self.before)

    @property
    def releases(self) -> str:
        """The releases that have it, in words that follow the library's name."""
        before = f"before {self.before}" if self.before else "of that time"
        return f"from {self.since} on, {before}" if self.since else before


def known_bug(case: Case, error: ProgramError) -> LoaderBug | None:
    """The known fault that the program ended with, unless the installed release is free of it."""
    rows: list[dict[str, Any]] = table("loader_bugs")["bug"]
    for bug in (LoaderBug(**row) for row in rows):
        installed = bug.installed(case)
        if bug.matches(error) and (installed or (installed is None and not bug.needs_release)):
            return bug
    return None


def md5_mended() -> dict[str, str]:
    """Loader -> its first release that says that its md5 is not for security; empty where none does."""
    mended: dict[str, str] = table("loader_bugs")["md5"]
    return mended
