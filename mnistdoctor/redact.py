"""Makes text safe before it becomes evidence: secrets out, the home path as ``~``, control characters visible."""

from __future__ import annotations

import base64
import dataclasses
import getpass
import re
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote

T = TypeVar("T")

HIDDEN = "***"

# What may begin anywhere has bounds: a server chooses the text (`tests/patterns.py`).
_USERINFO = re.compile(r"(?i)([a-z][a-z0-9+.-]{0,40}:/{1,2})[^/\s?#'\"<>]*(?:@|%40|\uff20)")
# A password with a slash in it, or one whose host was forgotten: what stands where a port should is none.
_NO_PORT = re.compile(
    r"(?i)([a-z][a-z0-9+.-]{0,40}://[^/\s:@\[\]?#'\"<>]+):(?!\d{0,5}(?![\w%-]))"
    r"(?:[^\s'\"<>@]{0,512}@|[^/\s?#'\"<>),;`]+)"
)
# Query parameters that carry a signature or a token: S3, Google Cloud Storage, CloudFront and Azure signed URLs, and
# the usual names of access tokens.
_PARAMETERS = re.compile(
    r"(?i)([?&;](?:x-(?:amz|goog)-credential|[\w.-]*(?:signature|token|secret|password|passwd|api[_-]?key)|sig|key|auth"
    r"|awsaccesskeyid|googleaccessid|key-pair-id|policy|jwt|pwd|(?:php)?sess(?:ion)?(?:id)?|pass|pw|hmac|code|sas"
    r"|(?:access|secret|auth|subscription)[_-]?key|hdnts|credential|bearer)=)([^&#\s'\"<>]+)"
)
_SCHEME_CREDENTIALS = re.compile(
    r"(?i)\b(bearer|basic|digest|negotiate|ntlm|token|aws4-hmac-sha256)\s+[A-Za-z0-9+/=_.~-]{12,}"
)
_KNOWN_TOKENS = re.compile(
    r"\b(hf_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|xox[abpr]-[\w-]{10,}|AKIA[0-9A-Z]{16})\b"
)
_SECRET_FIELDS = frozenset(
    {
        "authorization",
        "proxy-authorization",
        "cookie",
        "set-cookie",
        "x-amz-security-token",
        "x-api-key",
        "x-auth-token",
        "authentication-info",
        "proxy-authentication-info",
    }
)
# C0, DEL, C1, and the characters that reorder or hide text on a terminal (https://trojansource.codes).
# Lone surrogates are bytes of a file name that are no UTF-8 (PEP 383); no stream can write them.
# So do soft hyphens, joiners, the Arabic and Mongolian marks, and the tags, which spell a text that nobody sees.
_CONTROL = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_CONTROL_BUT_LINES = re.compile(_CONTROL.pattern.replace("\x0a-", "\x0b-"))


_SHORT = 6
"""A secret of fewer characters is looked for as a whole word only: `pw` is also a part of other words."""

_BARE_USERINFO = re.compile(r"(?<![\w/@])[^\s/@:'\"`]{1,256}:[^\s@'\"`]{1,256}@(?=[\w.\[-])")


class Redactor:
    """Cleans every text of a record; made once a run from the secrets that the run knows."""

    def __init__(self, secrets: Iterable[str] = (), home: Path | None = None, user: str | None = None) -> None:
        forms: set[str] = set()
        for secret in secrets:
            if len(secret) >= 3:
                escaped = {quote(secret, safe=safe, errors="surrogateescape") for safe in ("", "/")}  # PEP 383
                forms |= {secret, *escaped, unquote(secret)}
        self._secrets = tuple(sorted((form for form in forms if form), key=len, reverse=True))
        self._words = re.compile("|".join(map(_as_pattern, self._secrets))) if self._secrets else None
        self._home = (
            re.compile(rf"(?<![\w./-]){re.escape(str(home))}(?=$|[/\\\s'\":;,)])")
            if home and len(str(home)) > 1
            else None
        )
        self._user = re.compile(rf"(?<=[/\\]){re.escape(user)}(?=[/\\]|$)") if user and len(user) > 1 else None

    def text(self, text: str, *, lines: bool = False) -> str:
        """The text without secrets; control characters become ``\\x1b``; line breaks stay with `lines`."""
        if self._words:
            text = self._without_a_beginning(self._words.sub(HIDDEN, text))
        text = _NO_PORT.sub(_without_password, _USERINFO.sub(rf"\g<1>{HIDDEN}@", text))
        text = _PARAMETERS.sub(rf"\g<1>{HIDDEN}", text)
        text = _SCHEME_CREDENTIALS.sub(rf"\g<1> {HIDDEN}", text)
        text = _KNOWN_TOKENS.sub(HIDDEN, text)
        if self._home:
            text = self._home.sub("~", text)
        if self._user and "://" not in text:
            text = self._user.sub("~", text)
        return (_CONTROL_BUT_LINES if lines else _CONTROL).sub(_visible, text)

    def _without_a_beginning(self, text: str) -> str:
        """The text without the beginning of a secret at its end, where a limit on its length has cut the secret."""
        for secret in self._secrets:
            for size in range(len(secret) - 1, _SHORT - 1, -1):
                if text.endswith(secret[:size]):
                    return text[:-size] + HIDDEN
        return text

    def fields(self, fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """HTTP fields, the values of those that carry credentials hidden."""
        return tuple(
            (self.text(name), _scheme_only(value) if name.lower() in _SECRET_FIELDS else self.text(value))
            for name, value in fields
        )

    def record(self, record: T) -> T:
        """The same frozen record with every text in it made safe."""
        changes: dict[str, Any] = {}
        for item in dataclasses.fields(record):  # type: ignore[arg-type]
            value = getattr(record, item.name)
            clean = self._value(item.name, value)
            if clean is not value:
                changes[item.name] = clean
        return dataclasses.replace(record, **changes) if changes else record  # type: ignore[type-var]

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, Enum):
            return value
        if isinstance(value, str):
            return self.text(value, lines=name == "text")
        if not isinstance(value, tuple) or not value:
            return value
        if name in ("fields", "request_fields"):
            return self.fields(value)
        if dataclasses.is_dataclass(value[0]):
            return tuple(self.record(one) for one in value)
        return tuple(self._value("", one) for one in value)


