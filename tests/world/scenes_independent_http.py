"""The examiner's scenes, written from the facts alone: refusals, missing files, and the rest of the status codes."""

from __future__ import annotations

from typing import Any

from . import files, sites
from .raw import Fault
from .replies import Answer, Chunks, answers, azure, cloudflare, gcs, html, hub, ok, only_for, reply, store
from .scenes import HOST, LABELS, PLAIN, S3_LABELS, How, Scene, Verdict
from .world import World

GOOD = files.genuine("mnist", files.LABELS)
TRUE_PATH = "/cvdf-datasets/mnist/" + files.LABELS
HUB = "https://huggingface.co/datasets/ylecun/mnist/resolve/main/mnist/test-00000-of-00001.parquet"
OTHER = "https://biometrics.nist.gov/mirror/"
"""A host that the world knows and the catalogue has no store at."""
V4 = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAM%2F20240101%2Fus-east-1%2Fs3%2Faws4_request"
V4_OLD = f"{V4}&X-Amz-Date=20240101T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=0123456789ab"
SAS = "sv=2022-11-02&se=2024-01-01T00%3A00%3A00Z&sr=b&sp=r&sig=ZmFrZXNpZw%3D%3D"


def row(
    name: str,
    motive: str,
    answer: Answer | Chunks | None,
    cause: str | tuple[str, ...],
    url: str = LABELS,
    *argv: str,
    stage: str | None = "http",
    play: Fault | None = None,
    how: How | None = None,
    **more: Any,
) -> Scene:
    """A scene at the host of a URL, which answers every request so (None: as in good health). No cause: healthy."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0].rpartition("@")[2]

    def arrange(world: World) -> How | None:
        if answer is not None or play is not None:
            port, certificate = (443, "good") if scheme == "https" else (80, None)
            world.raw(host, play or answers(answer or b""), port=port, certificate=certificate)
        return how

    causes = (cause,) if isinstance(cause, str) else cause
    causes = tuple(one for one in causes if one)
    verdict: Verdict = "ailing" if causes else "healthy"
    return Scene(
        f"exam-{name}", motive, arrange, verdict, causes, stage if causes else None, (url, *argv), **more
    )  # fmt: skip


DENIED = store("403 Forbidden", "AccessDenied", "Access Denied")
ANONYMOUS = "Anonymous caller does not have storage.objects.get access to the Google Cloud Storage object."

STORES = (
    row("s3-letter-case", "S3 hides a missing key behind AccessDenied.", None, "http-404-typo",
        files.S3 + "T10K-labels-idx1-ubyte.gz", proves=True),
    row("s3-no-such-thing", "A key that never was, beside public ones.", None,
        ("http-404-moved", "http-403-object-not-public", "http-404-unexplained"),
        files.S3 + "weights/resnet50.bin"),
    row("s3-bucket-shut", "Every key is denied.", DENIED, "http-403-object-not-public", S3_LABELS),
    row("s3-all-disabled", "AWS shut the bucket.", store("403 Forbidden", "AllAccessDisabled",
        "All access to this object has been disabled"), "http-403-object-not-public", S3_LABELS),
    row("s3-archived", "Glacier.", store("403 Forbidden", "InvalidObjectState",
        "The operation is not valid for the object's storage class", "<StorageClass>GLACIER</StorageClass>"),
        "http-403-object-not-public", S3_LABELS),
    row("s3-no-such-key", "404 with NoSuchKey.", store("404 Not Found", "NoSuchKey",
        "The specified key does not exist.",
        "<Key>mnist/t10k-labels-idx1-ubyte.gz</Key>"), "http-404-moved", S3_LABELS, proves=True),
    row("s3-no-such-bucket", "404 with NoSuchBucket.", store("404 Not Found", "NoSuchBucket",
        "The specified bucket does not exist", "<BucketName>ossci-datasets</BucketName>"), "http-404-moved",
        S3_LABELS),
    row("s3-key-id", "A wrong key id in a signed URL.", store("403 Forbidden", "InvalidAccessKeyId",
        "The AWS Access Key Id you provided does not exist in our records."),
        ("http-401-token-missing", "http-403-signature"),
        f"{S3_LABELS}?AWSAccessKeyId=AKIAX&Expires=4102444800&Signature=aa"),
    row("s3-slow-down", "503 SlowDown.", store("503 Slow Down", "SlowDown", "Please reduce your request rate."),
        "http-503-overload", S3_LABELS),
    row("s3-internal", "500 InternalError.", store("500 Internal Server Error", "InternalError",
        "We encountered an internal error. Please try again."), "http-503-overload", S3_LABELS),
    row("s3-region", "301 with an endpoint and no Location.", store("301 Moved Permanently",
        "PermanentRedirect",
        "The bucket you are attempting to access must be addressed using the specified endpoint.",
        "<Endpoint>ossci-datasets.s3-us-west-2.amazonaws.com</Endpoint><Bucket>ossci-datasets</Bucket>",
        "x-amz-request-id: 44", "x-amz-bucket-region: us-west-2"), "http-301-region", S3_LABELS),
    row("s3-region-400", "400 with a region.", store("400 Bad Request", "AuthorizationHeaderMalformed",
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
        "<Region>eu-west-1</Region>"), "http-301-region", S3_LABELS),
    row("gcs-anonymous", "GCS names the right that is missing.", gcs("403 Forbidden", "AccessDenied",
        "Access denied.",
        ANONYMOUS), "http-403-object-not-public"),
    row("gcs-requester-pays", "400 UserProjectMissing.", gcs("400 Bad Request", "UserProjectMissing",
        "Bucket is a requester pays bucket but no user project provided."), "http-403-object-not-public"),
    row("gcs-no-such-key", "404 NoSuchKey on a current source.", gcs("404 Not Found", "NoSuchKey",
        "The specified key does not exist."), "http-404-moved", proves=True),
    row("azure-failure", "Azure AuthorizationFailure.",
        azure("403 This request is not authorized to perform this "
        "operation.", "AuthorizationFailure", "This request is not authorized to perform this operation."),
        "http-403-object-not-public", OTHER + "a.gz"),
    row("azure-409", "Azure 409.", azure("409 Public access is not permitted on this storage account.",
        "PublicAccessNotPermitted", "Public access is not permitted on this storage account."),
        "http-403-object-not-public", OTHER + "a.gz"),
    row("azure-resource", "Azure 404 that also means private.",
        azure("404 The specified resource does not exist.",
        "ResourceNotFound", "The specified resource does not exist."), "http-403-object-not-public",
        OTHER + "a.gz"),
    row("azure-blob", "Azure 404.", azure("404 The specified blob does not exist.", "BlobNotFound",
        "The specified blob does not exist."), "http-404-moved", OTHER + "a.gz"),
    row("azure-busy", "Azure 503.", azure("503 The server is busy.", "ServerBusy", "The server is busy."),
        "http-503-overload", OTHER + "a.gz"),
)  # fmt: skip

SIGNED = (
    row("signed-v4-old", "S3, version 4.", store("403 Forbidden", "AccessDenied", "Request has expired",
        "<X-Amz-Expires>3600</X-Amz-Expires><Expires>2024-01-01T01:00:00Z</Expires>"
        "<ServerTime>2026-11-21T08:00:00Z</ServerTime>"), "http-403-signature", f"{S3_LABELS}?{V4_OLD}"),
    row("signed-v2-old", "S3, version 2.", store("403 Forbidden", "AccessDenied", "Request has expired",
        "<Expires>2024-01-01T01:00:00Z</Expires>"), "http-403-signature",
        f"{S3_LABELS}?AWSAccessKeyId=AKIAX&Expires=1704070800&Signature=c2ln"),
    row("signed-mismatch", "The URL was re-encoded.", store("403 Forbidden", "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided."), "http-403-signature",
        f"{S3_LABELS}?{V4}&X-Amz-Date=20991231T000000Z&X-Amz-Expires=9&X-Amz-SignedHeaders=host&X-Amz-Signature=0a"),
    row("signed-session", "The session token of the signer ran out.", store("400 Bad Request", "ExpiredToken",
        "The provided token has expired."), "http-403-signature",
        f"{S3_LABELS}?{V4_OLD}&X-Amz-Security-Token=FwoG"),
    row("signed-gcs-old", "GCS, version 4.", gcs("400 Bad Request", "ExpiredToken",
        "The provided token has expired.",
        "Request signature expired at: 2024-01-01T01:00:00+00:00"), "http-403-signature",
        f"https://{HOST}/private/x.gz?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Date=20240101T000000Z"
        "&X-Goog-Expires=3600&X-Goog-SignedHeaders=host&X-Goog-Signature=00ff"),
    row("signed-sas-old", "Azure SAS.", azure("403 Server failed to authenticate the request.",
        "AuthenticationFailed",
        "Server failed to authenticate the request.",
        "<AuthenticationErrorDetail>Signed expiry time [Mon, 01 Jan 2024 "
        "00:00:00 GMT] must be after signed start time</AuthenticationErrorDetail>"), "http-403-signature",
        f"{OTHER}a.gz?{SAS}"),
    row("signed-cloudfront-old", "CloudFront says AccessDenied only.", store("403 Forbidden", "AccessDenied",
        "Access denied", "", "Server: CloudFront", "X-Cache: Error from cloudfront", "X-Amz-Cf-Id: abc=="),
        "http-403-signature", f"{OTHER}a.gz?Expires=1704070800&Signature=c2ln~&Key-Pair-Id=K2EXAM"),
    row("signed-good-but-missing", "Still valid, and the key is not there.", store("404 Not Found", "NoSuchKey",
        "The specified key does not exist."), ("http-404-moved", "http-404-unexplained"),
        f"{OTHER}a.gz?{V4}&X-Amz-Date=20991231T000000Z&X-Amz-Expires=9&X-Amz-SignedHeaders=host&X-Amz-Signature=0a"),
)  # fmt: skip

WALLS = (
    row("cf-mitigated", "Managed challenge.", cloudflare("403 Forbidden", "Just a moment...",
        "<script>window._cf_chl_opt={cvId:'3'}</script>", "cf-mitigated: challenge"), "http-403-challenge",
        OTHER + "a.gz"),
    row("cf-mitigated-429", "A challenge that wears 429.", cloudflare("429 Too Many Requests",
        "Just a moment...", "",
        "cf-mitigated: challenge"), "http-403-challenge", OTHER + "a.gz"),
    row("cf-mitigated-503", "An old challenge at 503.", cloudflare("503 Service Unavailable",
        "Just a moment...",
        "<script src=/cdn-cgi/challenge-platform/h/b/orchestrate/jsch/v1></script>"), "http-403-challenge",
        OTHER + "a.gz"),
    row("cf-1020", "A firewall rule.", cloudflare("403 Forbidden",
        "Access denied | exam used Cloudflare to restrict access",
        "<span>Error</span><span>1020</span><h2>Access denied</h2>"), "http-403-waf-block", OTHER + "a.gz"),
    row("cf-1009", "A country.", cloudflare("403 Forbidden",
        "Access denied | exam used Cloudflare to restrict access",
        "<span>Error</span><span>1009</span><p>The owner has banned the country or region your IP address is in</p>"),
        "http-403-ip-or-geo", OTHER + "a.gz"),
    row("cf-1010-everyone", "Cloudflare's own code for an agent it bans.", cloudflare("403 Forbidden",
        "Access denied | exam used Cloudflare to restrict access",
        "<span>Error</span><span>1010</span>The owner of this "
        "website has banned your access based on your browser's signature"), "http-403-user-agent",
        OTHER + "a.gz"),
    row("cf-1015", "429 of Cloudflare.", cloudflare("429 Too Many Requests",
        "Access denied | exam used Cloudflare",
        "<span>Error</span><span>1015</span><p>You are being rate limited</p>", "Retry-After: 10"),
        "http-429-rate-limited", OTHER + "a.gz"),
    row("akamai", "Reference number.", html("403 Forbidden", "Access Denied",
        "You don't have permission to access "
        '"http&#58;&#47;&#47;x" on this server.<P>Reference&#32;&#35;18&#46;4f3c1602&#46;1732176000&#46;1a2b3c4d'
        "<P>https&#58;&#47;&#47;errors&#46;edgesuite&#46;net&#47;18&#46;4f3c1602&#46;1732176000&#46;1a2b3c4d",
        "Server: AkamaiGHost"), "http-403-waf-block", OTHER + "a.gz"),
    row("imperva", "Incident.", html("403 Forbidden", "",
        '<iframe src="/_Incapsula_Resource?SWUDNSAI=31&xinfo=5-1">'
        "Request unsuccessful. Incapsula incident ID: 1234000560-123456789</iframe>", "X-Iinfo: 5-1-0"),
        "http-403-waf-block", OTHER + "a.gz"),
    row("cloudfront-blocked", "AWS WAF.", html("403 Forbidden", "ERROR: The request could not be satisfied",
        "<h2>The request could not be satisfied.</h2>Request blocked. We can't connect to the server for this app",
        "Server: CloudFront", "X-Cache: Error from cloudfront"), "http-403-waf-block", OTHER + "a.gz"),
    row("cloudfront-country", "A country again.", html("403 Forbidden",
        "ERROR: The request could not be satisfied",
        "<h2>403 ERROR</h2>The Amazon CloudFront distribution is configured to block access from your country.",
        "Server: CloudFront", "X-Cache: Error from cloudfront"), "http-403-ip-or-geo", OTHER + "a.gz"),
    row("sucuri", "Sucuri.", html("403 Forbidden", "Sucuri WebSite Firewall - Access Denied",
        "<h1>Access Denied - Sucuri Website Firewall</h1>", "X-Sucuri-Block: BNP005"), "http-403-waf-block",
        OTHER + "a.gz"),
    row("datadome", "DataDome.", html("403 Forbidden", "nist.gov",
        "<script src='https://ct.captcha-delivery.com/c.js'>"
        "</script>", "X-DataDome: protected"), "http-403-challenge", OTHER + "a.gz"),
    row("perimeterx", "HUMAN.", html("403 Forbidden", "Access to this page has been denied",
        "<div id='px-captcha'></div>"),
        "http-403-challenge", OTHER + "a.gz"),
    row("aws-captcha", "405 that is no method error.", reply("405 Not Allowed", b"",
        "x-amzn-waf-action: captcha",
        "Server: awselb/2.0"), "http-403-challenge", OTHER + "a.gz"),
    row("f5", "F5 at 403.", html("403 Forbidden", "Request Rejected",
        "The requested URL was rejected. Please consult with "
        "your administrator.<br><br>Your support ID is: 1234567890"), "http-403-waf-block", OTHER + "a.gz"),
    row("zscaler", "The organisation's filter.", html("403 Forbidden", "Internet Security by Zscaler",
        "Your organization "
        "has selected Zscaler", "Server: Zscaler/6.2"), "http-403-corporate-filter"),
    row("fortiguard", "The same of another make.", html("403 Forbidden", "Web Page Blocked!",
        "<p>Powered By FortiGuard.</p>"),
        ("http-403-corporate-filter", "body-block-page")),
    row("github-limit", "403 with no request left.", reply("403 Forbidden",
        b'{"message":"API rate limit exceeded for '
        b'1.2.3.4."}', "Content-Type: application/json; charset=utf-8", "x-ratelimit-limit: 60",
        "x-ratelimit-remaining: 0", "x-ratelimit-reset: 4102444800", "Server: github.com"),
        "http-429-rate-limited",
        "https://raw.githubusercontent.com/fgnt/mnist/master/" + files.LABELS),
    row("hub-gated", "Terms to accept.", hub("403 Forbidden", "GatedRepo",
        "Access to dataset exam/gated is restricted and "
        "you are not in the authorized list."), "http-403-gated",
        "https://huggingface.co/datasets/exam/gated/resolve/main/a"),
    row("hub-gated-401", "The same, not signed in.", hub("401 Unauthorized", "GatedRepo",
        "Access to dataset exam/gated is "
        "restricted. You must have access to it and be authenticated to access it."), "http-403-gated",
        "https://huggingface.co/datasets/exam/gated/resolve/main/a"),
    row("hub-hidden", "Missing or private.", hub("401 Unauthorized", "RepoNotFound", "Repository not found"),
        "http-401-repo-hidden", "https://huggingface.co/datasets/exam/none/resolve/main/a"),
    row("hub-revision", "A branch.", hub("404 Not Found", "RevisionNotFound", "Invalid rev id: v9"),
        "http-404-revision-or-path", HUB.replace("main", "v9")),
    row("hub-entry", "A file name.", hub("404 Not Found", "EntryNotFound", "Entry not found"),
        ("http-404-revision-or-path", "http-404-typo"), HUB.replace("test-", "validation-")),
    row("hub-disabled", "Taken down.", hub("403 Forbidden", "", "Access to this resource is disabled."),
        ("http-404-moved",), HUB),
    row("plain-403", "No mark of anything.", html("403 Forbidden", "403 Forbidden", "<center>nginx</center>",
        "Server: nginx"),
        "http-403-unexplained", OTHER + "a.gz"),
    row("plain-403-empty", "Not even a body.", reply("403 Forbidden"), "http-403-unexplained", OTHER + "a.gz"),
)  # fmt: skip

REFUSED = html("403 Forbidden", "403 Forbidden", "", "Server: nginx")
AGENTS = (
    row("agent-requests", "python-requests is refused.", only_for(lambda a: "python-requests" not in a,
        ok(GOOD), REFUSED),
        "http-403-user-agent", proves=True),
    row("agent-keras", "What keras sends is refused.", only_for(lambda a: "Python-urllib" not in a, ok(GOOD),
        REFUSED),
        "http-403-user-agent", LABELS, "--as", "keras"),
    row("agent-torchvision", "Its own name is refused.", only_for(lambda a: a != "pytorch/vision", ok(GOOD),
        REFUSED),
        "http-403-user-agent", LABELS, "--as", "torchvision"),
    row("agent-python", "Everything called Python, in any case.", only_for(lambda a: "python" not in a.lower(),
        ok(GOOD),
        REFUSED), "http-403-user-agent", proves=True),
    row("agent-406", "406 for a client.", only_for(lambda a: "python" not in a.lower(), ok(GOOD),
        html("406 Not Acceptable", "Not Acceptable!",
        "An appropriate representation of the requested resource could not "
        "be found on this server. This error was generated by Mod_Security.")), "http-403-user-agent"),
    row("agent-429", "429 for a client.", only_for(lambda a: "python" not in a.lower(), ok(GOOD),
        reply("429 Too Many Requests")), "http-403-user-agent"),
    row("agent-empty", "The server hangs up on a client.", only_for(lambda a: "python" not in a.lower(),
        ok(GOOD), b""),
        "http-403-user-agent"),
    row("agent-503", "503 for a client.", only_for(lambda a: "python" not in a.lower(), ok(GOOD),
        reply("503 Service Unavailable")), ("http-403-user-agent", "http-503-overload")),
    row("empty-for-all", "The server hangs up on all.", lambda _asked: b"", "http-not-http"),
)  # fmt: skip

SLASHES = (
    row("typo-double-slash", "A store that does not fold slashes.",
        lambda asked: ok(GOOD) if asked.target == TRUE_PATH else DENIED, "http-404-typo",
        LABELS.replace("mnist/t10k", "mnist//t10k"), proves=True),
)  # fmt: skip

TYPOS = tuple(
    row(f"typo-{name}", "One small edit away.", None, cause, url, proves=proves)
    for name, url, cause, proves in (
        ("case", LABELS.replace("mnist/t10k", "MNIST/t10k"), "http-404-typo", True),
        ("swapped", LABELS.replace("labels", "lables"), "http-404-typo", True),
        ("no-slash", LABELS.replace("mnist/t10k", "mnistt10k"), "http-404-typo", True),
        ("carriage-return", LABELS + "%0D", "http-404-typo", True),
        ("blank", LABELS + "%20", "http-404-typo", True),
        ("gzip", LABELS.replace(".gz", ".gzip"), "http-404-typo", True),
        ("backslash", LABELS.replace("mnist/t10k", "mnist%5Ct10k"), "http-404-typo", True),
        ("branch", "https://raw.githubusercontent.com/fgnt/mnist/main/" + files.LABELS,
         ("http-404-revision-or-path", "http-404-typo"), True),
        ("dot-for-dash", LABELS.replace("idx1-ubyte", "idx1.ubyte"), "http-404-typo", True),
        ("retired", "http://yann.lecun.com/exdb/mnist/" + files.LABELS, "http-404-moved", True),
        ("unknown-404", OTHER + "no-such-thing.csv", "http-404-unexplained", False),
    )
)  # fmt: skip

PAST, FAR = "Wed, 21 Oct 2015 07:28:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
_STATUS: tuple[tuple[str, Answer | Chunks, str | tuple[str, ...], str, bool], ...] = (
        ("400", html("400 Bad Request", "Bad Request", ""), "http-4xx-other", LABELS, False),
        ("401-basic", reply("401 Unauthorized", b"", 'WWW-Authenticate: Basic realm="data"'),
        "http-401-token-missing",
         OTHER + "a.gz", False),
        ("401-bare", reply("401 Unauthorized"), "http-401-token-missing", OTHER + "a.gz", False),
        ("402", reply("402 Payment Required"), "http-4xx-other", OTHER + "a.gz", False),
        ("405", reply("405 Method Not Allowed", b"", "Allow: POST"), ("http-4xx-other", "http-405-head"),
        LABELS, False),
        ("408", reply("408 Request Timeout"), "http-4xx-other", LABELS, False),
        ("410", reply("410 Gone"), "http-410-gone", LABELS, True),
        ("413", reply("413 Content Too Large"), "http-4xx-other", LABELS, False),
        ("416", reply("416 Range Not Satisfiable", b"", "Content-Range: bytes */4542"), "http-416-range",
        LABELS, False),
        ("421", reply("421 Misdirected Request"), "http-4xx-other", LABELS, False),
        ("425", reply("425 Too Early"), "http-4xx-other", LABELS, False),
        ("428", reply("428 Precondition Required"), "http-4xx-other", LABELS, False),
        ("407", reply("407 Proxy Authentication Required", b"", "Proxy-Authenticate: Basic"), "http-4xx-other",
        LABELS, False),
        ("431", reply("431 Request Header Fields Too Large"), "http-4xx-other", LABELS, False),
        ("451", reply("451 Unavailable For Legal Reasons", b"", 'Link: <https://a.example>; rel="blocked-by"'),
         "http-451-legal", LABELS, False),
        ("499", reply("499 "), "http-4xx-other", LABELS, False),
        ("429-seconds", reply("429 Too Many Requests", b"", "Retry-After: 37"), "http-429-rate-limited", LABELS, False),
        ("429-past", reply("429 Too Many Requests", b"", f"Retry-After: {PAST}"), "http-429-rate-limited",
        LABELS, False),
        ("429-far", reply("429 Too Many Requests", b"", f"Retry-After: {FAR}"), "http-429-rate-limited", LABELS, False),
        ("429-huge", reply("429 Too Many Requests", b"", f"Retry-After: {10**30}"), "http-429-rate-limited",
        LABELS, False),
        ("429-negative", reply("429 Too Many Requests", b"", "Retry-After: -5"), "http-429-rate-limited",
        LABELS, False),
        ("429-words", reply("429 Too Many Requests", b"", "Retry-After: a while"), "http-429-rate-limited",
        LABELS, False),
        ("500", html("500 Internal Server Error", "Oops", ""), "http-500-server-error", LABELS, False),
        ("501", reply("501 Not Implemented"), "http-500-server-error", LABELS, False),
        ("502", html("502 Bad Gateway", "502 Bad Gateway", "nginx"), "http-502-504-gateway", LABELS, False),
        ("503-date", reply("503 Service Unavailable", b"", f"Retry-After: {FAR}"), "http-503-overload", LABELS, False),
        ("504", reply("504 Gateway Timeout"), "http-502-504-gateway", LABELS, False),
        ("505", reply("505 HTTP Version Not Supported"), "http-500-server-error", LABELS, False),
        ("507", reply("507 Insufficient Storage"), "http-500-server-error", LABELS, False),
        ("511", html("511 Network Authentication Required", "Sign in", "<form></form>"),
         ("captive-portal", "unexplained"), PLAIN, False),
        ("511-verified", html("511 Network Authentication Required", "Sign in", ""), "unexplained", LABELS, False),
        *((str(code), cloudflare(f"{code} <none>", f"exam | {code}: Web server is down", f"Error code {code}"),
           "http-502-504-gateway", OTHER + "a.gz", False) for code in (520, 521, 522, 523, 524, 525, 526, 530)),
        ("300", html("300 Multiple Choices", "Choose", ""), "http-redirect-nowhere", LABELS, False),
        ("304", reply("304 Not Modified", length=-1), "http-redirect-nowhere", LABELS, False),
        ("307-nowhere", reply("307 Temporary Redirect"), "http-redirect-nowhere", LABELS, False),
        ("600", reply("600 Strange"), ("unexplained", "http-4xx-other", "http-500-server-error"), LABELS, False),
)  # fmt: skip

STATUS = tuple(
    row(f"status-{name}", "A status of the list.", said, cause, url, proves=proves)
    for name, said, cause, url, proves in _STATUS
)


def _openml(number: int, words: str) -> bytes:
    text = f'<oml:error xmlns:oml="http://openml.org/openml"><oml:code>{number}</oml:code><oml:message>{words}'
    return reply("412 Precondition Failed", f"{text}</oml:message></oml:error>".encode(), "Content-Type: text/xml")


API = "https://api.openml.org/api/v1/json/data/99999"
SERVICES = (
    row("openml-111", "412 with a code.", _openml(111, "Unknown dataset"), "http-api-error-body", API),
    row("openml-372", "No results.", _openml(372, "No results"), "http-api-error-body", API),
    row("openml-107", "Its database.", _openml(107,
        "Database connection error. Usually due to high server load. Please "
        "wait N seconds and try again."), ("http-503-overload", "http-api-error-body"), API),
    row("openml-key", "A key is wanted.", _openml(137, "Authentication failed"), "http-api-error-body", API),
    row("problem-json", "RFC 9457.", reply("422 Unprocessable Content",
        b'{"type":"about:blank","title":"No such version",'
        b'"detail":"version 9 of exam does not exist"}', "Content-Type: application/problem+json"),
        ("http-api-error-body", "http-4xx-other"), API),
)  # fmt: skip


def _cookie_gate(asked: Any) -> bytes:
    if "gate=1" in asked.fields.get("cookie", ""):
        return ok(GOOD)
    return reply("302 Found", b"", f"Location: {LABELS}", "Set-Cookie: gate=1; Path=/")


def _flip(world: World) -> How | None:
    """https sends to http, and http back to https."""
    world.raw(
        HOST, answers(reply("301 Moved", b"", f"Location: {LABELS.replace('https', 'http')}")), certificate="good"
    )
    world.raw(HOST, answers(reply("301 Moved", b"", f"Location: {LABELS}")), port=80)
    return None


def _to(place: str, **told: Any) -> bytes:
    return reply("302 Found", b"", f"Location: {place}", **told)


def _login(asked: Any) -> bytes:
    if asked.target.startswith("/login"):
        return html("200 OK", "Sign in to your account", "<form method=post><input type=password name=p></form>")
    return _to("/login?next=" + asked.target)


def _long_chain(asked: Any) -> bytes:
    step = asked.number
    return _to(f"/cvdf-datasets/mnist/hop{step}") if step < 6 else ok(GOOD)


def _relative(asked: Any) -> bytes:
    return _to("../mnist/./final.gz#part") if asked.number == 0 else ok(GOOD)


def _soft(asked: Any) -> bytes:
    return _to("/index.html") if asked.number % 2 == 0 else html("200 OK", "Our new home", "Welcome")


REDIRECTS = (
    row("cookie-gate-urllib", "A cookie that urllib never gives back.", _cookie_gate, "http-redirect-loop",
        LABELS,
        "--as", "torchvision"),
    row("cookie-gate", "requests gives it back.", _cookie_gate, ()),
    Scene("exam-scheme-flip", "https and http send to each other.", _flip, "ailing", ("http-redirect-loop",),
        "http"),
    row("self-loop", "To itself for ever.", _to(LABELS), "http-redirect-loop"),
    row("to-login", "A sign-in form of the same host.", _login, "http-redirect-to-login"),
    row("to-microsoft", "A sign-in form elsewhere.",
        _to("https://login.microsoftonline.com/common/oauth2/authorize"),
        "http-redirect-to-login"),
    row("chain-of-six", "A long chain that ends well.", _long_chain, ()),
    row("chain-of-six-torchvision", "torchvision follows three.", lambda asked: _to(f"/h{asked.number}")
        if asked.number < 40 else ok(GOOD), "http-redirect-loop", LABELS, "--as", "torchvision"),
    row("relative-location", "A relative Location with a fragment.", _relative, ()),
    row("soft-404", "To the front page.", _soft, "body-html-instead-of-data", stage="length"),
    row("to-ftp", "Another scheme.", _to("ftp://ftp.example.org/a.gz"), "url-scheme-unsupported",
        stage="dns"),
    row("to-nonsense", "A Location that is no URL.", _to("http://[::bad/x"), "http-redirect-nowhere"),
    row("to-usercheck", "To a filter's page that bears no further mark.", _to("https://example.com/?x=/UserCheck/"
        "PortalMain?IID=1"), "body-block-page", stage="length"),
    row("to-umbrella", "To a filter's page.", _to("https://block.opendns.com/?url=x"),
        ("http-403-corporate-filter",
        "body-block-page", "dns-nxdomain"), stage="dns"),
)  # fmt: skip


def _host_answers(world: World) -> How | None:
    """A misspelt host that somebody has registered."""
    world.dns("fashion-mnist.s3-website.eu-centra1-1.amazonaws.com", answer=sites.address("example.com"))
    return None


def _host_missing(_world: World) -> How | None:
    """A misspelt host that nobody has."""
    return None


def _netrc(world: World) -> How | None:
    """Requests sends what an old netrc says, and the server refuses it."""
    (world.home / ".netrc").write_text(f"machine {HOST} login old password gone\n")
    (world.home / ".netrc").chmod(0o600)
    refused = reply("401 Unauthorized", b"", 'WWW-Authenticate: Basic realm="x"')
    welcome = answers(lambda asked: refused if "authorization" in asked.fields else ok(GOOD))
    world.raw(HOST, welcome, certificate="good")
    return None


HOSTS = (
    Scene("exam-host-misspelt", "A letter of the host.", _host_answers, "ailing",
          ("http-404-typo", "http-404-moved"), "http",
          (PLAIN.replace("central", "centra1"),)),
    Scene("exam-host-nowhere", "A letter of the host.", _host_missing, "ailing", ("dns-nxdomain",), "dns",
          (LABELS.replace("googleapis", "gooogleapis"),)),
    Scene("exam-netrc", "An old password that requests found.", _netrc, "ailing", ("http-401-netrc",), "http", proves=True),
)  # fmt: skip

SCENES = HOSTS + STORES + SIGNED + WALLS + AGENTS + SLASHES + TYPOS + STATUS + SERVICES + REDIRECTS
