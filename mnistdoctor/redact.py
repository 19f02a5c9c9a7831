"""Makes text safe before it becomes evidence: secrets out, the home path as ``~``, control characters visible."""

from __future__ import annotations

import base64
import dataclasses
import getpass
import html
import json
import re
import threading
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote, unquote

T = TypeVar("T")

HIDDEN = "***"

# What may begin anywhere has bounds, or begins with what is rare: a server chooses the text (`tests/patterns.py`).
_USERINFO = re.compile(r"(?i)(?<=[a-z0-9+.-])(:/{1,2})[^/\s?#'\"<>]*(?:@|%40|\uff20)")
# A password with a slash in it, or one whose host was forgotten: what stands where a port should is none.
_NO_PORT = re.compile(
    r"(?i)(?<=[a-z0-9+.-])(://[^/\s:@\[\]?#'\"<>]{1,255}):(?!\d{0,5}(?![\w%-]))"
    r"(?:[^\s'\"<>@]{0,512}@|[^/\s?#'\"<>),;`]+)"
)
# The same within a parameter of another URL.
_NESTED_USERINFO = re.compile(
    r"(?i)(%(?:25)?2f%(?:25)?2f)[^/\s?#&'\"<>%]{0,200}%(?:25)?3a[^/\s?#&'\"<>]{0,200}?(%(?:25)?40)"
)
# A parameter of a URL, or of a URL within one: up to its value.
_PARAMETER = re.compile(
    r"(?i)([?&;#]|%(?:25){0,2}(?:3f|26|3b|23))([\w.~%\[\]-]{1,100}?)(=|%(?:25){0,2}3d)(?=[^&#\s'\"<>])"
)
_VALUE = re.compile(r"[^&#\s'\"<>]+")
_SEGMENT_VALUE = re.compile(r"[^?&#\s'\"<>]+")
_NESTED_VALUE = re.compile(r"(?i)(?:(?!%(?:25){0,2}(?:26|23))[^&#\s'\"<>])+")
# Parameters that carry a signature or a token: S3, Google Cloud Storage, CloudFront, Akamai and Azure signed URLs, and
# the usual names of access tokens, sessions and shared links.
_SECRET_NAMES = re.compile(
    r"x-(?:amz|goog|oss)-credential|[\w.\[-]*(?:signature|token|secret|passw(?:or)?d|passphrase|api[_-]?key)[\]_]*"
    r"|sig|sign|key|auth|(?:aws|oss)accesskeyid|googleaccessid|key-pair-id|policy|jwt|pwd|pass|pw|hmac|code|sas"
    r"|(?:php|j)?sess(?:ion)?(?:id)?|sid|ticket|hdne?a|hdnt[sl]|credentials?|bearer"
    r"|(?:access|auth|download|private|resource|rl|secret|session|share|sign|subscription|user)[_-]?key"
)
_LONG_ONLY = re.compile(r"verify|nonce")
"""Parameters that are as often a switch: secret where the value is long."""
_LONG = 16
_WITH_EXPIRY = re.compile(r"md5|hash")
"""Digests of a file, and signatures where a time of expiry stands beside them (nginx, `secure_link`)."""
_EXPIRY = re.compile(r"(?i)[?&;]e(?:xp(?:ires?)?)?=\d")
_SCHEME_CREDENTIALS = re.compile(
    r"(?i)\b(bearer|basic|digest|negotiate|ntlm|token|aws4-hmac-sha256)\s+[A-Za-z0-9+/=_.~-]{12,}"
)
_KNOWN_TOKENS = re.compile(
    r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|(?<=/bot)\d{4,20}:[\w-]{20,}"  # a JWT; Telegram's
    r"|\b(hf_[A-Za-z0-9]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|xox[abpr]-[\w-]{10,}|AKIA[0-9A-Z]{16})\b"
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
_SECRET_FIELD = re.compile(r"(?i)(?:^|[-_])(?:api-?key|token|secret|password)\Z")
# C0, DEL, C1, and the characters that reorder or hide text on a terminal (https://trojansource.codes).
# Lone surrogates are bytes of a file name that are no UTF-8 (PEP 383); no stream can write them.
# So do soft hyphens, joiners, the Arabic and Mongolian marks, and the tags, which spell a text that nobody sees.
_CONTROL = re.compile(
    "[\x00-\x08\x0a-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_CONTROL_BUT_LINES = re.compile(_CONTROL.pattern.replace("\x0a-", "\x0b-"))


_REPEATED = 256
"""A text of so many characters at most is remembered with what became of it."""
MOST_SECRETS = 400
"""Spellings beyond which no more of a server's cookies are learned."""
_SHORT = 6
"""A secret of fewer characters is looked for as a whole word only: `pw` is also a part of other words."""

_BARE_USERINFO = re.compile(r"(?<![\w@])[^\s/@:'\"`]{1,256}:[^\s@'\"`]{1,256}@(?=[\w.\[-])")


class Redactor:
    """Cleans every text of a record; made once a run from the secrets that the run knows."""

    def __init__(
        self,
        secrets: Iterable[str] = (),
        home: Path | None = None,
        user: str | None = None,
        secret_fields: Iterable[str] = (),
    ) -> None:
        """`secret_fields`: names of fields that the user sends, whose values may be credentials of any length."""
        self._secrets: tuple[str, ...] = ()
        self._words: re.Pattern[str] | None = None
        self._learning = threading.Lock()
        self._own_fields = frozenset(name.lower() for name in secret_fields)
        self.learn(secrets)
        self._home = (
            re.compile(rf"(?:(?<![\w./-])|(?<=://)){re.escape(str(home))}(?=$|[/\\\s'\":;,)])")
            if home and len(str(home)) > 1
            else None
        )
        self._short = lru_cache(maxsize=4096)(self._clean)  # the same hosts, fields and words stand in many records
        self._user = re.compile(rf"(?<=[/\\]){re.escape(user)}(?=[/\\]|$)") if user and len(user) > 1 else None

    def learn(self, secrets: Iterable[str]) -> None:
        """From now on these are hidden too: a server may repeat what it gave us, such as a cookie."""
        forms: set[str] = set()
        for secret in secrets:
            if len(secret) >= 3:
                escaped = {quote(secret, safe=safe, errors="surrogateescape") for safe in ("", "/")}  # PEP 383
                forms |= {secret, *escaped, unquote(secret), *_in_pages(secret)} - {""}
        with self._learning:
            if not forms <= set(self._secrets) and len(self._secrets) < MOST_SECRETS:
                known = tuple(sorted(forms | set(self._secrets), key=len, reverse=True))
                # The number of secrets is a part of what texts are remembered by: it changes when all else is ready.
                self._words = re.compile("|".join(map(_as_pattern, known)))
                self._secrets = known

    def text(self, text: str, *, lines: bool = False) -> str:
        """The text without secrets; control characters become ``\\x1b``; line breaks stay with `lines`."""
        return (_CONTROL_BUT_LINES if lines else _CONTROL).sub(_visible, self._hidden(text))

    def _hidden(self, text: str) -> str:
        known = len(self._secrets)
        return self._short(text, known) if len(text) <= _REPEATED else self._clean(text, known)

    def _clean(self, text: str, _known: int) -> str:
        if self._words:
            text = self._without_a_beginning(self._words.sub(HIDDEN, text))
        text = _NO_PORT.sub(_without_password, _USERINFO.sub(rf"\g<1>{HIDDEN}@", text))
        text = _NESTED_USERINFO.sub(rf"\g<1>{HIDDEN}\g<2>", text)
        text = _without_parameters(text)
        text = _SCHEME_CREDENTIALS.sub(rf"\g<1> {HIDDEN}", text)
        text = _KNOWN_TOKENS.sub(HIDDEN, text)
        if self._home:
            text = self._home.sub("~", text)
        if self._user and "://" not in text:
            text = self._user.sub("~", text)
        return text

    def _bytes(self, digits: str) -> str:
        """The same for bytes in hexadecimal: what they spell may be a secret."""
        try:
            spelt = bytes.fromhex(digits).decode("latin-1")
        except ValueError:
            return self.text(digits)
        clean = self._hidden(spelt)
        return digits if clean == spelt else clean.encode("latin-1", "replace").hex()

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
            (self.text(name), _scheme_only(value) if self._carries_credentials(name) else self.text(value))
            for name, value in fields
        )

    def _carries_credentials(self, name: str) -> bool:
        known = name.lower() in _SECRET_FIELDS or name.lower() in self._own_fields
        return known or _SECRET_FIELD.search(name) is not None

    def record(self, record: T) -> T:
        """The same frozen record with every text in it made safe."""
        changes: dict[str, Any] = {}
        for item in dataclasses.fields(record):  # type: ignore[arg-type]
            value = getattr(record, item.name)
            clean = self._value(item.name, value)
            if clean is not value and clean != value:
                changes[item.name] = clean
        return dataclasses.replace(record, **changes) if changes else record  # type: ignore[type-var]

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, Enum):
            return value
        if isinstance(value, str):
            return self._bytes(value) if name == "head" else self.text(value, lines=name == "text")
        if not isinstance(value, tuple) or not value:
            return value
        if name in ("fields", "request_fields"):
            return self.fields(value)
        if dataclasses.is_dataclass(value[0]):
            return tuple(self.record(one) for one in value)
        return tuple(self._value("", one) for one in value)


