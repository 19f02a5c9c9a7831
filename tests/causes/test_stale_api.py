"""Releases whose API's host is no longer good."""

from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor.causes.base import Finding
from tests.causes.evidence import Evidence, got

from .test_stale import ASKED, CAUSES, PAGE, new_works

CALL = "/api/v1/json/data/554"


def api(*records: Any, release: str = "1.2.2", url: str = "https://openml.org" + CALL) -> Finding | None:
    given: dict[str, Any] = {"client": "sklearn", "loader": "sklearn", "release": release, "content": "json"}
    return CAUSES["fw-url-stale"].found_in(Evidence(*records, url=url).case(asked=ASKED, **given))


class TestOldApi:
    NEW = "https://www.openml.org" + CALL

    def test_a_call_is_made_elsewhere_by_newer_releases(self) -> None:
        found = api(*got(404, PAGE, url="https://openml.org" + CALL), *new_works(self.NEW, digests=()))
        assert found is not None
        assert found.certain
        assert [fix.title for fix in found.fixes] == ["Upgrade scikit-learn"]  # a reply by itself is of no use
        assert f"GET {self.NEW} was answered" in found.evidence

    @pytest.mark.parametrize("code", [404, 503])
    def test_unless_it_is_no_better_there(self, code: int) -> None:
        assert api(*got(404, PAGE, url="https://openml.org" + CALL), *new_works(self.NEW, code)) is None

    def test_the_newest_release_is_not_stale(self) -> None:
        url = self.NEW
        assert api(*got(404, PAGE, url=url), *new_works("https://openml.org" + CALL), release="1.9.1", url=url) is None

    def test_another_call_is_none_of_the_releases_own(self) -> None:
        url = "https://openml.org/api/v1/json/data/61"
        assert api(*got(404, PAGE, url=url), *new_works("https://www.openml.org/api/v1/json/data/61"), url=url) is None
