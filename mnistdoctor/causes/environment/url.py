"""Causes that lie in the URL itself: it cannot be read, it is of a scheme nobody here speaks, or it is a page."""

from __future__ import annotations

import difflib
import re

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Command, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import pages, urls
from mnistdoctor.causes.facts.landing_pages import Page, page
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import ask, command, download, on_windows, other_sources, quoted, take
from mnistdoctor.failure import Failure
from mnistdoctor.redact import HIDDEN
from mnistdoctor.wording import shortened


def url_malformed(case: Case) -> Finding | None:
    """Holds when no client, or not this one, can send the URL, and no variable of the loader made it."""
    match case.stopped_by:
        case ev.Address(failure=Failure.URL_INVALID) as stop:
            url = stop.url
        case ev.Lookup(failure=Failure.URL_INVALID, peer="origin") as stop:
            url = case.subject.url  # a host that the IDNA codec refuses is only found out by the lookup
        case _:
            return None
    if case.subject.instead_of:
        return None
    if case.hop > 0 or not urls.url_fault(url):
        beyond = urls.beyond_client(url, case.client.family)
        if beyond:
            return _beyond_client(case, url, beyond)
    why = urls.url_fault(url) or shortened(stop.detail) or "its host cannot be written as a name"
    meant = urls.mended(url)
    return finding(
        f"the URL cannot be read: {why}" if not case.hop else f"a redirect leads to a URL that cannot be read: {why}",
        "Nothing was sent: the address has to be right before any name can be looked up. Such addresses mostly come "
        "from copying a bracket, a quotation mark or a line break along, or from a shell that cut the URL in two.",
        f"the URL as it arrived here: {shortened(url)!r}",
        why,
        fixes=(
            meant and take(case, meant, "Use the address without what was pasted along with it"),
            Fix(
                title="Copy the address again and put it in quotes: unquoted, a shell splits it at & ; and ?",
                untried="only you know the address that was meant",
            ),
        ),
        unlike={"dns-nxdomain": "no name was looked up"},
    )


def _beyond_client(case: Case, url: str, what: str) -> Finding:
    """The URL is well formed for others; this client sends an address as it is written, or not at all."""
    client, meant, login = case.client.name, urls.encoded(url), "@" in split_url(url).netloc
    sender = next((one.url for one in reversed(case.all(ev.Exchange)) if one.status is not None), None)
    title = "Give the address without its user name and password" if login else "Write the address in its encoded form"
    return finding(
        f"{client} cannot send this URL: it holds {what}",
        f"Nothing was sent. Other clients mend such an address by themselves, so that it works in a browser; {client} "
        "takes it as it is written.",
        f"the URL: {shortened(url)}",
        f"the client's own words: {shortened(case.stopped_by.detail)}" if case.stopped_by else None,
        sender and f"{shortened(sender)} redirects there",
        fixes=(
            HIDDEN not in meant and take(case, meant, title),
            login
            and HIDDEN not in meant
            and Fix(
                title="If the file is for those with a login only, fetch it with curl, which asks for the password",
                commands=download(case, meant, "-u", "USER"),
                untried="only you have the password",
            ),
            sender and ask("the owner of that server", "that its redirect has to be encoded", verb="Tell"),
        ),
        unlike={"dns-nxdomain": "no name was looked up"},
        side="server" if sender else None,
    )


def url_scheme_unsupported(case: Case) -> Finding | None:
    """Holds when the URL, or one to which a server redirects, has a scheme that this client cannot fetch."""
    stop = case.stopped(ev.Address, Failure.URL_SCHEME)
    if stop is None or case.subject.instead_of:
        return _redirected(case)
    scheme, client = (stop.scheme or stop.url.partition(":")[0]).lower(), case.subject.client
    return finding(
        f"the URL begins with {shortened(scheme, 20)}://, and {client} cannot fetch that",
        f"{client} downloads over http and https here. Another scheme belongs to another program, which knows how to "
        "sign in there and how to list what is stored.",
        f"the URL: {shortened(stop.url)}",
        "nothing was sent",
        fixes=(_right_program(case, scheme, stop.url), other_sources(case)),
        unlike={"proxy-socks-support-missing": "the scheme is the data URL's own, not a proxy's"},
    )


def _redirected(case: Case) -> Finding | None:
    """A redirect to another scheme. curl goes on to ftp (its ``--proto-redir``); that was not tried here."""
    stop = case.stopped(ev.Exchange, Failure.REDIRECT_SCHEME)
    sender = next((one for one in reversed(case.all(ev.Exchange)) if one.status is not None), None)
    if stop is None or sender is None:
        return None
    scheme = stop.url.partition(":")[0].lower()
    if case.client.family == "curl" and scheme in ("ftp", "ftps"):
        return None
    host = split_url(sender.url).hostname or sender.url
    return finding(
        f"{host} redirects to an address of {shortened(scheme, 20)}:, which {case.client.name} cannot fetch",
        f"The server answers with a redirect, and {case.client.name} follows one to http and https only. The rule that "
        "sends people there was written on the server, or by a box on the way.",
        f"{sender.method} {shortened(sender.url)} was answered {sender.status}",
        f"`Location: {shortened(stop.location or stop.url)}`",
        fixes=(
            other_sources(case),
            scheme in ("s3", "gs", "gcs", "ftp", "hf") and _right_program(case, scheme, stop.url),
            ask(f"the owner of {host}", "where the address leads", verb="Tell", why="a person has to act"),
        ),
        unlike={"http-redirect-loop": "the chain ends at an address that is not fetched"},
        side="server",
    )


