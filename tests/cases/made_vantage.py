"""Evidence that this world has no second place for: an office's two name services, and WSL behind a dead gateway."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Case
from mnistdoctor.failure import Failure
from tests.causes.evidence import Evidence, rec

_MIRROR = "mirror.ml.research.example.org"
_INNER, _OUTER = "10.42.7.15", "93.184.216.77"
_OFFICE, _PUBLIC = "10.42.0.53", "9.9.9.9"
_LABELS = "https://ossci-datasets.s3.amazonaws.com/mnist/train-labels-idx1-ubyte.gz"
_S3 = "ossci-datasets.s3.amazonaws.com"
_GATEWAY = "172.28.192.1"
_CONTROLS = ("example.com", "www.cloudflare.com", "connectivitycheck.gstatic.com")


def _asked(name: str, server: str, *answers: str, transport: str = "udp") -> tuple[Any, ...]:
    """What a name server said to both queries; without answers it stayed silent for 5 s."""

    def one(kind: str, place: float) -> Any:
        silent = not answers
        empty = Failure.NO_ANSWER if kind == "AAAA" else None
        return rec(
            ev.NameQuery, "dns", control="resolver", name=name, type=kind, server=server, transport=transport,
            rcode=None if silent else "NOERROR", answers=answers if kind == "A" else (),
            authority=not silent and kind == "AAAA", failure=Failure.TIMEOUT if silent else empty,
            detail="no answer in time" if silent else "", started_s=place, duration_s=5.0 if silent else 0.021,
        )  # fmt: skip

    return one("A", 12.1), one("AAAA", 12.2)


def _reach() -> tuple[Any, ...]:
    """IPv4 has a route, IPv6 has none, as on most machines."""
    return (
        rec(ev.Reach, "tcp", control="reach", family=4, started_s=10.0),
        rec(ev.Reach, "tcp", control="reach", family=6, errno="ENETUNREACH", failure=Failure.NETWORK_UNREACHABLE,
            detail="Network is unreachable", started_s=10.0),
    )  # fmt: skip


def split_horizon() -> Case:
    """The office's name server still answers over a VPN whose tunnel carries nothing else any more."""
    url = f"https://{_MIRROR}/datasets/mnist/train-images-idx3-ubyte.gz"
    others = (
        rec(ev.Lookup, "dns", control="names", name=name, addresses=(f"93.184.216.{n}",), duration_s=0.02)
        for n, name in enumerate(_CONTROLS, 10)
    )
    return (
        Evidence(url=url)
        .rec(ev.Lookup, "dns", name=_MIRROR, addresses=(_INNER,), started_s=0.01, duration_s=0.034)
        .rec(
            ev.Connect,
            "tcp",
            address=_INNER,
            port=443,
            family=4,
            name=_MIRROR,
            errno="ETIMEDOUT",
            failure=Failure.TIMEOUT,
            detail="no answer within 10 s",
            started_s=0.05,
            duration_s=10.0,
        )
        .add(*_reach(), *others, *_asked(_MIRROR, _OFFICE, _INNER), *_asked(_MIRROR, _PUBLIC, _OUTER))
        .case()
    )


def wsl_gateway() -> Case:
    """WSL's resolv.conf names the Windows side, which changed networks in the meantime."""
    lost = {"failure": Failure.DNS_TEMPORARY, "code": "EAI_AGAIN", "detail": "Temporary failure in name resolution"}
    return (
        Evidence(
            url=_LABELS,
            file="mnist/train-labels",
            size=28881,
            digests=(("md5", "d53e105ee54ea40749a09fcbcd1e9432"),),
            content="gzip-idx",
            loader="torchvision",
            client="torchvision",
            release="0.29.2",
        )
        .rec(ev.Lookup, "dns", name=_S3, started_s=0.01, duration_s=10.012, **lost)
        .add(
            *_reach(),
            *_asked(_S3, _GATEWAY),
            *_asked(_S3, _GATEWAY, transport="tcp"),
            *(rec(ev.Lookup, "dns", control="names", name=name, duration_s=10.0, **lost) for name in _CONTROLS),
        )
        .case(platform="Linux-5.15.153.1-microsoft-standard-WSL2-x86_64")
    )


MADE: dict[str, Callable[[], Case]] = {"dns-split-horizon": split_horizon, "dns-container-resolver": wsl_gateway}
