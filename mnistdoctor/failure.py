"""The closed list of what an operation can run into, and the way from an exception to its member.

The names are OONI's where OONI has one (df-007-errors); exceptions are told apart by type, errno and verify
code, never by guessing. `Failure.UNKNOWN` is a true answer.
"""

from __future__ import annotations

import errno
import os
import socket
import ssl
from enum import Enum


class Failure(str, Enum):
    """What an operation ran into."""

    __str__ = str.__str__  # the value, in f-strings too, whichever Python (3.12 changed what they print)

    URL_INVALID = "url_invalid"
    URL_SCHEME = "url_scheme_unsupported"
    PROXY_SETTING = "proxy_setting_invalid"
    PROXY_SUPPORT = "proxy_scheme_unsupported"
    CA_FILE = "ca_file_unusable"
    TLS_CONTEXT = "tls_context_failed"

    NXDOMAIN = "dns_nxdomain_error"
    NO_ANSWER = "dns_no_answer"
    DNS_TEMPORARY = "dns_temporary_failure"
    DNS_SERVFAIL = "dns_servfail_error"
    DNS_REFUSED = "dns_refused_error"
    DNS_MISBEHAVING = "dns_server_misbehaving"

    REFUSED = "connection_refused"
    RESET = "connection_reset"
    ABORTED = "connection_aborted"
    HOST_UNREACHABLE = "host_unreachable"
    NETWORK_UNREACHABLE = "network_unreachable"
    NETWORK_DOWN = "network_down"
    PERMISSION = "permission_denied"
    TIMEOUT = "generic_timeout_error"
    EOF = "eof_error"

    TUNNEL = "proxy_tunnel_failed"
    PROXY_RESPONSE = "proxy_invalid_response"
    SOCKS = "socks_error"
    CREDENTIALS_HELD = "credentials_held_back"

    UNKNOWN_AUTHORITY = "ssl_unknown_authority"
    INVALID_HOSTNAME = "ssl_invalid_hostname"
    INVALID_CERTIFICATE = "ssl_invalid_certificate"
    HANDSHAKE = "ssl_failed_handshake"
    NOT_TLS = "ssl_plaintext_answer"

    STATUS = "http_request_failed"
    HTTP_RESPONSE = "http_invalid_response"
    REDIRECT_LOOP = "http_redirect_loop"
    REDIRECT_LOCATION = "http_invalid_redirect_location"
    REDIRECT_SCHEME = "http_redirect_scheme"
    REDIRECT_PRIVATE = "http_redirect_private"

    INCOMPLETE = "body_incomplete"
    STALLED = "body_stalled"
    CODING = "body_coding_invalid"

    FILE_UNREADABLE = "file_unreadable"
    FILE_FOLDER = "file_is_a_folder"
    FILE_SPECIAL = "file_is_special"
    LINK_CIRCLE = "link_in_a_circle"
    PAC = "pac_failed"

    DEADLINE = "deadline_exceeded"
    INTERRUPTED = "interrupted"
    UNKNOWN = "unknown_failure"


_IN_WORDS = {
    Failure.URL_INVALID: "the URL cannot be read",
    Failure.URL_SCHEME: "the client does not speak this scheme",
    Failure.PROXY_SETTING: "the proxy setting cannot be read",
    Failure.PROXY_SUPPORT: "the client does not speak to this kind of proxy",
    Failure.CA_FILE: "the CA file cannot be used",
    Failure.TLS_CONTEXT: "no TLS context could be made",
    Failure.NXDOMAIN: "the name is not known",
    Failure.NO_ANSWER: "the name has no address",
    Failure.DNS_TEMPORARY: "no name server gave an answer",
    Failure.DNS_SERVFAIL: "the name server had a failure",
    Failure.DNS_REFUSED: "the name server refused to answer",
    Failure.DNS_MISBEHAVING: "the name service failed",
    Failure.REFUSED: "connection refused",
    Failure.RESET: "connection reset",
    Failure.ABORTED: "connection aborted",
    Failure.HOST_UNREACHABLE: "host unreachable",
    Failure.NETWORK_UNREACHABLE: "network unreachable",
    Failure.NETWORK_DOWN: "the network is down",
    Failure.PERMISSION: "not permitted",
    Failure.TIMEOUT: "no answer",
    Failure.EOF: "the connection was closed",
    Failure.TUNNEL: "the proxy opened no tunnel",
    Failure.PROXY_RESPONSE: "the proxy's answer cannot be read",
    Failure.SOCKS: "the SOCKS proxy refused",
    Failure.CREDENTIALS_HELD: "credentials that were refused once were not sent again",
    Failure.UNKNOWN_AUTHORITY: "the certificate's issuer is not trusted",
    Failure.INVALID_HOSTNAME: "the certificate is for another name",
    Failure.INVALID_CERTIFICATE: "the certificate is not accepted",
    Failure.HANDSHAKE: "the TLS handshake failed",
    Failure.NOT_TLS: "the answer was not TLS",
    Failure.STATUS: "a status that is no success",
    Failure.HTTP_RESPONSE: "the answer was not HTTP",
    Failure.REDIRECT_LOOP: "too many redirects",
    Failure.REDIRECT_LOCATION: "a redirect to nowhere",
    Failure.REDIRECT_SCHEME: "a redirect to another scheme",
    Failure.REDIRECT_PRIVATE: "a redirect into a private network",
    Failure.INCOMPLETE: "the body was cut short",
    Failure.STALLED: "the body stopped coming",
    Failure.CODING: "the body's coding is broken",
    Failure.FILE_UNREADABLE: "the file cannot be read",
    Failure.FILE_FOLDER: "it is a folder",
    Failure.FILE_SPECIAL: "it is a pipe, a socket or a device",
    Failure.LINK_CIRCLE: "it is a link that leads back to itself",
    Failure.PAC: "the PAC file cannot be used",
    Failure.DEADLINE: "the deadline came first",
    Failure.INTERRUPTED: "interrupted",
    Failure.UNKNOWN: "something that is not known",
}


