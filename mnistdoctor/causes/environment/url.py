"""Causes that lie in the URL itself: it cannot be read, it is of a scheme nobody here speaks, or it is a page."""

from __future__ import annotations

import difflib
import re
from urllib.parse import urlsplit

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes as remedies
from mnistdoctor.causes.base import Case, Cause, Change, Command, Finding, Fix, cause
from mnistdoctor.causes.facts.landing_pages import Page, page
from mnistdoctor.failure import Failure
from mnistdoctor.redact import HIDDEN
from mnistdoctor.wording import shortened

_BLANK = re.compile(r"[\x00-\x20\x7f]|\\x[0-9a-f]{2}")
"""A blank or control character, or one that redaction has made visible."""

_WRAPPING = " \t\r\n\"'`<>"


def trouble(url: str) -> str | None:
    """Why no client can read this URL (RFC 3986 section 3, RFC 1035 section 2.3.4), or None where one can."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port
    except ValueError as error:
        wrong_port = "port" in str(error).lower()
        return "its port is not a number from 1 to 65535" if wrong_port else "its brackets or its host cannot be read"
    if "://" not in url:
        return "it does not begin with https:// or http://"
    if not host:
        return "it names no host"
    if port == 0:
        return "its port is not a number from 1 to 65535"
    if _BLANK.search(url):
        return "it holds a blank or an invisible character"
    labels = host.rstrip(".").split(".")
    if ":" not in host and not all(labels):
        return "a part of its host between two dots is empty"
    if any(len(_ascii(label)) > 63 for label in labels if ":" not in host):
        return "a part of its host is longer than 63 characters"
    return None


def mended(url: str) -> str | None:
    """The URL that was most likely meant, where stripping what came along while pasting makes it readable."""
    if HIDDEN in url:
        return None
    text = re.sub(r"\\x[0-9a-f]{2}", "", url).strip(_WRAPPING)
    for opening, closing in ("()", "[]", "{}"):
        if text.endswith(closing) and opening not in text:
            text = text[:-1].strip(_WRAPPING)
    text = re.sub(r"[\s\x00-\x1f\x7f]*[\r\n\t][\s\x00-\x1f\x7f]*", "", text).replace(" ", "%20")
    text = re.sub(r"^(https?):?[/\\]{1,2}(?![/\\])", r"\1://", text, flags=re.IGNORECASE)
    if "://" not in text and re.match(r"[\w-]+(\.[\w-]+)+(:\d+)?/", text):
        text = "https://" + text
    good = text != url and text.lower().startswith(("http://", "https://")) and trouble(text) is None
    return text if good else None


def _ascii(label: str) -> bytes:
    return label.encode("punycode") + b"xn--" if not label.isascii() else label.encode()


def url_malformed(case: Case) -> Finding | None:
    stop = case.stopped(ev.Address, Failure.URL_INVALID) or case.stopped(ev.Lookup, Failure.URL_INVALID)
    if stop is None or (isinstance(stop, ev.Lookup) and stop.peer == "proxy"):
        return None  # a host that the IDNA codec refuses is only found out by the lookup
    if case.subject.instead_of:
        return None  # the variable that names the endpoint is at fault: `env-endpoint-override`
    url = stop.url if isinstance(stop, ev.Address) else case.subject.url
    why = trouble(url) or shortened(stop.detail) or "its host cannot be written as a name"
    meant = mended(url)
    fixes = () if meant is None else (_take(case, "Use the address without what was pasted along with it", meant),)
    return Finding(
        title=f"the URL cannot be read: {why}",
        explanation=(
            "Nothing was sent: the address has to be right before any name can be looked up. Such addresses "
            "mostly come from copying a bracket, a quotation mark or a line break along, or from a shell "
            "that cut the URL in two."
        ),
        evidence=(f"the URL as it arrived here: {shortened(url)!r}", f"{why}"),
        fixes=(
            *fixes,
            Fix(
                title="Copy the address again and put it in quotes: unquoted, a shell splits it at & ; and ?",
                untried="only you know the address that was meant",
            ),
        ),
        ruled_out=(("dns-nxdomain", "no name was looked up"),),
    )


def url_scheme_unsupported(case: Case) -> Finding | None:
    stop = case.stopped(ev.Address, Failure.URL_SCHEME)
    if stop is None or case.subject.instead_of:
        return _led_astray(case)
    scheme = (stop.scheme or stop.url.partition(":")[0]).lower()
    return Finding(
        title=f"the URL begins with {shortened(scheme, 20)}://, and {case.subject.client} cannot fetch that",
        explanation=(
            f"{case.subject.client} downloads over http and https here. Another scheme belongs to another "
            "program, which knows how to sign in there and how to list what is stored."
        ),
        evidence=(f"the URL: {shortened(stop.url)}", "nothing was sent"),
        fixes=(*_programs(case, scheme, stop.url), *remedies.other_sources(case)),
        ruled_out=(("proxy-socks-support-missing", "the scheme is the data URL's own, not a proxy's"),),
    )


def _led_astray(case: Case) -> Finding | None:
    """A redirect to another scheme. curl goes on to ftp (its ``--proto-redir``); that was not tried here."""
    stop = case.stopped(ev.Exchange, Failure.REDIRECT_SCHEME)
    if stop is None:
        return None
    scheme = stop.url.partition(":")[0].lower()
    sender = next((one for one in reversed(case.all(ev.Exchange)) if one.status is not None), None)
    if sender is None or (case.client.family == "curl" and scheme in ("ftp", "ftps")):
        return None
    host, shown = remedies.parts(sender.url).hostname or sender.url, shortened(scheme, 20)
    known = scheme in ("s3", "gs", "gcs", "ftp", "hf")
    return Finding(
        title=f"{host} redirects to an address of {shown}:, which {case.client.name} cannot fetch",
        explanation=(
            f"The server answers with a redirect, and {case.client.name} follows one to http and https only. The rule "
            "that sends people there was written on the server, or by a box on the way."
        ),
        evidence=(
            f"{sender.method} {shortened(sender.url)} was answered {sender.status}",
            f"`Location: {shortened(stop.location or stop.url)}`",
        ),
        fixes=(
            *remedies.other_sources(case),
            *(_programs(case, scheme, stop.url) if known else ()),
            Fix(title=f"Tell the owner of {host} where the address leads", untried="a person has to act"),
        ),
        ruled_out=(("http-redirect-loop", "the chain ends at an address that is not fetched"),),
        side="server",
    )


def _programs(case: Case, scheme: str, url: str) -> tuple[Fix, ...]:
    """The program that speaks the scheme; a scheme that is http misspelt is mended instead."""
    close = difflib.get_close_matches(scheme, ("https", "http"), n=1, cutoff=0.75)
    if close and HIDDEN not in url:
        return (_take(case, f"Write the scheme as {close[0]}", close[0] + url[len(scheme) :]),)
    word = remedies.quoted(case, url)
    lines = {
        "s3": ("the AWS client; a public bucket needs no account", f"aws s3 cp --no-sign-request {word} ."),
        "gs": ("the Google Cloud client", f"gcloud storage cp {word} ."),
        "gcs": (
            "the Google Cloud client",
            f"gcloud storage cp {remedies.quoted(case, 'gs' + url[len(scheme) :])} .",
        ),
        "git": ("git", f"git clone {word}"),
        "ftp": ("curl", f"{'curl.exe' if remedies.on_windows(case) else 'curl'} -f -O {word}"),
        "file": (
            "this doctor's look at local files",
            f"mnistdoctor check {remedies.quoted(case, remedies.parts(url).path)}",
        ),
    }
    if scheme == "hf" and (found := _hub_command(case, url)):
        lines["hf"] = ("the Hugging Face client", found)
    if scheme not in lines:
        return (
            Fix(
                title=f"Use the program for {shortened(scheme, 20)}://, or the publisher's https address",
                untried="fill in what the publisher names",
            ),
        )
    program, line = lines[scheme]
    return (
        Fix(
            title=f"Use {program}",
            commands=(remedies.command(case, line),),
            untried="another program does it",
        ),
    )


def _hub_command(case: Case, url: str) -> str | None:
    """``hf download`` for an ``hf://`` path: https://huggingface.co/docs/huggingface_hub/guides/hf_file_system."""
    found = re.fullmatch(r"hf://(datasets/|spaces/)?([^/@]+/[^/@]+)(?:@([^/]+))?/(.+)", url)
    if found is None:
        return None
    kind = f"--repo-type {found[1].rstrip('/')[:-1]} " if found[1] else ""
    revision = f"--revision {remedies.quoted(case, found[3])} " if found[3] else ""
    return f"hf download {kind}{revision}{remedies.quoted(case, found[2])} {remedies.quoted(case, found[4])}"


