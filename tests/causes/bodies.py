"""Cases about bodies, built from real bytes by the instrument that looks at them."""

from __future__ import annotations

import dataclasses
import hashlib
import io
from pathlib import Path
from typing import Any

from mnistdoctor import evidence as ev
from mnistdoctor.causes import unexplained
from mnistdoctor.causes.base import Case, Finding
from mnistdoctor.causes.checksum import digests as checksum
from mnistdoctor.causes.length import coding, length, pages, substituted, truncated
from mnistdoctor.content.look import look
from tests.causes.build import URL, case, rec

DATA = Path(__file__).parent.parent / "data"
LABELS = (DATA / "mnist/t10k-labels-idx1-ubyte.gz").read_bytes()
FASHION = (DATA / "fashion_mnist/t10k-labels-idx1-ubyte.gz").read_bytes()
SHA256 = hashlib.sha256(LABELS).hexdigest()
KNOWN: dict[str, Any] = {
    "file": "mnist/t10k-labels", "size": len(LABELS), "digests": (("sha256", SHA256),), "content": "gzip-idx",
}  # fmt: skip
PLAIN = "https://files.example/download/data"
GZ = "https://files.example/download/data.gz"

ORDER = (
    *truncated.CAUSES,
    *pages.CAUSES,
    *substituted.CAUSES,
    *coding.CAUSES,
    *checksum.CAUSES,
    *length.CAUSES,
    *unexplained.CAUSES,
)


def digests(data: bytes) -> ev.Pairs:
    return tuple((name, hashlib.new(name, data).hexdigest()) for name in ("sha256", "md5"))


def answer(
    data: bytes, *, status: int = 200, fields: ev.Fields = (), control: str | None = None, asked: ev.Fields = (),
    came: bytes | None = None, due: str | None = None, url: str = URL,
    **transfer: Any,
) -> tuple[Any, ...]:  # fmt: skip
    """Exchange, Transfer and Content of this body; ``came`` are the bytes before the client removed a coding."""
    raw = data if came is None else came
    transfer.setdefault("declared", len(raw))
    if transfer.get("declared") is None:
        transfer.setdefault("framing", "close")
    limited = transfer.get("limited", False)
    closed = transfer.get("framing") == "close"
    values: dict[str, Any] = {
        "status": status, "received": len(raw), "written": len(data), "head": data[:64].hex(), "duration_s": 1.0,
        "complete": None if closed or limited else not transfer.get("failure"),
        "digests": () if limited or transfer.get("failure") else digests(data),
        "received_digests": digests(raw) if came is not None else (),
    }  # fmt: skip
    found = look(io.BytesIO(data), limited=limited or bool(transfer.get("failure")), expected=due)
    if found.what in ("html", "xml", "json", "text", "lfs-pointer"):
        values["text"] = data[:4096].decode("utf-8", "replace")
    return (
        rec(ev.Exchange, "http", method="GET", url=url, status=status, fields=fields, control=control,
            request_fields=asked, failure="http_request_failed" if status >= 400 else None),
        rec(ev.Transfer, "length", control=control, **{**values, **transfer}),
        rec(ev.Content, "checksum", control=control, **dataclasses.asdict(found)),
    )  # fmt: skip


def page(title: str, text: str = "") -> bytes:
    return f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{text}</body></html>".encode()


def judged(one: Case) -> tuple[str | None, Finding | None]:
    """The first cause of these families that holds."""
    for cause in ORDER:
        found = cause.found_in(one)
        if found is not None:
            assert found.certain or found.also_possible or cause.id == "unexplained"
            assert not found.title.endswith(".")
            assert all(fix.change is not None or fix.untried for fix in found.fixes)
            return cause.id, found
    return None, None


def diagnosed(data: bytes, **more: Any) -> str | None:
    """What is found when MNIST's t10k labels were due and this came."""
    return judged(case(*answer(data, **more), **KNOWN))[0]
