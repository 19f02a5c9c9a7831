"""Boxes, proxies and name services that answer in another's place.

Names that are denied (S22, S23), lookups without an answer (S57) and portals (S21) are scenes of the closed world too:
`tests/world/scenes_independent_boxes.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.pki import Authority

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Fault
    from tests.strangers.lab import Answer, Lab

QUICK = ("--timeout", "3", "--no-try")
PAGE = b"<!doctype html><html><head><title>Blocked</title></head><body>Not allowed here.</body></html>"


def _behind_box(lab: Lab, fault: Fault, neutral: Fault, *, own: bool = False) -> Answer:
    """The answer to a file of a host that shares its issuer with the neutral host, unless it has an `own` authority."""
    gateway = lab.enter_context(Authority("Fabrikam", "Fabrikam Web Gateway"))
    other = lab.enter_context(Authority("Acme", "Acme Mirrors"))
    target = lab.serve(fault, (other if own else gateway).issue().server_context())
    control = lab.serve(neutral, gateway.issue().server_context())
    bundle = str(gateway.bundle_with(other))
    return lab.check(
        target.url("/data/train.npz"), "--ca-bundle", bundle, "--control", control.url("/", host="localhost"), *QUICK
    )


def _page(status: int = 200) -> Fault:
    return respond(status, PAGE, content_type="text/html")


def s20_one_refusal_of_every_host(lab: Lab) -> None:
    """A trusted box answers 403 for every host: it is named, and no server is blamed."""
    answer = _behind_box(lab, _page(403), _page(403))
    assert (answer.cause, answer.diagnosis["side"]) == ("http-403-corporate-filter", "network")
    assert any("Fabrikam Web Gateway" in sentence for sentence in answer.diagnosis["evidence"])


def s20_one_404_of_every_host(lab: Lab) -> None:
    """The same with 404."""
    assert _behind_box(lab, _page(404), _page(404)).diagnosis["side"] == "network"


def s20_one_page_of_every_host(lab: Lab) -> None:
    """The same page under status 200 for every host."""
    answer = _behind_box(lab, _page(), _page())
    assert (answer.cause, answer.diagnosis["side"]) == ("body-block-page", "network")


def s20_box_that_lets_others_pass(lab: Lab) -> None:
    """A box signs for all, and the neutral host answers well: whose 403, page or 404 it is stays open."""
    for fault in (_page(403), _page(404), _page()):
        answer = _behind_box(lab, fault, respond(200, b"Example Domain"))
        assert (answer.diagnosis["side"], answer.certain) == ("unknown", False)
        assert any("Fabrikam Web Gateway" in sentence for sentence in answer.diagnosis["evidence"])


def s20_bytes_of_another_digest(lab: Lab) -> None:
    """Other bytes under a box's certificate are not certainly the server's."""
    gateway = lab.enter_context(Authority("Fabrikam", "Fabrikam Web Gateway"))
    context = gateway.issue().server_context()
    target, control = lab.serve(respond(200, b"\0" * 4000), context), lab.serve(respond(200, b"well"), context)
    answer = lab.check(
        target.url("/a.bin"), "--sha256", "0" * 64, "--ca-bundle", str(gateway.bundle),
        "--control", control.url("/", host="localhost"), *QUICK,
    )  # fmt: skip
    assert (answer.diagnosis["side"], answer.certain) == ("unknown", False)


def s20_mirror_of_ones_own_authority(lab: Lab) -> None:
    """A company's mirror under its own authority, which unrelated hosts do not bear: its refusals are its own."""
    for status in (403, 404):
        answer = _behind_box(lab, _page(status), respond(200, b"Example Domain"), own=True)
        assert answer.cause == f"http-{status}-unexplained"
        assert answer.diagnosis["side"] == "server"
