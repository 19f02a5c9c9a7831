"""The wording that all renderers share: who downloads what, how large, how fast."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from mnistdoctor import diagnosis as dx
from mnistdoctor import evidence as ev
from mnistdoctor import wording
from mnistdoctor.catalogue import Catalogue, UnknownName, load
from mnistdoctor.causes.before_wire import BEFORE_WIRE
from mnistdoctor.causes.order import ORDER
from mnistdoctor.causes.text import text_of
from mnistdoctor.examine.conductor import Report
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.report.groups import Group, dataset_part, groups, reason
from mnistdoctor.report.sides import RETRIES, SIDES
from mnistdoctor.report.stages import stages

_OF_THIS_MACHINE = {cause.id for cause in BEFORE_WIRE}


def headline(group: Group, report: Report, *, timed: bool = True) -> str:
    """The verdict in the words of the person's own problem, one line; of what is well also how long it took."""
    who, what = clients(group), subject(group, report)
    found = group.diagnosis
    if group.first.target.path is not None:
        doing, will = f"{what.text} cannot be used", _state_of(group.first, what.text)
    elif who is None:
        doing, will = f"{what.text} cannot be downloaded", f"{what.text} can be downloaded"
    else:
        doing, will = f"{who} cannot download {what.text}", f"{who} will get {what.text}"
    if group.verdict == "ailing":
        allowed = " (allowed)" if group.allowed else ""
        return wording.one_line(f"{doing}{allowed}: {found.title}{_likewise(group)}" if found else doing)
    if group.verdict == "inconclusive":
        doubt = f"whether {who} can download {what.text}" if who else f"whether {what.text} can be had"
        return wording.one_line(f"cannot tell {doubt}: {reason(group.first)}")
    until = group.first.case.subject.until if group.first.case else None
    asked = f"{what.text} is healthy as far as stage `{until}`" if until and until != "checksum" else will
    facts = ", ".join(arrived(group, what, timed=timed))
    return wording.one_line(f"{asked}: {facts}" if facts else asked)


def _state_of(result: TargetResult, what: str) -> str:
    """A file on this disk is right by its digest alone; without one nothing speaks against it, and that is all."""
    case = result.case
    if case is None or not dx.verified(case):
        return f"{what} shows no fault, and there is nothing to compare it with"
    file = next((one for one in case.catalogue.files if one.id == case.subject.file), None)
    if file is None:
        return f"{what} is right"
    title = case.catalogue.dataset(file.dataset).title
    own = {(one.algorithm, one.value) for one in file.digests}
    unpacked = ", unpacked" if file.digest_of == "file" and own.isdisjoint(case.subject.digests) else ""
    form = ", packed anew" if unpacked and case.subject.digest_of == "decoded" else unpacked
    return f"{what} is right: it is {file.name} of {title}{form}"


def _likewise(group: Group) -> str:
    others = len(likewise(group))
    return f"; {others} more file{'s' * (others > 1)} likewise" if others else ""


def likewise(group: Group) -> tuple[str, ...]:
    """The other files whose problem is said in other words, each in one line: the name of the file, and the title."""
    own = group.diagnosis.title if group.diagnosis else ""
    others = {one.diagnosis.title: one for one in reversed(group.results) if one.diagnosis}
    return tuple(
        f'"{file_name(one)}": {wording.one_line(title)}' for title, one in reversed(others.items()) if title != own
    )


def clients(group: Group) -> str | None:
    """Everybody who downloads, by their display names; None where the default client is among them."""
    names = list(dict.fromkeys(client_title(result) for result in group.results))
    known = [name for name in names if name is not None]
    return wording.joined(known) if len(known) == len(names) else None


def client_title(result: TargetResult) -> str | None:
    """The display name of who downloads; None for the default client, who is nobody's own."""
    target, catalogue = result.target, catalogue_of(result)
    name = target.loader or re.sub(r"-[\d.]+$", "", target.client)
    if name == "requests":
        return None
    try:
        return catalogue.loader(name).title
    except UnknownName:
        return name


