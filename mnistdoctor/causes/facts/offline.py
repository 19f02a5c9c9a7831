"""The variables that keep the Hugging Face libraries off the network."""

from __future__ import annotations

from mnistdoctor.causes.case import Case

_HUB = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
"""huggingface_hub reads the first of these that is not empty, so `HF_HUB_OFFLINE=0` outweighs the second."""
_DATASETS = "HF_DATASETS_OFFLINE"
_TRUE = ("1", "on", "yes", "true")
"""What huggingface_hub takes for true, in any letter case (its `constants.py`)."""


def switches(case: Case) -> tuple[tuple[str, str], ...]:
    """The variables, with their values, that keep this loader, or a URL asked for as it, off the network."""
    if not case.subject.client.startswith("huggingface"):
        return ()
    given = {name: value for name, value in case.machine.variables if value}
    on = {name: value for name, value in given.items() if value.lower() in _TRUE}
    decides = next((name for name in _HUB if name in given), None)
    hub = _HUB if decides in on else ()
    library = (_DATASETS,) if case.subject.loader else ()  # of `datasets`, which asks for nothing but data sets
    return tuple((name, on[name]) for name in (*hub, *library) if name in on)
