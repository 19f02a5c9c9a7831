"""What is said of a text that tells of a failed download and of no reason: a loader's summary alone."""

from __future__ import annotations

from mnistdoctor.causes.base import Finding, Fix

WITHOUT_REASON = Finding(
    title="the download failed, and the text does not say why",
    explanation="These words are a summary: the reason was printed before them, or was not printed at all.",
    evidence=(),
    certain=False,
    fixes=(
        Fix(
            title="Read the whole output: the line that tells stands above the summary. Or run it once more with the "
            "program's own option for more output (`-v`, `--verbose`, `--debug`)",
            untried="a text was read, and nothing was tried",
        ),
    ),
)
