"""Grouping, names and numbers."""

from __future__ import annotations

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor import wording
from mnistdoctor.report import layout, phrasing
from mnistdoctor.report.groups import groups
from tests.report import build


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0.0, "0 ms"),
        (0.0032, "3 ms"),
        (0.9996, "1 s"),
        (1.84, "1.8 s"),
        (12.4, "12 s"),
        (119.0, "119 s"),
        (300.0, "5 min"),
        (10_800.0, "3 h"),
    ],
)
def test_durations(seconds: float, told: str) -> None:
    assert wording.duration(seconds) == told


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(1, "1 second"), (7200, "2 hours"), (400 * 86_400, "400 days"), (3_507_604 * 60, "6 years"), (-1e10, "316 years")],
)  # fmt: skip
def test_spans(seconds: float, told: str) -> None:
    assert wording.span(seconds) == told


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 kB"), (11_490_434, "11.5 MB"), (999_999, "1.0 MB"),
     (562_000_000_000, "562.0 GB")],
)  # fmt: skip
def test_sizes(count: int, told: str) -> None:
    assert wording.rounded_bytes(count) == told


def test_one_cause_is_one_block_whatever_loaders_asked() -> None:
    torch, keras = build.targets(), build.targets("keras:mnist")
    other = build.intercepted(torch[1], title="another title", certainty="likely", also_possible=("tls-cert-expired",))
    report = build.report(build.intercepted(torch[0]), other, build.intercepted(keras[0]), build.intercepted(torch[2]))
    (group,) = groups(report)
    assert phrasing.headline(group, report) == (
        "torchvision and Keras cannot download MNIST: another title; 1 more file likewise"
    )
    assert phrasing.second_line(group)[1] == "likely", "what is not certain of one is not certain of all"
    assert phrasing.likewise(group) == (f'"train-images-idx3-ubyte.gz": {build.diagnosis().title}',)


@pytest.mark.parametrize(
    ("side", "stage", "blocks"),
    [
        ("you", "dns", 1), ("you", "http", 2), ("network", "tls", 1), ("network", "length", 1), ("proxy", "proxy", 1),
        ("server", "tcp", 2), ("unknown", "tls", 2), ("framework", "length", 2),
    ],
)  # fmt: skip
def test_two_hosts_share_a_cause_only_where_it_is_on_this_side_of_both(side: str, stage: str, blocks: int) -> None:
    (torch, *_), (keras,) = build.targets(), build.targets("keras:mnist")
    assert torch.urls[0].split("/")[2] != keras.urls[0].split("/")[2]
    both = [build.intercepted(one, cause="tcp-refused", side=side, stage=stage) for one in (torch, keras)]
    assert len(groups(build.report(*both))) == blocks


def test_one_host_is_one_reason_whoever_asked_it() -> None:
    torch = build.targets()
    mixed = [build.intercepted(torch[0], side="framework"), build.intercepted(torch[1], side="server")]
    assert len(groups(build.report(*mixed))) == 1


def test_titles_that_differ_by_the_file_alone_are_one_group() -> None:
    torch = build.targets()
    names = [(one.name or "").rpartition("/")[2] for one in torch]
    bad = [build.intercepted(one, title=f"~/raw/{name[:-3]} is {n}.5 bytes long") for n, (one, name)
           in enumerate(zip(torch, names, strict=True))]  # fmt: skip
    report = build.report(*bad)
    (group,) = groups(report)
    assert phrasing.headline(group, report).endswith(f"~/raw/{names[0][:-3]} is 0.5 bytes long; 3 more files likewise")


@pytest.mark.parametrize(
    ("name", "start"),
    [("tfds:kmnist", "TensorFlow Datasets cannot download Kuzushiji-MNIST: "),
     ("mnist", "MNIST cannot be downloaded: "),
     ("huggingface:mnist", "Hugging Face datasets cannot download MNIST: "),
     ("torchvision:cifar10", "torchvision cannot download CIFAR-10: ")],
)  # fmt: skip
def test_headlines_name_client_and_dataset(name: str, start: str) -> None:
    report = build.report(*(build.intercepted(one) for one in build.targets(name)))
    (group,) = groups(report)
    assert phrasing.headline(group, report).startswith(start)


def test_a_part_of_a_dataset_is_counted() -> None:
    torch = build.targets()
    report = build.report(
        build.healthy(torch[0]), *(build.intercepted(one) for one in torch[1:3]), build.healthy(torch[3])
    )
    good, bad = groups(report)
    assert phrasing.subject(bad, report).text == "2 of 4 files of MNIST"
    assert (
        phrasing.headline(good, report)
        == "torchvision will get 2 of 4 files of MNIST: 9.9 MB, every sha256 right, 1.9 s"
    )


def test_sources_are_hosts_of_the_target_not_of_its_redirects() -> None:
    torch = build.targets()
    moved = build.rec(ev.Address, None, url="https://cdn.example/x", host="cdn.example", hop=1)
    other = build.rec(
        ev.Address, None, url="https://b.example/x", host="b.example", role="control", control="other-source"
    )
    results = [build.result(one, moved, other, found=build.diagnosis()) for one in torch[:2]]
    (group,) = groups(build.report(*results))
    assert phrasing.second_line(group)[0] == "2 files, 2 sources, one cause"


def test_one_line_is_one_line() -> None:
    assert wording.one_line("a\r\n  ::error::b\u2028c\x85d\n") == "a ::error::b c d"


def test_wrapping_keeps_words_code_and_units_whole() -> None:
    assert layout.wrap("takes 11.5 MB and `a b c` more", 12) == ["takes", "11.5 MB and", "`a b c` more"]
    long = "https://a.example/" + "x" * 50
    assert layout.wrap(f"see {long} now", 20) == ["see", long, "now"]
    assert layout.cells("数据é") == 5


def test_the_end_of_a_long_name_is_kept() -> None:
    assert layout.end_of("torchvision:mnist/train.gz", 12, layout.UNICODE) == "…st/train.gz"
    assert layout.end_of("torchvision:mnist/train.gz", 12, layout.ASCII) == ".../train.gz"
    assert layout.end_of("数据数据", 5, layout.UNICODE) == "…数据"
    assert layout.end_of("short", 12, layout.UNICODE) == "short"


@pytest.mark.parametrize(
    ("certainty", "perhaps", "to"),
    [
        ("certain", (), "the server's owner"),
        ("likely", ("tcp-server-down",), "the server's owner"),
        ("likely", ("http-403-corporate-filter",), None),
        ("likely", ("unexplained",), "the server's owner"),
    ],
)
def test_no_stranger_is_written_to_about_what_may_be_the_networks(
    certainty: str, perhaps: tuple[str, ...], to: str | None
) -> None:
    one = build.intercepted(build.targets()[0], side="server", certainty=certainty, also_possible=perhaps)
    assert one.diagnosis is not None
    assert phrasing.addressee(one.diagnosis, one) == to
