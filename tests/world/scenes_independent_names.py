"""The exam of stage `dns`: name servers, filters, hosts files and search lists that the authors did not choose."""

from __future__ import annotations

from . import sites
from .arrangements import PRIVATE, block_page_server, private, private_internet
from .raw import reply, response
from .scenes import HOST, LABELS, PLAIN, PLAIN_HOST, S3_HOST, Arrange, How, Scene, collect, scene
from .world import World

DEAD = f"{sites.V4_BLOCK}.240"
KERAS = (LABELS, "--as", "keras")
CURL = (LABELS, "--as", "curl")


def _names(**rule: object) -> Arrange:
    def arrange(world: World) -> None:
        world.dns(HOST, **rule)  # type: ignore[arg-type]

    return arrange


def _row(
    name: str, cause: str | tuple[str, ...], motive: str, argv: tuple[str, ...] = (LABELS,), **rule: object
) -> Scene:
    causes = (cause,) if isinstance(cause, str) else cause
    return Scene(f"exam-{name}", motive, _names(**rule), "ailing", causes, "dns", argv)


ANSWERS = (
    _row("servfail-no-authority", "dns-servfail", "The zone's own servers are silent", rcode="SERVFAIL", ede=22),
    _row("servfail-bogus", "dns-servfail", "DNSSEC fails", KERAS, rcode="SERVFAIL", ede=6, ede_text="RRSIG expired"),
    _row("refused-not-for-you", "dns-servfail", "A resolver of another network: EDE 18 is no filter",
         rcode="REFUSED", ede=18),
    _row("refused-bare", "dns-servfail", "REFUSED and no reason: no proof of a filter", rcode="REFUSED"),
    _row("notimp", ("dns-servfail", "dns-temporary-failure"), "A resolver that implements nothing", rcode="NOTIMP"),
    _row("formerr", ("dns-servfail", "dns-temporary-failure"), "A resolver that reads no query", rcode="FORMERR"),
    _row("denied-blocked", "dns-filtered", "NXDOMAIN with EDE 15 is a filter's", CURL, rcode="NXDOMAIN", ede=15),
    _row("empty-filtered", "dns-filtered", "An empty answer with EDE 17: not `dns-no-address`", answer=(), ede=17,
         ede_text="family filter"),
    _row("refused-censored", "dns-filtered", "REFUSED with EDE 16", rcode="REFUSED", ede=16, ede_text="court order"),
    _row("empty", "dns-no-address", "The name exists and has no address: not NXDOMAIN", KERAS, answer=()),
    _row("nxdomain-catalogued", ("dns-nxdomain", "dns-filtered"), "One well-known name denied, others well",
         rcode="NXDOMAIN"),
)  # fmt: skip


def _sink(
    name: str, motive: str, stage: str, *addresses: str, ede: int | None = None, argv: tuple[str, ...] = (LABELS,)
) -> Scene:
    return Scene(
        f"exam-sink-{name}", motive, _names(answer=addresses, ede=ede), "ailing", ("dns-filtered",), stage, argv
    )


SINKS = (
    _sink("zero", "A sinkhole says 0.0.0.0, so the connection is refused by oneself", "dns", "0.0.0.0"),
    _sink("zero-forged", "The same with EDE 4, as Pi-hole says it", "dns", "0.0.0.0", ede=4, argv=KERAS),
    _sink("zero6", "Only `::`", "dns", "::", argv=CURL),
    _sink("both", "0.0.0.0 and ::", "dns", "0.0.0.0", "::"),
    _sink("loopback", "127.0.0.1 for one name, which looks like a stale local proxy", "dns", "127.0.0.1"),
    _sink("carrier", "An address of carrier-grade NAT where nobody lives", "dns", "100.64.3.9", argv=(LABELS, "--timeout", "3")),
    _sink("private", "An address of RFC 1918 where nobody answers", "dns", "10.77.0.88", argv=(LABELS, "--timeout", "5")),
)  # fmt: skip


@scene("ailing", "dns-filtered", "dns")
def exam_private_block_page(world: World) -> None:
    """A filter's page at a private address, behind a certificate of its own"""
    page = reply(response(b"<h1>Blocked by policy</h1>", "Content-Type: text/html"))
    world.dns(HOST, answer=block_page_server(world, page, host="block.corp.example"))


def _plain_block(world: World) -> None:
    page = response(b"<h1>Access to this site is blocked</h1>", "Content-Type: text/html", status="403 Forbidden")
    world.dns(PLAIN_HOST, answer=block_page_server(world, reply(page), port=80))


exam_private_block_page_plain = Scene(
    "exam-private-block-page-plain", "A filter's page at a private address over plain http", _plain_block, "ailing",
    ("dns-filtered", "http-403-unexplained", "http-403-corporate-filter"), None, (PLAIN,),
)  # fmt: skip


# --- the laboratory in which every name has a private address ----------------------------------------------------


