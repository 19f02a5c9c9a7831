"""An API's replies in a loader's cache."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import diagnosis as dx
from mnistdoctor.causes.case import Case

from .test_cache import CAUSES, cached, folder, loads

URL_554 = "https://www.openml.org/api/v1/json/data/554"
CALL: dict[str, Any] = {
    "url": URL_554, "content": "json", "client": "sklearn", "loader": "sklearn", "release": "1.9.1", "file": None,
    "size": None, "digests": (),
}  # fmt: skip
REPLY = "~/scikit_learn_data/openml/openml.org/api/v1/json/data/554.gz"


def replied(**fields: Any) -> Case:
    given = {"form": "reply", "inner": "json", "members": ("data_set_description",), "trusted": False} | fields
    return loads(folder(), cached(REPLY, md5="", **given), loader=CALL)


class TestReplies:
    def test_one_that_is_whole_and_answers_is_had(self) -> None:
        assert dx.needs_no_network(replied())
        assert CAUSES["cache-stale-bad-file"].found_in(replied()) is None
        assert CAUSES["cache-stale-bad-file"].warning_in(replied()) is None

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"inner": "html", "members": ()}, "a web page"),
            ({"inner": "empty", "members": ()}, "empty"),
            ({"inner": "text", "members": ()}, "text, where JSON is due"),
            ({"intact": False, "damage": "holds JSON that ends early", "members": ()},
             "damaged: the gzip holds JSON that ends early"),
            ({"what": "json", "inner": None}, "json, where gzip is due"),
        ],
        ids=["page", "blank", "words", "cut", "not packed"],
    )  # fmt: skip
    def test_what_is_no_json_is_thrown_away_and_asked_for_again(self, fields: dict[str, Any], words: str) -> None:
        given = replied(**fields)
        assert not dx.needs_no_network(given)
        assert CAUSES["cache-stale-bad-file"].found_in(given) is None
        warning = CAUSES["cache-stale-bad-file"].warning_in(given)
        assert warning == f"{REPLY} is {words}; sklearn sees that and downloads it again"

    def test_a_report_of_an_error_is_json_and_stays(self) -> None:
        given = replied(members=("error",))
        assert not dx.needs_no_network(given)
        found = CAUSES["cache-stale-bad-file"].found_in(given)
        assert found is not None
        assert found.title == f"{REPLY} is an API's report of an error, not its answer; sklearn takes it as it is"
        assert CAUSES["cache-stale-bad-file"].warning_in(given) is None

    @pytest.mark.parametrize("fields", [{"members": ()}, {"inner": "unknown", "members": ()}, {"intact": None}])
    def test_what_cannot_be_told_is_neither_had_nor_bad(self, fields: dict[str, Any]) -> None:
        given = replied(**fields)
        assert not dx.needs_no_network(given)
        assert CAUSES["cache-stale-bad-file"].warning_in(given) is None
