from __future__ import annotations

from typing import Any

import pytest

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Finding
from mnistdoctor.causes.case import Case, OpenQuestion
from mnistdoctor.causes.environment.closed_networks import CAUSES
from tests.causes.evidence import NOW, URL, Evidence, rec

HOST = "ossci-datasets.s3.amazonaws.com"
HOLDS = {cause.id: cause.found_in for cause in CAUSES}


def machine(*variables: str) -> Any:
    return rec(
        ev.Machine,
        None,
        platform="Linux-6.1",
        python="3.11.7",
        openssl="OpenSSL 3.0.19",
        unix_time=NOW,
        variables=tuple((name, "1") for name in variables),
    )


def on(variable: str | None, *records: Any, asked: tuple[str, ...] = ()) -> Case:
    made = Evidence(*records, url=URL).case(asked=asked)
    others = tuple(one for one in made.observations if not isinstance(one, ev.Machine))
    return Case(
        (*others, machine(*([variable] if variable else []))), made.catalogue, made.asked, made.controls_allowed
    )


def lookup(name: str, *, fails: bool = True, control: str | None = None) -> Any:
    return rec(
        ev.Lookup,
        "dns",
        name=name,
        control=control,
        failure="dns_temporary_failure" if fails else None,
        code="EAI_AGAIN" if fails else None,
        addresses=() if fails else ("93.184.216.34",),
    )


def connect(address: str, failure: str | None, *, control: str | None = None, name: str = HOST) -> Any:
    return rec(ev.Connect, "tcp", address=address, port=443, family=4, name=name, failure=failure, control=control)


SILENT, KAGGLE = "generic_timeout_error", "KAGGLE_KERNEL_RUN_TYPE"


class TestNotebook:
    def finding(self, variable: str | None, *others: Any) -> Finding | None:
        return HOLDS["notebook-internet-disabled"](on(variable, lookup(HOST), *others, asked=("names",)))

    def test_every_name_fails_in_a_kaggle_notebook(self) -> None:
        found = self.finding(KAGGLE, lookup("example.com", control="names"))
        assert found is not None
        assert "example.com" in found.evidence[-1]

    def test_it_is_asked_whether_other_names_fail(self) -> None:
        with pytest.raises(OpenQuestion, match="names"):
            HOLDS["notebook-internet-disabled"](on(KAGGLE, lookup(HOST)))

    def test_an_ordinary_machine_is_another_matter(self) -> None:
        assert self.finding(None, lookup("example.com", control="names")) is None

    def test_one_name_alone_is_another_matter(self) -> None:
        assert self.finding(KAGGLE, lookup("example.com", fails=False, control="names")) is None


class TestNode:
    def finding(self, variable: str | None, failure: str, *others: Any) -> Finding | None:
        made = on(
            variable, lookup(HOST, fails=False), connect("93.184.216.34", failure), *others, asked=("unrelated-tls",)
        )
        return HOLDS["cluster-node-no-egress"](made)

    def unrelated(self, failure: str | None) -> Any:
        return connect("93.184.216.40", failure, control="unrelated-tls", name="example.com")

    @pytest.mark.parametrize("variable", ["SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID"])
    def test_nothing_outside_answers_in_a_job(self, variable: str) -> None:
        found = self.finding(variable, SILENT, self.unrelated(SILENT))
        assert found is not None
        assert not found.certain

    def test_outside_a_job_it_is_another_matter(self) -> None:
        assert self.finding(None, SILENT, self.unrelated(SILENT)) is None

    def test_a_host_that_answers_clears_the_node(self) -> None:
        assert self.finding("SLURM_JOB_ID", SILENT, self.unrelated(None)) is None

    def test_a_refusal_is_an_answer(self) -> None:
        assert self.finding("SLURM_JOB_ID", "connection_refused", self.unrelated(SILENT)) is None
        assert self.finding("SLURM_JOB_ID", SILENT, self.unrelated("connection_refused")) is None
