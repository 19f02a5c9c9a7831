"""Causes that hit every host alike: no network at all, and a network that wants a sign-in first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import dns, marks
from mnistdoctor.causes.facts.network import cut_off, no_route
from mnistdoctor.causes.facts.tcp import attempts
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def env_no_network_link(case: Case) -> Finding | None:
    """Holds when a lookup or a connection failed, and the kernel says that nothing outside can be reached."""
    stop = case.stopped_by
    if isinstance(stop, ev.Lookup):
        return _no_link_at_lookup(case, stop)
    if not isinstance(stop, ev.Connect):
        return None
    attempts = [one for one in case.all(ev.Connect, hop=case.hop) if one.peer == stop.peer]
    if any(one.failure not in (Failure.NETWORK_UNREACHABLE, Failure.NETWORK_DOWN) for one in attempts):
        return None
    if not any(one.family == 4 for one in attempts):
        return None  # IPv6 alone without a route is no dead network, see `tcp-ipv6-broken`
    without = no_route(case)
    if without is False:
        return None
    what = f"{stop.name or stop.address}: {shortened(stop.detail) or 'network is unreachable'}"
    return _unplugged(case, (what,), certain=without is True)


def _no_link_at_lookup(case: Case, stop: ev.Lookup) -> Finding | None:
    # macOS and Windows say "no such name" without a network, so the code alone cannot narrow this down.
    if stop.failure == Failure.URL_INVALID or not cut_off(case, stop.name):
        return None
    heard = dns.replies(case, stop.name)
    said = [f"the name server on this machine, {one.server}, says {one.rcode}" for one in heard if one.answered]
    return _unplugged(case, (f"{stop.name} could not be looked up", *said), certain=True)


def _unplugged(case: Case, seen: tuple[str, ...], *, certain: bool) -> Finding:
    asked = case.ask(Control.REACH, ev.Reach)
    kernel = ", ".join(f"IPv{one.family}: {one.errno or one.failure}" for one in asked)
    return finding(
        "this machine has no route to the internet",
        "The operating system gave up before anything was sent: it knows no way out. The network is "
        "unplugged or switched off, a VPN has gone, or this container or sandbox was started without a "
        "network. The data's server has nothing to do with it, and neither have the name servers.",
        seen,
        kernel and f"the system has no route out ({kernel})",
        fixes=(
            Fix(
                title="Join a network or reconnect the VPN, then see whether a default route is there",
                commands=(fixes.command(case, _show_route(case)),),
                untried="only you can connect this machine",
            ),
            Fix(
                title="In a container or job: start it with a network, not with `--network none`",
                untried="only you can start it anew",
            ),
        ),
        unlike=certain and {"dns-temporary-failure": "no literal address can be reached either"},
        perhaps=not certain and "tcp-unreachable",
    )


def _show_route(case: Case) -> str:
    if fixes.on_windows(case):
        return "Get-NetRoute -DestinationPrefix 0.0.0.0/0"
    return "ip route show default" if case.machine.platform.startswith("Linux") else "route -n get default"


# --- captive portal ---------------------------------------------------------------------------------------------

_KNOWN = {
    "generate_204": "",
    "connecttest.txt": "Microsoft Connect Test",
    "ncsi.txt": "Microsoft NCSI",
    "success.txt": "success",
    "hotspot-detect.html": "Success",
}
"""What each system's portal check must answer, by the last part of its path; an empty text stands for status 204."""

_VERIFICATION = (Failure.UNKNOWN_AUTHORITY, Failure.INVALID_HOSTNAME, Failure.INVALID_CERTIFICATE)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A check's answer: right, wrong, or neither (``None``) where it proves nothing."""

    host: str
    right: bool | None
    seen: str = ""


def captive_portal(case: Case) -> Finding | None:
    """Holds when checks with a known answer are answered wrongly too, or 511 comes in the server's place."""
    met = _portal_can(case)
    if met is None:
        return None
    answers = tuple(_answers(case))
    wrong = [one for one in answers if one.right is False]
    right = [one for one in answers if one.right]
    tunnel = case.stopped(ev.Tunnel)
    # RFC 6585: no origin ever says 511
    own = tunnel.status == 511 if tunnel else case.status == 511 and not marks.made_by_proxy(case.exchange)
    if (right and len(wrong) < 2) or not (wrong or own):
        return None
    certain = not right and len(wrong) + own >= 2 and not case.proxied
    return finding(
        f"the {'proxy' if tunnel else 'network'} wants you to sign in first: it answers in every server's place",
        "A captive portal, as in hotels, trains and on guest Wi-Fi, "
        + ("is built into the proxy that is set here. " if tunnel else "stands between you and the internet. ")
        + "Until you have signed in or accepted its terms, it answers in every server's place, so https "
        "fails and http brings a web page instead of data. Nothing is wrong with the dataset's server or "
        "with your certificates.",
        met,
        (one.seen for one in wrong),
        fixes=(
            Fix(
                title="Sign in: open any plain http page in a browser, then run the download again",
                commands=(fixes.command(case, _open_page(case)),),
                untried="only you can sign in",
            ),
            Fix(
                title="On a machine without a browser: ask the network's owner to let its hardware address through",
                untried="only the network's owner can do that",
            ),
        ),
        unlike=isinstance(case.stopped_by, ev.Handshake)
        and {"tls-intercepted": "unencrypted checks with a known answer are answered wrongly as well"},
        perhaps=not certain and ("body-block-page" if not case.proxied else "proxy-auth-required"),
    )


