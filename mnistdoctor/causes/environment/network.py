"""Causes that hit every host alike: no network at all, and a network that wants a sign-in first."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes import fixes
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import dns, marks, portal, tcp
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.facts.network import no_route
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def env_no_network_link(case: Case) -> Finding | None:
    """Holds when a lookup or a connection failed, and the kernel says that nothing outside can be reached."""
    match case.stopped_by:
        # macOS and Windows say "no such name" without a network, so the code alone cannot narrow this down.
        case ev.Lookup() as lookup if lookup.failure != Failure.URL_INVALID and dns.cut_off(case, lookup.name):
            answers = [one for one in dns.replies(case, lookup.name) if one.answered]
            said = [f"the name server on this machine, {one.server}, says {one.rcode}" for one in answers]
            return _unplugged(case, f"{lookup.name} could not be looked up", *said, certain=True)
        case ev.Connect() as connect if _no_way(case, connect) and no_route(case) is not False:
            why = shortened(connect.detail) or "network is unreachable"
            return _unplugged(case, f"{connect.name or connect.address}: {why}", certain=bool(no_route(case)))
    return None


def _no_way(case: Case, connect: ev.Connect) -> bool:
    """Whether the kernel gave up on every address; IPv6 alone without a route is no dead network."""
    attempts = [one for one in case.all(ev.Connect, hop=case.hop) if one.peer == connect.peer]
    dead = all(one.failure in (Failure.NETWORK_UNREACHABLE, Failure.NETWORK_DOWN) for one in attempts)
    return dead and any(one.family == 4 for one in attempts)


def _unplugged(case: Case, *evidence: str, certain: bool) -> Finding:
    routes = case.ask(Control.REACH, ev.Reach)
    kernel = ", ".join(f"IPv{one.family}: {failure_of(one) if one.failure else 'a route'}" for one in routes)
    show_route = fixes.platform_command(
        case,
        windows="Get-NetRoute -DestinationPrefix 0.0.0.0/0",
        linux="ip route show default",
        macos="route -n get default",
    )
    return finding(
        "this machine has no route to the internet",
        "The operating system gave up before anything was sent: it knows no way out. The network is "
        "unplugged or switched off, a VPN has gone, or this container or sandbox was started without a "
        "network. The data's server has nothing to do with it, and neither have the name servers.",
        evidence,
        kernel and f"the system has no route out ({kernel})",
        fixes=(
            Fix(
                title="Join a network or reconnect the VPN, then see whether a default route is there",
                commands=(show_route,),
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


def captive_portal(case: Case) -> Finding | None:
    """Holds when checks with a known answer are answered wrongly too, or 511 comes in the server's place."""
    symptom = _symptom(case)
    if symptom is None:
        return None
    checks, tunnel = portal.checks(case), case.stopped(ev.Tunnel)
    right, wrong = any(one.right for one in checks), [one.evidence for one in checks if not one.right]
    # RFC 6585: no origin ever says 511
    own = tunnel.status == 511 if tunnel else case.status == 511 and not _by_proxy(case)
    in_clear = own and tunnel is None and case.address is not None and case.address.scheme == "http"
    if not in_clear and ((right and len(wrong) < 2) or not (wrong or own)):
        return None
    certain = not right and len(wrong) + own >= 2 and not case.proxied
    return finding(
        f"the {'proxy' if tunnel else 'network'} wants you to sign in first: it answers in every server's place",
        "A captive portal, as in hotels, trains and on guest Wi-Fi, "
        + ("is built into the proxy that is set here. " if tunnel else "stands between you and the internet. ")
        + "Until you have signed in or accepted its terms, it answers in every server's place, so https "
        "fails and http brings a web page instead of data. Nothing is wrong with the dataset's server or "
        "with your certificates.",
        symptom,
        wrong,
        fixes=(
            _sign_in(case),
            Fix(
                title="On a machine without a browser: ask the network's owner to let its hardware address through",
                untried="only the network's owner can do that",
            ),
        ),
        unlike=isinstance(case.stopped_by, ev.Handshake)
        and {"tls-intercepted": "unencrypted checks with a known answer are answered wrongly as well"},
        perhaps=not certain and ("proxy-auth-required" if case.proxied else "body-block-page"),
    )


