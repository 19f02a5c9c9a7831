"""What is shown: one block, one cause, one sentence first; and a way on from whatever was typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mnistdoctor.demo.faults_body import cut
from mnistdoctor.demo.faults_http import respond
from mnistdoctor.demo.servers import RefusingPort
from tests.strangers.lab import Lab

if TYPE_CHECKING:
    from mnistdoctor.demo.connection import Connection, Fault


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


def _parts(lab: Lab, fault: Fault) -> tuple[str, ...]:
    """Options under which MNIST of two loaders comes from one server that plays this fault."""
    server = lab.serve(fault)
    own = lab.folder / "own.toml"
    own.write_text(
        "".join(
            f'[[source]]\nid = "{source}"\ndataset = "{dataset}"\nurl = "{server.url("/data/{name}")}"\n'
            for source, dataset in (("ossci", "mnist"), ("lecun", "mnist"), ("keras-gcs-npz", "mnist_npz"))
        ),
        "utf-8",
    )
    return ("--catalogue", str(own), "--no-controls", "--no-try")


def s39_the_first_line_of_plain_is_the_answer(lab: Lab) -> None:
    """`mnistdoctor TARGET | head -1` says what is wrong, and the fix follows at once."""
    url = lab.serve(respond(410, b"gone\n")).url("/train.gz")
    lines = lab.run(url, "--no-controls").out.splitlines()
    assert lines[0].startswith('ailing: "train.gz" cannot be downloaded: ')
    assert lines[2].startswith("fix: ")
    keys = [line.partition(": ")[0] for line in lines]
    assert keys.index("fix") < keys.index("why") < keys.index("[1] stages")


def s39_the_answer_comes_first_in_every_form(lab: Lab) -> None:
    """Healthy or not, one reason or several: the first line is a sentence about what was asked."""
    well = lab.serve(respond(200, b"1,2\n", content_type="text/csv")).url("/numbers.csv")
    gone = lab.serve(respond(410, b"gone\n")).url("/train.gz")
    assert lab.run(well).out.startswith('healthy: "numbers.csv" can be downloaded')
    both = lab.run(well, gone, "--no-controls").out.splitlines()
    assert both[0] == "ailing: 1 of 2 files cannot be downloaded; 1 is well"
    assert both[2].startswith('ailing: "train.gz" cannot be downloaded: ')
    for form, first in (("markdown", "## ✗ "), ("rich", "✗ ")):
        shown = lab.run(gone, "--no-controls", "--format", form).out
        assert shown.startswith(f'{first}"train.gz" cannot be downloaded: ')
    page = lab.run(gone, "--no-controls", "--format", "html").out
    assert page.index("cannot be downloaded") < page.index("What to do") < page.index("<h3>Why")


def s40_one_dead_server_is_one_block_whatever_loaders_asked(lab: Lab) -> None:
    """Keras's file and torchvision's four come from one server that refuses them: said once."""
    options = _parts(lab, respond(403, b"no\n"))
    answer = lab.run("keras:mnist", "torchvision:mnist", *options, "--format", "rich")
    assert [line[0] for line in answer.out.splitlines() if line[:1] in ("✗", "✓", "?")] == ["✗"]
    assert answer.out.startswith("✗ Keras and torchvision cannot download MNIST: ")
    assert "5 files, one cause" in answer.out


def s40_a_cut_body_of_four_files_is_one_block(lab: Lab) -> None:
    """Each of four files ends elsewhere, and it is one fault."""

    def fault(connection: Connection) -> None:
        cut(bytes(9000), 1000 + 10 * len(connection.request.target))(connection)

    answer = lab.run("torchvision:mnist", *_parts(lab, fault), "--format", "rich")
    assert [line[0] for line in answer.out.splitlines() if line[:1] in ("✗", "✓", "?")] == ["✗"]


def s40_two_servers_with_one_fault_each_are_two_blocks(lab: Lab) -> None:
    """That two hosts have lost a file each is no common cause."""
    gone = [lab.serve(respond(410, b"gone\n")) for _ in range(2)]
    urls = [server.url("/x.gz", host=host) for server, host in zip(gone, ("127.0.0.1", "localhost"), strict=True)]
    answer = lab.run(*urls, "--no-controls", "--no-try")
    assert answer.out.startswith("ailing: none of the 2 files can be downloaded, for 2 reasons\n")


def s45_words_for_people_and_codes_behind_them(lab: Lab) -> None:
    """A name is quoted, a failure has words, and signs have a legend."""
    answer = lab.run("http://nowhere.invalid/a", "--no-controls", "--no-try", "--format", "rich", COLUMNS="100")
    assert answer.out.startswith('✗ "a" cannot be downloaded: ')
    assert "(EAI_" in answer.out
    assert "· not reached)" in answer.out
    closed = lab.endpoint(RefusingPort()).url("/a")
    assert "connection refused (ECONNREFUSED)" in lab.run(closed, "--no-controls", "--no-try").out


def s35_what_was_tried_in_vain_is_named_and_no_hint_leads_to_nothing(lab: Lab) -> None:
    """A fix that did not help stands in one line; `-v for 1 more fix` is not said of it."""
    data = bytes(range(256)) * 40
    url = lab.serve(cut(data, 5000)).url("/a.bin")
    shown = lab.run("check", url, "--length", str(len(data)), "--no-controls", "--format", "rich").out
    assert "Tried  without success: Fetch it again" in shown
    assert "more fix" not in shown


def s44_help_and_errors_break_between_words(lab: Lab) -> None:
    """At 80 and at 40 columns no line is wider than the terminal, and no word is cut."""
    for width in (80, 40):
        for command in ((), ("check",), ("preflight",), ("explain",), ("demo",)):
            page = lab.run(*command, "--help", COLUMNS=str(width)).out
            wide = [line for line in page.splitlines() if len(line) > width and " " in line.strip()]
            assert not wide
            words = lab.run(*command, "--help", COLUMNS="300").out.split()
            assert page.split() == words
        narrow = lab.run("check", "tensorflow:mnist", COLUMNS=str(width)).err
        assert max(map(len, narrow.splitlines())) <= width
        assert narrow.split() == lab.run("check", "tensorflow:mnist").err.split()
        for told_by in (("explain", "tls-trust-store-differs"), ("explain", "--list"), ("list",), ("demo", "--list")):
            told = lab.run(*told_by, COLUMNS=str(width)).out
            assert max(map(len, told.splitlines())) <= width


def s44_errors_in_a_pipe_are_one_line(lab: Lab) -> None:
    """What a log or grep reads is not wrapped."""
    error, hint = lab.run("check", "tensorflow:mnist").err.splitlines()
    assert error.startswith("error: ")
    assert hint.startswith("hint: ")


def s49_fixes_of_the_same_worth_say_what_they_take(lab: Lab) -> None:
    """Another mirror and a wait, neither tried: one takes a download by hand, the other nothing but the wait."""
    first, second = (lab.serve(respond(429, b"", (("Retry-After", "9"),))) for _ in range(2))
    own = lab.folder / "own.toml"
    own.write_text(
        '[[dataset]]\nid = "own"\ntitle = "Own"\n[[file]]\nid = "own/a"\nname = "a.bin"\nkind = "other"\nsize = 9\n'
        + "".join(
            f'[[source]]\nid = "{name}"\ndataset = "own"\nurl = "{server.url("/a.bin")}"\n'
            for name, server in (("one", first), ("two", second))
        ),
        "utf-8",
    )
    options = ("--catalogue", str(own), "--no-controls", "--no-try")
    shown = " ".join(lab.run(first.url("/a.bin"), *options).out.split())
    assert "it takes nothing but the wait" in shown
    assert "it takes a download by hand" in shown
