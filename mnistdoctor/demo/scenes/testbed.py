"""The testbed on which a scene is set up: loopback servers under names of their own, and what `examine` needs."""

from __future__ import annotations

import contextlib
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict, TypeVar

from mnistdoctor.catalogue import load
from mnistdoctor.demo.dns_rules import addresses, zone
from mnistdoctor.demo.faults_dns import DnsServer
from mnistdoctor.demo.faults_http import respond, route, serve
from mnistdoctor.demo.names import DemoNames
from mnistdoctor.demo.pki import Authority
from mnistdoctor.demo.scenes import files
from mnistdoctor.demo.servers import Endpoint, Server
from mnistdoctor.examine.expectation import Expectation
from mnistdoctor.examine.target import Target
from mnistdoctor.examine.targets import plan
from mnistdoctor.settings import Environment, Settings

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from types import TracebackType

    from mnistdoctor.catalogue import Catalogue
    from mnistdoctor.demo.connection import Fault
    from mnistdoctor.demo.faults_dns import Rule

Place = TypeVar("Place", bound=Endpoint)

HOST = "data.demo"
"""Where the data of a scene lives."""
PATH = f"/digits/{files.digits().name}"
"""The path of the file there."""
SECURE = "secure.demo"
"""An unrelated host with TLS."""
PLAIN = "check.demo"
"""An unrelated host with a known answer in clear."""


class Options(TypedDict, total=False):
    """The fields of `Settings` that scenes decide."""

    direct: bool
    proxy: str
    ca_bundle: str | None
    timeout_s: float
    deadline_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A scene that stands: the arguments of `mnistdoctor.examine.conductor.examine`, and the servers behind it."""

    targets: tuple[Target, ...]
    settings: Settings
    catalogue: Catalogue
    catalogue_text: str
    """What the scene lays over the built-in catalogue, in TOML."""
    environment: Environment
    names: DemoNames
    dns: DnsServer
    """The scene's name server; its log holds every question."""
    servers: Mapping[str, Endpoint]
    """By host name; their logs hold the clients' side."""


class Testbed:
    """Builds a scene; a context manager, at whose end the servers are gone.

    A scene adds servers, a proxy, sources and targets; what it leaves out is well: names resolve, unrelated hosts
    answer, TLS is trusted.
    """

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._zone: dict[str, Rule] = {}
        self._sources: list[tuple[str, str, str]] = []
        self._targets: list[tuple[str, Expectation]] = []
        self.servers: dict[str, Endpoint] = {}
        self.backends: dict[str, int] = {}
        """Every server by `host:port`, for a proxy; it grows with them."""
        self.options: Options = {"direct": True, "timeout_s": 5.0, "deadline_s": 60.0}
        """Fields of `Settings` as the scene decides them; trust in `authority` where it says nothing of that."""
        self.variables: dict[str, str] = {}
        """The process environment that the scene pretends."""
        self.controls: list[str] = []
        """URLs of unrelated hosts, plain and TLS; the usual ones where the scene adds none."""

    # servers

    @cached_property
    def authority(self) -> Authority:
        """The authority that the scene's clients trust; its servers send the intermediate."""
        return self._stack.enter_context(Authority("Demo Trust Services", "Demo Trust CA 1", intermediate=True))

    def other_authority(self, organization: str, common_name: str | None = None) -> Authority:
        """Make an authority that nobody trusts yet."""
        return self._stack.enter_context(Authority(organization, common_name))

    def context(self, *names: str) -> ssl.SSLContext:
        """Return a TLS server's context with a good certificate for these names."""
        return self.authority.issue(*names).server_context()

    def place(self, endpoint: Place, host: str) -> Place:
        """Give an endpoint a name."""
        self._stack.enter_context(endpoint)
        self.servers[host] = endpoint
        self.backends[f"{host}:{endpoint.port}"] = endpoint.port
        self._zone.setdefault(host, addresses("127.0.0.1"))
        return endpoint

    def serve(self, fault: Fault, host: str = HOST, tls: ssl.SSLContext | None = None) -> Server:
        """Start a server of that name."""
        return self.place(Server(fault, tls), host)

    def serve_safely(self, fault: Fault, host: str = HOST) -> Server:
        """Start a server with TLS and a good certificate."""
        return self.serve(fault, host, self.context(host))

    def name(self, host: str, rule: Rule) -> None:
        """Let the name server answer so for that name."""
        self._zone[host] = rule

    def proxy(self, fault: Fault, credentials: str = "", host: str = "proxy.demo") -> Server:
        """Start a proxy and have the scene's client use it; `credentials` as `user:password`."""
        server = self.serve(fault, host)
        self.use_proxy(server.url("", host=f"{credentials}@{host}" if credentials else host))
        return server

    def use_proxy(self, url: str) -> None:
        """Have the scene's client use that proxy."""
        self.options["proxy"], self.options["direct"] = url, False

    # what is examined

    def url(self, path: str = PATH, host: str = HOST) -> str:
        """Return a URL of a server by its name."""
        return self.servers[host].url(path, host=host)

    def source(self, url: str, status: str = "in_use") -> str:
        """Put a source of the file into the catalogue, and return its URL."""
        self._sources.append((f"demo-source-{len(self._sources) + 1}", status, url))
        return url

    def mirror(self, host: str = "mirror.demo") -> None:
        """Start a second source, which is well."""
        self.serve(serve(files.digits().body), host)
        self.source(self.url(host=host))

    def target(self, url: str | None = None, file: files.DataFile | None = None, *, named: bool = True) -> None:
        """Examine that URL for the file; `named=False`: the digest is known and not what the catalogue calls it."""
        expected = file or files.digits()
        known = Expectation(expect=expected.id) if named else Expectation(sha256=expected.sha256)
        self._targets.append((url or self.url(), known))

    def control(self, url: str) -> None:
        """Add an unrelated address."""
        self.controls.append(url)

    # the end of the building

    def usual_controls(self) -> None:
        """Start the unrelated hosts that are well: one in clear, one with TLS."""
        plain = self.serve(route({"/generate_204": respond(204)}), PLAIN)
        secure = self.serve_safely(respond(200, b"well\n", content_type="text/plain"), SECURE)
        self.controls += [plain.url("/generate_204", host=PLAIN), secure.url("/", host=SECURE)]

    def setup(self) -> Setup:
        """Return what stands now."""
        if not self._targets:
            self.target()
        dns = self._stack.enter_context(DnsServer(zone(self._zone)))
        self.options.setdefault("ca_bundle", str(self.authority.bundle))
        text = files.catalogue_text(tuple(self._sources))
        catalogue = _load(text)
        return Setup(
            targets=tuple(target for url, known in self._targets for target in plan((url,), None, known, catalogue)),
            settings=Settings(controls=tuple(self.controls), **self.options),
            catalogue=catalogue,
            catalogue_text=text,
            environment=Environment(self.variables),
            names=DemoNames(*dns.address),
            dns=dns,
            servers=self.servers,
        )

    def __enter__(self) -> Testbed:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)


def _load(text: str) -> Catalogue:
    """Return the built-in catalogue with that text laid over it, by the way that a user's file goes."""
    with tempfile.TemporaryDirectory(prefix="mnistdoctor-") as folder:
        path = Path(folder) / "catalogue.toml"
        path.write_text(text, encoding="utf-8")
        return load(path)
