"""`--redact strict`: hosts and addresses of a finished report become pseudonyms, the same one everywhere in it.

Addresses become documentation addresses (RFC 5737, RFC 3849), hosts ``host-1.example`` (RFC 2606). Loopback and
``0.0.0.0`` stay: they name nobody and explain much. Private addresses get another range than public ones, so that a
reader still sees which is which.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from mnistdoctor.report import texts

# Values that are words of the format itself, never a host.
_FIXED = frozenset(
    {
        "kind", "id", "stage", "role", "control", "failure", "verdict", "outcome", "cause", "certainty",
        "side", "retry", "shell", "status", "client", "loader", "way", "decided_by", "scheme",
        "proxy_scheme", "protocol", "type", "rcode", "transport", "peer", "via", "method", "version",
        "framing", "coding", "what", "inner", "algorithm", "observations", "also_possible", "reused",
        "file", "content", "digest_of", "until", "release", "format_version", "started", "errno", "code",
        "label", "trust", "variable", "python", "openssl", "digests", "head", "sha256", "modules",
        "schemes", "issuer_known_to", "organisation_known_to", "alpn", "cipher", "key", "signature",
        "credentials", "oddities",
    }
)  # fmt: skip
# By kind of record: the keys whose whole value is a host, an address, or `host:port`.
_HOST_KEYS = {
    "url": ("host",), "route": ("proxy_host",), "lookup": ("name",), "query": ("name", "server"),
    "hosts-file": ("name",), "connect": ("name",), "tunnel": ("target", "proxy"), "handshake": ("server_name",),
}  # fmt: skip
_KEPT = frozenset({"localhost", "localhost.localdomain", "ip6-localhost"})
_BLANK = "PROXY"
"""What a fix leaves for the reader to fill in."""
# One-label names that are also words: replaced only where the place shows that a host is meant.
_WORDS = frozenset(
    {
        "proxy", "gateway", "squid", "server", "cache", "web", "mirror", "http", "https", "dns", "tls",
        "tcp", "origin", "host", "network", "client", "target", "local", "data", "system", "example", "url",
        "direct", "socks", "tunnel", "default", "option", "requests", "urllib", "curl", "keras", "sklearn",
    }
)  # fmt: skip
_NETLOC = re.compile(
    r"(?i)\b[a-z][a-z0-9+.-]{0,40}://(?:[^\s/@?#'\"<>]*@)?(\[[0-9a-f:.%]+\]|[^\s/:?#'\"<>,;\\`|()\]]+)"
)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
_V4 = re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\d)")
_V6 = re.compile(r"(?i)(?<![\w:.])(?:[0-9a-f]{0,4}:){2,7}(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4})(?![\w:])")
# A name with a dot in text that a server or a certificate wrote, unless its end is that of a file or a module.
_DOTTED = re.compile(r"(?i)(?<![\w.@/-])(?:\*\.)?((?:[a-z0-9_](?:[\w-]*[a-z0-9])?\.)+[a-z][a-z-]+)(?![\w-]|\.\w)")
_SUFFIXES = frozenset(
    {
        "gz", "npz", "npy", "zip", "tar", "tgz", "xz", "bz2", "py", "pem", "crt", "cer", "key", "txt",
        "log", "md", "json", "toml", "tsv", "csv", "xml", "html", "htm", "pkl", "arff", "parquet", "idx",
        "sh", "conf", "cfg", "ini", "dat", "bin", "php", "cgi", "asp", "aspx", "js", "css", "png", "jpg",
        "gif", "svg", "ico", "request", "error",
    }
)  # fmt: skip
# Fields that name who answered without a dot or a scheme: RFC 9110 section 7.6.3, and what Squid and Varnish write.
_WHO = {
    "via": re.compile(r"(?:^|,)\s*[\w./]+\s+([\w.-]+)"),
    "x-cache": re.compile(r"\bfrom\s+([\w.-]+)"),
    "x-cache-lookup": re.compile(r"\bfrom\s+([\w.-]+)"),
    "x-squid-error": re.compile(r"\bfrom\s+([\w.-]+)"),
}
_REMOTE = frozenset(
    {
        "fields", "issuer_fields", "text", "detail", "title", "subject", "issuer", "first_bytes", "reason",
        "verify_message",
    }
)  # fmt: skip


class Pseudonyms:
    """The pseudonyms of one report, numbered in the order in which its document names hosts and addresses."""

    def __init__(self, document: dict[str, object]) -> None:
        self._hosts: dict[str, str] = {}
        self._addresses: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._known: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for value in _hosts(document, ""):
            self._learn(value)
        texts.replaced(document, self.of)  # numbers the addresses, and hosts that no record names

    def of(self, text: str, key: str, kind: str) -> str:
        """The text that stands under this key of a record of that kind, with pseudonyms."""
        if key in _FIXED:
            return text
        host = text.rstrip(".").lower()
        if key in _HOST_KEYS.get(kind, ()) and host in self._known:
            return self.host(host)
        return self._clean(text)

    def _learn(self, value: str) -> None:
        """Notes a host, however it is written."""
        host = value.strip().rstrip(".").lower().removeprefix("*").strip(".[]")
        if host and host not in _KEPT and _address(host) is None and re.search(r"[a-z]", host):
            self._known.add(host)
            self.host(host)
            self._pattern = None

    def host(self, name: str) -> str:
        """The pseudonym of a host."""
        key = name.lower().rstrip(".")
        return self._hosts.setdefault(key, f"host-{len(self._hosts) + 1}.example")

    def address(self, text: str) -> str:
        """The pseudonym of an address; what is none, or names nobody, stays."""
        found = _address(text)
        if found is None or found.is_loopback or found.is_unspecified:
            return text
        key = str(found)
        if key not in self._addresses:
            self._addresses[key] = self._next(found)
        return self._addresses[key]

    def _next(self, found: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
        private = found.is_private or found.is_link_local
        if found.version == 6:
            prefix = "2001:db8:f::" if private else "2001:db8::"
        else:
            prefix = "198.51.100." if private else "192.0.2."
        number = self._counts[prefix] = self._counts.get(prefix, 0) + 1
        if found.version == 6:
            return f"{prefix}{number:x}"
        return f"{prefix}{number}" if number < 255 else f"address-{prefix.partition('.')[0]}-{number}"

    def _clean(self, text: str) -> str:
        """The text with every known host and every address replaced."""
        if self._known:
            self._pattern = self._pattern or self._compile()
            text = self._pattern.sub(lambda match: match[0] if match[0] == _BLANK else self.host(match[0]), text)
        text = _V4.sub(lambda match: self.address(match[0]), text)
        return _V6.sub(lambda match: self.address(match[0]), text)

    def _compile(self) -> re.Pattern[str]:
        plain = [name for name in self._known if name not in _WORDS]
        words = [name for name in self._known if name in _WORDS]
        forms = []
        if plain:
            # With what stands before it: `a.corp.example` is a host of its own where only `corp.example` is known.
            joined = "|".join(map(re.escape, sorted(plain, key=len, reverse=True)))
            forms.append(rf"(?:(?<![\w-])(?<!\w\.)|(?<=%2[fF])|(?<=%40))(?:[\w-]+\.)*(?:{joined})(?![\w-]|\.\w)")
        if words:
            joined = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
            forms.append(rf"(?:(?<=//)|(?<=@))(?:{joined})(?![\w.-])|(?<![\w.:/@-])(?:{joined})(?=:\d)")
        return re.compile("|".join(forms), re.IGNORECASE)


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None


def _hosts(value: object, key: str) -> Iterator[str]:
    """Every host that the document names, in order."""
    if isinstance(value, dict):
        yield from _of_record(value)
        for name, one in value.items():
            yield from _hosts(one, name)
    elif isinstance(value, list):
        yield from _of_list(value, key)
        for one in value:
            yield from _hosts(one, key)
    elif isinstance(value, str) and key not in _FIXED:
        yield from (match[1] for match in _NETLOC.finditer(value) if match[1] != _BLANK)
        yield from (match[1] for match in _MAIL.finditer(value))
        if key in _REMOTE:
            found = (match[1] for match in _DOTTED.finditer(value))
            yield from (one for one in found if one.rpartition(".")[2].lower() not in _SUFFIXES)


def _of_record(values: dict[str, object]) -> Iterator[str]:
    """What stands where a record holds a host and nothing else."""
    for name in _HOST_KEYS.get(str(values.get("kind")), ()):
        value = values.get(name)
        if isinstance(value, str) and "//" not in value:  # `_NETLOC` finds the host of a URL
            yield re.sub(r":\d+$", "", value) if name in ("target", "proxy") else value
    if str(values.get("variable", "")).lower().endswith("_proxy"):
        yield from _listed(str(values.get("value")))


def _of_list(values: list[object], key: str) -> Iterator[str]:
    if key == "variables":
        for pair in values:
            if isinstance(pair, list) and str(pair[0]).lower().endswith("_proxy"):
                yield from _listed(str(pair[-1]))
    if key == "names":
        yield from (one for one in values if isinstance(one, str) and "." in one)
    if key == "fields":
        yield from _who(values)


def _who(fields: list[object]) -> Iterator[str]:
    for name, value in (one for one in fields if isinstance(one, list) and len(one) == 2):
        pattern = _WHO.get(str(name).lower())
        if pattern is not None:
            yield from (match[1] for match in pattern.finditer(str(value)) if re.search("[a-zA-Z]", match[1]))


def _listed(value: str) -> Iterator[str]:
    """The hosts of a NO_PROXY list, or of a proxy written without a scheme."""
    for one in value.split(","):
        host = re.sub(r":\d+/?$", "", one.strip().rpartition("@")[2])
        if host and "/" not in host and "*" not in host.lstrip("*."):
            yield host.lstrip("*.")
