"""Written from the facts alone: names, ways, certificates, and boxes in the path whose root is trusted."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric import rsa

from mnistdoctor.demo import certificates as make
from tests.faults.tls import tls

from . import files, sites
from .arrangements import block_page_server, dead_address
from .pki import sign
from .raw import LabServer, late
from .replies import Answer, Chunks, answers, html, ok, reply
from .scenes import HOST, LABELS, PLAIN, S3_HOST, S3_LABELS, Arrange, How
from .scenes_facts_content import GOOD, from_facts
from .world import World

DEAD = f"{sites.V4_BLOCK}.240"
DEAD_TOO = f"{sites.V4_BLOCK}.241"
QUICK = ("--timeout", "3")
KERAS = ("--as", "keras")
FILE = ok(GOOD)
COMPANY = "data.contoso.example"
INNER = f"https://{COMPANY}/{files.LABELS}"
RULE = Callable[[World], object]


def _do(*steps: RULE, **how: object) -> Arrange:
    def arrange(world: World) -> How:
        for step in steps:
            step(world)
        return how

    return arrange


# --- names ---------------------------------------------------------------------------------------------------------


def _allow_list(world: World) -> None:
    """Names that a build needs resolve, all others are denied."""
    world.dns("*", rcode="NXDOMAIN")
    for host in ("github.com", "pypi.org", "files.pythonhosted.org", "deb.debian.org", "registry.npmjs.org"):
        world.dns(host, answer=sites.address("github.com"))


def _filtered_at(world: World) -> None:
    world.dns(HOST, answer=sites.address("yann.lecun.com"))
    world.host("yann.lecun.com", certificate="block-page", status=403)


def _dead_twice(world: World) -> None:
    world.dns(HOST, answer=(DEAD, DEAD_TOO, sites.address(HOST)))
    for address in (DEAD, DEAD_TOO):
        world._firewall.add("router", "transit", f"ip daddr {address} drop")


def _fritz(world: World) -> None:
    """A box answers 443 of every host with one certificate of its own."""
    server = LabServer(
        world._lab.names["router"],
        answers(html("200 OK", "Router", "Blocked")),
        world.pki.leaf("self-signed", "fritz.box"),
    )
    world._raw.append(server)
    world._firewall.add(
        "router", "turned", f"iifname lan ip daddr != 10.77.0.0/24 tcp dport 443 redirect to :{server.port}"
    )


_expired: RULE = lambda world: world.host(HOST, certificate="expired")  # noqa: E731
NAMES = (
    from_facts("hosts-tabs", "A line of the hosts file with tabs, another name first, capitals and a remark", "dns-hosts-override",
           _do(hosts="127.0.0.1\tads.example\tSTORAGE.GoogleAPIs.com\t# ad block")),
    from_facts("hosts-self-signed", "A hosts line leads to a server with a certificate of its own making", "dns-hosts-override",
           _do(lambda world: world.host("yann.lecun.com", certificate="self-signed"), hosts=f"{sites.address('yann.lecun.com')} {HOST}"), LABELS, *KERAS),
    from_facts("hosts-silent", "A hosts line leads to an address at which nobody is", "dns-hosts-override",
           _do(lambda world: world._firewall.add("router", "transit", f"ip daddr {DEAD} drop"), hosts=f"{DEAD} {HOST}"), LABELS, *QUICK),
    from_facts("hosts-twice", "Two hosts lines: a dead address, and the right one", "", _do(lambda world: world._firewall.add(
           "router", "transit", f"ip daddr {DEAD} drop"), hosts=f"{DEAD} {HOST}\n{sites.address(HOST)} {HOST}"), LABELS, *QUICK),
    from_facts("allow-list", "A network with an allow list of names", ("dns-filtered", "proxy-not-configured"), _do(_allow_list), stage=None),
    from_facts("allow-list-keras", "The same, of another host", ("dns-filtered", "proxy-not-configured"), _do(_allow_list), S3_LABELS, *KERAS, stage=None),
    from_facts("filter-shows-itself", "The name leads to the filter's own server", ("tls-block-page-certificate", "dns-filtered"), _do(_filtered_at), stage=None),
    from_facts("no-keys", "SERVFAIL: DNSKEY missing", "dns-servfail", _do(lambda world: world.dns(HOST, rcode="SERVFAIL", ede=9))),
    from_facts("kaggle-servfail", "Kaggle without internet: SERVFAIL for every name", "notebook-internet-disabled",
           _do(lambda world: world.dns("*", rcode="SERVFAIL"), env={"KAGGLE_KERNEL_RUN_TYPE": "Interactive"})),
    from_facts("pbs-no-route", "A compute node of PBS without a route", "cluster-node-no-egress", _do(World.no_route, env={"PBS_JOBID": "17.head"})),
    from_facts("lsf-no-names", "A compute node of LSF where no name resolves", "cluster-node-no-egress",
           _do(lambda world: world.dns("*", rcode="NXDOMAIN"), env={"LSB_JOBID": "99"})),
    from_facts("slurm-one-host", "On a compute node with a way out, one host's certificate expired", "tls-cert-expired",
           _do(_expired, env={"SLURM_JOB_ID": "5"})),
    from_facts("dead-first-then-expired", "The first address is dead, and the second one's certificate expired", "tls-cert-expired",
           _do(lambda world: dead_address(world, HOST, DEAD), _expired), LABELS, *QUICK),
    from_facts("six-broken-and-expired", "IPv6 vanishes, and the certificate expired", "tls-cert-expired",
           _do(lambda world: world.ipv6("broken"), _expired), LABELS, "--timeout", "2"),
    from_facts("six-broken-and-404", "IPv6 vanishes, and the file is gone", ("http-404-unexplained", "http-404-moved"),
           _do(lambda world: world.ipv6("broken"), lambda world: world.host(HOST, status=404)), LABELS, "--timeout", "2"),
    from_facts("slow-names-and-refused", "Names take three seconds, and the port is closed", "tcp-refused",
           _do(lambda world: world.dns(HOST, delay=3.0), lambda world: world.firewall(HOST, "reset", port=443))),
    from_facts("box-on-443", "A box answers 443 of every host with its own certificate", ("tls-block-page-certificate", "captive-portal", "tls-intercepted"),
           _do(_fritz), stage=None),
    from_facts("two-dead-addresses", "Two of three addresses are dead", "", _do(_dead_twice), LABELS, "--timeout", "2", warns="tcp-filtered"),
    from_facts("names-slow", "Names take four seconds", "", _do(lambda world: world.dns(HOST, delay=4.0)), LABELS, *KERAS),
    from_facts("resolver-of-options", "Options, a search list and remarks in resolv.conf", "", _do(lambda world: setattr(
           world, "_resolv", "; made by hand\nsearch corp.example lan\noptions ndots:1 timeout:2 attempts:1 rotate\nnameserver 10.77.0.1\n"))),
)  # fmt: skip


# --- certificates --------------------------------------------------------------------------------------------------


def _shows(kind: str, make_it: Callable[[World], object], host: str = HOST) -> RULE:
    def step(world: World) -> None:
        world.pki.put(make_it(world), kind, host)  # type: ignore[arg-type]
        world.host(host, certificate=kind)

    return step


def _spanned(first: float, last: float) -> Callable[[World], object]:
    def issue(world: World) -> object:
        issuer = world.pki.public.issuer
        leaf = sign(make.name(None, HOST), make.new_key(), issuer, names=(HOST,), span=(first, last))
        return replace(leaf, chain=(issuer.leaf,))

    return issue


def _late_tls(world: World) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(world.pki.leaf("good", HOST))
    world.raw(HOST, late(4.0, tls(context, answers(FILE))))


def _inner(world: World) -> None:
    """A company's own mirror, in its own network, with a certificate by its own authority."""
    pem = world.pki.put(world.pki.company.issue(COMPANY), "facts-company", COMPANY)
    server = LabServer(world._lab.names["router"], answers(FILE), pem)
    world._raw.append(server)
    world._firewall.add("router", "turned", f"iifname lan ip daddr 10.77.0.3 tcp dport 443 redirect to :{server.port}")
    world.dns(COMPANY, answer="10.77.0.3")


