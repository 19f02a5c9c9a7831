"""The Python that loads the data, the name under which the doctor asks, and the page that says how it is used."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_http import by_user_agent, respond, serve
from mnistdoctor.demo.scenes.files import digits
from tests.strangers.lab import CHECKOUT

if TYPE_CHECKING:
    from tests.strangers.lab import Lab


def s47_the_first_page_is_for_its_readers(lab: Lab) -> None:
    """It is short, holds no help dumps, and says where to install, what `likely` means and where the file must go."""
    del lab
    page = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    assert len(page.splitlines()) <= 220
    assert "Usage: mnistdoctor" not in page
    for word in ("pipx", "pip install", "**likely**", "fetch TARGET --from-file", "actions/setup-python", "preflight"):
        assert word in page
    assert re.search(r"^\$ mnistdoctor demo healthy$", page, re.M)


def _own_name(lab: Lab, contact: str = "") -> str:
    """The name under which a server that refuses Python's was asked again."""
    fault = by_user_agent(lambda agent: agent.startswith("python-requests"), respond(403), serve(digits().body))
    server = lab.serve(fault)
    answer = lab.check(server.url("/data.gz"), MNISTDOCTOR_CONTACT=contact)
    assert answer.cause == "http-403-user-agent"
    return next(name for name in server.log.sent("User-Agent") if name.startswith("mnistdoctor"))


def s48_the_doctors_own_name_points_nowhere(lab: Lab) -> None:
    """The name says the program and its purpose, and no address that nobody keeps."""
    name = _own_name(lab)
    assert re.fullmatch(r"mnistdoctor/[\d.]+ \([a-z ]+\)", name)


def s48_a_contact_may_be_added(lab: Lab) -> None:
    """The user's own address stands beside the purpose."""
    name = _own_name(lab, "https://lab.example.org/robots, data@example.org")
    assert name.endswith("; https://lab.example.org/robots, data@example.org)")


def s48_a_contact_that_would_end_the_field_is_left_out(lab: Lab) -> None:
    """Line ends, other control characters, parentheses and letters beyond ASCII have no place there."""
    plain = _own_name(lab)
    for number, contact in enumerate(("a\r\nX-Injected: 1", "a\tb", "a) evil (", "caf\u00e9", " ", "x" * 201)):
        assert _own_name(lab, contact) == plain, number
