"""What a proxy answers for itself: that it may not or cannot open the way, or that it wants to know who is asking."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import final

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import proxy
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.facts.marks import made_by_proxy, proxy_status, squid_error
from mnistdoctor.causes.facts.resigned import resigned
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.urls import split_url
from mnistdoctor.failure import Failure

LOGIN_SCHEMES = frozenset({"negotiate", "ntlm", "kerberos"})
"""Schemes that use the login of the machine (RFC 4559): no client written in Python answers them by itself."""

_HELD = "the credentials were refused before in this run, and not sent again"


@final
@dataclass(frozen=True, slots=True)
class Refusal:
    """The proxy's own answer that the way stays closed."""

    kind: str
    """What keeps it closed, in the words of ``marks.toml``: ``denied``, ``dns``, ``connect``, ``loop``, ``failed``; or
    ``command`` where it does not carry out CONNECT at all."""
    answer: str
    """Status line or SOCKS reply, ready to be quoted."""
    mark: str | None = None
    """What shows that the proxy made it."""
    status: int | None = None
    clear: bool = True
    """Whether the answer is one that only such a proxy gives."""
    either: bool = False
    """Whether it leaves open if the proxy may not or cannot."""

    @property
    def denied(self) -> bool:
        """Whether the proxy may not open the way; otherwise it cannot."""
        return self.kind == "denied"


def refusal(case: Case) -> Refusal | None:
    """The proxy's own refusal or failure that ended the examination, None where there was none.

    May raise `OpenQuestion`.
    """
    tunnel, exchange = case.stopped(ev.Tunnel), proxy.error_response(case)
    if tunnel and str(tunnel.reply) in table("proxies")["socks"]:
        return _by_socks(case, tunnel)
    if tunnel and tunnel.status is not None and 200 <= tunnel.status < 300:
        return None  # it opened the way, in a word that this client does not take for one
    if tunnel and tunnel.status is not None and tunnel.status != 407:
        return _of_connect(tunnel, tunnel.status)
    if tunnel and tunnel.failure in (Failure.RESET, Failure.EOF, Failure.TIMEOUT):
        return _by_silence(case, tunnel)
    if exchange and exchange.via == "proxy" and exchange.status not in (None, 401, 407):
        return _forwarded(case, exchange)
    if exchange and exchange.via == "origin" and split_url(exchange.url).scheme == "https":
        return _under_its_own_certificate(case, exchange)
    return None


def _by_socks(case: Case, tunnel: ev.Tunnel) -> Refusal | None:
    if tunnel.reply == 8 and case.route and case.route.proxy_scheme in ("socks5", "socks4"):
        return None  # it was handed an address because this client looks names up itself: that setting is the fault
    row = table("proxies")["socks"][str(tunnel.reply)]
    answer = f"the SOCKS proxy answered reply {tunnel.reply} ({row['meaning']}) for {tunnel.target}"
    either = row.get("open", False)
    return Refusal(row["kind"], answer, "a SOCKS reply is the proxy's own", clear=not either, either=either)


def _of_connect(tunnel: ev.Tunnel, status: int) -> Refusal | None:
    """Whatever the proxy could not do on CONNECT is its own failure, even where its word for it speaks of HTTP."""
    kind = _kind(tunnel)
    if kind == "size":
        kind = "denied"  # nothing but a name was sent yet: whatever it calls it, it does not open the way
    usual = status in (403, 405, 451) or (status >= 500 and status != 511)
    return Refusal(
        kind if kind and kind != "other" else _kind_of_status(status),
        f"CONNECT {tunnel.target} was answered with {status} {tunnel.reason}".rstrip(),
        made_by_proxy(tunnel, tunnel.text),
        status,
        clear=usual or bool(kind),
    )


def _by_silence(case: Case, tunnel: ev.Tunnel) -> Refusal | None:
    """No answer to CONNECT for this host, while the same proxy serves another: it is about this host."""
    if tunnel.status is not None or tunnel.reply is not None:
        return None
    opened = next((one for one in other_tunnels(case) if not one.failure), None)
    if opened is None:
        return None
    kind = "failed" if tunnel.failure == Failure.TIMEOUT else "denied"
    answer = f"CONNECT {tunnel.target}: {failure_of(tunnel)}, while CONNECT {opened.target} was granted"
    return Refusal(kind, answer, clear=False)


def _forwarded(case: Case, exchange: ev.Exchange) -> Refusal | None:
    """A plain-http answer through the proxy is the server's unless the proxy has signed it."""
    mark, status = made_by_proxy(exchange, case.transfer.text if case.transfer else ""), exchange.status
    if mark is None or exchange.failure != Failure.STATUS or status in (None, 404):
        return None
    if mark.startswith("Proxy-Status:") and not _signed_last(exchange):
        return None
    kind = _kind(exchange)
    if kind in ("size", "other", "") or (kind is None and status not in (403, 451, 502, 503, 504, 508)):
        return None
    answer = f"the request was answered with {status} {exchange.reason}".rstrip()
    return Refusal(kind or _kind_of_status(status), answer, mark, status)


def _under_its_own_certificate(case: Case, exchange: ev.Exchange) -> Refusal | None:
    """A proxy that opens TLS, set here or in the path, answers so; under a public one the marks are a server's own."""
    own = _forwarded(case, exchange)
    if own is None or (own.mark or "").lower().startswith("via:"):
        return None
    box = resigned(case)
    if box is None:
        return None
    signed = f'{own.mark}, under a certificate of "{box.issuer}"'
    answer = f"inside the tunnel, {own.answer}" if case.proxied else own.answer
    return replace(own, answer=answer, mark=signed, clear=box.proven, either=not box.proven)


