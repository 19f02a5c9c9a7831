"""requests: ``Session.merge_environment_settings``, ``PreparedRequest.prepare_url``, by its own functions."""

from __future__ import annotations

import contextlib

from mnistdoctor.catalogue import Client
from mnistdoctor.settings.clients.base import (
    ClientRules,
    Found,
    Proxy,
    RequestForm,
    no_proxy_name,
    python_proxies,
    usual_port,
    variable,
    with_port,
)
from mnistdoctor.settings.model import Environment


def _find(url: str, scheme: str, environment: Environment) -> Found | None:
    from requests.utils import select_proxy, should_bypass_proxies

    value = select_proxy(url, python_proxies(environment))
    if not value:
        return None
    bypass = no_proxy_name(environment) if should_bypass_proxies(url, no_proxy=None) else None
    return Found(variable(environment, value, f"{scheme}_proxy", "all_proxy"), value, bypass)


def read_proxy(client: Client, value: str, scheme: str) -> Proxy:
    """``prepend_scheme_if_needed`` and urllib3's ``parse_url``: the last ``@`` ends the password."""
    from requests.utils import get_auth_from_url, prepend_scheme_if_needed
    from urllib3.exceptions import LocationParseError
    from urllib3.util import parse_url

    try:
        prefixed = str(prepend_scheme_if_needed(value, "http"))  # type: ignore[no-untyped-call]
        parsed = parse_url(prefixed)
    except TypeError:  # requests joins what is not there: `http://user:password@`
        raise ValueError("the proxy URL has no host") from None
    except LocationParseError as error:
        raise ValueError(f"the proxy URL cannot be parsed: {error}") from None
    if not parsed.host:
        raise ValueError("the proxy URL has no host")
    given = (parsed.scheme or "http").lower()
    usual = 1080 if given.startswith("socks") else 443 if given == "https" else client.default_proxy_port(scheme)
    username, password = get_auth_from_url(prefixed)
    return Proxy(
        scheme=given,
        host=parsed.host.strip("[]"),
        port=parsed.port or usual,
        username=username or None,
        password=password or None,
    )


def _request_form(url: str, _forward: bool) -> RequestForm:
    import requests
    from urllib3.util import parse_url

    prepared = requests.Request("GET", url).prepare()  # `InvalidURL` and its kin are `ValueError`s
    parts = parse_url(str(prepared.url))
    scheme, host = parts.scheme or "", (parts.host or "").strip("[]")
    port = parts.port or usual_port(scheme)
    path = prepared.path_url
    return RequestForm(
        host=host,
        port=port,
        target=f"/{path.lstrip('/')}" if path.startswith("//") else path,  # HTTPAdapter.send
        authority=with_port(host.rstrip("."), port, scheme),
        absolute=parts._replace(auth=None, fragment=None).url,
    )


def _location(location: str) -> str:
    """``SessionRedirectMixin.get_redirect_target``: servers send UTF-8."""
    with contextlib.suppress(UnicodeError):
        return location.encode("latin-1").decode("utf-8")
    return location


RULES = ClientRules(_find, read_proxy, _request_form, location=_location)
