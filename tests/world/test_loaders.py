"""Whole data sets, as the loaders fetch them: the train images are made files, known by a `--catalogue` of the test."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mnistdoctor.demo.connection import Connection

from . import files
from .files import Made
from .scenes import S3_HOST
from .world import World

pytestmark = pytest.mark.world

GCS_HOST = "storage.googleapis.com"
PREFIXES = {S3_HOST: "/mnist/", GCS_HOST: "/cvdf-datasets/mnist/", "raw.githubusercontent.com": "/fgnt/mnist/master/"}


@pytest.fixture(scope="session")
def made() -> dict[str, Made]:
    """The two big files; made once, since that takes two seconds."""
    return {"mnist/train-images": files.idx_images(), "mnist_npz/mnist.npz": files.npz()}


@pytest.fixture
def catalogue(world: World, made: dict[str, Made], tmp_path: Path) -> str:
    """All sources of MNIST and Keras' npz serve the made files; returns the catalogue that knows them."""
    images = made["mnist/train-images"]
    for host, prefix in PREFIXES.items():
        world.serve(host, prefix + images.name, images.body)
    world.serve(GCS_HOST, "/tensorflow/tf-keras-datasets/mnist.npz", made["mnist_npz/mnist.npz"].body)
    path = tmp_path / "catalogue.toml"
    path.write_text(files.catalogue(made))
    return str(path)


def causes(report: dict[str, Any]) -> set[str]:
    return {target["diagnosis"]["cause"] for target in report["targets"] if target["diagnosis"]}


def test_torchvision_gets_its_four_files(world: World, catalogue: str) -> None:
    report = world.check("torchvision:mnist", "--catalogue", catalogue)
    assert report["verdict"] == "healthy", causes(report)
    assert len(report["targets"]) == 4
    assert {seen.host for seen in world.requests()} == {S3_HOST}
    assert {seen.agent for seen in world.requests()} == {"pytorch/vision"}


def test_torchvision_goes_on_to_its_second_mirror_only_after_a_url_error(world: World, catalogue: str) -> None:
    """Its second mirror is the old site, which is up and empty here: the first mirror's fault decides."""
    world.firewall(S3_HOST, "reset")
    report = world.check("torchvision:mnist", "--catalogue", catalogue)
    assert report["verdict"] == "ailing"
    assert causes(report) == {"tcp-refused"}


def test_dead_first_mirror_is_a_warning_where_the_second_works(
    world: World, catalogue: str, made: dict[str, Made]
) -> None:
    for name in (files.LABELS, files.TRAIN_LABELS, files.IMAGES):
        world.serve("yann.lecun.com", f"/exdb/mnist/{name}", files.genuine("mnist", name))
    images = made["mnist/train-images"]
    world.serve("yann.lecun.com", f"/exdb/mnist/{images.name}", images.body)
    world.firewall(S3_HOST, "reset")
    report = world.check("torchvision:mnist", "--catalogue", catalogue)
    assert report["verdict"] == "healthy", causes(report)
    for target in report["targets"]:
        assert target["url"].startswith("http://yann.lecun.com/")
        assert "tcp-refused" in [warning["cause"] for warning in target["warnings"]]


def test_keras_gets_its_npz(world: World, catalogue: str) -> None:
    report = world.check("keras:mnist", "--catalogue", catalogue)
    assert report["verdict"] == "healthy", causes(report)
    (request,) = world.requests()
    assert request.agent.startswith("Python-urllib/")
    assert request.encoding == "identity"


def test_data_set_is_healthy_while_one_source_of_each_file_is(world: World, catalogue: str) -> None:
    world.host(S3_HOST, status=503, body=b"<html>busy</html>")
    report = world.check("mnist", "--catalogue", catalogue)
    assert report["verdict"] == "healthy", causes(report)
    assert len(report["targets"]) == 4


def test_the_fix_for_keras_is_keras_own(world: World, catalogue: str) -> None:
    """The gateway's root is where requests looks, and not where urllib does: the variable named must be urllib's."""
    world.intercept()
    report = world.check("keras:mnist", "--catalogue", catalogue, certifi=("public", "zscaler"))
    assert causes(report) == {"tls-intercepted"}
    fixes = report["targets"][0]["diagnosis"]["fixes"]
    proven = [fix for fix in fixes if fix["trial"]["status"] == "proven"]
    assert proven, fixes
    text = " ".join(command["text"] for command in proven[0]["commands"])
    assert "SSL_CERT_FILE" in text
    assert "REQUESTS_CA_BUNDLE" not in text


def test_endless_and_dripping_servers_are_bounded(world: World) -> None:
    """A byte now and then keeps every socket time-out quiet: only a deadline for the whole stage ends it."""

    def drip(connection: Connection) -> None:
        connection.recv()
        connection.send(b"HTTP/1.1 200 OK\r\n")
        for number in range(300):
            connection.send(f"X-{number}: 1\r\n".encode())
            connection.pause(0.2)

    world.raw(GCS_HOST, drip, certificate="good")
    report = world.check(files.GCS + files.LABELS, "--timeout", "2", "--no-try")
    assert report["verdict"] == "ailing"
    (target,) = report["targets"]
    assert {stage["stage"]: stage["outcome"] for stage in target["stages"]}["http"] == "failed"
