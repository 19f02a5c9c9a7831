"""Which certificates a client trusts, and which other stores this machine has."""

from __future__ import annotations

import contextlib
import errno
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast

from mnistdoctor import paths
from mnistdoctor.catalogue import Client, release_key
from mnistdoctor.evidence import Pairs, TrustForm
from mnistdoctor.exhaustive import assert_never
from mnistdoctor.settings.model import Environment, Settings
from mnistdoctor.settings.python import Python

# Where Linux distributions, the BSDs and macOS keep the bundle; the order of Go's crypto/x509/root_linux.go.
_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/local/share/certs/ca-root-nss.crt",
)


_MOST_READ = 1 << 20
"""Bytes of a bundle in which its first certificate begins; some have pages of comments before it."""


@dataclass(frozen=True, slots=True)
class TrustChoice:
    """One trust store, by where it comes from."""

    label: str
    """The variable or option that named it, else ``certifi``, ``openssl`` or ``system``."""
    path: str = ""
    """A file or directory of PEM certificates; empty for OpenSSL's own default paths."""
    named: bool = False
    """Whether a variable or an option named the path, so that a missing file is somebody's mistake."""
    loader: Literal["file", "openssl"] = "file"
    """``file``: the path is read as a bundle, and must be there; ``openssl``: OpenSSL's silent defaults."""
    directories: str = ""
    """Where further CAs lie under hashed names, as ``SSL_CERT_DIR`` is written: OpenSSL's own defaults, and curl's."""
    of_process: bool = True
    """With ``openssl``: whether OpenSSL's own look at this process's variables finds the same; a trial removes some."""

    @property
    def exists(self) -> bool:
        """Whether there is something to read at the path (always so for OpenSSL's own defaults)."""
        return not self.path or os.access(self.path, os.R_OK)

    @property
    def form(self) -> TrustForm:
        """What the named path leads to."""
        if not self.named:
            return ""
        try:
            path = Path(self.path)
            if self.path.startswith("~") and not path.exists():
                return "unexpanded" if path.expanduser().exists() else ""
            if path.is_dir():
                return "folder"
            return _form_of(path) if path.is_file() else ""
        except (OSError, RuntimeError):  # a name too long, no home
            return ""


def _form_of(path: Path) -> TrustForm:
    """Raises `OSError`."""
    with path.open("rb") as file:
        start = file.read(_MOST_READ)
    if not start.strip():
        return "empty"
    if b"-----BEGIN " in start:
        return "pem"
    return "der" if start[:2] in (b"\x30\x82", b"\x30\x83") else "other"


def choose_trust(client: Client, settings: Settings, environment: Environment) -> TrustChoice:
    """The store that this client verifies with."""
    if settings.ca_bundle is not None:
        return TrustChoice("option", settings.ca_bundle, named=True)
    named = environment.get(*(name for name in client.ca_variables if name != "SSL_CERT_DIR"))
    if client.family == "curl":
        return _curl(environment)
    folder = environment.get("SSL_CERT_DIR")
    if client.family.startswith("httpx") and folder and not named:  # the folder alone then, and silently so
        return TrustChoice(*folder, named=True, loader="openssl", directories=folder[1], of_process=False)
    match client.trust:
        case "openssl":  # it reads the variables by itself
            return _openssl(environment)
        case "system" | "certifi" if named:
            return TrustChoice(named[0], named[1], named=True)
        case "system":
            return _system() or _openssl(environment)
        case "certifi":
            return _certifi(environment)
        case other:
            assert_never(other)


def other_stores(used: TrustChoice | None, environment: Environment) -> tuple[TrustChoice, ...]:
    """Every store of this machine but the one in use, each path once."""
    choices = [_openssl(environment), _certifi(environment), _system()]
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "PIP_CERT"):
        found = environment.get(name)
        if found:
            choices.append(TrustChoice(name, found[1], named=True))
    seen = {_real(used)} if used else set()
    others = []
    for choice in choices:
        if choice is not None and _real(choice) not in seen:
            seen.add(_real(choice))
            others.append(choice)
    return tuple(others)


class NoContext(Exception):  # noqa: N818 - an outcome, not a mistake
    """A variable keeps this client from making any TLS context."""

    def __init__(self, variable: str, value: str, why: str) -> None:
        super().__init__(why)
        self.variable, self.value = variable, value


def check_context(client: Client, environment: Environment) -> None:
    """Raises `NoContext` where a variable other than that of a trust store keeps the client from speaking TLS.

    Python opens the file of SSLKEYLOGFILE for each context, and the error of that stops the download; programs of their
    own pass over it. OpenSSL that was set up without a provider of ciphers makes no context at all.
    """
    keys = environment.get("SSLKEYLOGFILE")
    # httpx2 asks for `ssl.create_default_context`, which opens the file, only where a variable names its store.
    bare = client.family == "httpx2" and not environment.get("SSL_CERT_FILE", "SSL_CERT_DIR")
    if keys and not client.is_program and not bare and (why := _not_writable(keys[1])):
        raise NoContext(*keys, why)
    setup = environment.get("OPENSSL_CONF")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    except ssl.SSLError as error:
        if setup is None:
            raise
        raise NoContext(*setup, str(error)) from None


def _not_writable(name: str) -> str | None:
    """Why a file cannot be opened to be appended to; nothing is opened, since that would make it."""
    path = Path(name)
    if paths.is_folder(path):
        return os.strerror(errno.EISDIR)
    there = paths.is_there(path)
    if not there and not paths.is_folder(path.parent):
        return os.strerror(errno.ENOENT)
    return None if os.access(path if there else path.parent, os.W_OK) else os.strerror(errno.EACCES)


