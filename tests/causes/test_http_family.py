"""Each answer is judged by one cause of the HTTP family, and by no look-alike of it."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, OpenQuestion
from tests.causes.http_records import (
    CLOUDFLARE,
    FAMILY,
    HTML,
    S3,
    URL,
    answered,
    case,
    got,
    holding,
    rec,
    store,
)

TYPO = "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-label-idx1-ubyte.gz"
RIGHT = "https://storage.googleapis.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz"
LECUN = "http://yann.lecun.com/exdb/mnist/t10k-labels-idx1-ubyte.gz"
NEVER = "https://github.com/pytorch/examples/raw/master/mnist/data/mnist.pkl.gz"
STRANGE = "https://data.example.org/some/file.gz"
HUB = "https://huggingface.co/datasets/someone/something/resolve/main/a.parquet"
SIGNED = "https://bucket.s3.amazonaws.com/a.gz?X-Amz-Date=20261118T000000Z&X-Amz-Expires=60&X-Amz-Signature=***"
F5 = "<html>The requested URL was rejected. Please consult with your administrator. Your support ID is: 1"
OURS = (("User-Agent", "mnistdoctor/0.1 (+https://example.org)"),)
LATER = (("Date", "Wed, 18 Nov 2026 06:00:00 GMT"),)


def control(name: str, code: int, url: str = URL) -> tuple[Any, ...]:
    return got(code, url=url, control=name, request_fields=OURS)


def by_netrc(code: int) -> Case:
    return case(*got(code, fields=(("WWW-Authenticate", "Basic realm=x"),), credentials="netrc"))


ANSWERS: dict[str, tuple[Case, set[str]]] = {
    "gated": (answered(403, "Access restricted", (("X-Error-Code", "GatedRepo"),), url=HUB), {"http-403-gated"}),
    "gated without a token": (answered(401, "", (("X-Error-Code", "GatedRepo"),), url=HUB), {"http-403-gated"}),
    "rules to accept": (answered(403, "You must accept this competition's rules", url=STRANGE), {"http-403-gated"}),
    "expired link": (
        answered(403, store("AccessDenied", "Request has expired"), (*S3, *LATER), url=SIGNED),
        {"http-403-signature"},
    ),
    "signature mismatch": (answered(403, store("SignatureDoesNotMatch"), S3, url=SIGNED), {"http-403-signature"}),
    "expired token": (answered(400, store("ExpiredToken"), S3, url=SIGNED), {"http-403-signature"}),
    "ended by its own time": (answered(403, "no", LATER, url=SIGNED), {"http-403-signature"}),
    "challenge field": (answered(403, "<html>", (*CLOUDFLARE, ("cf-mitigated", "challenge"))), {"http-403-challenge"}),
    "challenge as 429": (answered(429, "<html>", (*CLOUDFLARE, ("cf-mitigated", "challenge"))), {"http-403-challenge"}),
    "challenge as 503": (answered(503, "<html><title>Just a moment...</title>", CLOUDFLARE), {"http-403-challenge"}),
    "captcha as 405": (answered(405, "", (("x-amzn-waf-action", "captcha"),)), {"http-403-challenge"}),
    "challenge as 202": (answered(202, "", (("x-amzn-waf-action", "challenge"),)), {"http-403-challenge"}),
    "a challenge's words without Cloudflare": (
        answered(403, "<html><title>Just a moment...</title>", HTML, *control("agents", 403)),
        {"http-403-unexplained"},
    ),
    "fortinet": (answered(403, "<html>Powered By FortiGuard", HTML), {"http-403-corporate-filter"}),
    "zscaler": (answered(403, "<html>", (("Server", "Zscaler/6.2"),)), {"http-403-corporate-filter"}),
    "weak filter words": (
        answered(403, "<html>Webfilter Violation", HTML, *control("agents", 403)),
        {"http-403-unexplained"},
    ),
    "nginx default page": (
        answered(403, "<html>Welcome to nginx! Powered By FortiGuard", HTML),
        {"http-403-unexplained"},
    ),
    "geo by cloudfront": (
        answered(403, "<html>configured to block access from your country", HTML),
        {"http-403-ip-or-geo"},
    ),
    "country 1009": (answered(403, "error code: 1009", CLOUDFLARE), {"http-403-ip-or-geo"}),
    "firewall 1020": (
        answered(403, '<html id="cf-error-details">Error 1020', CLOUDFLARE, *control("agents", 403)),
        {"http-403-waf-block"},
    ),
    "akamai": (
        answered(403, "<html>Reference #18.2d351ab8.1557333295.a4e16ab", (("Server", "AkamaiGHost"),)),
        {"http-403-waf-block"},
    ),
    "f5": (answered(403, F5, HTML), {"http-403-waf-block"}),
    "signature ban 1010": (answered(403, "error code: 1010", CLOUDFLARE), {"http-403-user-agent"}),
    "another agent is served": (answered(403, "", HTML, *control("agents", 200), url=STRANGE), {"http-403-user-agent"}),
    "406 and another agent is served": (answered(406, "", HTML, *control("agents", 200)), {"http-403-user-agent"}),
    "no agent is served": (answered(403, "", HTML, *control("agents", 403), url=STRANGE), {"http-403-unexplained"}),
    "no agent was asked": (answered(403, "Forbidden", HTML, url=STRANGE), {"http-403-unexplained"}),
    "dead source": (answered(403, "", HTML, *control("agents", 403), url=LECUN), {"http-403-unexplained"}),
    "bucket is shut": (
        answered(403, store("AccessDenied"), S3, *control("known-key", 403)),
        {"http-403-object-not-public"},
    ),
    "one object is shut": (
        answered(403, store("AccessDenied"), S3, *control("known-key", 200)),
        {"http-403-object-not-public"},
    ),
    "requester pays": (answered(400, store("UserProjectMissing"), S3), {"http-403-object-not-public"}),
    "public access off": (
        answered(409, store("PublicAccessNotPermitted"), (("x-ms-request-id", "1"),)),
        {"http-403-object-not-public"},
    ),
    "denied typo": (
        answered(403, store("AccessDenied"), S3, *control("nearest", 200, RIGHT), url=TYPO),
        {"http-404-typo"},
    ),
    "denied and retired": (
        answered(
            403,
            store("AccessDenied"),
            S3,
            *control("known-key", 200),
            url="https://s3.amazonaws.com/img-datasets/mnist.npz",
        ),
        {"http-404-moved"},
    ),
    "typo": (answered(404, "", (), *control("nearest", 200, RIGHT), url=TYPO), {"http-404-typo"}),
    "typo, not asked": (answered(404, "", (), url=TYPO), {"http-404-typo"}),
    "no typo after all": (answered(404, "", (), *control("nearest", 404, RIGHT), url=TYPO), {"http-404-unexplained"}),
    "retired": (answered(404, "", HTML, url=LECUN), {"http-404-moved"}),
    "never was": (answered(404, "", HTML, url=NEVER), {"http-404-moved"}),
    "current and gone": (answered(404, store("NoSuchKey"), S3), {"http-404-moved"}),
    "bucket gone": (answered(404, store("NoSuchBucket"), S3, url="https://old.s3.amazonaws.com/a"), {"http-404-moved"}),
    "wrong revision": (
        answered(404, "", (("X-Error-Code", "RevisionNotFound"),), url=HUB),
        {"http-404-revision-or-path"},
    ),
    "wrong path": (answered(404, "", (("X-Error-Code", "EntryNotFound"),), url=HUB), {"http-404-revision-or-path"}),
    "old branch": (
        answered(404, "404: Not Found", url="https://raw.githubusercontent.com/a/b/master/c.gz"),
        {"http-404-revision-or-path"},
    ),
    "plain 404": (answered(404, "Not Found", HTML, url=STRANGE), {"http-404-unexplained"}),
    "410": (answered(410, "", HTML, url=STRANGE), {"http-410-gone"}),
    "no such repository": (answered(401, "", (("X-Error-Code", "RepoNotFound"),), url=HUB), {"http-401-repo-hidden"}),
    "no token": (answered(401, "", (("WWW-Authenticate", "Bearer"),), url=HUB), {"http-401-token-missing"}),
    "bad key": (answered(403, store("InvalidAccessKeyId"), S3), {"http-401-token-missing"}),
    "netrc 401": (by_netrc(401), {"http-401-netrc"}),
    "netrc 403": (by_netrc(403), {"http-401-netrc"}),
    "429": (answered(429, "", (("Retry-After", "9"),)), {"http-429-rate-limited"}),
    "1015": (answered(429, "error code: 1015", CLOUDFLARE), {"http-429-rate-limited"}),
    "github's 403": (answered(403, "", (("x-ratelimit-remaining", "0"),)), {"http-429-rate-limited"}),
    "lfs quota": (answered(403, "This repository is over its data quota"), {"http-429-rate-limited"}),
    "503": (answered(503, "", (("Retry-After", "9"),)), {"http-503-overload"}),
    "slow down": (answered(503, store("SlowDown"), S3), {"http-503-overload"}),
    "internal error": (answered(500, store("InternalError"), S3), {"http-503-overload"}),
    "502": (answered(502, "", HTML), {"http-502-504-gateway"}),
    "526": (answered(526, "<html>", CLOUDFLARE), {"http-502-504-gateway"}),
    "500": (answered(500, "", HTML), {"http-500-server-error"}),
    "501": (answered(501, "", HTML), {"http-500-server-error"}),
    "451": (answered(451, "", HTML), {"http-451-legal"}),
    "416": (answered(416, "", (("Content-Range", "bytes */4542"),)), {"http-416-range"}),
    "405 to HEAD": (case(*got(405, method="HEAD")), {"http-405-head"}),
    "405 to GET": (answered(405), {"http-4xx-other"}),
    "wrong region": (
        case(
            *got(301, fields=(("x-amz-bucket-region", "eu-west-1"), *S3), url="https://b.s3.amazonaws.com/k"),
            url="https://b.s3.amazonaws.com/k",
        ),
        {"http-301-region"},
    ),
    "openml 412": (answered(412, "<oml:error><oml:code>372</oml:code></oml:error>"), {"http-api-error-body"}),
    "openml under 200": (answered(200, "<oml:error><oml:code>111</oml:code></oml:error>"), {"http-api-error-body"}),
    "problem+json": (answered(422, '{"title": "No such version", "status": 422}'), {"http-api-error-body"}),
    "400": (answered(400, "Bad Request", HTML), {"http-4xx-other"}),
    "431": (answered(431, "", HTML), {"http-4xx-other"}),
    "early hints": (answered(103), {"http-not-http"}),
    "empty reply": (case(*got(None, failure="eof_error")), {"http-not-http"}),
    "garbage": (case(*got(None, failure="http_invalid_response", first_bytes="SSH-2.0-OpenSSH")), {"http-not-http"}),
    "redirect to nowhere": (case(*got(302)), set()),  # HTTP well spoken: `unexplained` says what came
    "switched": (answered(101), {"http-not-http"}),
    "a broken head": (
        case(*got(None, failure="http_invalid_response", detail="BrokenHead: a line of the head has no colon: x")),
        {"http-not-http"},
    ),
    "vercel's challenge": (answered(429, "<html>", (("x-vercel-mitigated", "challenge"),)), {"http-403-challenge"}),
    "vercel's page": (
        answered(429, "<html><title>Vercel Security Checkpoint</title>", HTML),
        {"http-403-challenge"},
    ),
    "mod_security": (answered(406, "<html>This error was generated by Mod_Security.", HTML), {"http-403-waf-block"}),
    "598": (answered(598, "", HTML), {"http-500-server-error"}),
    "a file": (answered(200, "x", (("Server", "nginx"),)), set()),
    "a page": (answered(200, "<html>hello", HTML), set()),
    "407": (answered(407, "", (("Proxy-Authenticate", "Basic"),)), {"http-4xx-other"}),
    "511": (answered(511, "<html>", HTML), set()),
    "reset": (case(*got(None, failure="connection_reset")), set()),
    "no head came": (case(*got(None, failure="generic_timeout_error")), set()),
    "refused redirect": (case(*got(None, failure="http_redirect_private", url="http://10.0.0.1/")), set()),
    "the proxy's own 403": (
        case(*got(403, fields=(("X-Squid-Error", "ERR_ACCESS_DENIED 0"), ("Server", "squid/6.1")), via="proxy")),
        set(),
    ),
    "the proxy's own 503": (case(*got(503, fields=(("X-Squid-Error", "ERR_DNS_FAIL 0"),), via="proxy")), set()),
    "a CONNECT refused": (
        case(
            rec(
                ev.Tunnel,
                "proxy",
                protocol="http",
                target="a:443",
                proxy="p:3128",
                status=403,
                failure="proxy_tunnel_failed",
            )
        ),
        set(),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_one_cause_holds(name: str) -> None:
    given, expected = ANSWERS[name]
    assert holding(given) == expected


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_said_is_fit_to_print(name: str) -> None:
    given, _ = ANSWERS[name]
    for cause in FAMILY:
        found = cause.found_in(given)
        if found is None:
            continue
        assert not found.title.endswith(".")
        assert "\n" not in found.title
        assert len(found.title) < 200
        assert found.evidence
        assert found.certain or found.also_possible
        assert all(fix.change or fix.untried for fix in found.fixes)
        assert not any(
            "verify=False" in line.text or "--insecure" in line.text for fix in found.fixes for line in fix.commands
        )
        assert cause.id not in (*found.also_possible, *(other for other, _ in found.ruled_out))


def test_every_cause_of_the_family_is_here() -> None:
    held = {one for _, expected in ANSWERS.values() for one in expected}
    elsewhere = {"http-429-shared-address", "http-redirect-loop", "http-redirect-to-login", "http-redirect-private"}
    assert {cause.id for cause in FAMILY} == held | elsewhere
    assert len(FAMILY) == len({cause.id for cause in FAMILY})


def test_stories_name_a_look_alike_and_have_three_paragraphs() -> None:
    for cause in FAMILY:
        assert len(cause.text.story.split("\n\n")) == 3, cause.id
        assert any(
            f"`{prefix}" in cause.text.story for prefix in ("http-", "body-", "proxy-", "tls-", "dns-", "resume-")
        ), cause.id


def _question(cause: Cause, given: Case) -> str | None:
    try:
        cause.found_in(given)
    except OpenQuestion as question:
        return question.control
    return None


def test_questions_are_asked_only_where_the_answer_matters() -> None:
    def asked(code: int, text: str = "", fields: ev.Fields = (), url: str = STRANGE) -> set[str]:
        given = case(*got(code, text, fields, url=url), asked=(), url=url)
        return {question for question in (_question(cause, given) for cause in FAMILY) if question}

    assert asked(200, "x") == set()
    assert asked(404) == set()
    assert asked(404, url=TYPO) == {"nearest"}
    assert asked(403) == {"agents"}
    assert asked(403, "", (("X-Error-Code", "GatedRepo"),)) == {"agents"}  # by the last resort only
    assert asked(403, store("AccessDenied"), S3, URL) == {"known-key", "agents"}
    assert asked(429) == {"agents"}  # it says nothing of a limit
    assert asked(429, "", (("Retry-After", "9"),)) == set()
    assert asked(500) == {"again"}
