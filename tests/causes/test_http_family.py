"""Each answer is judged by one cause of the HTTP family, and by no look-alike of it."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause
from mnistdoctor.causes.case import Case, OpenQuestion
from tests.causes.evidence import CLOUDFLARE, HTML, S3, URL, Evidence, got, store_error
from tests.causes.judging import HTTP

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
    return Evidence().get(code, fields=(("WWW-Authenticate", "Basic realm=x"),), credentials="netrc").case()


ANSWERS: dict[str, tuple[Case, set[str]]] = {
    "gated": (
        Evidence(url=HUB).get(403, "Access restricted", (("X-Error-Code", "GatedRepo"),)).case(),
        {"http-403-gated"},
    ),
    "gated without a token": (
        Evidence(url=HUB).get(401, "", (("X-Error-Code", "GatedRepo"),)).case(),
        {"http-403-gated"},
    ),
    "rules to accept": (
        Evidence(url=STRANGE).get(403, "You must accept this competition's rules").case(),
        {"http-403-gated"},
    ),
    "expired link": (
        Evidence(url=SIGNED).get(403, store_error("AccessDenied", "Request has expired"), (*S3, *LATER)).case(),
        {"http-403-signature"},
    ),
    "signature mismatch": (
        Evidence(url=SIGNED).get(403, store_error("SignatureDoesNotMatch"), S3).case(),
        {"http-403-signature"},
    ),
    "expired token": (Evidence(url=SIGNED).get(400, store_error("ExpiredToken"), S3).case(), {"http-403-signature"}),
    "ended by its own time": (Evidence(url=SIGNED).get(403, "no", LATER).case(), {"http-403-signature"}),
    "challenge field": (
        Evidence().get(403, "<html>", (*CLOUDFLARE, ("cf-mitigated", "challenge"))).case(),
        {"http-403-challenge"},
    ),
    "challenge as 429": (
        Evidence().get(429, "<html>", (*CLOUDFLARE, ("cf-mitigated", "challenge"))).case(),
        {"http-403-challenge"},
    ),
    "challenge as 503": (
        Evidence().get(503, "<html><title>Just a moment...</title>", CLOUDFLARE).case(),
        {"http-403-challenge"},
    ),
    "captcha as 405": (Evidence().get(405, "", (("x-amzn-waf-action", "captcha"),)).case(), {"http-403-challenge"}),
    "challenge as 202": (Evidence().get(202, "", (("x-amzn-waf-action", "challenge"),)).case(), {"http-403-challenge"}),
    "a challenge's words without Cloudflare": (
        Evidence().get(403, "<html><title>Just a moment...</title>", HTML).add(*control("agents", 403)).case(),
        {"http-403-unexplained"},
    ),
    "fortinet": (Evidence().get(403, "<html>Powered By FortiGuard", HTML).case(), {"http-403-corporate-filter"}),
    "zscaler": (Evidence().get(403, "<html>", (("Server", "Zscaler/6.2"),)).case(), {"http-403-corporate-filter"}),
    "weak filter words": (
        Evidence().get(403, "<html>Webfilter Violation", HTML).add(*control("agents", 403)).case(),
        {"http-403-unexplained"},
    ),
    "nginx default page": (
        Evidence().get(403, "<html>Welcome to nginx! Powered By FortiGuard", HTML).case(),
        {"http-403-unexplained"},
    ),
    "geo by cloudfront": (
        Evidence().get(403, "<html>configured to block access from your country", HTML).case(),
        {"http-403-ip-or-geo"},
    ),
    "country 1009": (Evidence().get(403, "error code: 1009", CLOUDFLARE).case(), {"http-403-ip-or-geo"}),
    "firewall 1020": (
        Evidence().get(403, '<html id="cf-error-details">Error 1020', CLOUDFLARE).add(*control("agents", 403)).case(),
        {"http-403-waf-block"},
    ),
    "akamai": (
        Evidence().get(403, "<html>Reference #18.2d351ab8.1557333295.a4e16ab", (("Server", "AkamaiGHost"),)).case(),
        {"http-403-waf-block"},
    ),
    "f5": (Evidence().get(403, F5, HTML).case(), {"http-403-waf-block"}),
    "signature ban 1010": (Evidence().get(403, "error code: 1010", CLOUDFLARE).case(), {"http-403-user-agent"}),
    "another agent is served": (
        Evidence(url=STRANGE).get(403, "", HTML).add(*control("agents", 200)).case(),
        {"http-403-user-agent"},
    ),
    "406 and another agent is served": (
        Evidence().get(406, "", HTML).add(*control("agents", 200)).case(),
        {"http-403-user-agent"},
    ),
    "no agent is served": (
        Evidence(url=STRANGE).get(403, "", HTML).add(*control("agents", 403)).case(),
        {"http-403-unexplained"},
    ),
    "no agent was asked": (Evidence(url=STRANGE).get(403, "Forbidden", HTML).case(), {"http-403-unexplained"}),
    "dead source": (
        Evidence(url=LECUN).get(403, "", HTML).add(*control("agents", 403)).case(),
        {"http-403-unexplained"},
    ),
    "bucket is shut": (
        Evidence().get(403, store_error("AccessDenied"), S3).add(*control("known-key", 403)).case(),
        {"http-403-object-not-public"},
    ),
    "one object is shut": (
        Evidence().get(403, store_error("AccessDenied"), S3).add(*control("known-key", 200)).case(),
        {"http-403-object-not-public"},
    ),
    "requester pays": (
        Evidence().get(400, store_error("UserProjectMissing"), S3).case(),
        {"http-403-object-not-public"},
    ),
    "public access off": (
        Evidence().get(409, store_error("PublicAccessNotPermitted"), (("x-ms-request-id", "1"),)).case(),
        {"http-403-object-not-public"},
    ),
    "denied typo": (
        Evidence(url=TYPO).get(403, store_error("AccessDenied"), S3).add(*control("nearest", 200, RIGHT)).case(),
        {"http-404-typo"},
    ),
    "denied and retired": (
        Evidence(url="https://s3.amazonaws.com/img-datasets/mnist.npz")
        .get(403, store_error("AccessDenied"), S3)
        .add(*control("known-key", 200))
        .case(),
        {"http-404-moved"},
    ),
    "typo": (Evidence(url=TYPO).get(404).add(*control("nearest", 200, RIGHT)).case(), {"http-404-typo"}),
    "typo, not asked": (Evidence(url=TYPO).get(404).case(), {"http-404-typo"}),
    "no typo after all": (
        Evidence(url=TYPO).get(404).add(*control("nearest", 404, RIGHT)).case(),
        {"http-404-unexplained"},
    ),
    "retired": (Evidence(url=LECUN).get(404, "", HTML).case(), {"http-404-moved"}),
    "never was": (Evidence(url=NEVER).get(404, "", HTML).case(), {"http-404-moved"}),
    "current and gone": (Evidence().get(404, store_error("NoSuchKey"), S3).case(), {"http-404-moved"}),
    "bucket gone": (
        Evidence(url="https://old.s3.amazonaws.com/a").get(404, store_error("NoSuchBucket"), S3).case(),
        {"http-404-moved"},
    ),
    "wrong revision": (
        Evidence(url=HUB).get(404, "", (("X-Error-Code", "RevisionNotFound"),)).case(),
        {"http-404-revision-or-path"},
    ),
    "wrong path": (
        Evidence(url=HUB).get(404, "", (("X-Error-Code", "EntryNotFound"),)).case(),
        {"http-404-revision-or-path"},
    ),
    "old branch": (
        Evidence(url="https://raw.githubusercontent.com/a/b/master/c.gz").get(404, "404: Not Found").case(),
        {"http-404-revision-or-path"},
    ),
    "plain 404": (Evidence(url=STRANGE).get(404, "Not Found", HTML).case(), {"http-404-unexplained"}),
    "410": (Evidence(url=STRANGE).get(410, "", HTML).case(), {"http-410-gone"}),
    "no such repository": (
        Evidence(url=HUB).get(401, "", (("X-Error-Code", "RepoNotFound"),)).case(),
        {"http-401-repo-hidden"},
    ),
    "no token": (Evidence(url=HUB).get(401, "", (("WWW-Authenticate", "Bearer"),)).case(), {"http-401-token-missing"}),
    "bad key": (Evidence().get(403, store_error("InvalidAccessKeyId"), S3).case(), {"http-401-token-missing"}),
    "netrc 401": (by_netrc(401), {"http-401-netrc"}),
    "netrc 403": (by_netrc(403), {"http-401-netrc"}),
    "429": (Evidence().get(429, "", (("Retry-After", "9"),)).case(), {"http-429-rate-limited"}),
    "1015": (Evidence().get(429, "error code: 1015", CLOUDFLARE).case(), {"http-429-rate-limited"}),
    "github's 403": (Evidence().get(403, "", (("x-ratelimit-remaining", "0"),)).case(), {"http-429-rate-limited"}),
    "lfs quota": (Evidence().get(403, "This repository is over its data quota").case(), {"http-429-rate-limited"}),
    "503": (Evidence().get(503, "", (("Retry-After", "9"),)).case(), {"http-503-overload"}),
    "slow down": (Evidence().get(503, store_error("SlowDown"), S3).case(), {"http-503-overload"}),
    "internal error": (Evidence().get(500, store_error("InternalError"), S3).case(), {"http-503-overload"}),
    "502": (Evidence().get(502, "", HTML).case(), {"http-502-504-gateway"}),
    "526": (Evidence().get(526, "<html>", CLOUDFLARE).case(), {"http-502-504-gateway"}),
    "500": (Evidence().get(500, "", HTML).case(), {"http-500-server-error"}),
    "501": (Evidence().get(501, "", HTML).case(), {"http-500-server-error"}),
    "451": (Evidence().get(451, "", HTML).case(), {"http-451-legal"}),
    "416": (Evidence().get(416, "", (("Content-Range", "bytes */4542"),)).case(), {"http-416-range"}),
    "423": (Evidence().get(423, "", HTML).case(), {"http-423-locked"}),
    "424": (Evidence().get(424, "", HTML).case(), {"http-4xx-other"}),
    "405 to HEAD": (Evidence().get(405, method="HEAD").case(), {"http-405-head"}),
    "405 to GET": (Evidence().get(405).case(), {"http-4xx-other"}),
    "wrong region": (
        Evidence(url="https://b.s3.amazonaws.com/k")
        .get(301, fields=(("x-amz-bucket-region", "eu-west-1"), *S3), url="https://b.s3.amazonaws.com/k")
        .case(),
        {"http-301-region"},
    ),
    "openml 412": (
        Evidence().get(412, "<oml:error><oml:code>372</oml:code></oml:error>").case(),
        {"http-api-error-body"},
    ),
    "openml under 200": (
        Evidence().get(200, "<oml:error><oml:code>111</oml:code></oml:error>").case(),
        {"http-api-error-body"},
    ),
    "problem+json": (
        Evidence().get(422, '{"title": "No such version", "status": 422}').case(),
        {"http-api-error-body"},
    ),
    "400": (Evidence().get(400, "Bad Request", HTML).case(), {"http-4xx-other"}),
    "431": (Evidence().get(431, "", HTML).case(), {"http-4xx-other"}),
    "early hints": (Evidence().get(103).case(), {"http-not-http"}),
    "empty reply": (Evidence().get(None, failure="eof_error").case(), {"http-not-http"}),
    "garbage": (
        Evidence().get(None, failure="http_invalid_response", first_bytes="SSH-2.0-OpenSSH").case(),
        {"http-not-http"},
    ),
    "redirect to nowhere": (Evidence().get(302).case(), {"http-redirect-nowhere"}),
    "unasked 304": (Evidence().get(304).case(), {"http-redirect-nowhere"}),
    "no status of HTTP": (Evidence().get(999).case(), {"http-500-server-error"}),
    "switched": (Evidence().get(101).case(), {"http-not-http"}),
    "a broken head": (
        Evidence()
        .get(None, failure="http_invalid_response", detail="BrokenHead: a line of the head has no colon: x")
        .case(),
        {"http-not-http"},
    ),
    "vercel's challenge": (
        Evidence().get(429, "<html>", (("x-vercel-mitigated", "challenge"),)).case(),
        {"http-403-challenge"},
    ),
    "vercel's page": (
        Evidence().get(429, "<html><title>Vercel Security Checkpoint</title>", HTML).case(),
        {"http-403-challenge"},
    ),
    "mod_security": (
        Evidence().get(406, "<html>This error was generated by Mod_Security.", HTML).case(),
        {"http-403-waf-block"},
    ),
    "598": (Evidence().get(598, "", HTML).case(), {"http-500-server-error"}),
    "a file": (Evidence().get(200, "x", (("Server", "nginx"),)).case(), set()),
    "a page": (Evidence().get(200, "<html>hello", HTML).case(), set()),
    "407": (Evidence().get(407, "", (("Proxy-Authenticate", "Basic"),)).case(), {"http-4xx-other"}),
    "511": (Evidence().get(511, "<html>", HTML).case(), set()),
    "reset": (Evidence().get(None, failure="connection_reset").case(), set()),
    "no head came": (Evidence().get(None, failure="generic_timeout_error").case(), {"http-not-http"}),
    "refused redirect": (Evidence().get(None, failure="http_redirect_private", url="http://10.0.0.1/").case(), set()),
    "the proxy's own 403": (
        Evidence()
        .get(403, fields=(("X-Squid-Error", "ERR_ACCESS_DENIED 0"), ("Server", "squid/6.1")), via="proxy")
        .case(),
        set(),
    ),
    "the proxy's own 503": (
        Evidence().get(503, fields=(("X-Squid-Error", "ERR_DNS_FAIL 0"),), via="proxy").case(),
        set(),
    ),
    "a CONNECT refused": (
        Evidence()
        .rec(
            ev.Tunnel,
            "proxy",
            protocol="http",
            target="a:443",
            proxy="p:3128",
            status=403,
            failure="proxy_tunnel_failed",
        )
        .case(),
        set(),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_one_cause_holds(name: str) -> None:
    given, expected = ANSWERS[name]
    assert HTTP.names(given) == expected


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_said_is_fit_to_print(name: str) -> None:
    given, _ = ANSWERS[name]
    for cause in HTTP.causes:
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
    assert {cause.id for cause in HTTP.causes} == held | elsewhere
    assert len(HTTP.causes) == len({cause.id for cause in HTTP.causes})


def test_stories_name_a_look_alike_and_have_three_paragraphs() -> None:
    for cause in HTTP.causes:
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
        given = Evidence(url=url).get(code, text, fields, url=url).case(asked=())
        return {question for question in (_question(cause, given) for cause in HTTP.causes) if question}

    assert asked(200, "x") == set()
    assert asked(404) == set()
    assert asked(404, url=TYPO) == {"nearest"}
    assert asked(403) == {"agents"}
    assert asked(403, "", (("X-Error-Code", "GatedRepo"),)) == {"agents"}  # by the last resort only
    assert asked(403, store_error("AccessDenied"), S3, URL) == {"known-key", "agents"}
    assert asked(429) == {"agents"}  # it says nothing of a limit
    assert asked(429, "", (("Retry-After", "9"),)) == {"agents"}
    assert asked(429, "", (("X-RateLimit-Remaining", "0"),)) == set()
    assert asked(500) == {"again"}
