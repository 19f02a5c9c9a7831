"""Secrets in what a server sends, through the whole program; S901 is C1 of the list of attacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_http import redirect, respond
from tests.strangers.lab import Answer, Lab
from tests.test_redact import LINKS

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Fault

TEXT = " ".join(LINKS)
FORMS = ("json", "rich", "markdown")


def _shows_none(lab: Lab, url: str, *options: str) -> None:
    for form in FORMS:
        answer = lab.run("check", url, "--no-try", "--no-controls", "-v", "--format", form, *options)
        assert answer.code == 1, answer.err
        assert "S3CRET" not in answer.out + answer.err
        assert b"S3CRET".hex() not in answer.out


def _asked(lab: Lab, url: str) -> Answer:
    return lab.run("check", url, "--no-try", "--no-controls", "--format", "json")


def s901_in_the_url(lab: Lab) -> None:
    """Every form of a link, asked for by the user."""
    server = lab.serve(respond(403, b"no"))
    for link in LINKS:
        answer = _asked(lab, server.url(link.removeprefix("https://h")))
        assert answer.code == 1, answer.err
        assert "S3CRET" not in answer.out + answer.err


def s901_in_a_header(lab: Lab) -> None:
    """A field that repeats such links."""
    fields = tuple((f"X-Link-{number}", link) for number, link in enumerate(LINKS[:30]))
    _shows_none(lab, lab.serve(respond(403, b"no", fields)).url("/f.gz"))


def s901_in_a_body(lab: Lab) -> None:
    """A page that repeats such links, and one in a body that begins with what the user sent."""
    _shows_none(lab, lab.serve(respond(403, TEXT.encode(), content_type="text/plain")).url("/f.gz"))
    echo: Fault = respond(200, b"\x00\x01S3CRETvalue9\x00 and more", content_type="application/octet-stream")
    _shows_none(lab, lab.serve(echo).url("/f.gz"), "--header", "X-Api-Key: S3CRETvalue9", "--sha256", "0" * 64)


def s901_in_a_location(lab: Lab) -> None:
    """A redirect to such a link, by a scheme that no client follows."""
    for link in LINKS:
        server = lab.serve(redirect(link.replace("https://h", "gopher://h")))
        answer = _asked(lab, server.url("/f.gz"))
        assert answer.code == 1, answer.err
        assert "S3CRET" not in answer.out + answer.err