def url_is_a_web_page(case: Case) -> Finding | None:
    found = page(case.subject.url)
    exchange = case.exchange
    if found is None or exchange is None or exchange.status != 200 or not _is_page(case):
        return None
    if case.host != found.domain and not case.host.endswith("." + found.domain):
        return None  # it was sent away to sign in
    title = case.content.title if case.content else ""
    said = f', titled "{shortened(title, 80)}"' if title else ""
    return Finding(
        title=f"the URL is {found.site}'s web page about the file, not the file",
        explanation=(
            f"{found.site} answers this address with a page for people, with a download button on it. A program that "
            "saves it gets HTML under the data's name, and fails later with a bad magic number or a wrong "
            "checksum."
        ),
        evidence=(
            f"the answer was status 200 with an HTML page{said}",
            f"the URL: {shortened(case.subject.url)}",
        ),
        certain=case.address is not None and case.address.scheme == "https",
        also_possible=() if case.address and case.address.scheme == "https" else ("captive-portal",),
        fixes=(_direct(case, found), *remedies.other_sources(case, 1)),
        ruled_out=(
            ("body-html-instead-of-data", "the address is of a page by the site's own pattern"),
            ("http-redirect-to-login", f"the answer came from {case.host}, not from a sign-in host"),
        ),
    )


def _is_page(case: Case) -> bool:
    if case.content is not None:
        return case.content.what == "html"
    return bool(case.exchange and (case.exchange.field("Content-Type") or "").lower().startswith("text/html"))


def _direct(case: Case, found: Page) -> Fix:
    if found.direct and HIDDEN not in found.direct:
        return _take(case, f"Take {found.site}'s address of the file itself", found.direct)
    if found.command:
        program = found.command.split()[0]
        steps = (Command(f"pip install {program}"), Command(found.command))
        return Fix(title=f"Fetch it with `{program}`", commands=steps, untried=f"`{program}` is a program of its own")
    return Fix(title="Copy the link of the download button on that page", untried="fill in that link")


def _take(case: Case, title: str, url: str) -> Fix:
    return Fix(title=title, commands=(remedies.download(case, url),), change=Change(url=url))


CAUSES: tuple[Cause, ...] = (
    cause(url_malformed),
    cause(url_scheme_unsupported),
    cause(url_is_a_web_page),
)