def _bundle(text: Callable[[World], bytes], variable: str, **how: object) -> Arrange:
    def arrange(world: World) -> How:
        _inner(world)
        path = world.home / "ca.pem"
        path.write_bytes(text(world))
        return {"env": {variable: str(path)}, **how}

    return arrange


def _folder(world: World) -> How:
    _inner(world)
    return {"env": {"SSL_CERT_DIR": str(world.pki.store("contoso"))}}


def _odd_text(world: World) -> bytes:
    text = b"# public ones, then ours\n\n" + world.pki.bundle("public").read_bytes() + b"\nContoso IT\n==========\n"
    return (text + (world.pki.folder / "contoso.pem").read_bytes()).replace(b"\n", b"\r\n")


def _broken_text(world: World) -> bytes:
    text = world.pki.bundle("public").read_bytes()
    return text[:40_000] + b"\n!!!!\n" + text[40_900:]


def _der(world: World) -> bytes:
    return ssl.PEM_cert_to_DER_cert((world.pki.folder / "contoso.pem").read_text())


def _both(world: World) -> bytes:
    return world.pki.bundle("public", "contoso").read_bytes()


def _only(world: World) -> bytes:
    return (world.pki.folder / "contoso.pem").read_bytes()


_many = tuple(f"host{number}.example.net" for number in range(120))
ADDRESS = sites.address(HOST)
CERTIFICATES = (
    from_facts("wildcard-too-short", "A wildcard stands for one label, and the host has two more", "tls-hostname-mismatch", _do(_shows(
           "facts-wild", lambda world: world.pki.public.issue("*.amazonaws.com"), S3_HOST)), S3_LABELS),
    from_facts("expired-and-another's", "Expired, and of another name", ("tls-cert-expired", "tls-hostname-mismatch"), _do(_shows(
           "facts-both", lambda world: world.pki.public.expired("www.unrelated.example", days=9)))),
    from_facts("interceptor-expired", "A box nobody trusts shows an expired certificate", "tls-intercepted", _do(_shows(
           "facts-box", lambda world: world.pki.interceptor.expired(HOST, days=3)))),
    from_facts("expired-and-old-store", "Expired, where a company's root is trusted as well", "tls-cert-expired", _do(_expired,
           certifi=("public", "contoso")), LABELS, "--as", "tfds"),
    from_facts("store-of-one", "A bundle of the company's root alone, for urllib", ("tls-ca-bundle-replaced",), _bundle(_only, "SSL_CERT_FILE",
           system=("contoso",)), LABELS, *KERAS),
    from_facts("bundle-der", "A bundle in DER", ("tls-ca-path-wrong", "tls-trust-store-empty"), _bundle(_der, "REQUESTS_CA_BUNDLE")),
    from_facts("bundle-spoilt", "A bundle that is spoilt in its midst", ("tls-ca-path-wrong", "tls-trust-store-empty"), _bundle(_broken_text, "REQUESTS_CA_BUNDLE")),
    from_facts("wildcard", "A wildcard certificate", "", _do(_shows("facts-star", lambda world: world.pki.public.issue("*.googleapis.com")))),
    from_facts("many-names", "A certificate of 120 names", "", _do(_shows("facts-many", lambda world: world.pki.public.issue(*_many, HOST))), LABELS, *KERAS),
    from_facts("own-address", "A certificate for an address", "", _do(_shows("facts-ip", lambda world: world.pki.public.issue(ADDRESS, HOST))),
           LABELS.replace(HOST, ADDRESS)),
    from_facts("until-2060", "A certificate that is good until 2060", "", _do(_shows("facts-long", _spanned(-1, 12_400)))),
    from_facts("an-hour-left", "A certificate with an hour left", "", _do(_shows("facts-short", _spanned(-6, 0.05)))),
    from_facts("rsa-4096", "A long RSA key", "", _do(_shows("facts-4096", lambda world: world.pki.public.issue(
           HOST, key=rsa.generate_private_key(65537, 4096))))),
    from_facts("late-hello", "The ServerHello comes after four seconds", "", _do(_late_tls)),
    from_facts("own-mirror", "A company's mirror, its authority in the bundle", "", _bundle(_both, "REQUESTS_CA_BUNDLE"), INNER),
    from_facts("own-mirror-keras", "The same for urllib", "", _bundle(_both, "SSL_CERT_FILE"), INNER, *KERAS),
    from_facts("own-mirror-folder", "The same by a folder of hashed names", "", _folder, INNER, *KERAS),
    from_facts("own-mirror-odd-bundle", "A bundle with remarks and line ends of Windows", "", _bundle(_odd_text, "REQUESTS_CA_BUNDLE"), INNER),
)  # fmt: skip