def _lab(
    name: str, fault: Arrange, cause: str = "", stage: str | None = None, argv: tuple[str, ...] = (LABELS,)
) -> Scene:
    def arrange(world: World) -> How | None:
        private_internet(world)
        return fault(world)

    motive = f"A laboratory with private addresses for all names; {name}"
    causes = (cause,) if cause else ()
    return Scene(f"exam-lab-{name}", motive, arrange, "ailing" if cause else "healthy", causes, stage, argv)


def _nothing(_world: World) -> None:
    pass


def _block(host: str, action: str, port: int | None = None) -> Arrange:
    def fault(world: World) -> None:
        verb = {
            "drop": "drop",
            "reset": "reject with tcp reset",
            "icmp-admin": "reject with icmpx type admin-prohibited",
        }
        rule = f"ip daddr {sites.address(host)} tcp dport {port or '1-65535'} {verb[action]}"
        world._firewall.add("router", "transit", rule)

    return fault


def _certificate(kind: str) -> Arrange:
    return lambda world: (world.host(HOST, certificate=kind), None)[1]


def _lab_redirect(world: World) -> None:
    world.host(S3_HOST, redirect=f"https://{HOST}/cvdf-datasets$request_uri")


def _lab_nxdomain(world: World) -> None:
    world.dns(HOST, rcode="NXDOMAIN")


def _lab_hosts(_world: World) -> How:
    return {"hosts": f"{PRIVATE}.11 {HOST}"}


LAB = (
    _lab("well", _nothing),
    _lab("well-keras", _nothing, argv=KERAS),
    _lab("well-plain", _nothing, argv=(PLAIN,)),
    _lab("redirect", _lab_redirect, argv=("https://" + S3_HOST + "/mnist/t10k-labels-idx1-ubyte.gz",)),
    _lab("refused", _block(HOST, "reset"), "tcp-refused", "tcp"),
    _lab("refused-keras", _block(HOST, "reset"), "tcp-refused", "tcp", KERAS),
    _lab("silent", _block(HOST, "drop"), "tcp-filtered", "tcp", (LABELS, "--timeout", "3")),
    _lab("prohibited", _block(HOST, "icmp-admin"), "tcp-unreachable", "tcp"),
    _lab("expired", _certificate("expired"), "tls-cert-expired", "tls"),
    _lab("wrong-host", _certificate("wrong-host"), "tls-hostname-mismatch", "tls"),
    _lab("self-signed", _certificate("self-signed"), "tls-self-signed-server", "tls"),
    _lab("no-intermediate", _certificate("missing-intermediate"), "tls-missing-intermediate", "tls"),
    _lab("re-signed", _certificate("intercepted"), "tls-intercepted", "tls"),
    _lab("no-such-name", _lab_nxdomain, "dns-nxdomain", "dns"),
    _lab("hosts", _lab_hosts, "dns-hosts-override", "dns"),
    _lab("missing", _nothing, "http-404-revision-or-path", "http", ("https://raw.githubusercontent.com/fgnt/mnist/master/no.gz",)),
)  # fmt: skip


# --- resolvers -----------------------------------------------------------------------------------------------------


@scene("ailing", "dns-temporary-failure", "dns")
def exam_resolver_closed_keras(world: World) -> None:
    """Nothing listens at the resolver's address; keras says only `Temporary failure in name resolution`"""
    world.no_resolver()


@scene("ailing", "dns-temporary-failure", "dns")
def exam_resolver_named_by_nobody(world: World) -> None:
    """`resolv.conf` names no server, as in a container whose start went wrong"""
    world.no_resolver("empty")


@scene("ailing", "dns-temporary-failure", "dns")
def exam_resolver_silent(world: World) -> None:
    """The resolver's packets vanish: a VPN that died"""
    world.no_resolver("silent")


@scene("ailing", ("dns-servfail", "dns-temporary-failure"), "dns")
def exam_refuses_all(world: World) -> None:
    """A resolver of another network refuses every name: a VPN that is down"""
    world.dns("*", rcode="REFUSED")


@scene("ailing", ("dns-servfail", "dns-temporary-failure"), "dns")
def exam_servfail_for_all(world: World) -> None:
    """A resolver whose own forwarder is gone fails for every name, so no zone is at fault"""
    world.dns("*", rcode="SERVFAIL")


@scene("ailing", ("dns-filtered", "dns-nxdomain"), "dns")
def exam_denies_all(world: World) -> None:
    """A walled network denies every outside name"""
    world.dns("*", rcode="NXDOMAIN")


@scene("ailing", "dns-temporary-failure", "dns")
def exam_one_name_silent(world: World) -> None:
    """The resolver answers for other names and is silent for this one"""
    world.dns(HOST, silent=True)


@scene("healthy")
def exam_first_resolver_dead(world: World) -> None:
    """The first of two name servers is gone; the second answers after a wait"""
    world._resolv = "nameserver 10.77.0.99\nnameserver 10.77.0.1\noptions timeout:1\n"


@scene("healthy")
def exam_first_resolver_closed(world: World) -> None:
    """Nothing listens at the first of two name servers"""
    world._resolv = "nameserver 127.0.0.9\nnameserver 10.77.0.1\n"


