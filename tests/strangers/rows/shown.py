"""What is shown: one block, one cause, one sentence first; and a way on from whatever was typed."""

from __future__ import annotations

from tests.strangers.lab import Lab


def s46_a_plain_dataset_is_examined_where_people_have_it_from(lab: Lab) -> None:
    """Without a loader the first place asked is one that a loader asks, whoever else has a mirror."""
    report = lab.run("check", "cifar10", "cifar100", "fashion-mnist", "--offline", "--format", "json").report
    hosts = {target["url"].split("/")[2] for target in report["targets"]}
    assert hosts == {"www.cs.toronto.edu", "storage.googleapis.com"}
