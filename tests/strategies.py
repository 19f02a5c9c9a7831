"""Any evidence at all: records by the types of their fields, with the values that rules look at mixed in."""

from __future__ import annotations

import dataclasses
import typing

from hypothesis import strategies as st

from mnistdoctor import evidence as ev
from mnistdoctor.causes.case import Control
from mnistdoctor.failure import Failure

KINDS = (ev.Subject, ev.Machine, ev.Address, ev.Route, ev.Trust, ev.Lookup, ev.NameQuery, ev.HostsFile, ev.Reach,
         ev.Connect, ev.Tunnel, ev.Handshake, ev.Exchange, ev.Transfer, ev.Content, ev.Folder, ev.CachedFile,
         ev.KnownProxy, ev.Symptom)  # fmt: skip

FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=32).map(lambda x: round(x, 6))
st.register_type_strategy(float, FLOATS)

URLS = st.sampled_from([
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz", "http://yann.lecun.com/exdb/mnist/x.gz",
    "https://ossci-datasets.s3.amazonaws.com/mnist/t10k-labels-idx1-ubyte.gz", "http://[bad", "", "s3://b/k",
    "http://127.0.0.1:8080/login?x=1", "https://github.com/a/b/blob/main/c.gz",
])  # fmt: skip

_SPECIAL: dict[str, st.SearchStrategy[typing.Any]] = {
    "url": URLS | st.text(max_size=20),
    "location": st.none() | URLS | st.text(max_size=20),
    "failure": st.none() | st.sampled_from(Failure),
    "client": st.sampled_from(["requests", "urllib", "curl", "keras", "torchvision", "tfds", "huggingface"]),
    "status": st.none()
    | st.sampled_from([103, 200, 202, 206, 301, 302, 400, 401, 403, 404, 407, 410, 416, 429, 451, 500, 502, 503]),
    "address": st.sampled_from(["127.0.0.1", "10.0.0.1", "8.8.8.8", "::1", "2001:db8::1", "fe80::1%2", "0.0.0.0"]),
    "addresses": st.lists(st.sampled_from(["127.0.0.1", "0.0.0.0", "10.1.2.3", "8.8.8.8"]), max_size=3).map(tuple),
    "answers": st.lists(st.sampled_from(["127.0.0.1", "0.0.0.0", "10.1.2.3", "93.184.216.34"]), max_size=2).map(tuple),
    "verify_code": st.none() | st.sampled_from([0, 2, 9, 10, 18, 19, 20, 21, 23, 26, 62, 64, 66, 68, 85, 89, 92]),
    "peer": st.sampled_from(["origin", "proxy"]),
    "form": st.sampled_from(["file", "decoded", "reply", "shadow", "partial", "lock"]),
    "place": st.sampled_from(["variable", "exempted", "ancestor", "profile", "system", "program", "pac"]),
    "proxy": st.sampled_from(["", "http://proxy.example:3128", "socks5h://10.0.0.1:1080"]),
    "loader": st.sampled_from([None, "keras", "torchvision", "sklearn", "tfds", "huggingface"]),
    "exception": st.sampled_from(["", "ModuleNotFoundError", "RuntimeError", "ValueError", "URLError", "MemoryError"]),
    "lacks": st.sampled_from([(), ("ssl",), ("socket",), ("sockets",), ("md5",)]),
    "via": st.sampled_from(["origin", "proxy"]),
    "way": st.sampled_from(["direct", "forward-proxy", "tunnel", "socks"]),
    "control": st.none(),
    "role": st.just("target"),
    "hop": st.integers(0, 1),
    "stage": st.sampled_from([None, *ev.STAGES]),
    "until": st.none(),
}  # fmt: skip


def records(kind: type[ev.Observation], *, special: bool = False) -> st.SearchStrategy[ev.Observation]:
    """Any record of a kind; with ``special``, the fields that rules look at hold values that they know."""
    hints = typing.get_type_hints(kind)
    fields = {item.name: st.from_type(hints[item.name]) for item in dataclasses.fields(kind)}
    if special:
        fields |= {name: value for name, value in _SPECIAL.items() if name in fields}
    return st.builds(kind, **fields)


def evidence() -> st.SearchStrategy[tuple[ev.Observation, ...]]:
    """A subject, a machine, and any other records in any order, some of them a control's."""
    others = st.lists(st.one_of([records(kind, special=True) for kind in KINDS[2:]]), max_size=8)
    asked = st.sampled_from([None, *Control])
    return st.builds(
        lambda subject, machine, rest, controls: (
            subject,
            machine,
            *(
                one if control is None else dataclasses.replace(one, role="control", control=control)
                for one, control in zip(rest, controls, strict=False)
            ),
        ),
        records(ev.Subject, special=True),
        records(ev.Machine, special=True),
        others,
        st.lists(asked, min_size=8, max_size=8),
    )
