"""Variables that keep the Hub's libraries off the network, or send them elsewhere."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Change, Finding
from mnistdoctor.causes.case import Case, OpenQuestion
from mnistdoctor.causes.environment import variables
from mnistdoctor.diagnosis import judge
from mnistdoctor.failure import Failure
from tests.causes.evidence import Evidence, got, rec

CAUSES = {one.id: one for one in variables.CAUSES}
OWN = "https://huggingface.co/datasets/ylecun/mnist/resolve/main/mnist/test-00000-of-00001.parquet"
MIRROR = OWN.replace("huggingface.co", "hub.mirror.example")
FILE = "mnist_parquet/test"
SHA = "d49fcf556ce25b002b302e318ce4a11098bbfe5d4499c3f35d7c72297c52374b"
FOLDER = rec(ev.Folder, None, path="~/.cache/huggingface/hub")
HUB: dict[str, Any] = {
    "url": OWN, "file": FILE, "digests": (("sha256", SHA),), "content": "parquet", "client": "huggingface",
    "loader": "huggingface", "release": "2.4.0",
}  # fmt: skip


def offline(*records: Any, **given: str) -> Finding | None:
    return CAUSES["env-offline-mode"].found_in(hub(*records, **given))


def hub(*records: Any, **given: str) -> Case:
    return Evidence(FOLDER, *records).case(machine={"variables": tuple(given.items())}, **HUB)


def cached(path: str = "~/.cache/huggingface/hub/x.parquet", **fields: Any) -> Any:
    fields = {"trusted": True, "size": 2000, "what": "parquet", "intact": True} | fields
    return rec(ev.CachedFile, None, path=path, **fields)


class TestOffline:
    @pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE"])
    @pytest.mark.parametrize("value", ["1", "ON", "on", "Yes", "TRUE", "true"])
    def test_each_variable_in_each_word_for_true(self, name: str, value: str) -> None:
        found = offline(**{name: value})
        assert found is not None
        assert found.certain
        assert f"`{name}={value}`" in found.title
        assert found.fixes[0].change == Change(unset=(name,))
        assert [line.text for line in found.fixes[0].commands] == [f"unset {name}"]
        assert any(FOLDER.path in one for one in found.evidence)

    @pytest.mark.parametrize("value", ["0", "", "off", "no", "false", "AUTO", "2"])
    def test_other_words_switch_nothing_off(self, value: str) -> None:
        assert offline(HF_HUB_OFFLINE=value, TRANSFORMERS_OFFLINE=value, HF_DATASETS_OFFLINE=value) is None

    def test_a_blob_that_no_revision_names_is_not_found(self) -> None:
        blob = cached(f"~/.cache/huggingface/hub/datasets--ylecun--mnist/blobs/{SHA}", digests=(("sha256", SHA),))
        assert offline(blob, HF_HUB_OFFLINE="1") is not None
        named = cached(links_to=blob.path, digests=blob.digests)
        assert offline(named, HF_HUB_OFFLINE="1") is None

    def test_exactly_the_set_ones_are_unset(self) -> None:
        found = offline(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", TRANSFORMERS_OFFLINE="0")
        assert found is not None
        assert found.fixes[0].change == Change(unset=("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE"))

    def test_a_zero_for_the_hub_outweighs_the_older_name(self) -> None:
        """huggingface_hub takes the first of the two that is not empty."""
        assert offline(HF_HUB_OFFLINE="0", TRANSFORMERS_OFFLINE="1") is None
        assert offline(HF_HUB_OFFLINE="", TRANSFORMERS_OFFLINE="1") is not None

    @pytest.mark.parametrize("loader", ["keras", "torchvision", "tfds", None])
    def test_others_do_not_read_it(self, loader: str | None) -> None:
        given = Evidence(loader=loader).case(machine={"variables": (("HF_HUB_OFFLINE", "1"),)})
        assert CAUSES["env-offline-mode"].found_in(given) is None

    def test_a_file_in_the_cache_needs_no_network(self) -> None:
        assert offline(cached(digests=(("sha256", SHA),)), HF_HUB_OFFLINE="1") is None

    def test_nor_does_one_that_the_catalogue_does_not_know(self) -> None:
        """The publisher may have made another revision: the loader takes it without a word."""
        assert offline(cached(digests=(("sha256", "0" * 64),)), HF_HUB_OFFLINE="1") is None

    def test_a_bad_cached_file_is_what_breaks_the_load_and_this_a_warning(self) -> None:
        given = hub(cached(size=0, what="empty"), HF_HUB_OFFLINE="1")
        assert CAUSES["env-offline-mode"].found_in(given) is None
        told = CAUSES["env-offline-mode"].warning_in(given)
        assert told is not None
        assert "`HF_HUB_OFFLINE=1`" in told

    def test_no_warning_where_the_cache_is_right_or_nothing_is_set(self) -> None:
        warns = CAUSES["env-offline-mode"].warning_in
        assert warns(hub(cached(digests=(("sha256", SHA),)), HF_HUB_OFFLINE="1")) is None
        assert warns(hub(cached(size=0, what="empty"), HF_HUB_OFFLINE="0")) is None
        assert warns(hub(HF_HUB_OFFLINE="1")) is None

    @pytest.mark.parametrize(
        "leftover",
        [
            cached("~/hub/x.incomplete", form="partial", trusted=False),
            cached("~/hub/x.lock", form="lock", trusted=False),
            cached(failure="file_unreadable", detail="a broken link"),
        ],
    )
    def test_what_is_no_file_does_not_count(self, leftover: Any) -> None:
        assert offline(leftover, HF_HUB_OFFLINE="1") is not None

    def test_it_is_decided_before_a_packet(self) -> None:
        assert CAUSES["env-offline-mode"].before_wire


REFUSED = rec(
    ev.Connect, "tcp", address="192.0.2.7", port=443, family=4, name="hub.mirror.example",
    failure="connection_refused", errno="ECONNREFUSED", detail="connection refused",
)  # fmt: skip
ASKED = ("other-source",)


def own_works(code: int = 200, what: str = "parquet", **more: Any) -> tuple[Any, ...]:
    """The control at the Hub itself: a redirect to its transfer host, and the file."""
    where = "https://cas-bridge.xethub.hf.co/x"
    return (
        *got(302, url=OWN, control="other-source", location=where),
        *got(code, "PAR1", url=where, control="other-source", hop=1, what=what, **more),
    )


def sent(*records: Any, asked: tuple[str, ...] | None = ASKED, own: str | None = OWN, **fields: Any) -> Case:
    given = HUB | {"url": MIRROR, "instead_of": own} | fields
    return Evidence(*records).case(
        asked=asked, machine={"variables": (("HF_ENDPOINT", "https://hub.mirror.example"),)}, **given
    )


def override(*records: Any, **fields: Any) -> Finding | None:
    return CAUSES["env-endpoint-override"].found_in(sent(*records, **fields))


class TestEndpoint:
    @pytest.mark.parametrize(
        "met",
        [
            (REFUSED,),
            (rec(ev.Lookup, "dns", name="hub.mirror.example", failure="dns_nxdomain_error", code="EAI_NONAME"),),
            got(404, "no such file", url=MIRROR),
            got(403, "not for you", url=MIRROR),
            got(500, "down", url=MIRROR),
            got(200, "<html><title>Sign in</title></html>", url=MIRROR),
        ],
        ids=["refused", "no name", "404", "403", "500", "page"],
    )
    def test_the_other_endpoint_fails_and_the_own_one_serves(self, met: tuple[Any, ...]) -> None:
        found = override(*met, *own_works())
        assert found is not None
        assert found.certain
        assert found.title.startswith("`HF_ENDPOINT` sends huggingface to hub.mirror.example")
        assert "huggingface.co does" in found.title
        assert found.fixes[0].change == Change(url=OWN, unset=("HF_ENDPOINT",))
        assert [line.text for line in found.fixes[0].commands] == ["unset HF_ENDPOINT"]
        assert all(fix.change or fix.untried for fix in found.fixes)

    @pytest.mark.parametrize(
        ("value", "why", "whole"),
        [
            ("hub.mirror.example", "it lacks `https://`", "https://hub.mirror.example"),
            ("https:/hub.mirror.example", "it does not begin with", "https://hub.mirror.example"),
            ("ftp://hub.mirror.example", "it is no http address", None),
            ("https://hub.mirror.example:99999", "its port", None),
            ("https://", "it does not begin with", None),
        ],
    )
    def test_what_is_no_address(self, value: str, why: str, whole: str | None) -> None:
        url = value.rstrip("/") + OWN.removeprefix("https://huggingface.co")
        failure = Failure.URL_SCHEME if value.startswith("ftp") else Failure.URL_INVALID
        bad = rec(ev.Address, None, url=url, scheme="", host="", port=0, path="", failure=failure)
        judged = sent(bad, url=url, asked=())
        found = CAUSES["env-endpoint-override"].found_in(judged)
        assert found is not None
        assert why in found.title
        assert [line.text for line in found.fixes[0].commands] == (
            [f"export HF_ENDPOINT={whole}"] if whole else ["unset HF_ENDPOINT"]
        )
        cause = judge(judged).cause
        assert cause is not None
        assert cause.id == "env-endpoint-override"

    def test_the_own_url_is_what_the_control_asks(self) -> None:
        assert sent(REFUSED).sources()[0] == OWN

    def test_it_asks_only_after_a_failure(self) -> None:
        with pytest.raises(OpenQuestion) as question:
            override(REFUSED, asked=())
        assert question.value.control == "other-source"
        assert override(*got(200, "PAR1", url=MIRROR, what="parquet"), asked=()) is None
        assert override(REFUSED, own=None, asked=()) is None

    @pytest.mark.parametrize(
        "answer",
        [
            (),
            (rec(ev.Connect, "tcp", control="other-source", address="192.0.2.9", port=443, family=4,
                 failure="generic_timeout_error"),),
            got(404, "gone", url=OWN, control="other-source"),
            got(200, "<html>blocked</html>", url=OWN, control="other-source"),
            got(302, url=OWN, control="other-source", location="https://cas-bridge.xethub.hf.co/x"),
            own_works(403),
        ],
        ids=["nothing", "no connection", "404", "a page", "redirect alone", "refused at the transfer host"],
    )  # fmt: skip
    def test_where_both_fail_it_is_not_the_override(self, answer: tuple[Any, ...]) -> None:
        assert override(REFUSED, *answer) is None

    def test_another_url_that_works_proves_nothing(self) -> None:
        other = got(200, "PAR1", url="https://elsewhere.example/x.parquet", control="other-source", what="parquet")
        assert override(REFUSED, *other) is None

    def test_bytes_that_merely_differ_are_a_matter_of_the_checksum(self) -> None:
        wrong = (
            rec(ev.Exchange, "http", method="GET", url=MIRROR, status=200),
            rec(ev.Transfer, "length", status=200, received=4, written=4, digests=(("sha256", "0" * 64),)),
            rec(ev.Content, "length", what="parquet"),
        )
        assert override(*wrong, *own_works()) is None

    def test_404_moved_is_ruled_out_only_where_it_was_possible(self) -> None:
        missing, refused = override(*got(404, url=MIRROR), *own_works()), override(REFUSED, *own_works())
        assert missing is not None
        assert refused is not None
        assert [one for one, _ in missing.ruled_out] == ["http-404-moved"]
        assert refused.ruled_out == ()

    def test_an_endpoint_that_works_is_worth_a_line(self) -> None:
        healthy = sent(*got(200, "PAR1", url=MIRROR, what="parquet"))
        told = CAUSES["env-endpoint-override"].warning_in(healthy)
        assert told == "`HF_ENDPOINT` sends huggingface to hub.mirror.example instead of huggingface.co"
        assert CAUSES["env-endpoint-override"].warning_in(sent(REFUSED, own=None)) is None

    def test_without_controls_it_is_silent(self) -> None:
        assert override(REFUSED, asked=None) is None
