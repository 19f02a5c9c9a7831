"""The evidence of one target, with the questions that causes ask of it, and the controls that may answer them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TypeVar, cast

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import Catalogue, Client, Loader
from mnistdoctor.failure import Failure

R = TypeVar("R", bound=ev.Observation)


class Control(str, Enum):
    """A further observation that a cause may ask for; `mnistdoctor.examine.controls` says how each is made."""

    HOSTS_FILE = "hosts-file"
    REACH = "reach"
    RESOLVER = "resolver"
    OTHER_RESOLVER = "other-resolver"
    TARGET_NAME = "target-name"
    NAMES = "names"
    OTHER_PORT = "other-port"
    PORTAL = "portal"
    UNRELATED_TLS = "unrelated-tls"
    NEUTRAL_ANSWER = "neutral-answer"
    TRUST = "trust"
    SERVER_NAME = "server-name"
    PROXY_PLAIN = "proxy-plain"
    AGENTS = "agents"
    IDENTITY = "identity"
    AGAIN = "again"
    KNOWN_KEY = "known-key"
    NEAREST = "nearest"
    OTHER_SOURCE = "other-source"
    OTHER_ADDRESS = "other-address"
    PROXIES = "proxies"
    PAC = "pac"
    BY_PROXY = "by-proxy"
    PATIENT = "patient"

    __str__ = str.__str__


class OpenQuestion(Exception):  # noqa: N818 - a question, not a mistake
    """A cause needs a control that has not been made yet."""

    def __init__(self, control: Control) -> None:
        super().__init__(control)
        self.control = control


@dataclass(frozen=True)
class Case:
    """The evidence of one target, with the questions that causes ask of it."""

    observations: tuple[ev.Observation, ...]
    catalogue: Catalogue
    asked: frozenset[Control] = frozenset()
    """Controls that were made, or that cannot be made."""
    controls_allowed: bool = False
    """Whether further controls may be made at all."""

    @cached_property
    def subject(self) -> ev.Subject:
        """What is examined."""
        return next(one for one in self.observations if isinstance(one, ev.Subject))

    @cached_property
    def machine(self) -> ev.Machine:
        """This machine and interpreter."""
        return next(one for one in self.observations if isinstance(one, ev.Machine))

    @cached_property
    def client(self) -> Client:
        """How the examined client speaks HTTP."""
        return self.catalogue.client(self.subject.client)

    @property
    def loader(self) -> Loader | None:
        """The loader whose target this is; None for a plain URL, and for a loader that the catalogue does not know."""
        return next((one for one in self.catalogue.loaders if one.name == self.subject.loader), None)

    @cached_property
    def hop(self) -> int:
        """The number of the last hop of the target."""
        return max((one.hop for one in self.observations if one.role == "target"), default=0)

    def all(self, kind: type[R], *, hop: int | None = None) -> tuple[R, ...]:
        """The target's own records of a kind, in order; of every hop unless one is named."""
        return cast("tuple[R, ...]", self._own.get((kind, hop), ()))

    @cached_property
    def _own(self) -> Mapping[tuple[type, int | None], tuple[ev.Observation, ...]]:
        """The target's own records by kind and hop (None: all): a hundred rules ask for them of each target."""
        found: dict[tuple[type, int | None], list[ev.Observation]] = {}
        for one in self.observations:
            if one.role == "target":
                for kind in type(one).__mro__:
                    found.setdefault((kind, None), []).append(one)
                    found.setdefault((kind, one.hop), []).append(one)
        return {key: tuple(records) for key, records in found.items()}

    def last(self, kind: type[R]) -> R | None:
        """The last of the target's own records of a kind on its last hop."""
        found = self.all(kind, hop=self.hop)
        return found[-1] if found else None

    @cached_property
    def stopped_by(self) -> ev.Observation | None:
        """The target's record that ended the examination early, or None where every operation went well.

        A failed connection is no end where a later address connected.
        """
        own = [one for one in self.observations if one.role == "target" and one.hop == self.hop]
        failed = [one for one in own if one.failure and not isinstance(one, (ev.CachedFile, ev.Folder))]
        if not failed:
            return None
        later = own[own.index(failed[-1]) + 1 :]
        survived = isinstance(failed[-1], ev.Connect) and any(isinstance(one, ev.Connect) for one in later)
        return None if survived else failed[-1]

    def stopped(self, kind: type[R], *failures: Failure) -> R | None:
        """The record that ended the examination, where it is of that kind (and has one of those failures)."""
        one = self.stopped_by
        return one if isinstance(one, kind) and (not failures or one.failure in failures) else None

    def ask(self, control: Control, kind: type[R]) -> tuple[R, ...]:
        """Records of a kind that a control made. Raises `OpenQuestion` where it has not been made and may be."""
        if control not in self.asked and self.controls_allowed:
            raise OpenQuestion(control)
        return self.recorded(control, kind)

    def recorded(self, control: Control, kind: type[R]) -> tuple[R, ...]:
        """Records of a kind that a control made for whichever cause asked; empty where none did."""
        return tuple(one for one in self.observations if one.control == control and isinstance(one, kind))

    @cached_property
    def route(self) -> ev.Route | None:
        """The way the last hop went."""
        return self.last(ev.Route)

    @property
    def proxied(self) -> bool:
        """Whether the last hop went through a proxy of any kind."""
        return self.route is not None and self.route.way != "direct"

    @cached_property
    def address(self) -> ev.Address | None:
        """The last hop's URL taken apart."""
        return self.last(ev.Address)

    @property
    def host(self) -> str:
        """The last hop's host, or an empty string before there was one."""
        return self.address.host if self.address else ""

    @property
    def exchange(self) -> ev.Exchange | None:
        """The last hop's response."""
        return self.last(ev.Exchange)

    @property
    def status(self) -> int | None:
        """The last hop's status code."""
        return self.exchange.status if self.exchange else None

    @property
    def transfer(self) -> ev.Transfer | None:
        """The last hop's body."""
        return self.last(ev.Transfer)

    @property
    def content(self) -> ev.Content | None:
        """What the last hop's body really is."""
        return self.last(ev.Content)

    def sources(self) -> tuple[str, ...]:
        """Other current URLs of the same file, best first: the loader's own, its newest release's, the catalogue's."""
        own = (self.subject.instead_of,) if self.subject.instead_of else ()
        known = (url for file in self._same_files() for _, url in self.catalogue.sources_of(file))
        found = dict.fromkeys((*own, *self.newest_sources(), *known))
        return tuple(url for url in found if url != self.subject.url)

    def _same_files(self) -> tuple[str, ...]:
        """Ids of the catalogue's files that are the expected one: by its name, or by a digest that the user gave."""
        subject = self.subject
        own = (subject.file,) if subject.file else ()
        same = (one for name, value in subject.digests for one in self.catalogue.by_digest(name, value))
        return tuple(dict.fromkeys((*own, *(one.id for one in same if one.digest_of == subject.digest_of))))

    def newest_sources(self) -> tuple[str, ...]:
        """Where the newest release of the loader asks for the same, in its order, if an older one is installed."""
        if self.loader is None or self.subject.release in (None, self.loader.newest_release):
            return ()
        found = []
        for dataset in self.loader.datasets:
            own, newest = self.loader.plan(dataset.name, self.subject.release), self.loader.plan(dataset.name)
            found += [url for one in newest.files if one.file.id == self.subject.file for _, url in one.sources]
            calls = zip(own.requests, newest.requests, strict=False)  # those of an API, one for one
            found += [new for old, new in calls if old == self.subject.url]
        return tuple(dict.fromkeys(found))


def none_of(records: Iterable[ev.Observation]) -> bool:
    """Whether there are records and all of them failed."""
    found = tuple(records)
    return bool(found) and all(one.failure for one in found)
