"""What is shown: one block, one cause, one sentence first; and a way on from whatever was typed."""

from __future__ import annotations

from tests.strangers.lab import Lab


def s46_a_plain_dataset_is_examined_where_people_have_it_from(lab: Lab) -> None:
    """Without a loader the first place asked is one that a loader asks, whoever else has a mirror."""
    report = lab.run("check", "cifar10", "cifar100", "fashion-mnist", "--offline", "--format", "json").report
    hosts = {target["url"].split("/")[2] for target in report["targets"]}
    assert hosts == {"www.cs.toronto.edu", "storage.googleapis.com"}


def s43_a_status_a_stage_or_an_errors_word_is_explained(lab: Lab) -> None:
    """What people read leads to the causes that show themselves so."""
    for term, cause in (
        ("404", "http-404-moved"),
        ("tls", "tls-intercepted"),
        ("CERTIFICATE_VERIFY_FAILED", "tls-missing-intermediate"),
        ("File not found or corrupted", "checksum-mismatch-corruption"),
        ("requests.exceptions.SSLError: [SSL: WRONG_VERSION_NUMBER] wrong version number", "tls-plaintext-port"),
    ):
        answer = lab.run("explain", term)
        assert answer.code == 0
        assert f"  {cause}  " in answer.out


def s43_words_that_mean_nothing_are_wrong_usage(lab: Lab) -> None:
    """What no cause shows itself as is said so, with a way on."""
    answer = lab.run("explain", "the weather")
    assert (answer.code, answer.out) == (2, "")
    assert "`mnistdoctor explain --list`" in answer.err


def s43_a_library_that_is_no_loader_leads_to_one(lab: Lab) -> None:
    """`tensorflow:mnist` may mean two loaders, and a loader may lack a data set that another has."""
    for target, meant in (
        ("tensorflow:mnist", "`keras:mnist` or `tfds:mnist`"),
        ("keras:kmnist", "`torchvision:kmnist`"),
        ("keras:mnits", "`keras:mnist`"),
    ):
        answer = lab.run(target)
        assert answer.code == 2
        assert f"did you mean {meant}" in answer.err


def s43_list_takes_what_check_takes(lab: Lab) -> None:
    """`list keras:mnist` lists the file that Keras fetches."""
    answer = lab.run("list", "keras:mnist")
    assert answer.code == 0
    assert "mnist.npz  11490434 bytes" in answer.out
    assert "`keras:mnist`" in lab.run("list", "keras:mnits").err


def s43_a_folder_leads_to_the_loader_whose_files_it_holds(lab: Lab) -> None:
    """A folder is no target; where a loader keeps files in it, the command that examines them is named."""
    raw = lab.folder / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    assert "name a file in it" in lab.run("data").err
    (raw / "train-images-idx3-ubyte.gz").write_bytes(b"")
    assert "`mnistdoctor torchvision:mnist --root data`" in lab.run("data").err
    assert f"`mnistdoctor torchvision:mnist --root {lab.folder / 'data'}`" in lab.run("data/MNIST/raw").err


def s43_try_and_no_try_are_known_to_both_commands(lab: Lab) -> None:
    """What a command does anyway may be said."""
    for command, given in (("preflight", "--no-try"), ("check", "--try")):
        assert lab.run(command, given, "keras:mnist", "--offline").code == 3


def s35_the_demo_shows_every_observation_too(lab: Lab) -> None:
    """`-v`, to which a report's hints lead, is known to the command that printed them."""
    answer = lab.run("demo", "gone", "-v", "--format", "plain")
    assert answer.code == 0
    assert "curl --globoff" in answer.out
