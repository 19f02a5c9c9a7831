"""Each client's own rules: which proxy it takes for a URL, how it reads the proxy's value, and how it writes a request.

They differ from client to client; each module says where its rules were read, and they were measured on the clients
themselves.
"""

from __future__ import annotations

from mnistdoctor.catalogue import Client
from mnistdoctor.settings.clients import aria2, by_curl, by_httpx, by_requests, by_urllib, wget
from mnistdoctor.settings.clients.base import ClientRules, Found, Proxy, RequestForm

__all__ = ["ClientRules", "Found", "Proxy", "RequestForm", "rules_of"]

_RULES = {
    "requests": by_requests.RULES,
    "urllib": by_urllib.RULES,
    "httpx": by_httpx.RULES,
    "httpx2": by_httpx.RULES_2,
    "curl": by_curl.RULES,
    "wget": wget.RULES,
    "aria2": aria2.RULES,
}


def rules_of(client: Client) -> ClientRules:
    """The rules of the library, or of the program, that this client is made of."""
    return _RULES[client.family]
