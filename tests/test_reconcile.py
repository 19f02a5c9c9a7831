"""Targets that were diagnosed apart get one story where one cause explains the others."""

from __future__ import annotations

import dataclasses

from mnistdoctor import evidence as ev
from mnistdoctor.catalogue import load
from mnistdoctor.diagnosis import Diagnosis, Verdict
from mnistdoctor.examine.loader_targets import of_loader
from mnistdoctor.examine.reconcile import reconcile
from mnistdoctor.examine.result import TargetResult
from mnistdoctor.settings import Environment
from tests.causes.evidence import Evidence, rec
from tests.report.build import PROVEN, diagnosis, intercepted, targets


def told(cause: str, certainty: str = "likely", **more: object) -> dict[str, object]:
    return {"cause": cause, "certainty": certainty, "title": f"the title of {cause}", **more}


def two(first: dict[str, object], second: dict[str, object]) -> tuple[TargetResult, ...]:
    one, other, *_ = targets()
    return reconcile([intercepted(one, **first), intercepted(other, **second)])


def causes(results: tuple[TargetResult, ...]) -> list[str]:
    return [one.diagnosis.cause for one in results if one.diagnosis]


def test_a_certain_root_takes_a_likely_symptom_under_it() -> None:
    found = two(told("tls-intercepted", "certain", remedies=(PROVEN,)), told("tls-missing-intermediate"))
    assert causes(found) == ["tls-intercepted", "tls-intercepted"]
    second = found[1].diagnosis
    assert isinstance(second, Diagnosis)
    assert "the title of tls-missing-intermediate" in second.evidence[-1]
    assert {one.trial.status for one in second.remedies} == {"untried"}, "its trial was another target's"


def test_the_order_of_targets_does_not_matter() -> None:
    found = two(told("tls-missing-intermediate"), told("tls-intercepted", "certain"))
    assert causes(found) == ["tls-intercepted", "tls-intercepted"]


def test_a_likely_root_explains_nothing() -> None:
    found = two(told("tls-intercepted"), told("tls-missing-intermediate"))
    assert causes(found) == ["tls-intercepted", "tls-missing-intermediate"]


def test_what_is_certain_stays() -> None:
    found = two(told("tls-intercepted", "certain"), told("tls-missing-intermediate", "certain"))
    assert causes(found) == ["tls-intercepted", "tls-missing-intermediate"]


def test_unrelated_causes_stay_apart() -> None:
    found = two(told("tls-intercepted", "certain"), told("http-404-unexplained"))
    assert causes(found) == ["tls-intercepted", "http-404-unexplained"]


def test_another_way_out_is_another_story() -> None:
    one, other, *_ = targets()
    root, symptom = intercepted(one, **told("tls-intercepted", "certain")), intercepted(other, **told("tls-cert-x"))
    symptom = dataclasses.replace(symptom, diagnosis=diagnosis(**told("tls-missing-intermediate")))
    assert symptom.case is not None
    routed = tuple(
        dataclasses.replace(record, way="tunnel", proxy="http://proxy.example:3128")
        if isinstance(record, ev.Route)
        else record
        for record in symptom.case.observations
    )
    symptom = dataclasses.replace(symptom, case=dataclasses.replace(symptom.case, observations=routed))
    assert causes(reconcile([root, symptom])) == ["tls-intercepted", "tls-missing-intermediate"]


def test_healthy_results_are_left_alone() -> None:
    one = intercepted(targets()[0], **told("tls-intercepted", "certain"))
    healthy = dataclasses.replace(one, diagnosis=None, verdict="healthy")
    assert reconcile([one, healthy]) == (one, healthy)


MD5 = "9e107d9d372bb6826bd81d3542a419d6"
STATES = '{"data_set_description":{"md5_checksum":"' + MD5 + '"}}'
SK = of_loader("sklearn", "mnist_784", load(), Environment({}), None)


def described(text: str = STATES, *more: object, verdict: Verdict = "healthy", cause: str = "checksum-upstream-changed",
              of: str = "sklearn:mnist_784") -> tuple[TargetResult, ...]:  # fmt: skip
    """The description as it was answered, and the file that came, of another digest than ours."""
    call, file = dataclasses.replace(SK[1], name=f"{of}/api/v1/json/data/554"), SK[-1]
    reply = (
        Evidence(url=call.urls[0], content="json").rec(ev.Transfer, "length", status=200, text=text).add(*more).case()
    )
    came = rec(ev.Transfer, "length", status=200, decoded_digests=(("sha256", "0" * 64), ("md5", MD5)))
    file_case = Evidence(came, url=file.urls[0], digest_of="decoded", loader="sklearn").case()
    return (
        TargetResult(target=call, verdict=verdict, url=call.urls[0], final_url=None, case=reply),
        TargetResult(
            target=file,
            verdict="ailing",
            url=file.urls[0],
            final_url=None,
            case=file_case,
            diagnosis=diagnosis(cause=cause, stage="checksum", title="another version"),
        ),
    )


def test_a_digest_that_the_loaders_service_states_is_the_one_that_counts() -> None:
    call, file = described()
    _, found = reconcile((call, file))
    assert (found.verdict, found.diagnosis) == ("healthy", None)
    (warning,) = found.warnings
    assert (warning.cause, warning.stage) == ("checksum-upstream-changed", "checksum")
    assert "sklearn goes by that" in warning.title


def test_what_its_service_does_not_say_is_not_believed() -> None:
    cached = rec(ev.CachedFile, None, path="~/554.gz", form="reply", what="gzip", inner="json", intact=True,
                 size=90, members=("data_set_description",))  # fmt: skip
    for results in (
        described(STATES.replace("9e1", "9e2")),
        described("<html>" + MD5),
        described(verdict="ailing"),
        described(cause="body-truncated"),
        described(of="sklearn:other"),
        described(STATES, cached),  # asked of the cache by the loader, and of the network by nobody but us
    ):
        assert reconcile(results)[1].verdict == "ailing"