def in_words(failure: Failure, code: str | None = None) -> str:
    """What it was, for people, and in brackets the code by which it can be looked up: the system's, else the list's."""
    return f"{_IN_WORDS[failure]} ({code or failure})"


def our_fault(error: BaseException) -> str:
    """A sentence on an error of our own: its kind and its place. Its words may hold a secret."""
    import traceback

    places = traceback.extract_tb(error.__traceback__)
    ours = [one for one in places if "mnistdoctor" in one.filename] or places
    where = f" at {ours[-1].filename.rpartition(os.sep)[2]}:{ours[-1].lineno}" if ours else ""
    return f"mnistdoctor itself failed, {type(error).__name__}{where}"


class Late(Exception):  # noqa: N818 - a moment, not a mistake
    """The deadline of the whole run came before the operation had ended."""


_ERRNO = {
    errno.ECONNREFUSED: Failure.REFUSED,
    errno.ECONNRESET: Failure.RESET,
    errno.EPIPE: Failure.RESET,
    errno.ECONNABORTED: Failure.ABORTED,
    errno.EHOSTUNREACH: Failure.HOST_UNREACHABLE,
    errno.EHOSTDOWN: Failure.HOST_UNREACHABLE,
    errno.ENETUNREACH: Failure.NETWORK_UNREACHABLE,
    errno.EADDRNOTAVAIL: Failure.NETWORK_UNREACHABLE,
    errno.EINVAL: Failure.NETWORK_UNREACHABLE,  # a blackhole route (shared/lab.md, namespaces, pitfall 3)
    errno.ENETDOWN: Failure.NETWORK_DOWN,
    errno.EACCES: Failure.PERMISSION,
    errno.EPERM: Failure.PERMISSION,
    errno.ETIMEDOUT: Failure.TIMEOUT,
}

# The same conditions as Winsock numbers them: https://learn.microsoft.com/windows/win32/winsock
_WINSOCK = {
    10061: Failure.REFUSED,
    10054: Failure.RESET,
    10053: Failure.ABORTED,
    10065: Failure.HOST_UNREACHABLE,
    10051: Failure.NETWORK_UNREACHABLE,
    10050: Failure.NETWORK_DOWN,
    10013: Failure.PERMISSION,
    10060: Failure.TIMEOUT,
}

# X509_V_ERR_* numbers, openssl/include/openssl/x509_vfy.h
_AUTHORITY_CODES = frozenset({2, 18, 19, 20, 21})
_HOSTNAME_CODES = frozenset({62, 63, 64})

_LOOKUP = {
    "EAI_NONAME": Failure.NXDOMAIN,
    "EAI_NODATA": Failure.NO_ANSWER,
    "EAI_ADDRFAMILY": Failure.NO_ANSWER,
    "EAI_AGAIN": Failure.DNS_TEMPORARY,
    "EAI_FAIL": Failure.DNS_MISBEHAVING,
}


def classify(error: BaseException) -> Failure:
    """The member that names this exception of a socket, of TLS or of a lookup."""
    if isinstance(error, Late):
        return Failure.DEADLINE
    if isinstance(error, socket.gaierror):
        return _LOOKUP.get(lookup_code(error) or "", Failure.DNS_MISBEHAVING)
    if isinstance(error, ssl.SSLCertVerificationError):
        return _verification(error.verify_code)
    if isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError, EOFError)):
        return Failure.EOF
    if isinstance(error, ssl.SSLError):
        return Failure.HANDSHAKE
    if isinstance(error, TimeoutError):
        return Failure.TIMEOUT
    if isinstance(error, OSError) and error.errno is not None:
        by_winsock = _WINSOCK.get(getattr(error, "winerror", 0) or 0)
        return by_winsock or _ERRNO.get(error.errno, Failure.UNKNOWN)
    return Failure.UNKNOWN


def lookup_code(error: socket.gaierror) -> str | None:
    """``EAI_AGAIN`` and its like; the numbers differ between systems, so the names are what is kept."""
    names = (
        "EAI_NONAME",
        "EAI_AGAIN",
        "EAI_FAIL",
        "EAI_NODATA",
        "EAI_ADDRFAMILY",
        "EAI_FAMILY",
        "EAI_SYSTEM",
        "EAI_MEMORY",
    )
    by_number = {getattr(socket, name): name for name in reversed(names) if hasattr(socket, name)}
    windows = {11001: "EAI_NONAME", 11002: "EAI_AGAIN", 11003: "EAI_FAIL", 11004: "EAI_NODATA"}
    return by_number.get(error.errno or 0) or windows.get(error.errno or 0)


def errno_name(error: BaseException) -> str | None:
    """``ECONNREFUSED`` and its like, where the exception has a number."""
    number = error.errno if isinstance(error, OSError) else None
    return None if number is None else errno.errorcode.get(number, str(number))


def _verification(code: int) -> Failure:
    if code in _HOSTNAME_CODES:
        return Failure.INVALID_HOSTNAME
    return Failure.UNKNOWN_AUTHORITY if code in _AUTHORITY_CODES else Failure.INVALID_CERTIFICATE