def makes_context_early(client: Client, scheme: str, python: Python) -> bool:
    """Whether the client makes its TLS context before it looks up the name: httpx for any URL, urllib for https, and
    from Python 3.12 on for any; requests first connects."""
    if client.family == "urllib":
        return scheme == "https" or python.minor >= (3, 12)
    return client.family.startswith("httpx")


def is_strict(client: Client, python: Python) -> bool:
    """Whether the client's context insists on what RFC 5280 says of certificates.

    Python's default context does from 3.13 on, requests' from urllib3 2.4 on; programs of their own do not.
    """
    if client.is_program or not python.strict:
        return False
    urllib3 = python.release("urllib3") if client.family == "requests" else None
    return urllib3 is None or release_key(urllib3) >= (2, 4)


def tls_context(choice: TrustChoice, client: Client, settings: Settings, *, strict: bool) -> ssl.SSLContext:
    """The context that this client would make; verification is always on. `strict`: as `is_strict` says.

    Raises `OSError` where a named bundle cannot be read (`ssl.SSLError` where it holds no certificate), as requests.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if strict:  # what `ssl.create_default_context` adds from Python 3.13 on, without its loading of the default stores
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN | ssl.VERIFY_X509_STRICT
    if client.family == "requests":
        _as_urllib3(context)
    if choice.loader == "openssl" and choice.of_process:
        context.load_default_certs()
    elif choice.loader == "openssl":
        for place in ({"cafile": choice.path}, {"capath": choice.directories}):
            with contextlib.suppress(OSError):  # OpenSSL passes over what is not there, or holds no certificate
                context.load_verify_locations(**place)
    elif client.family == "curl":
        context.load_verify_locations(cafile=choice.path)  # CURLOPT_CAINFO is a file, and no folder
        for folder in filter(None, choice.directories.split(os.pathsep)):
            with contextlib.suppress(OSError):
                context.load_verify_locations(capath=folder)
    elif paths.is_folder(choice.path):
        context.load_verify_locations(capath=choice.path)
    else:
        context.load_verify_locations(cafile=choice.path)
    context.set_alpn_protocols(["http/1.1"])
    if settings.cert:
        context.load_cert_chain(settings.cert, settings.key)
    return context


def _as_urllib3(context: ssl.SSLContext) -> None:
    """What urllib3's ``create_urllib3_context`` (2.8) sets; without its file of keys, which is not ours to write."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_TICKET
    context.post_handshake_auth = True
    context.hostname_checks_common_name = False


def _openssl(environment: Environment) -> TrustChoice:
    usual = environment.python
    file, folder = environment.get("SSL_CERT_FILE"), environment.get("SSL_CERT_DIR")
    names = ("SSL_CERT_FILE", "SSL_CERT_DIR")
    return TrustChoice(
        file[0] if file else "openssl",
        file[1] if file else usual.cafile,
        named=file is not None,
        loader="openssl",
        directories=folder[1] if folder else usual.capath,
        of_process=usual.own and all(environment.variables.get(name) == os.environ.get(name) for name in names),
    )


def _curl(environment: Environment) -> TrustChoice:
    """``src/tool_operate.c`` (7.88): CURL_CA_BUNDLE; else SSL_CERT_DIR beside its own bundle; else SSL_CERT_FILE.

    The folder that it was built with (Debian's) stays, whichever file a variable names.
    """
    bundle, folder = environment.get("CURL_CA_BUNDLE"), environment.get("SSL_CERT_DIR")
    named = bundle or (None if folder else environment.get("SSL_CERT_FILE"))
    own = "/etc/ssl/certs" if Path("/etc/debian_version").exists() else ""
    directories = folder[1] if folder and not bundle else own
    if named:
        return TrustChoice(named[0], named[1], named=True, directories=directories)
    system = _system() or _openssl(environment)
    return TrustChoice("system", system.path, directories=directories) if system.label == "system" else system


def _certifi(environment: Environment) -> TrustChoice:
    return TrustChoice("certifi", certifi_bundle(environment.python))


def certifi_bundle(python: Python) -> str:
    """The bundle of that Python's certifi, which some distributions lead to the system's; ours where it has none."""
    import certifi

    found, system = python.certifi, _system()
    return found or (system.path if found is not None and system else certifi.where())


def _system() -> TrustChoice | None:
    found = next((path for path in _SYSTEM_BUNDLES if os.access(path, os.R_OK)), None)
    return TrustChoice("system", found) if found else None


def _real(choice: TrustChoice) -> str:
    return os.path.realpath(choice.path)


@dataclass(frozen=True, slots=True)
class Authorities:
    """The CAs of one store."""

    names: frozenset[tuple[str, ...]]
    """The values of each CA's name, in their order."""
    organisations: frozenset[str]
    """In lower case."""


@cache
def authorities() -> dict[str, Authorities]:
    """Those of each store of this machine, by its label. Read only when a certificate must be described.

    OpenSSL reads them, as it does for a handshake: it takes the old roots that stricter parsers complain of.
    """
    known = {}
    for choice in other_stores(None, Environment()):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(cafile=choice.path)
        except OSError:
            continue
        subjects = [name_of(authority, "subject") for authority in context.get_ca_certs()]
        known[choice.label] = Authorities(
            frozenset(tuple(value for _, value in subject) for subject in subjects),
            frozenset(value.casefold() for subject in subjects for key, value in subject if key == "organizationName"),
        )
    return known


def name_of(certificate: Mapping[str, object], key: str) -> Pairs:
    """The ``subject`` or ``issuer`` of a certificate as `ssl` gives it: a list of lists of pairs."""
    parts = cast("tuple[Pairs, ...]", certificate.get(key, ()))
    return tuple((str(name), str(value)) for part in parts for name, value in part)
