"""Products that re-sign TLS, told by the issuer of what a server presented. The facts are in ``issuers.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from mnistdoctor.causes.facts.tables import table
from mnistdoctor.evidence import Certificate

_FIELDS = ("CN", "O", "OU", "emailAddress")
_WEIGHTS = ("high", "medium", "low")

Patterns = tuple[re.Pattern[str], ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A product that may stand between a client and a server."""

    id: str
    vendor: str
    kind: str
    """``gateway``, ``antivirus``, ``adblock`` or ``debug``."""
    weight: str
    """``high``, ``medium`` or ``low``."""

    @property
    def local(self) -> bool:
        """Whether it runs on the reader's own machine."""
        return self.kind != "gateway"


@dataclass(frozen=True, slots=True)
class Match:
    """A product, and the part of an issuer's name that gave it away."""

    product: Product
    field: str
    value: str


def product_of(chain: Iterable[Certificate]) -> Match | None:
    """The weightiest product that issued one of these certificates, by its name alone.

    The caller excludes chains that a public store accepts: vendors share names with public authorities.
    """
    found = [
        Match(product, field, value)
        for certificate in chain
        for field, value in certificate.issuer_fields
        for product, patterns in _products()
        if any(pattern.search(value) for pattern in patterns.get(field, ()))
    ]
    return min(found, key=lambda match: _WEIGHTS.index(match.product.weight), default=None)


def filter_of(certificate: Certificate) -> tuple[str, str] | None:
    """(vendor, name) where a certificate's own names are those of a filter, a portal or a router."""
    for vendor, patterns in _filters():
        for name in certificate.names:
            if any(pattern.search(name) for pattern in patterns):
                return vendor, name
    return None


def is_public_authority(certificate: Certificate) -> bool:
    """Whether the issuer bears the name of an authority that browsers trust; says nothing where it bears none."""
    organisations = [value.lower() for field, value in certificate.issuer_fields if field == "O"]
    return any(value in _authorities() for value in organisations)


@cache
def _authorities() -> frozenset[str]:
    return frozenset(str(name).lower() for name in table("issuers")["public"]["organisations"])


def _compiled(values: object) -> Patterns:
    assert isinstance(values, list)
    return tuple(re.compile(value, re.IGNORECASE) for value in values)


@cache
def _products() -> tuple[tuple[Product, dict[str, Patterns]], ...]:
    return tuple(
        (
            Product(str(row["id"]), str(row["vendor"]), str(row["kind"]), str(row["weight"])),
            {field: _compiled(row[field]) for field in _FIELDS if field in row},
        )
        for row in table("issuers")["product"]
    )


@cache
def _filters() -> tuple[tuple[str, Patterns], ...]:
    return tuple((str(row["vendor"]), _compiled(row["names"])) for row in table("issuers")["filter"])