def _signed_last(exchange: ev.Exchange) -> bool:
    """Whether the hop that signed is the last one on the way here: a CDN before the server may sign too."""
    via = (exchange.field("via") or "").split(",")[-1].lower()
    hops = proxy_status(exchange.fields)
    return not via.strip() or not hops or hops[-1].hop.lower() in via


def _kind(record: ev.Tunnel | ev.Exchange) -> str | None:
    """What the proxy's own name for its error means; empty where it is not known, None where it gave none."""
    squid = squid_error(record.fields)
    if squid:
        return squid[1] or ""
    own = [one for one in proxy_status(record.fields) if not one.relayed]
    return own[-1].kind or "" if own else None


def _kind_of_status(status: int) -> str:
    # 511 wants a sign-in (RFC 6585 section 6): the proxy can reach the host and does not let this client.
    return "failed" if status in (408, 421, 425, 429) or (status >= 500 and status != 511) else "denied"


def too_large(exchange: ev.Exchange) -> str | None:
    """The proxy's word for it, where some hop names the file's size or type as what it refuses."""
    squid = squid_error(exchange.fields)
    errors = [squid] if squid else []
    errors += [(hop.error, hop.kind) for hop in proxy_status(exchange.fields)]
    return next((word for word, kind in errors if kind == "size"), None)


def other_tunnels(case: Case) -> tuple[ev.Tunnel, ...]:
    """Tunnels to unrelated hosts through the same proxy. May raise `OpenQuestion`."""
    return case.ask(Control.UNRELATED_TLS, ev.Tunnel)


# --- who is asking ----------------------------------------------------------------------------------------------


@final
@dataclass(frozen=True, slots=True)
class Demand:
    """A proxy that asked for credentials: 407 (RFC 9110 section 11.7), and its kin in SOCKS (RFC 1929)."""

    answer: str
    """What it said, ready to be quoted."""
    schemes: tuple[str, ...]
    """Authentication schemes as the proxy spells them, in its order."""
    sent: bool
    """Whether credentials had been sent."""
    held: bool = False
    """Whether they were held back because this run had seen them refused."""
    account_locked: bool = False
    """Whether the body names a locked account."""

    def answerable(self, case: Case) -> tuple[str, ...]:
        """The offered schemes that this client can answer."""
        return tuple(one for one in self.schemes if one.lower() in case.client.proxy_auth_schemes)

    def login_only(self, case: Case) -> bool:
        """Whether it takes the login of the machine alone, in a way that this client cannot speak."""
        schemes = {one.lower() for one in self.schemes}
        return bool(schemes) and schemes <= LOGIN_SCHEMES and not self.answerable(case)


def demand(case: Case) -> Demand | None:
    """The proxy's demand that ended the examination, or None where there was none."""
    tunnel, exchange = case.stopped(ev.Tunnel), proxy.error_response(case)
    if tunnel and tunnel.failure == Failure.CREDENTIALS_HELD:
        return Demand(_HELD, tunnel.schemes, True, held=True)
    if exchange and exchange.failure == Failure.CREDENTIALS_HELD and exchange.via == "proxy":
        return Demand(_HELD, (), True, held=True)
    if tunnel and tunnel.status == 407:
        answer = f"CONNECT was answered with 407 {tunnel.reason}".rstrip()
        schemes = tunnel.schemes or offered_schemes(tunnel.fields)
        return Demand(answer, schemes, tunnel.credentials_sent, False, _names_locked_account(tunnel.text))
    if tunnel and tunnel.failure == Failure.SOCKS:
        if tunnel.reply == 255 and tunnel.credentials_sent:
            return Demand("the SOCKS proxy refused the user name and password", ("Basic",), True)
        if tunnel.reply == 255:
            return Demand("the SOCKS proxy accepts nobody without signing in (method 0xFF)", ("Basic",), False)
    if exchange and exchange.status == 407 and _can_be_proxys(case, exchange):
        answer = f"the request was answered with 407 {exchange.reason}".rstrip()
        schemes, text = offered_schemes(exchange.fields), case.transfer.text if case.transfer else ""
        return Demand(answer, schemes, exchange.proxy_credentials, False, _names_locked_account(text))
    return None


def _can_be_proxys(case: Case, exchange: ev.Exchange) -> bool:
    """Whether a proxy can have said it: in clear one that nobody set too, under TLS none but one that opens it."""
    if exchange.via == "proxy":
        return True
    if split_url(exchange.url).scheme == "https":
        return case.proxied and made_by_proxy(exchange) is not None
    return exchange.field("proxy-authenticate") is not None or case.proxied


def offered_schemes(fields: ev.Fields) -> tuple[str, ...]:
    """The schemes of all Proxy-Authenticate fields in order, several in one field included (RFC 9110, 11.6.1)."""
    schemes: list[str] = []
    for name, value in fields:
        if name.lower() != "proxy-authenticate":
            continue
        for part in re.sub(r'"(?:[^"\\]|\\.)*"?', '""', value).split(","):
            found = re.match(r"\s*([A-Za-z][\w!#$%&'*+.^`|~-]*)(?:\s+(?!=)|\s*$)", part)
            if found:
                schemes.append(found.group(1))
    return tuple(dict.fromkeys(schemes))


def _names_locked_account(text: str) -> bool:
    return re.search(r"account\b.{0,40}\b(locked|disabled|expired)", text, re.IGNORECASE | re.DOTALL) is not None


def credentials_refused(case: Case) -> bool:
    """Whether the proxy answered 407 to the credentials that were sent."""
    tunnel, exchange = case.stopped(ev.Tunnel), proxy.error_response(case)
    if tunnel:
        return tunnel.credentials_sent and tunnel.status == 407
    return exchange is not None and exchange.status == 407 and exchange.proxy_credentials
