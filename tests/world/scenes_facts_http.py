"""Written from the facts alone: agents, limits, links that ran out, redirects, netrc."""

from __future__ import annotations

from collections.abc import Callable

from mnistdoctor.demo.connection import Connection

from . import files
from .raw import Fault, reset
from .raw import reply as raw_reply
from .replies import Asked, Chunks, answers, html, ok, only_for, reply, store
from .scenes import HOST, LABELS, PLAIN, PLAIN_HOST, S3_HOST, S3_LABELS, How
from .scenes_facts_content import GOOD, OTHER, PAGE, from_facts, served
from .world import World

AGENT, LIMIT, SIGNED = "http-403-user-agent", "http-429-rate-limited", "http-403-signature"
FILE = ok(GOOD)
PATH = "/cvdf-datasets/mnist/" + files.LABELS


def _no_python(agent: str) -> bool:
    return not agent.startswith(("python-requests", "Python-urllib"))


def _cut_off() -> Fault:
    good, bad = answers(FILE), raw_reply(b"", reset)

    def fault(connection: Connection) -> None:
        (good if _no_python(connection.request.field("User-Agent") or "") else bad)(connection)

    return fault


def _walks_away(asked: Asked) -> Chunks:
    """A default agent is sent to a page that refuses it."""
    if _no_python(asked.agent):
        return FILE
    if asked.target.startswith("/denied"):
        return html("403 Forbidden", "Denied", "Automated clients are not welcome.")
    return reply("302 Found", b"", "Location: /denied.html")


AGENTS = (
    served("agent-404", "404 to one kind of agent: 404 is not asked again under another name, and the report says `likely`",
           (AGENT, "http-404-moved", "http-404-unexplained"), only_for(_no_python, FILE, reply("404 Not Found", PAGE))),
    served("agent-reset", "A reset to one kind of agent", AGENT, b"", LABELS, play=_cut_off()),
    served("agent-walked-away", "One kind of agent is sent to a page that refuses it", AGENT, _walks_away, LABELS, "--as", "keras"),
    served("agent-418", "418 to one kind of agent", AGENT, only_for(_no_python, FILE, reply("418 I'm a teapot"))),
    served("agent-200-page", "A page with 200 to one kind of agent", (AGENT, "body-block-page", "body-challenge-page"),
           only_for(_no_python, FILE, html("200 OK", "Robots", "Please use a browser."))),
    served("agent-not-mine", "curl alone is refused: requests is well", "", only_for(lambda agent: "curl" not in agent, FILE,
           reply("403 Forbidden"))),
)  # fmt: skip


def _limited(*fields: str, status: str = "429 Too Many Requests", body: bytes = b"slow down\n") -> bytes:
    return reply(status, body, "Content-Type: text/plain", *fields)


LIMITS = (
    served("limit-combined", "RateLimit as the third draft wrote it", LIMIT,
           _limited("RateLimit: limit=100, remaining=0, reset=45"), "d.csv.gz"),
    served("limit-after", "A wait in parts of seconds", LIMIT, _limited("X-RateLimit-Reset-After: 12.5"), "d.csv.gz"),
    served("limit-policy", "A policy and a partition", LIMIT,
           _limited('RateLimit-Policy: "burst";q=100;w=60', 'RateLimit: "burst";r=0;t=33'), "d.csv.gz"),
    served("limit-decimal", "Retry-After is no whole number", LIMIT, _limited("Retry-After: 7.5"), "d.csv.gz"),
    served("limit-github", "403 and a second limit of GitHub's", LIMIT,
           _limited("Retry-After: 60", status="403 Forbidden", body=b'{"message":"You have exceeded a secondary rate limit. '
                    b'Please wait a few minutes before you try again."}'), "https://github.com/a/b/archive/main.zip"),
    served("limit-raw", "403 with nothing left", LIMIT, _limited("x-ratelimit-limit: 60", "x-ratelimit-remaining: 0",
           "x-ratelimit-reset: 1795262400", status="403 Forbidden"), "https://raw.githubusercontent.com/a/b/main/d.csv"),
    served("limit-509", "A hoster's own number", ("http-503-overload", LIMIT, "http-500-server-error"),
           html("509 Bandwidth Limit Exceeded", "509", "The server is temporarily unable to service your request."), "d.zip"),
    served("status-423", "Locked: it has a cause of its own since, which says more", ("http-4xx-other", "http-423-locked"), reply("423 Locked"), "d.zip"),
    served("status-508", "A loop at the origin", "http-500-server-error", reply("508 Loop Detected"), "d.zip"),
    served("status-404-json", "An API's 404", ("http-404-unexplained", "http-404-moved", "http-api-error-body"),
           reply("404 Not Found", b'{"error":"not found"}', "Content-Type: application/json"), "d.zip"),
)  # fmt: skip
GOOG = ("X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Credential=a%40b%2F20240301%2Fauto%2Fstorage%2Fgoog4_request"
        "&X-Goog-Date=20240301T000000Z&X-Goog-Expires=900&X-Goog-SignedHeaders=host&X-Goog-Signature=abcd")  # fmt: skip