def _by_proxy(case: Case) -> bool:
    """Whether the proxy that was set wrote the answer, rather than somebody on the way."""
    return case.proxied and marks.made_by_proxy(case.exchange) is not None


_VERIFICATION = (Failure.UNKNOWN_AUTHORITY, Failure.INVALID_HOSTNAME, Failure.INVALID_CERTIFICATE)
_UNCONNECTED = {Failure.REFUSED, Failure.TIMEOUT, Failure.RESET, Failure.HOST_UNREACHABLE}


def _symptom(case: Case) -> str | None:
    """What the target ran into, in words, where a portal may be the reason; None where it cannot be."""
    match case.stopped_by:
        case ev.Tunnel() as tunnel:
            return _asked_by_proxy(tunnel)
        case ev.Connect() as connect:
            attempts = tcp.attempts(case)
            outside = attempts and not attempts.here and attempts.failures & _UNCONNECTED
            return f"{case.host} cannot be connected to on port {connect.port}" if outside else None
        case ev.Handshake(peer="origin", failure=failure) as handshake if failure in _VERIFICATION:
            return f"the certificate shown for {case.host} is not its own ({shortened(handshake.verify_message)})"
        case ev.Handshake(peer="origin", failure=Failure.NOT_TLS):
            return f"{case.host} answered without encryption where TLS was due"
        case ev.Handshake(peer="origin", failure=failure, received=received):
            cut = failure in (Failure.RESET, Failure.EOF) and not received
            return f"the TLS connection to {case.host} was cut at once" if cut else None
    return _symptom_in_http(case)


def _asked_by_proxy(tunnel: ev.Tunnel) -> str | None:
    """A proxy that answers CONNECT with 511 or sends the client elsewhere wants a sign-in (RFC 6585 section 6)."""
    answer = f"CONNECT {tunnel.target} was answered with {tunnel.status} {shortened(tunnel.reason, 60)}".rstrip()
    if tunnel.status == 511:
        return answer
    target = ev.field(tunnel.fields, "location") if tunnel.status in portal.REDIRECTS else None
    return f"{answer} and sent us to {shortened(target, 120)}" if target else None


def _symptom_in_http(case: Case) -> str | None:
    if case.status == 511:
        return "the answer was status 511, Network Authentication Required"
    plain = next((one for one in case.all(ev.Exchange) if split_url(one.url).scheme == "http"), None)
    if plain is None:
        return None  # an answer that came under a verified certificate is the server's own
    host = split_url(plain.url).hostname
    if case.stopped(ev.Exchange, Failure.REDIRECT_PRIVATE):
        return f"the plain-http request to {host} was redirected into a private network"
    if case.content is None or case.content.what != "html" or case.status != 200 or case.subject.content == "html":
        return None
    away = f", from {case.host}" if case.host != host else ""
    return f"the plain-http request to {host} brought a web page{away}"


def _sign_in(case: Case) -> Fix:
    # The portal's own address comes from a stranger and stays out of commands; any plain http page leads to it.
    page = fixes.quoted(case, "http://detectportal.firefox.com/")
    line = fixes.platform_command(case, windows=f"Start-Process {page}", linux=f"xdg-open {page}", macos=f"open {page}")
    return Fix(
        title="Sign in: open any plain http page in a browser, then run the download again",
        commands=(line,),
        untried="only you can sign in",
    )


CAUSES: tuple[Cause, ...] = (
    cause(env_no_network_link, needs=(Control.REACH, Control.RESOLVER), machine_wide=True),
    cause(captive_portal, needs=(Control.PORTAL,), machine_wide=True),
)