@scene("healthy")
def exam_slow_resolver(world: World) -> None:
    """Three seconds for an answer is slow, and not a failure"""
    world.dns("*", delay=3.0)


@scene("healthy")
def exam_aaaa_servfail(world: World) -> None:
    """A balancer that fails on AAAA: the A record is good"""
    world.dns(HOST, rcode="SERVFAIL", kinds=("AAAA",))


@scene("healthy")
def exam_aaaa_nxdomain(world: World) -> None:
    """A balancer that denies AAAA for a name with an A record"""
    world.dns(HOST, rcode="NXDOMAIN", kinds=("AAAA",))


@scene("healthy")
def exam_aaaa_lost(world: World) -> None:
    """AAAA queries vanish, so each lookup takes as long as the resolver waits, and then succeeds: slow, and healthy"""
    world.dns(HOST, silent=True, kinds=("AAAA",))


@scene("healthy")
def exam_search_list_unused(world: World) -> None:
    """A search list does not touch a full name"""
    world._resolv = "search corp.example home.arpa\nnameserver 10.77.0.1\noptions ndots:5\n"


@scene("ailing", "dns-nxdomain", "dns", argv=("http://datasets/mnist/x.gz",))
def exam_short_name(world: World) -> None:
    """A short name that no search list completes"""
    world._resolv = "search corp.example\nnameserver 10.77.0.1\n"


@scene(
    "ailing", "tls-hostname-mismatch", "tls", argv=("https://storage/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz",)
)
def exam_search_list_leads_elsewhere(world: World) -> None:
    """A short name that a search list completes to another host: its certificate carries the full name"""
    world._resolv = "search googleapis.com\nnameserver 10.77.0.1\n"


@scene(
    "ailing",
    "dns-nxdomain",
    "dns",
    argv=("https://storage.googleapi.com/cvdf-datasets/mnist/t10k-labels-idx1-ubyte.gz",),
)
def exam_mistyped_host(_world: World) -> None:
    """One letter less: the name does not exist"""


@scene("ailing", ("captive-portal",), None)
def _unused(_world: World) -> None:
    """Replaced below"""


del _unused


def _portal_names(world: World) -> None:
    world.dns("*", answer=sites.PORTAL)


PORTALS = tuple(
    Scene(f"exam-portal-names-{name}", f"A guest network sends every name to its sign-in server; {name}", _portal_names,
          "ailing", ("captive-portal",), stage, argv)
    for name, stage, argv in (("https", "tls", (LABELS,)), ("plain", "http", (PLAIN,)), ("keras", "tls", KERAS))
)  # fmt: skip


# --- the hosts file ------------------------------------------------------------------------------------------------


def _hosts(
    name: str,
    motive: str,
    line: str,
    cause: str = "dns-hosts-override",
    argv: tuple[str, ...] = (LABELS,),
    fault: Arrange = _nothing,
) -> Scene:
    def arrange(world: World) -> How:
        fault(world)
        return {"hosts": line}

    return Scene(
        f"exam-hosts-{name}",
        motive,
        arrange,
        "ailing" if cause else "healthy",
        (cause,) if cause else (),
        "dns" if cause else None,
        argv,
    )


_HOSTS = (
    _hosts("dead", "The line's address is dead", f"10.77.0.77 {HOST}"),
    _hosts("zero", "An ad blocker's line", f"0.0.0.0 {HOST}"),
    _hosts("six", "A blocker's IPv6 line", f"::1 {HOST}", argv=CURL),
    _hosts("other-tls", "The line leads to another live host", f"{sites.address('github.com')} {HOST}", argv=KERAS),
    _hosts("other-plain", "The same over plain http, where no certificate tells", f"{sites.address('github.com')} {PLAIN_HOST}", argv=(PLAIN,)),
    _hosts("alias", "The name is the second on its line, in capitals", f"10.77.0.77 old.example {HOST.upper()} # 2019"),
    _hosts("silent-resolver", "The line is wrong and no name server can say so", f"10.77.0.77 {HOST}", fault=lambda world: world.no_resolver("silent")),
    _hosts("right", "The line gives the true address", f"{sites.address(HOST)} {HOST}", ""),
    _hosts("other-name", "A line for another name", f"0.0.0.0 ads.{HOST}", "", KERAS),
    _hosts("comment", "A line that is switched off", f"# 0.0.0.0 {HOST}", ""),
    _hosts("right-and-down", "The line is right, and the host is down", f"{sites.address(HOST)} {HOST}", "tcp-refused", fault=_block(HOST, "reset")),
)  # fmt: skip
HOSTS = tuple(
    one
    if one.name != "exam-hosts-right-and-down"
    else Scene(one.name, one.motive, one.arrange, "ailing", one.cause, "tcp", one.argv)
    for one in _HOSTS
)

SCENES = (*ANSWERS, *SINKS, *LAB, *PORTALS, *HOSTS, *collect(globals()))
__all__ = ["SCENES", "private"]
