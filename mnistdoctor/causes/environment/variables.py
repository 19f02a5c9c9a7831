"""Variables that keep a loader off the network, or send it to another host than its user thinks."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import pages, urls
from mnistdoctor.causes.facts.cached_file import file_in_place, loader_folder, unreferenced
from mnistdoctor.causes.facts.expected import served_by
from mnistdoctor.causes.facts.offline import switches
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import set_variable, unset_variables
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def env_offline_mode(case: Case) -> Finding | None:
    """Holds when a variable keeps the Hub's libraries off the network, and their cache does not hold the file."""
    variables = switches(case)
    if not variables or _in_cache(case):
        return None
    shown = " and ".join(f"`{name}={value}`" for name, value in variables)
    names = tuple(name for name, _ in variables)
    folder = loader_folder(case)
    return finding(
        f"{shown} keep{'s' if len(names) == 1 else ''} the Hugging Face libraries off the network",
        "With this variable huggingface_hub and datasets send nothing at all and take only what is in their cache, and "
        "this file is not there. The error says ConnectionError, and the network was never asked. The variable is read "
        "when the library is imported, so a running program keeps the old value.",
        f"{shown} {'is' if len(names) == 1 else 'are'} set",
        folder and f"the file is not in the Hub's cache, {folder.path}",
        fixes=Fix(
            title="Unset it, and start the program or the notebook's kernel anew",
            commands=(unset_variables(case, *names),),
            change=Change(unset=names),
        ),
        unlike={"tcp-unreachable": "no packet was sent", "dns-temporary-failure": "no name was looked up"},
    )


def _in_cache(case: Case) -> bool:
    """Whether the loader finds a file in its cache, be it a good one, one that nobody knows, or a bad one."""
    return any(
        one.trusted and not one.failure and one.form in ("file", "decoded", "shadow") and not unreferenced(one)
        for one in case.all(ev.CachedFile)
    )


def _offline_warning(case: Case) -> str | None:
    """Of use where the cached file is bad: once it is removed, nothing comes in its place."""
    variables = switches(case)
    if not variables or not _in_cache(case) or file_in_place(case) is not None:
        return None
    name, value = variables[0]
    return f"`{name}={value}` is set: the Hugging Face libraries take what is in their cache and no more"


def env_endpoint_override(case: Case) -> Finding | None:
    """Holds when a variable sends the loader to another host: one that fails where its own serves, or no address."""
    own = case.subject.instead_of
    if own is None:
        return None
    if case.stopped(ev.Address, Failure.URL_SCHEME) or urls.url_fault(case.subject.url):
        return _no_address(case, own)
    failure = _failure(case)
    if failure is None:
        return None
    served = served_by(case, Control.OTHER_SOURCE, own)
    if not served and not _name_is_gone(case, own):
        return None
    name, host, usual = _variable(case), _host(case), split_url(own).hostname
    return finding(
        f"`{name}` sends {case.subject.loader} to {host}, "
        + (f"which does not serve the file; {usual} does" if served else f"a name that is gone; {usual} is there"),
        "The variable names another endpoint than the library's own, a mirror as a rule. That one failed for this "
        + (f"file, and {usual} served it in the same run. " if served else f"file, and {usual} has an address. ")
        + "The error names a host that you may never have heard of, or none at all.",
        f"`{name}` sends {own} to {case.subject.url}",
        f"{case.host or host}: {failure}",
        f"{usual}, asked for the same file, served it" if served else f"{usual} was looked up, and was found",
        fixes=(
            _without_variable(case, own),
            Fix(
                title=f"Point `{name}` at a mirror that carries the file",
                untried="only you know which mirrors you may use",
            ),
        ),
        unlike=served and case.status in (404, 410) and {"http-404-moved": f"{usual} has the file where it always was"},
        perhaps=not served and "dns-nxdomain",
    )


def _name_is_gone(case: Case, own: str) -> bool:
    """Whether the other endpoint has no address, and the library's own has one, whatever became of the file there."""
    match case.stopped_by:
        case ev.Lookup(peer="origin", failure=Failure.NXDOMAIN | Failure.NO_ANSWER) as lookup:
            usual = split_url(own).hostname
            found = case.recorded(Control.OTHER_SOURCE, ev.Lookup)
            return lookup.name == _host(case) and any(one.name == usual and one.addresses for one in found)
    return False


def _no_address(case: Case, own: str) -> Finding:
    """The variable's value makes a URL that cannot be sent: mostly it lacks its scheme."""
    name, url, path, loader = _variable(case), case.subject.url, split_url(own).path, case.subject.loader
    value, meant = url.removesuffix(path), urls.mended(url)
    whole = meant.removesuffix(path) if meant and path else None
    why = "it lacks `https://`" if whole == f"https://{value}" else urls.url_fault(url) or "it is no http address"
    return finding(
        f"`{name}` is `{shortened(value, 60)}`, which is no address: {why}",
        f"{loader} puts the variable's value in front of each path as it is, and cannot send what comes of it. The "
        "error speaks of an invalid URL or a missing scheme, and not of the variable.",
        f"`{name}` makes {shortened(url)} of {own}",
        "nothing was sent",
        fixes=(
            whole
            and split_url(whole).hostname
            and Fix(
                title=f"Write the address in full: `{whole}`",
                commands=(set_variable(case, name, whole),),
                change=Change(url=meant, unset=(name,)),
            ),
            _without_variable(case, own),
        ),
        unlike={"url-malformed": f"the library's own address, {own}, is well formed"},
    )


def _without_variable(case: Case, own: str) -> Fix:
    name = _variable(case)
    return Fix(
        title=f"Unset `{name}`, and start the program or the notebook's kernel anew",
        commands=(unset_variables(case, name),),
        change=Change(url=own, unset=(name,)),
    )


def _variable(case: Case) -> str:
    return (case.loader.env_override if case.loader else None) or "a variable"


def _host(case: Case) -> str:
    return split_url(case.subject.url).hostname or case.subject.url


def _failure(case: Case) -> str | None:
    """What went wrong at the other endpoint, in words; None where nothing did, or where the bytes alone differ."""
    stop = case.stopped_by
    if stop is not None:
        return shortened(stop.detail) or stop.failure or "it failed"
    page = pages.html_in_place_of_data(case)
    return "a web page came instead of the file" if page else None


def _override_warning(case: Case) -> str | None:
    own = case.subject.instead_of
    if own is None:
        return None
    return f"`{_variable(case)}` sends {case.subject.loader} to {_host(case)} instead of {split_url(own).hostname}"


CAUSES: tuple[Cause, ...] = (
    cause(env_offline_mode, before_wire=True, machine_wide=True, warns=_offline_warning),
    cause(env_endpoint_override, needs=(Control.OTHER_SOURCE,), warns=_override_warning),
)
