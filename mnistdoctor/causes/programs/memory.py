"""No room in memory for the data, or for what the program makes of them."""

from __future__ import annotations

from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.facts.tables import table
from mnistdoctor.causes.facts.traceback import ProgramError, final_error, is_network
from mnistdoctor.causes.finding import Fixes, finding
from mnistdoctor.causes.fixes import command, in_program


def program_out_of_memory(case: Case) -> Finding | None:
    """Holds when the program ended for want of memory."""
    error = final_error(case)
    if error is None or is_network(error.symptom):
        return None
    known = table("program")["memory"]
    if error.match(*known["disk"]):
        return None
    exact = error.match(*known["certain"])
    if not exact and not error.match(*known["likely"]):
        return None
    on_card = error.match(r"CUDA|HIP|MPS|GPU") is not None
    amount = error.match(r"(?:allocate |size )(?:more than )?([\d.]+ ?[KMGTP]?i?B?\b)")
    asked = f": {amount[1]} were asked for" if amount and amount[1].endswith("B") else ""
    return finding(
        f"{'the graphics card' if on_card else 'this machine or its container'} has no memory left for what the "
        f"program does with the data{asked}",
        "The data had arrived; there was no room in memory for them, or for what is computed from them. "
        "A data set takes several times its file's size once it is unpacked, parsed and turned into floating-point "
        "numbers. Downloading it again changes nothing.",
        error.evidence,
        fixes=_less_memory(case, error, on_card=on_card),
        unlike={"disk-full": "the words are of memory, not of a disk"},
        perhaps=not exact and "disk-full",
    )


def _less_memory(case: Case, error: ProgramError, *, on_card: bool) -> Fixes:
    parses = error.inside("sklearn") or "fetch_openml" in error.text
    mapped = 'images = np.load("mnist.npz", mmap_mode="r")  # reads what is used'
    return (
        parses
        and in_program(
            "Let scikit-learn parse it with pandas, which takes far less memory (from release 1.2)",
            'X, y = fetch_openml("mnist_784", version=1, as_frame=False, parser="pandas", return_X_y=True)',
        ),
        in_program(
            "Work on smaller batches, and keep the pixels as `uint8` until they are needed",
            *(() if on_card else (mapped,)),
        ),
        not on_card
        and case.machine.platform.startswith("Linux")
        and Fix(
            title="See how much memory there is, and what takes it",
            commands=(command(case, "free -h"),),
            untried="only you know what may be ended",
        ),
    )


CAUSES: tuple[Cause, ...] = (cause(program_out_of_memory),)