def _right_program(case: Case, scheme: str, url: str) -> Fix:
    """The program that speaks the scheme; a scheme that is http misspelt is mended instead."""
    close = difflib.get_close_matches(scheme, ("https", "http"), n=1, cutoff=0.75)
    if close and HIDDEN not in url:
        return take(case, close[0] + url[len(scheme) :], f"Write the scheme as {close[0]}")
    program, line = _program_of(case, scheme, url)
    if not line:
        title = f"Use the program for {shortened(scheme, 20)}://, or the publisher's https address"
        return Fix(title=title, untried="fill in what the publisher names")
    return Fix(title=f"Use {program}", commands=(command(case, line),), untried="another program does it")


def _program_of(case: Case, scheme: str, url: str) -> tuple[str, str]:
    """The program that speaks the scheme and its command line; both empty where none is known."""
    match scheme:
        case "s3":
            program = "the AWS client; a public bucket needs no account"
            return program, f"aws s3 cp --no-sign-request {quoted(case, url)} ."
        case "gs":
            return "the Google Cloud client", f"gcloud storage cp {quoted(case, url)} ."
        case "gcs":
            return _program_of(case, "gs", "gs" + url[len(scheme) :])
        case "git":
            return "git", f"git clone {quoted(case, url)}"
        case "ftp":
            return "curl", f"{'curl.exe' if on_windows(case) else 'curl'} -f -O {quoted(case, url)}"
        case "file":
            return "this doctor's look at local files", f"mnistdoctor check {quoted(case, split_url(url).path)}"
        case "hf":
            return "the Hugging Face client", _hub_command(case, url)
    return "", ""


def _hub_command(case: Case, url: str) -> str:
    """``hf download`` for an ``hf://`` path: https://huggingface.co/docs/huggingface_hub/guides/hf_file_system."""
    found = re.fullmatch(r"hf://(datasets/|spaces/)?([^/@]+/[^/@]+)(?:@([^/]+))?/(.+)", url)
    if found is None:
        return ""
    kind = f"--repo-type {found[1].rstrip('/')[:-1]} " if found[1] else ""
    revision = f"--revision {quoted(case, found[3])} " if found[3] else ""
    return f"hf download {kind}{revision}{quoted(case, found[2])} {quoted(case, found[4])}"


def url_is_a_web_page(case: Case) -> Finding | None:
    """Holds when the URL is a site's page about the file by the site's own pattern, and an HTML page came."""
    landing, address = page(case.subject.url), case.address
    if landing is None or case.status != 200 or not pages.html_answered(case):
        return None
    if not any(case.host == one or case.host.endswith("." + one) for one in landing.answers):
        return None  # it was sent away to sign in
    title = case.content.title if case.content else ""
    titled = f', titled "{shortened(title, 80)}"' if title else ""
    return finding(
        f"the URL is {landing.site}'s web page about the file, not the file",
        f"{landing.site} answers this address with a page for people, with a download button on it. A program that "
        "saves it gets HTML under the data's name, and fails later with a bad magic number or a wrong checksum.",
        f"the answer was status 200 with an HTML page{titled}",
        f"the URL: {shortened(case.subject.url)}",
        fixes=(_itself(case, landing), other_sources(case, 1)),
        unlike={
            "body-html-instead-of-data": "the address is of a page by the site's own pattern",
            "http-redirect-to-login": f"the answer came from {case.host}, not from a sign-in host",
        },
        perhaps=(address is None or address.scheme != "https") and "captive-portal",
    )


def _no_file(case: Case) -> str | None:
    """A site or a folder answers with a page, as it should: only the user knows whether it was meant."""
    if not (pages.is_html(case) and pages.names_no_file(case)):
        return None
    return f"the URL names no file, and {case.host} answers it with a web page"


def _itself(case: Case, landing: Page) -> Fix:
    """The way from the page to the file itself."""
    if landing.direct and HIDDEN not in landing.direct:
        return take(case, landing.direct, f"Take {landing.site}'s address of the file itself")
    if landing.command:
        program = landing.command.split()[0]
        steps = (Command(f"pip install {program}"), Command(landing.command))
        return Fix(title=f"Fetch it with `{program}`", commands=steps, untried=f"`{program}` is a program of its own")
    return Fix(title="Copy the link of the download button on that page", untried="fill in that link")


CAUSES: tuple[Cause, ...] = (
    cause(url_malformed),
    cause(url_scheme_unsupported),
    cause(url_is_a_web_page, warns=_no_file),
)
