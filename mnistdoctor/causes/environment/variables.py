"""Variables that keep a loader off the network, or send it to another host than its user thinks."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Change, Control, Finding, Fix, cause
from mnistdoctor.causes.environment.url import mended, trouble
from mnistdoctor.causes.facts.body import brought, in_place_of_data
from mnistdoctor.causes.facts.cached_file import in_place, nameless
from mnistdoctor.causes.facts.offline import switches
from mnistdoctor.causes.fixes import parts, set_variable, unset_variables
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def _has_it(case: Case) -> bool:
    """Whether the loader finds a file in its cache, be it a good one, one that nobody knows, or a bad one."""
    return any(
        one.trusted and not one.failure and one.form in ("file", "decoded", "shadow") and not nameless(one)
        for one in case.all(ev.CachedFile)
    )


def env_offline_mode(case: Case) -> Finding | None:
    given = switches(case)
    if not given or _has_it(case):
        return None
    names = tuple(name for name, _ in given)
    shown = " and ".join(f"`{name}={value}`" for name, value in given)
    folder = next(iter(case.all(ev.Folder)), None)
    return Finding(
        title=f"{shown} keep{'s' if len(given) == 1 else ''} the Hugging Face libraries off the network",
        explanation=(
            "With this variable huggingface_hub and datasets send nothing at all and take only what is in their cache, "
            "and this file is not there. The error says ConnectionError, and the network was never asked. The variable "
            "is read when the library is imported, so a running program keeps the old value."
        ),
        evidence=(
            f"{shown} {'is' if len(given) == 1 else 'are'} set",
            *((f"the file is not in the Hub's cache, {folder.path}",) if folder else ()),
        ),
        fixes=(
            Fix(
                title="Unset it, and start the program or the notebook's kernel anew",
                commands=(unset_variables(case, *names),),
                change=Change(unset=names),
            ),
        ),
        ruled_out=(("tcp-unreachable", "no packet was sent"), ("dns-temporary-failure", "no name was looked up")),
    )


def _offline_warning(case: Case) -> str | None:
    """Of use where the cached file is bad: once it is removed, nothing comes in its place."""
    given = switches(case)
    if not given or not _has_it(case) or in_place(case) is not None:
        return None
    return f"`{given[0][0]}={given[0][1]}` is set: the Hugging Face libraries take what is in their cache and no more"


# --- sent to another host ---------------------------------------------------------------------------------------


def _variable(case: Case) -> str:
    return (case.loader.env_override if case.loader else None) or "a variable"


def env_endpoint_override(case: Case) -> Finding | None:
    own = case.subject.instead_of
    if own is not None and (case.stopped(ev.Address, Failure.URL_SCHEME) or trouble(case.subject.url)):
        return _no_address(case, own)
    met = _met(case) if own is not None else None
    if own is None or met is None or not brought(case, Control.OTHER_SOURCE, own):
        return None
    name, host = _variable(case), parts(case.subject.url).hostname or case.subject.url
    usual = parts(own).hostname
    return Finding(
        title=f"`{name}` sends {case.subject.loader} to {host}, which does not serve the file; {usual} does",
        explanation=(
            f"The variable names another endpoint than the library's own, a mirror as a rule. That one failed for this "
            f"file, and {usual} served it in the same run. The error names a host that you may never have heard of, "
            "or none at all."
        ),
        evidence=(
            f"`{name}` sends {own} to {case.subject.url}",
            f"{case.host or host}: {met}",
            f"{usual}, asked for the same file, served it",
        ),
        fixes=(
            _without(case, own),
            Fix(
                title="Or point it at a mirror that carries the file", untried="only you know which mirrors you may use"
            ),
        ),
        ruled_out=(
            (("http-404-moved", f"{usual} has the file where it always was"),) if case.status in (404, 410) else ()
        ),
    )


def _no_address(case: Case, own: str) -> Finding:
    name, url = _variable(case), case.subject.url
    path = parts(own).path
    value = url.removesuffix(path) if path else url
    meant = mended(url)
    whole = meant.removesuffix(path) if meant and path else None
    mend: tuple[Fix, ...] = ()
    if meant and whole and parts(whole).hostname:
        mend = (
            Fix(
                title=f"Write the address in full: `{whole}`",
                commands=(set_variable(case, name, whole),),
                change=Change(url=meant, unset=(name,)),
            ),
        )
    why = "it lacks `https://`" if whole == f"https://{value}" else trouble(url) or "it is no http address"
    return Finding(
        title=f"`{name}` is `{shortened(value, 60)}`, which is no address: {why}",
        explanation=(
            f"{case.subject.loader} puts the variable's value in front of each path as it is, and cannot send what "
            "comes of it. The error speaks of an invalid URL or a missing scheme, and not of the variable."
        ),
        evidence=(f"`{name}` makes {shortened(url)} of {own}", "nothing was sent"),
        fixes=(*mend, _without(case, own)),
        ruled_out=(("url-malformed", f"the library's own address, {own}, is well formed"),),
    )


def _without(case: Case, own: str) -> Fix:
    name = _variable(case)
    return Fix(
        title=f"Unset `{name}`, and start the program or the notebook's kernel anew",
        commands=(unset_variables(case, name),),
        change=Change(url=own, unset=(name,)),
    )


def _met(case: Case) -> str | None:
    """What went wrong at the other endpoint, in words; None where nothing did, or where the bytes alone differ."""
    stop = case.stopped_by
    if stop is not None:
        return shortened(stop.detail) or stop.failure or "it failed"
    page = case.content is not None and case.content.what == "html" and in_place_of_data(case) is not None
    return "a web page came instead of the file" if page else None


def _override_warning(case: Case) -> str | None:
    own = case.subject.instead_of
    if own is None:
        return None
    host = parts(case.subject.url).hostname or case.subject.url
    return f"`{_variable(case)}` sends {case.subject.loader} to {host} instead of {parts(own).hostname}"


CAUSES: tuple[Cause, ...] = (
    cause(env_offline_mode, before_wire=True, machine_wide=True, warns=_offline_warning),
    cause(env_endpoint_override, needs=(Control.OTHER_SOURCE,), warns=_override_warning),
)