def for_this_user(secrets: Iterable[str] = (), secret_fields: Iterable[str] = ()) -> Redactor:
    """A redactor that knows this user's home and name."""
    try:
        home: Path | None = Path.home()
        user: str | None = getpass.getuser()
    except (OSError, KeyError, RuntimeError, ImportError):
        home = user = None
    return Redactor(secrets, home, None if user == "root" else user, secret_fields)


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
    found = ((name, url[start:end]) for name, start, end in _secret_values(url) if not name.endswith(("code", "pass")))
    return tuple(value for _, value in found if len(value) >= _SHORT)


def cookie_values(fields: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """What a response's cookies hold, where it may be the key to a session (RFC 6265 section 4.1) and no mere word."""
    given = (
        value.partition(";")[0].partition("=")[2].strip().strip('"')
        for name, value in fields
        if name.lower() == "set-cookie"
    )
    return tuple(value for value in given if len(value) >= _LONG or (len(value) >= _SHORT and not value.isalpha()))


def _secret_values(text: str) -> Iterator[tuple[str, int, int]]:
    """(name, beginning and end of its value) of every parameter that carries a secret."""
    position = 0
    expires = _EXPIRY.search(text) is not None
    while head := _PARAMETER.search(text, position):
        position = head.end()
        name = re.split(r"[?&;#]", unquote(unquote(head[2])))[-1].lower()
        known = _SECRET_NAMES.fullmatch(name) or (expires and _WITH_EXPIRY.fullmatch(name))
        if known or _LONG_ONLY.fullmatch(name):
            pattern = _NESTED_VALUE if head[3] != "=" else _SEGMENT_VALUE if head[1] == ";" else _VALUE
            found = pattern.match(text, position)
            if found and (known or len(found[0]) >= _LONG):
                position = found.end()
                yield name, found.start(), position


def _without_parameters(text: str) -> str:
    pieces, done = [], 0
    for _, start, end in _secret_values(text):
        pieces += [text[done:start], HIDDEN]
        done = end
    return "".join((*pieces, text[done:]))


def _in_pages(secret: str) -> tuple[str, ...]:
    """As a page or a JSON text quotes it."""
    page = html.escape(secret)
    return page, page.replace("&#x27;", "&#39;"), html.escape(secret, quote=False), json.dumps(secret)[1:-1]


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