def catalogue_of(result: TargetResult) -> Catalogue:
    """The catalogue that the target was judged with."""
    return result.case.catalogue if result.case else load()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being downloaded."""

    text: str
    """``MNIST``, ``"mnist.npz"``, ``3 of 4 files of MNIST``, ``7 files``."""
    names_file: bool = False
    counts_files: bool = False


def subject(group: Group, report: Report) -> Subject:
    """What the files of the group are, in as few words as there are."""
    parts = list(dict.fromkeys(dataset_part(result.target) for result in group.results))
    if None in parts or len(parts) > 3:
        names = list(dict.fromkeys(file_name(result) for result in group.results))
        if len(names) == 1:
            return Subject(f'"{names[0]}"', names_file=True)
        return Subject(f"{len(group.results)} files", counts_files=True)
    told, counts, names_file = [], False, False
    for part in parts:
        ours = [one for one in group.results if dataset_part(one.target) == part]
        everyone = [one for one in report.targets if dataset_part(one.target) == part]
        title = dataset_title(ours[0])
        if len(ours) == len(everyone):
            told.append(title)
        elif len(ours) == 1:
            told.append(f'"{file_name(ours[0])}" of {title}')
            names_file = True
        else:
            told.append(f"{len(ours)} of {len(everyone)} files of {title}")
            counts = True
    return Subject(wording.joined(list(dict.fromkeys(told))), names_file=names_file, counts_files=counts)


def whole(group: Group, report: Report) -> bool:
    """Whether the group is all there is of its datasets in this report, so that their titles name every file."""
    parts = {dataset_part(result.target) for result in group.results}
    return None not in parts and all(
        one in group.results for one in report.targets if dataset_part(one.target) in parts
    )


def dataset_title(result: TargetResult) -> str:
    """The dataset's title, as people call it: Keras's ``mnist`` is MNIST, whatever file it is in."""
    part, catalogue = dataset_part(result.target) or "", catalogue_of(result)
    loader, _, name = part.rpartition(":")
    tries: tuple[Callable[[], str], ...] = (
        lambda: catalogue.dataset(name).title,
        lambda: catalogue.dataset(catalogue.loader(loader).dataset(name).dataset).title,
    )
    for known in tries:
        try:
            return known()
        except UnknownName:
            continue
    return name


def file_name(result: TargetResult) -> str:
    """The name of the file, from the target's name or its URL; the host where the URL names no file."""
    part = dataset_part(result.target)
    if result.target.name is not None:
        return result.target.name[len(part) + 1 :] if part else result.target.name
    parts = urlsplit(result.url)
    last = unquote(parts.path.rstrip("/").rpartition("/")[2])
    return wording.one_line(last) or parts.netloc.rpartition("@")[2] or result.url


def arrived(group: Group, what: Subject, *, timed: bool = True) -> list[str]:
    """How many files, how large, whether the digest is right, how long it took; not what the subject says already."""
    transfers = [result.case.transfer for result in group.results if result.case and result.case.transfer]
    facts = []
    if len(group.results) > 1 and not what.counts_files:
        facts.append(f"{len(group.results)} files")
    elif len(group.results) == 1 and not what.names_file:
        facts.append(file_name(group.first))
    if transfers:
        cut = any(one.limited for one in transfers)
        size = sum((one.declared or one.received) if one.limited else one.written for one in transfers)
        facts += [wording.rounded_bytes(size), "only the beginning read" if cut else _digests(group)]
    return [*facts, wording.duration(wall_time(group))] if timed else facts


def _digests(group: Group) -> str:
    checks = [stage for result in group.results for stage in stages(result) if stage.stage == "checksum"]
    right = [stage.summary for stage in checks if stage.outcome in ("ok", "warning") and stage.summary]
    if len(right) == len(checks) and right:
        each = "every " if len(right) > 1 else ""
        return each + (right[0] if len(set(right)) == 1 else "digest right")
    return f"{len(right)} of {len(checks)} digests right" if right else "no digest is known"


def wall_time(group: Group) -> float:
    """Seconds from the first to the last of the targets' own operations."""
    own = [one for result in group.results for one in result.observations if one.role == "target"]
    return max(one.started_s + one.duration_s for one in own) - min(one.started_s for one in own) if own else 0.0


def second_line(group: Group) -> tuple[str, ...]:
    """Counts, certainty, whose side it is on, whether retrying can help."""
    found = group.diagnosis
    if found is None:
        return ()
    counts = []
    if len(group.results) > 1:
        hosts = {host for result in group.results for one in result.observations if (host := source_host(one))}
        sources = f", {len(hosts)} sources" if len(hosts) > 1 else ""
        counts.append(f"{len(group.results)} files{sources}, one cause")
    return (*counts, found.certainty, SIDES[found.side].whose, retry(found))


def source_host(one: ev.Observation) -> str | None:
    """The host of the target, or of another source of it, where this record says it; None for redirects and others."""
    first = isinstance(one, ev.Address) and one.hop == 0 and one.control in (None, "other-source")
    return one.host if isinstance(one, ev.Address) and first else None


