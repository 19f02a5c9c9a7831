"""Scenes of the data itself: cut, replaced, unpacked, changed."""

from __future__ import annotations

from mnistdoctor.demo import pages
from mnistdoctor.demo.faults_body import bit_flip, coded, cut
from mnistdoctor.demo.faults_http import sequence, serve
from mnistdoctor.demo.scenes.files import digits, fashion
from mnistdoctor.demo.scenes.ground import Ground
from mnistdoctor.demo.scenes.scene import ailing


@ailing("body-truncated", "length")
def truncated(ground: Ground) -> None:
    """The download ends in the middle: IncompleteRead."""
    ground.serve(cut(digits().body, 200))


@ailing("body-reset", "length", proven=True)
def reset_in_the_middle(ground: Ground) -> None:
    """Connection reset by peer, after the first part had come; the next attempt goes through."""
    ground.serve(sequence(cut(digits().body, 200, "reset"), serve(digits().body)))


@ailing("body-stalled", "length")
def stalled(ground: Ground) -> None:
    """The progress bar stops and never moves again."""
    ground.serve(cut(digits().body, 200, "stall"))
    ground.options["timeout_s"] = 1.0


@ailing("body-html-instead-of-data", "length")
def page_instead_of_data(ground: Ground) -> None:
    """Not a gzipped file (b'<!'): the server answers every address with its home page."""
    ground.serve(pages.html())


@ailing("body-lfs-pointer", "length", proven=True)
def lfs_pointer(ground: Ground) -> None:
    """Bad magic number: the repository keeps a pointer of three lines where the file should be."""
    ground.serve(pages.lfs_pointer(digits().sha256, len(digits().body)))
    ground.source(ground.url())
    ground.mirror()


@ailing("enc-content-decoded", "length", proven=True)
def unpacked_on_the_way(ground: Ground) -> None:
    """The file is whole, unpacked, and therefore wrong: the server calls its gzip a Content-Encoding."""
    ground.serve(coded(digits().body, honest=False))
    ground.source(ground.url())
    ground.mirror()


@ailing("checksum-mismatch-corruption", "checksum", proven=True)
def flipped_bit(ground: Ground) -> None:
    """The length is right and one bit is not; only the checksum sees it."""
    ground.serve(bit_flip(digits().body))
    ground.source(ground.url())
    ground.mirror()


@ailing("data-other-file", "checksum", proven=True)
def other_data_set(ground: Ground) -> None:
    """Training goes well and means nothing: two data sets use the same file name, and this is the other one."""
    ground.serve(serve(fashion().body))
    ground.source(ground.url())
    ground.mirror()