def for_this_user(secrets: Iterable[str] = ()) -> Redactor:
    """A redactor that knows this user's home and name."""
    try:
        home: Path | None = Path.home()
        user: str | None = getpass.getuser()
    except (OSError, KeyError, RuntimeError, ImportError):
        home = user = None
    return Redactor(secrets, home, None if user == "root" else user)


_SCHEME = re.compile(r"(?i)[a-z][a-z0-9+.-]*:?//|(?:https?|socks\w*):/")


def userinfo(value: str) -> tuple[str, ...]:
    """What stands before the host in a raw value, however badly it is written: whole, in parts, and as Basic sends it.

    >>> userinfo("http://jo:s3cret@proxy:3128")
    ('jo:s3cret', 's3cret', 'jo', 'am86czNjcmV0')
    """
    bare = value.strip().strip("'\"")
    scheme = _SCHEME.match(bare)
    given, at, _ = (bare[scheme.end() :] if scheme else bare).rpartition("@")
    if not at or not given:
        return ()
    found: list[str] = [given]
    for spelling in dict.fromkeys((given, unquote(given))):
        name, colon, password = spelling.partition(":")
        found += [password, name if password else "", *basic(name, password if colon else "")]
        # A client's parser cuts at these characters and complains of what it has cut.
        found += [part for part in re.split(r"[:/@?#]", spelling) if len(part) >= _SHORT]
    return tuple(dict.fromkeys(part for part in found if part))


def basic(name: str, password: str) -> tuple[str, ...]:
    """The credentials as the Basic scheme sends them, without the padding; clients differ in the charset (RFC 7617)."""
    pairs = {unquote(f"{name}:{password}"), f"{name}:{password}"}
    made = (
        base64.b64encode(pair.encode(charset, "replace")) for pair in sorted(pairs) for charset in ("utf-8", "latin-1")
    )
    return tuple(dict.fromkeys(one.decode().rstrip("=") for one in made))


def parameters(url: str) -> tuple[str, ...]:
    """The values of a URL's parameters that are signatures or tokens; a server may repeat them outside any URL."""
    found = (match for match in _PARAMETERS.finditer(url) if not match[1].lower().endswith(("code=", "pass=")))
    return tuple(match[2] for match in found if len(match[2]) >= _SHORT)


def shown(text: str, *values: str) -> str:
    """A sentence about wrong usage, without the secrets of the `values` that it repeats."""
    secrets = [secret for value in values for secret in (*userinfo(value), *parameters(value))]
    return for_this_user(secrets).text(_BARE_USERINFO.sub(f"{HIDDEN}@", text))


def _as_pattern(secret: str) -> str:
    pattern = re.escape(secret)
    return pattern if len(secret) >= _SHORT else rf"(?<![A-Za-z0-9]){pattern}(?![A-Za-z0-9])"


def visible(text: str) -> str:
    """The text with control characters as ``\\x1b``, for what was never a record; line breaks stay."""
    return _CONTROL_BUT_LINES.sub(_visible, text)


def _without_password(match: re.Match[str]) -> str:
    return f"{match[1].partition('://')[0]}://{HIDDEN}@" if match[0].endswith("@") else f"{match[1]}:{HIDDEN}"


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _scheme_only(value: str) -> str:
    scheme, _, rest = value.strip().partition(" ")
    return f"{scheme} {HIDDEN}" if rest and scheme.isalpha() else HIDDEN
