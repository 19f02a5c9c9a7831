"""Makes text safe before it becomes evidence: secrets out, the home path as ``~``, control characters visible."""

from __future__ import annotations

import dataclasses
import getpass
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote

T = TypeVar("T")

HIDDEN = "***"

_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*:/{1,2})[^/\s?#'\"<>]*@")
# Query parameters that carry a signature or a token: S3, Google Cloud Storage, CloudFront and Azure signed URLs, and
# the usual names of access tokens.
_PARAMETERS = re.compile(
    r"(?i)([?&;](?:x-(?:amz|goog)-(?:signature|credential|security-token)|signature|sig|awsaccesskeyid|googleaccessid"
    r"|key-pair-id|policy|token|access_?token|auth(?:_?token)?|api_?key|key|secret|password|passwd|pwd|session(?:id)?)=)"
    r"[^&#\s'\"<>]+"
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
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
_CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Redactor:
    """Cleans every text of a record; made once a run from the secrets that the run knows."""

    def __init__(self, secrets: Iterable[str] = (), home: Path | None = None, user: str | None = None) -> None:
        forms: set[str] = set()
        for secret in secrets:
            if len(secret) >= 3:
                forms |= {secret, quote(secret, safe=""), quote(secret), unquote(secret)}
        self._secrets = tuple(sorted(forms, key=len, reverse=True))
        self._home = (
            re.compile(rf"(?<![\w./-]){re.escape(str(home))}(?=$|[/\\\s'\":;,)])")
            if home and len(str(home)) > 1
            else None
        )
        self._user = re.compile(rf"(?<=[/\\]){re.escape(user)}(?=[/\\]|$)") if user and len(user) > 1 else None

    def text(self, text: str, *, lines: bool = False) -> str:
        """The text without secrets; control characters become ``\\x1b``; line breaks stay with `lines`."""
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        text = _USERINFO.sub(rf"\g<1>{HIDDEN}@", text)
        text = _PARAMETERS.sub(rf"\g<1>{HIDDEN}", text)
        text = _SCHEME_CREDENTIALS.sub(rf"\g<1> {HIDDEN}", text)
        text = _KNOWN_TOKENS.sub(HIDDEN, text)
        if self._home:
            text = self._home.sub("~", text)
        if self._user and "://" not in text:
            text = self._user.sub("~", text)
        return (_CONTROL_BUT_LINES if lines else _CONTROL).sub(_visible, text)

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


def userinfo(value: str) -> tuple[str, ...]:
    """The user name, password and both together that a proxy's raw value holds, however badly it is written."""
    rest = value.partition("://")[2] or value
    given, at, _ = rest.rpartition("@")
    if not at or not given:
        return ()
    name, _, password = given.partition(":")
    return tuple(part for part in (given, password, name if password else "") if part)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def _scheme_only(value: str) -> str:
    scheme, _, rest = value.strip().partition(" ")
    return f"{scheme} {HIDDEN}" if rest and scheme.isalpha() else HIDDEN