LINKS = (
    served("link-gcs-400", "A link of Google's that ran out, with 400", SIGNED, store("400 Bad Request", "ExpiredToken",
           "The provided token has expired.", "<Details>Request signature expired at: 2024-03-01T00:15:00+00:00</Details>"),
           f"https://{HOST}/bucket/x.gz?{GOOG}"),
    served("link-oss", "A link of a store that copies S3's", SIGNED, store("403 Forbidden", "AccessDenied", "Request has expired.",
           "<Expires>2024-01-01T00:00:00.000Z</Expires>", "x-oss-request-id: 5C3D9175B6FC201293AD"),
           "https://dataset.bj.bcebos.com/x.zip?Expires=1704067200&OSSAccessKeyId=LTAI&Signature=abc%3D"),
    served("link-transfer-host", "The Hub's transfer link, copied from a log", SIGNED, store("403 Forbidden", "AccessDenied",
           "Request has expired", "<X-Amz-Expires>3600</X-Amz-Expires><Expires>2024-01-01T01:00:00Z</Expires>"),
           "https://cas-bridge.xethub.hf.co/xet/ab/cd?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20240101%2Fus-east-1%2Fs3"
           "%2Faws4_request&X-Amz-Date=20240101T000000Z&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&X-Amz-Signature=ab"),
    served("link-sas-early", "A link that is not valid yet", SIGNED, store("403 Server failed to authenticate the request",
           "AuthenticationFailed", "Server failed to authenticate the request.", "<AuthenticationErrorDetail>Signature not valid "
           "in the specified time frame: Start [Fri, 01 Jan 2100 00:00:00 GMT]</AuthenticationErrorDetail>",
           "x-ms-error-code: AuthenticationFailed"), OTHER + "x.zip?sv=2022-11-02&st=2100-01-01T00%3A00%3A00Z&se=2101-01-01&sr=b&sp=r&sig=YQ"),
)  # fmt: skip


def _sign_in(to: str) -> Callable[[Asked], Chunks]:
    form = html(
        "200 OK", "Sign in", '<form action="/s" method=post><input name=user><input type=password name=p></form>'
    )
    return lambda asked: reply("302 Found", b"", f"Location: {to}") if asked.target.startswith("/mirror") else form


def _hops(count: int) -> Callable[[Asked], Chunks]:
    def answer(asked: Asked) -> Chunks:
        step = int(asked.target.rpartition("=")[2]) if "=" in asked.target else 0
        return FILE if step >= count else reply("302 Found", b"", f"Location: {PATH}?step={step + 1}")

    return answer


def _one_hop(status: str, to: str, *fields: str) -> Callable[[Asked], Chunks]:
    return lambda asked: FILE if asked.number else reply(status, b"", f"Location: {to}", *fields)


def _leads(to: str, port: int | None = None) -> Callable[[World], None]:
    def arrange(world: World) -> None:
        world.host(S3_HOST, redirect=to)
        if port:
            world.firewall(PLAIN_HOST, "drop", port=port)

    return arrange


def _private(world: World) -> None:
    world.raw(PLAIN_HOST, answers(reply("302 Found", b"", "Location: http://10.77.0.3/notice")), port=80)


def _netrc(world: World) -> None:
    path = world.home / ".netrc"
    path.write_text("machine example.org login a password b\ndefault login anonymous password me@example.com\n")
    path.chmod(0o600)
    refused = reply("403 Forbidden", b"Bad credentials")
    world.raw(HOST, answers(lambda asked: refused if "authorization" in asked.fields else FILE), certificate="good")


LOGIN = "http-redirect-to-login"
REDIRECTS = (
    served("login-gitlab", "A private project of GitLab", LOGIN, _sign_in("/users/sign_in"), "x.zip"),
    served("login-cas", "A university's sign-in", LOGIN, _sign_in("/cas/login?service=https%3A%2F%2Fbiometrics.nist.gov"), "x.tar.gz"),
    served("login-django", "A sign-in with `next`", LOGIN, _sign_in("/accounts/login/?next=/mirror/x.csv"), "x.csv"),
    served("hops-12-keras", "Twelve redirects: urllib follows ten", "http-redirect-loop", _hops(12), LABELS, "--as", "keras"),
    served("hops-12", "Twelve redirects: requests follows thirty", "", _hops(12)),
    served("hop-303", "303", "", _one_hop("303 See Other", PATH)),
    served("hop-308", "308", "", _one_hop("308 Permanent Redirect", PATH + "?x=1")),
    served("hop-slashes", "A redirect without a scheme", "", _one_hop("301 Moved", f"//{HOST}{PATH}")),
    served("hop-fragment", "A redirect with a fragment and a body", "", _one_hop("302 Found", f"{PATH}#top", "X-Note: a")),
    served("hop-port", "A redirect that names the port", "", _one_hop("302 Found", f"https://{HOST}:443{PATH}"), LABELS, "--as", "keras"),
    from_facts("hop-no-name", "A redirect to a host that is gone", "dns-nxdomain", _leads("https://old-cdn.nosuch.example$request_uri"), S3_LABELS),
    from_facts("hop-filtered", "A redirect to plain http, where this network is silent", ("tcp-filtered", "tcp-server-down"),
           _leads(PLAIN, 80), S3_LABELS, "--timeout", "3"),
    from_facts("hop-down-to-plain", "A redirect from https to plain http of another host", "", _leads(f"http://{HOST}$request_uri"),
           S3_LABELS.replace("/mnist/", "/cvdf-datasets/mnist/")),
    from_facts("hop-private", "A redirect into the private network, and no portal", "", _private, PLAIN, verdict="inconclusive"),
    from_facts("netrc-default", "The `default` line of a netrc is sent to everybody", "http-401-netrc", _netrc),
    from_facts("netrc-default-keras", "urllib does not read it", "", _netrc, LABELS, "--as", "keras"),
)  # fmt: skip


def _both(world: World) -> How | None:
    world.host(S3_HOST, certificate="expired")
    world.host(HOST, status=503)
    return None


TWO = (from_facts("two-mirrors-ill", "The first mirror's certificate expired, the second is overloaded: the first decides",
              "tls-cert-expired", _both, "torchvision:mnist"),)  # fmt: skip
SCENES = (*AGENTS, *LIMITS, *LINKS, *REDIRECTS, *TWO)