def _portal_can(case: Case) -> str | None:
    """What the target ran into, in words, where a portal may be the reason; None where it cannot be."""
    stop = case.stopped_by
    if isinstance(stop, ev.Tunnel):
        return _proxy_asks(stop)
    if isinstance(stop, ev.Connect):
        tried = attempts(case)
        ends = {Failure.REFUSED, Failure.TIMEOUT, Failure.RESET, Failure.HOST_UNREACHABLE}
        if tried is None or tried.here or not tried.failures & ends:
            return None
        return f"{case.host} cannot be connected to on port {stop.port}"
    if isinstance(stop, ev.Handshake) and stop.peer == "origin":
        if stop.failure in _VERIFICATION:
            return f"the certificate shown for {case.host} is not its own ({shortened(stop.verify_message)})"
        if stop.failure == Failure.NOT_TLS:
            return f"{case.host} answered without encryption where TLS was due"
        broken = stop.failure in (Failure.RESET, Failure.EOF) and stop.received == 0
        return f"the TLS connection to {case.host} was cut at once" if broken else None
    return _portal_can_at_http(case)


def _proxy_asks(tunnel: ev.Tunnel) -> str | None:
    """A proxy that answers CONNECT with 511 or sends the client elsewhere wants a sign-in (RFC 6585 section 6)."""
    said = f"CONNECT {tunnel.target} was answered with {tunnel.status} {shortened(tunnel.reason, 60)}".rstrip()
    if tunnel.status == 511:
        return said
    sends = ev.field(tunnel.fields, "location") if tunnel.status in (301, 302, 303, 307, 308) else None
    return f"{said} and sent us to {shortened(sends, 120)}" if sends else None


def _portal_can_at_http(case: Case) -> str | None:
    if case.exchange is not None and case.status == 511:
        return "the answer was status 511, Network Authentication Required"
    hops = [one for one in case.all(ev.Exchange) if split_url(one.url).scheme == "http"]
    if not hops:
        return None  # an answer that came under a verified certificate is the server's own
    first = split_url(hops[0].url).hostname
    if case.stopped(ev.Exchange, Failure.REDIRECT_PRIVATE):
        return f"the plain-http request to {first} was redirected into a private network"
    if case.content is None or case.content.what != "html" or case.status != 200 or case.subject.content == "html":
        return None
    away = f", from {case.host}" if case.host != first else ""
    return f"the plain-http request to {first} brought a web page{away}"


def _answers(case: Case) -> Iterator[_Answer]:
    """Each check's own first answer, with the body that followed it."""
    records = case.ask(Control.PORTAL, ev.Observation)
    for place, one in enumerate(records):
        if isinstance(one, ev.Exchange) and one.hop == 0 and one.status is not None:
            after = records[place + 1] if place + 1 < len(records) else None
            yield _judged(one, after if isinstance(after, ev.Transfer) and after.hop == 0 else None)


def _judged(exchange: ev.Exchange, transfer: ev.Transfer | None) -> _Answer:
    parts = split_url(exchange.url)
    host, status = parts.hostname or "", exchange.status or 0
    due = _KNOWN.get(parts.path.rsplit("/", 1)[-1])
    text = transfer.text if transfer else ""
    if parts.scheme != "http" or marks.made_by_proxy(exchange, text):
        return _Answer(host, None)
    if status == 511:
        return _Answer(host, False, f"http://{host} answered 511, Network Authentication Required")
    if due is None:
        return _Answer(host, None)
    away = split_url(exchange.location).hostname if exchange.location else None
    if status in (301, 302, 303, 307, 308):
        if away is None or away == host:
            return _Answer(host, None)
        return _Answer(host, False, f"http://{host} answered {status} and sent us to {away}")
    if status == 204:
        return _Answer(host, True if due == "" else None)
    if due and due in text and ("<html" not in text.lower() or due == "Success"):
        return _Answer(host, True)
    html = (exchange.field("Content-Type") or "").lower().startswith("text/html") or "<html" in text.lower()
    if status == 200 and html and (text or not transfer or transfer.received):
        return _Answer(host, False, f"http://{host} answered with a web page instead of {due or 'an empty 204'!r}")
    return _Answer(host, None)


def _open_page(case: Case) -> str:
    # The portal's own address comes from a stranger and stays out of commands; any plain http page leads to it.
    page = fixes.quoted(case, "http://detectportal.firefox.com/")
    if fixes.on_windows(case):
        return f"Start-Process {page}"
    return f"{'xdg-open' if case.machine.platform.startswith('Linux') else 'open'} {page}"


CAUSES: tuple[Cause, ...] = (
    cause(
        env_no_network_link,
        needs=(Control.REACH, Control.RESOLVER),
        machine_wide=True,
    ),
    cause(captive_portal, needs=(Control.PORTAL,), machine_wide=True),
)
