"""The closed list of causes, in order of precedence."""

from __future__ import annotations

from functools import cache

from mnistdoctor.causes import checksum, network, place, unexplained, url
from mnistdoctor.causes.base import Cause
from mnistdoctor.causes.dns import answers, names, servers
from mnistdoctor.causes.http import forbidden, missing, redirect, response, status, unauthorized
from mnistdoctor.causes.length import coding, cut, pages, size, stand_in
from mnistdoctor.causes.proxy import auth, reach, setting, socks, tunnel
from mnistdoctor.causes.tcp import connect, path
from mnistdoctor.causes.tls import (
    certificate,
    handshake,
    interception,
    old_store,
    plain,
    silence,
    store,
    trust,
    validity,
)

_MODULES = (
    url, place, network, setting, socks, reach, auth, tunnel, names, servers, answers, connect, path,
    handshake, plain, silence, interception, trust, store, old_store, certificate, validity,
    redirect, response, unauthorized, forbidden, missing, status,
    cut, pages, stand_in, coding, checksum, size, unexplained,
)  # fmt: skip

ORDER = (
    "url-malformed", "url-scheme-unsupported",
    "proxy-env-credentials-unencoded", "proxy-env-malformed", "proxy-socks-support-missing",
    "notebook-internet-disabled",
    "env-no-network-link",
    "captive-portal",
    "proxy-env-stale", "proxy-dns-failure", "proxy-env-https-scheme", "proxy-unreachable",
    "proxy-auth-wrong", "proxy-auth-negotiate", "proxy-auth-required", "proxy-socks-dns-local",
    "proxy-connect-denied", "proxy-upstream-failed",
    "dns-hosts-override", "dns-filtered", "dns-nxdomain", "dns-no-address", "dns-servfail", "dns-temporary-failure",
    "dns-proxy-only-network",
    "tcp-permission-denied", "cluster-node-no-egress", "tcp-ipv6-broken", "tcp-unreachable", "tcp-refused",
    "tcp-filtered", "tcp-server-down",
    "tls-plaintext-port", "tls-protocol-version", "tls-legacy-renegotiation", "tls-weak-key", "tls-handshake-failure",
    "tls-sni-blocked", "tls-unexpected-eof", "tcp-reset", "tcp-mtu-blackhole", "tls-handshake-timeout",
    "tls-intercepted-local", "tls-intercepted",
    "tls-ca-path-wrong", "tls-trust-store-empty", "tls-clock-wrong", "tls-ca-bundle-replaced",
    "tls-ca-strict-rejected",
    "tls-block-page-certificate", "tls-missing-intermediate", "tls-self-signed-server",
    "tls-trust-store-old", "tls-trust-store-differs", "tls-hostname-mismatch", "tls-cert-expired",
    "tls-cert-not-yet-valid",
    "http-redirect-private", "http-redirect-loop", "http-redirect-to-login", "http-not-http",
    "http-401-netrc", "http-401-repo-hidden", "http-401-token-missing",
    "http-403-gated", "http-403-signature", "http-403-challenge", "http-403-corporate-filter",
    "http-429-shared-address", "http-429-rate-limited",
    "http-403-ip-or-geo", "http-403-user-agent", "http-403-waf-block", "http-404-typo", "http-404-moved",
    "http-403-object-not-public",
    "http-404-revision-or-path", "http-410-gone",
    "http-301-region", "http-405-head", "http-416-range", "http-451-legal", "http-api-error-body",
    "http-503-overload", "http-502-504-gateway",
    "http-500-server-error",
    "http-403-unexplained", "http-404-unexplained", "http-4xx-other",
    "url-is-a-web-page",
    "body-reset", "body-stalled", "body-truncated", "body-truncated-silent",
    "body-drive-interstitial", "body-block-page", "body-challenge-page", "body-html-instead-of-data",
    "body-lfs-pointer", "body-error-document", "body-double-packed",
    "resume-corrupted", "enc-content-decoded",
    "data-wrong-constant", "data-other-file", "checksum-mismatch-corruption", "checksum-upstream-changed",
    "length-unknown", "length-differs-from-manifest",
    "unexplained",
)  # fmt: skip
"""Every cause by its id, those that explain others first: where several hold, the first is the root."""


def _in_order() -> tuple[Cause, ...]:
    found = {cause.id: cause for module in _MODULES for cause in module.CAUSES}
    return tuple(found[identifier] for identifier in ORDER)


CAUSES: tuple[Cause, ...] = _in_order()


@cache
def by_id() -> dict[str, Cause]:
    """The causes by their ids."""
    return {cause.id: cause for cause in CAUSES}
