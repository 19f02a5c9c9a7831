"""Pages to sign in at: by their host, their path, their title and their form."""

from __future__ import annotations

import re

from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts import http
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.wording import shortened

_HOSTS = re.compile(
    r"^(accounts\.google\.com|login\.microsoftonline\.com|login\.live\.com|.+\.okta\.com|.+\.auth0\.com|.+\.onelogin\.com)$"
)
_NAMES = re.compile(r"^(login|signin|sign-in|sso|idp|auth|accounts?|adfs|cas|shibboleth)\d*\.")
_PATHS = re.compile(
    r"/(log-?in|log-?on|sign-?in|sso|saml2?|adfs|oauth2?|authorize|authenticate)(/|\.|$)", re.IGNORECASE
)
_FORM = re.compile(r"<input[^>]{0,200}type\s*=\s*[\"']?password", re.IGNORECASE)
_TITLE = re.compile(r"\b(sign[ -]?in|log[ -]?in|log[ -]?on|single sign-on|authentication)\b", re.IGNORECASE)


def only_signs_in(host: str) -> bool:
    """Whether this host is there for nothing but signing in."""
    return bool(_HOSTS.match(host))


def has_sign_in_path(url: str) -> bool:
    """Whether the URL's path is that of a page to sign in at."""
    return bool(_PATHS.search(split_url(url).path))


def signs(case: Case) -> tuple[str, ...]:
    """What shows that the last answer is a page to sign in at, one sentence each."""
    url = case.exchange.url if case.exchange else ""
    name, path = split_url(url).hostname or url, split_url(url).path
    title = case.content.title if case.content else ""
    found = (
        (only_signs_in(name) or _NAMES.match(name)) and f"{name} is a host to sign in at",
        has_sign_in_path(url) and f"its path, {shortened(path, 60)}, is that of a sign-in page",
        _TITLE.search(title) and f"the page is titled “{shortened(title, 80)}”",
        _FORM.search(http.body(case)) and "the page has a field for a password",
    )
    return tuple(one for one in found if one)
