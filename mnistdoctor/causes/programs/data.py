"""What goes wrong on this machine around data that no download failed for: no memory for them, or another shape."""

from __future__ import annotations

import math
import re

from mnistdoctor.causes.base import Case, Cause, Finding, Fix, cause
from mnistdoctor.causes.facts.traceback import ProgramError, ended_with, facts, first_match, is_network
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import command, on_windows, python_line

_FULL_DISK = re.compile(r"No space left|Errno 28\b|Disk quota", re.IGNORECASE)
_BAD_BYTES = re.compile(
    r"gzip|zip file|zlib|end-of-stream|magic number|JSONDecode|Failed to interpret file|Cannot load file containing|"
    r"invalid load key|UnpicklingError|Incomplete or corrupted|checksum",
    re.IGNORECASE,
)
"""Words about the bytes of a file: what arrived is then in doubt, and not the shape of it."""


_MODELS = ("keras", "tf_keras", "tensorflow", "sklearn")
"""Loaders that are model libraries too: such words come from their models."""


def program_out_of_memory(case: Case) -> Finding | None:
    """Holds when the program ended for want of memory."""
    said = ended_with(case)
    if said is None or is_network(said.symptom) or _FULL_DISK.search(said.text):
        return None
    table = facts("program.toml")["memory"]
    exact = first_match(table["certain"], said.text)
    if exact is None and not first_match(table["likely"], said.text):
        return None
    amount = re.search(r"(?:allocate |size )(?:more than )?([\d.]+ ?[KMGTP]?i?B?\b)", said.text)
    device = re.search(r"CUDA|HIP|MPS|GPU", said.text) is not None
    whose = "the graphics card" if device else "this machine or its container"
    asked = f": {amount.group(1)} were asked for" if amount and re.search(r"[KMGTP]?i?B$", amount.group(1)) else ""
    return finding(
        f"{whose} has no memory left for what the program does with the data{asked}",
        "The data had arrived; there was no room in memory for them, or for what is computed from them. "
        "A data set takes several times its file's size once it is unpacked, parsed and turned into floating-point "
        "numbers. Downloading it again changes nothing.",
        said.sentences(),
        fixes=_less_memory(case, said, device=device),
        unlike={"disk-full": "the words are of memory, not of a disk"},
        perhaps=exact is None and "disk-full",
    )


def _less_memory(case: Case, said: ProgramError, *, device: bool) -> tuple[Fix, ...]:
    fixes = []
    if said.inside(("sklearn",)) or "fetch_openml" in said.text:
        line = 'X, y = fetch_openml("mnist_784", version=1, as_frame=False, parser="pandas", return_X_y=True)'
        fixes.append(
            Fix(
                title="Let scikit-learn parse it with pandas, which takes far less memory (from release 1.2)",
                commands=(python_line(line),),
                untried="it is in your program",
            )
        )
    fixes.append(
        Fix(
            title="Work on smaller batches, and keep the pixels as `uint8` until they are needed",
            commands=()
            if device
            else (python_line('images = np.load("mnist.npz", mmap_mode="r")  # reads what is used'),),
            untried="it is in your program",
        ),
    )
    if not device and not on_windows(case) and case.machine.platform.startswith("Linux"):
        fixes.append(
            Fix(
                title="See how much memory there is, and what takes it",
                commands=(command(case, "free -h"),),
                untried="only you know what may be ended",
            )
        )
    return tuple(fixes)


def program_data_shape(case: Case) -> Finding | None:
    """Holds when the program ended because the data have another shape or type than it takes."""
    said = ended_with(case)
    if said is None or not said.symptom.exception or is_network(said.symptom) or _BAD_BYTES.search(said.text):
        return None
    table = facts("program.toml")["shape"]
    if first_match(table["certain"], said.text):
        return _another_shape(
            said, certain=not _reading(said) or said.where in _MODELS, more="the data had been loaded by then"
        )
    counted = first_match((table["reshape"],), said.text)
    if counted:
        number = int(next(value for value in counted.groups() if value))
        whole = _whole(case, number)
        if whole:
            return _another_shape(said, certain=True, more=f"{number} values are all of {whole}: nothing is cut")
        if not _reading(said) and said.where:
            return _another_shape(said, certain=False, more=f"{number} values are no whole file of the catalogue")
        return None
    if said.symptom.exception == "KeyError" and said.inside(("pandas",)) and first_match((table["pandas"],), said.text):
        return _frame(said)
    return None


def _reading(said: ProgramError) -> bool:
    """Whether a loader raised it, which looks at the file itself: then the file is in doubt."""
    return said.where in facts("program.toml")["loaders"] and "Input to reshape" not in said.text


def _whole(case: Case, number: int) -> str | None:
    """The file whose values these are, all of them; None where the number is of no whole file."""
    if number < 1000:
        return None
    for file in case.catalogue.files:
        if file.dims and math.prod(file.dims) == number:
            return f"{file.dataset}/{file.name}"
    return None


def _another_shape(said: ProgramError, *, certain: bool, more: str) -> Finding:
    pickle = re.search(r"pickle protocol|'ascii' codec", said.text) is not None
    fixes: tuple[Fix, ...]
    if pickle:
        fixes = (
            Fix(
                title="Read a pickle of Python 2 with its encoding, and one of a newer Python with that Python",
                commands=(python_line('data = pickle.load(file, encoding="latin1")'),),
                untried="it is in your program",
            ),
        )
    else:
        fixes = (
            Fix(
                title="Look at the shape and type of what was loaded, just before the line that failed",
                commands=(
                    python_line("print(type(x_train), x_train.shape, x_train.dtype, x_train.min(), x_train.max())"),
                ),
                untried="it is in your program",
            ),
            Fix(
                title="Bring MNIST's images into the shape that the model wants: 28 by 28 pixels, one channel",
                commands=(python_line('x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255'),),
                untried="only you know what the model wants",
            ),
        )
    what = "pickled by another Python" if pickle else "of another shape or type than the program expects"
    return finding(
        f"the data were loaded, and they are {what}",
        "The download is not at fault: the program had the data in memory and could not use them as they "
        "are. Shapes differ between loaders: Keras gives 28 by 28 pixels without a channel, torchvision one channel "
        "first, OpenML rows of 784 numbers and labels as text.",
        said.sentences(more),
        fixes=fixes,
        unlike=certain and {"body-double-packed": "bytes that are packed twice cannot be loaded at all"},
        perhaps=not certain and ("cache-stale-bad-file", "data-other-file"),
    )


def _frame(said: ProgramError) -> Finding:
    line = 'X, y = fetch_openml("mnist_784", version=1, as_frame=False, return_X_y=True)'
    return finding(
        "the data were loaded as a table, and the program takes them for an array",
        "A DataFrame looks a number up among its column names, where an array would take that row. Since "
        "scikit-learn 0.24 `fetch_openml` gives a DataFrame unless it is asked not to. The download is not at fault.",
        said.sentences("pandas looked for a column of that name"),
        fixes=(
            Fix(title="Ask for arrays", commands=(python_line(line),), untried="it is in your program"),
            Fix(
                title="Or take rows by their place",
                commands=(python_line("row = X.iloc[0].to_numpy()"),),
                untried="it is in your program",
            ),
        ),
        perhaps="program-api-changed",
    )


CAUSES: tuple[Cause, ...] = (
    cause(program_out_of_memory),
    cause(program_data_shape),
)
