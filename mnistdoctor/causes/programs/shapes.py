"""Data that were loaded and have another shape or type than the program takes."""

from __future__ import annotations

import math

from mnistdoctor.catalogue import File
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.traceback import ProgramError, final_error, is_network
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import in_program


def program_data_shape(case: Case) -> Finding | None:
    """Holds when the program ended because the data have another shape or type than it takes."""
    error = final_error(case)
    if error is None or not error.exception or is_network(error.symptom):
        return None
    known = table("program")["shape"]
    if error.match(*known["bytes"]):
        return None
    if error.match(*known["certain"]):
        sound = not _reading(error) or error.package in table("program")["model_loaders"]
        return _another_shape(error, "the data had been loaded by then", certain=sound)
    if reshape := error.match(*known["reshape"]):
        return _reshaped(case, error, int(next(filter(None, reshape.groups()))))
    if error.exception == "KeyError" and error.inside("pandas") and error.match(*known["pandas"]):
        return _table_for_array(error)
    return None


def _reading(error: ProgramError) -> bool:
    """Whether a loader raised it, which looks at the file itself: then the file is in doubt."""
    return error.package in table("program")["loaders"] and "Input to reshape" not in error.text


def _reshaped(case: Case, error: ProgramError, number: int) -> Finding | None:
    """Of values that do not fit a shape: where they are all of a file, or no loader counted them, the file is sound."""
    whole = next((one for one in case.catalogue.files if one.dims and math.prod(one.dims) == number), None)
    if whole and number >= 1000:
        values = f"{number} values are all of {whole.dataset}/{whole.name}: nothing is cut"
        return _another_shape(error, values, certain=True)
    packed = None if _reading(error) else _packed(case, number)
    if packed:
        return _unpacked(error, f"{number} bytes are the packed {packed.dataset}/{packed.name}, without its first 16")
    if error.package and not _reading(error):
        return _another_shape(error, f"{number} values are no whole file of the catalogue", certain=False)
    return None


def _packed(case: Case, number: int) -> File | None:
    """The .gz file whose own bytes were taken for values: all of them but the header that IDX files begin with."""
    gzipped = (one for one in case.catalogue.files if one.name.endswith(".gz") and one.size)
    return next((one for one in gzipped if (one.size or 0) - number in (8, 16) and number >= 1000), None)


def _unpacked(error: ProgramError, why: str) -> Finding:
    return finding(
        "the program read a .gz file as it is: it has to be unpacked first",
        "The download is not at fault: the file is whole, and the program takes its packed bytes for pixels or labels. "
        "It was written for the unpacked files.",
        error.evidence,
        why,
        fixes=in_program("Open it unpacked", 'import gzip; data = gzip.open("train-images-idx3-ubyte.gz").read()'),
        unlike={"body-double-packed": "the number is that of the file packed once, as it is published"},
    )


def _another_shape(error: ProgramError, why: str, *, certain: bool) -> Finding:
    pickled = error.match(*table("program")["shape"]["pickle"]) is not None
    what = "pickled by another Python" if pickled else "of another shape or type than the program expects"
    return finding(
        f"the data were loaded, and they are {what}",
        "The download is not at fault: the program had the data in memory and could not use them as they "
        "are. Shapes differ between loaders: Keras gives 28 by 28 pixels without a channel, torchvision one channel "
        "first, OpenML rows of 784 numbers and labels as text.",
        error.evidence,
        why,
        fixes=_decode_pickle() if pickled else _reshape(),
        unlike=certain and {"body-double-packed": "bytes that are packed twice cannot be loaded at all"},
        perhaps=not certain and ("cache-stale-bad-file", "data-other-file"),
    )


def _decode_pickle() -> Fix:
    return in_program(
        "Read a pickle of Python 2 with its encoding, and one of a newer Python with that Python",
        'data = pickle.load(file, encoding="latin1")',
    )


def _reshape() -> tuple[Fix, ...]:
    return (
        in_program(
            "Look at the shape and type of what was loaded, just before the line that failed",
            "print(type(x_train), x_train.shape, x_train.dtype, x_train.min(), x_train.max())",
        ),
        in_program(
            "Bring MNIST's images into the shape that the model wants: 28 by 28 pixels, one channel",
            'x_train = x_train.reshape(-1, 28, 28, 1).astype("float32") / 255',
            why="only you know what the model wants",
        ),
    )


def _table_for_array(error: ProgramError) -> Finding:
    line = 'X, y = fetch_openml("mnist_784", version=1, as_frame=False, return_X_y=True)'
    return finding(
        "the data were loaded as a table, and the program takes them for an array",
        "A DataFrame looks a number up among its column names, where an array would take that row. Since "
        "scikit-learn 0.24 `fetch_openml` gives a DataFrame unless it is asked not to. The download is not at fault.",
        error.evidence,
        "pandas looked for a column of that name",
        fixes=(
            in_program("Ask for arrays", line),
            in_program("Take rows by their place", "row = X.iloc[0].to_numpy()"),
        ),
        perhaps="program-api-changed",
    )


CAUSES: tuple[Cause, ...] = (cause(program_data_shape),)
