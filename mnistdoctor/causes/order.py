"""The closed list of causes, in order of precedence, and what each explains away: names only.

The rules behind the names are in `mnistdoctor.causes.registry`, and those that are asked before the first packet in
`mnistdoctor.causes.before_wire`: a healthy run imports no others.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rank:
    """Causes that are asked together, and why they come before all that follow."""

    why: str
    causes: tuple[str, ...]


PRECEDENCE = (
    Rank("what was asked for is no URL that anyone could fetch", ("url-malformed", "url-scheme-unsupported")),
    Rank("what this machine's disk and variables settle: the loader will not come to ask the network",
         ("env-offline-mode", "cache-stale-bad-file", "cache-concurrent-writers", "disk-permission", "disk-full")),
    Rank("the interpreter itself has no sockets, or no TLS",
         ("env-no-sockets", "tls-module-missing", "tls-context-failed")),
    Rank("a setting that cannot be read stops the client before its first packet",
         ("proxy-env-credentials-unencoded", "proxy-env-malformed", "proxy-socks-support-missing")),
    Rank("a proxy that this machine knows would have opened the way, and was seen to",
         ("proxy-env-not-read", "proxy-env-letter-case", "proxy-no-proxy-too-wide", "env-not-inherited",
          "proxy-not-configured", "proxy-system-settings", "proxy-pac-only")),
    Rank("nothing outside is reachable, whatever the server does",
         ("notebook-internet-disabled", "cluster-node-no-egress", "env-no-network-link")),
    Rank("whoever answers for everybody explains every name, certificate and page", ("captive-portal",)),
    Rank("one host of two is out of reach, and the other one answers: the way out itself is well",
         ("env-endpoint-override", "fw-xet-path-blocked", "fw-url-stale")),
    Rank("behind a proxy nothing is seen but what the proxy lets through",
         ("proxy-no-proxy-not-matching", "proxy-env-stale", "proxy-dns-failure", "proxy-env-https-scheme",
          "proxy-unreachable", "proxy-auth-wrong", "proxy-auth-negotiate", "proxy-auth-required",
          "proxy-socks-dns-local", "proxy-size-or-type-limit", "proxy-connect-denied",
          "proxy-upstream-failed", "proxy-scan-stall")),
    Rank("without an address there is no connection",
         ("dns-hosts-override", "dns-filtered", "dns-split-horizon", "dns-nxdomain", "dns-no-address",
          "dns-container-resolver", "dns-servfail", "dns-temporary-failure", "dns-proxy-only-network")),
    Rank("without a connection there is no handshake",
         ("tcp-permission-denied", "tcp-ipv6-broken", "tcp-unreachable", "tcp-refused",
          "tcp-filtered", "tcp-server-down", "tcp-dead-address")),
    Rank("what ends a handshake before a certificate was judged",
         ("tls-plaintext-port", "tls-protocol-version", "tls-legacy-renegotiation", "tls-weak-key",
          "tls-handshake-failure", "tls-sni-blocked", "tls-unexpected-eof", "tcp-reset", "tcp-mtu-blackhole",
          "tls-handshake-timeout")),
    Rank("who re-signs explains the unknown issuer on every host", ("tls-intercepted-local", "tls-intercepted")),
    Rank("a store or a clock of one's own explains it on every host too",
         ("tls-ca-path-wrong", "tls-trust-store-empty", "tls-clock-wrong", "tls-ca-bundle-replaced",
          "tls-ca-strict-rejected")),
    Rank("then the one server's certificate",
         ("tls-block-page-certificate", "tls-missing-intermediate", "tls-self-signed-server", "tls-trust-store-old",
          "tls-trust-store-differs", "tls-hostname-mismatch", "tls-cert-expired", "tls-cert-not-yet-valid",
          "tls-cert-wrong-purpose")),
    Rank("where the request went, and whether HTTP was spoken there",
         ("http-redirect-private", "http-redirect-loop", "http-redirect-to-login", "http-not-http")),
    Rank("a status whose fields or body name the reason",
         ("http-401-netrc", "http-401-repo-hidden", "http-401-token-missing", "http-403-gated", "http-403-signature",
          "http-403-challenge", "http-403-corporate-filter", "http-429-shared-address", "http-429-rate-limited",
          "http-403-ip-or-geo", "http-403-user-agent", "http-403-waf-block", "http-404-typo", "http-404-moved",
          "http-403-object-not-public", "http-404-revision-or-path", "http-410-gone", "http-301-region",
          "http-redirect-nowhere",
          "http-405-head", "http-416-range", "http-423-locked", "http-451-legal", "http-api-error-body",
          "http-503-overload", "http-502-504-gateway", "http-500-server-error")),
    Rank("a status that nothing more is known of",
         ("http-403-unexplained", "http-404-unexplained", "http-4xx-other")),
    Rank("a page about the file was never the file", ("url-is-a-web-page",)),
    Rank("how the transfer ended", ("body-reset", "body-stalled", "body-truncated", "body-truncated-silent")),
    Rank("what came instead of the file",
         ("body-drive-interstitial", "body-block-page", "body-challenge-page", "body-html-instead-of-data",
          "body-lfs-pointer", "body-error-document", "body-double-packed", "resume-corrupted", "enc-content-decoded")),
    Rank("whose bytes they are",
         ("checksum-md5-unavailable", "data-wrong-constant", "data-other-file", "checksum-mismatch-corruption",
          "checksum-upstream-changed", "length-unknown", "length-differs-from-manifest")),
    Rank("what a program said, which no probe can see",
         ("program-loader-bug", "program-out-of-memory", "program-wrong-dataset-name", "program-api-changed",
          "program-missing-module", "program-wrong-path", "program-data-shape", "fw-https-downgrade",
          "fw-mirror-loop-masks-error")),
    Rank("a true answer", ("unexplained",)),
)  # fmt: skip
"""Every cause by its id, those that explain others first: where several hold, the first is the root."""

ORDER = tuple(cause for rank in PRECEDENCE for cause in rank.causes)

_UNKNOWN_ISSUER = (
    "tls-missing-intermediate", "tls-self-signed-server", "tls-trust-store-old", "tls-trust-store-differs",
    "tls-block-page-certificate",
)  # fmt: skip
_NO_WAY = ("dns-", "tcp-", "tls-handshake-timeout", "tls-unexpected-eof")

EXPLAINS: dict[str, tuple[str, ...]] = {
    "notebook-internet-disabled": _NO_WAY,
    "env-no-network-link": _NO_WAY,
    "cluster-node-no-egress": _NO_WAY,
    "proxy-not-configured": _NO_WAY,
    "env-not-inherited": _NO_WAY,
    "proxy-env-not-read": _NO_WAY,
    "proxy-pac-only": _NO_WAY,
    "captive-portal": (*_NO_WAY, "tls-", "http-", "body-"),
    "proxy-dns-failure": ("proxy-unreachable",),
    "dns-temporary-failure": ("dns-servfail", "dns-nxdomain"),
    "tls-intercepted-local": _UNKNOWN_ISSUER,
    "tls-intercepted": _UNKNOWN_ISSUER,
    "tls-ca-path-wrong": _UNKNOWN_ISSUER,
    "tls-trust-store-empty": _UNKNOWN_ISSUER,
    "tls-ca-bundle-replaced": _UNKNOWN_ISSUER,
    "tls-clock-wrong": ("tls-cert-expired", "tls-cert-not-yet-valid"),
}
"""What a cause of this machine or its network explains away where both are met in one run: ids, or families by their
prefix. `mnistdoctor.examine.reconcile` reads it for targets that were diagnosed apart."""


def explains(root: str, other: str) -> bool:
    """Whether the first cause makes the second one a mere consequence."""
    return any(other == one or (one.endswith("-") and other.startswith(one)) for one in EXPLAINS.get(root, ()))