def retry(found: dx.Diagnosis) -> str:
    """Whether, and when, to try again."""
    if found.retry == "yes" and found.cause in _OF_THIS_MACHINE:
        return "retry once it is mended"  # what this machine itself says does not change by asking again
    if found.retry_after_s:
        return f"retry after {wording.period(found.retry_after_s)}"
    return RETRIES[found.retry].short


def overall(report: Report, *, timed: bool = True) -> str:
    """One line over several groups: how many files are in which state."""
    whole = len(report.targets)
    ailing, unsure, well = (
        sum(one.verdict == v for one in report.targets) for v in ("ailing", "inconclusive", "healthy")
    )
    causes = sum(group.verdict == "ailing" for group in groups(report))
    on_disk = all(one.target.path is not None for one in report.targets)
    verb = "used" if on_disk else "downloaded"
    told = []
    if ailing:
        some = f"{ailing} of {whole} files cannot" if ailing < whole else f"none of the {whole} files can"
        allowed = sum(one.allowed for one in report.targets)
        may = f" ({allowed} of them allowed)" if 0 < allowed < ailing else " (allowed)" if allowed else ""
        told.append(f"{some} be {verb}{may}" + (f", for {causes} reasons" if causes > 1 else ""))
    if unsure:
        told.append(f"{unsure} of {whole} files cannot be judged")
    if well:
        every = "both files" if whole == 2 else f"all {whole} files"
        good = f"{every} show no fault" if on_disk else f"{every} can be downloaded"
        told.append(f"{well} {'is' if well == 1 else 'are'} well" if told else good)
    return "; ".join(told) + (f" ({wording.duration(report.duration_s)})" if timed else "")


def addressee(found: dx.Diagnosis, result: TargetResult) -> str | None:
    """Who must act, where it is not the reader; no stranger is written to about what may lie on this side of him."""
    if found.side in ("server", "framework") and _perhaps_on_this_side(found):
        return None
    match found.side:
        case "network":
            return "IT"
        case "proxy":
            return "the proxy's owner"
        case "server":
            return "the server's owner"
        case "framework":
            return f"the maintainers of {client_title(result) or result.target.client}"
        case _:
            return None


def _perhaps_on_this_side(found: dx.Diagnosis) -> bool:
    known = (cause for cause in found.also_possible if found.certainty != "certain" and cause in ORDER)
    return any(text_of(cause).side in ("you", "network", "proxy") for cause in known)


def notices(group: Group) -> tuple[str, ...]:
    """What was met and survived, each said once; without the one that is the headline's reason."""
    said = reason(group.first) if group.verdict == "inconclusive" else None
    counted: dict[str, int] = {}
    for result in group.results:
        for one in result.warnings:
            counted[one.title] = counted.get(one.title, 0) + 1
    shown = ((title, count) for title, count in counted.items() if title != said)
    return tuple(wording.one_line(title) + (f" ({count} files)" if count > 1 else "") for title, count in shown)


def interpreter(report: Report) -> str | None:
    """Which Python was looked at, and which loaders it has; None where neither matters, or an old report is silent.

    A URL that went out as the doctor's own Python would ask no loader; what went wrong is told all the same.
    """
    found, loaders = report.environment.get("interpreter"), report.environment.get("loaders")
    if not isinstance(found, dict) or not isinstance(loaders, dict):
        return None
    note = str(found.get("note") or "")
    if (
        found.get("own")
        and not note
        and not any(one.target.loader or dataset_part(one.target) for one in report.targets)
    ):
        return None
    words = {"option": ", by `--python`", "folder": ", in this folder", "own": ", which runs mnistdoctor"}
    by = words.get(str(found.get("decided_by")), f", by `{found.get('decided_by')}`")
    has = wording.joined([f"{name} {release}" for name, release in loaders.items()]) or "no loader is installed"
    if not loaders and found.get("decided_by") == "own":
        has += "; `--python PATH` names another"
    told = f"{found.get('path')} ({report.environment.get('python')}{by}): {has}"
    return f"{told}; {note}" if note else told


def environment_value(value: object) -> str:
    """A value of the environment: lists with commas, names before their values."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        if set(value) == {"variable", "value"}:
            return f"{value['variable']}={value['value']}"
        return ", ".join(f"{key} {environment_value(one)}" for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return "; ".join(environment_value(one) for one in value)
    return str(value)