# --- boxes whose root is trusted -----------------------------------------------------------------------------------


def _boxed(said: Answer | Chunks, *hosts: str, only: bool = False) -> Arrange:
    """A box re-signs with a root that everybody here trusts, and answers itself; `only` these hosts, or all."""

    def arrange(world: World) -> How:
        for site in sites.SITES:
            if only and site.host not in hosts:
                continue
            world.pki.put(world.pki.company.issue(site.host), "facts-boxed", site.host)
            world.raw(site.host, answers(said), certificate="facts-boxed")
        return {"certifi": ("public", "contoso"), "system": ("public", "contoso")}

    return arrange


BLOCKED = html("403 Forbidden", "Policy", "This category is not permitted. Call the service desk.")
NOTICE = html("200 OK", "Notice", "Access to cloud storage is not permitted here. Reference 4711.")
TO_LOGIN = reply("302 Found", b"", "Location: https://login.contoso.example/?u=1")
FILTER = ("http-403-corporate-filter", "body-block-page")
BOXES = (
    from_facts("box-403", "Every host answers 403 behind a trusted box", FILTER, _boxed(BLOCKED), stage=None),
    from_facts("box-403-keras", "The same as keras, of another host", FILTER, _boxed(BLOCKED), S3_LABELS, *KERAS, stage=None),
    from_facts("box-200", "Every host shows one notice behind a trusted box", FILTER, _boxed(NOTICE), stage=None),
    from_facts("box-451", "Every host answers 451 behind a trusted box", (*FILTER, "http-451-legal"), _boxed(html("451 x", "Policy", "Not here.")), stage=None),
    from_facts("box-empty", "Every host answers with nothing behind a trusted box", (*FILTER, "body-error-document"), _boxed(ok(b"")), stage=None),
    from_facts("box-one-host", "A trusted box refuses one host", (*FILTER, "http-403-unexplained"), _boxed(BLOCKED, HOST, only=True), stage=None),
    from_facts("box-404-one-host", "A trusted box says 404 for one host", (*FILTER, "http-404-unexplained", "http-404-moved"), _boxed(
           html("404 Not Found", "Policy", "Not available."), HOST, only=True), stage=None),
    from_facts("box-well", "A trusted box hands the file on as it is", "", _boxed(FILE, HOST, only=True), LABELS, *KERAS),
    from_facts("box-well-fields", "A trusted box adds fields of its own", "", _boxed(ok(GOOD, "Via: 1.1 gw.contoso", "X-Scanned-By: "
           "Contoso 3.1", "X-Cache: MISS"), HOST, only=True)),
)  # fmt: skip


def _page_on_plain(world: World) -> None:
    """The name leads to the filter's page, on plain http."""
    block_page_server(world, answers(NOTICE), port=80)
    world.dns("fashion-mnist.s3-website.eu-central-1.amazonaws.com", answer="10.77.0.3")


PAGES = (from_facts("sinkhole-page-plain", "A private address shows a notice for a public name", ("dns-filtered", "body-block-page"),
                _do(_page_on_plain), PLAIN, stage=None),)  # fmt: skip
SCENES = (*NAMES, *CERTIFICATES, *BOXES, *PAGES)
