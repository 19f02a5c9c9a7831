"""Scenes of the data itself: cut, replaced, unpacked, changed."""

from __future__ import annotations

from mnistdoctor.demo import pages
from mnistdoctor.demo.faults_body import bit_flip, coded, cut
from mnistdoctor.demo.faults_http import sequence, serve
from mnistdoctor.demo.scenes.files import digits, fashion
from mnistdoctor.demo.scenes.scene import ailing
from mnistdoctor.demo.scenes.testbed import Testbed


@ailing("body-truncated", "length")
def truncated(testbed: Testbed) -> None:
    """The download ends in the middle: IncompleteRead."""
    testbed.serve(cut(digits().body, 200))


@ailing("body-reset", "length", proven=True)
def reset_in_the_middle(testbed: Testbed) -> None:
    """Connection reset by peer, after the first part had come; the next attempt goes through."""
    testbed.serve(sequence(cut(digits().body, 200, "reset"), serve(digits().body)))


@ailing("body-stalled", "length")
def stalled(testbed: Testbed) -> None:
    """The progress bar stops and never moves again."""
    testbed.serve(cut(digits().body, 200, "stall"))
    testbed.options["timeout_s"] = 1.0


@ailing("body-html-instead-of-data", "length")
def page_instead_of_data(testbed: Testbed) -> None:
    """Not a gzipped file (b'<!'): the server answers every address with its home page."""
    testbed.serve(pages.html())


@ailing("body-lfs-pointer", "length", proven=True)
def lfs_pointer(testbed: Testbed) -> None:
    """Bad magic number: the repository keeps a pointer of three lines where the file should be."""
    testbed.serve(pages.lfs_pointer(digits().sha256, len(digits().body)))
    testbed.source(testbed.url())
    testbed.mirror()


@ailing("enc-content-decoded", "length", proven=True)
def unpacked_on_the_way(testbed: Testbed) -> None:
    """The file is whole, unpacked, and therefore wrong: the server calls its gzip a Content-Encoding."""
    testbed.serve(coded(digits().body, honest=False))
    testbed.source(testbed.url())
    testbed.mirror()


@ailing("checksum-mismatch-corruption", "checksum", proven=True)
def flipped_bit(testbed: Testbed) -> None:
    """The length is right and one bit is not; only the checksum sees it."""
    testbed.serve(bit_flip(digits().body))
    testbed.source(testbed.url())
    testbed.mirror()


@ailing("data-other-file", "checksum", proven=True)
def other_data_set(testbed: Testbed) -> None:
    """Training goes well and means nothing: two data sets use the same file name, and this is the other one."""
    testbed.serve(serve(fashion().body))
    testbed.source(testbed.url())
    testbed.mirror()
