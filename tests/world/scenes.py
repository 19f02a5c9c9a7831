"""What a scene is: a fault of the world with a motive, and the one cause that the doctor has to name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mnistdoctor.demo.scenes.scene import collect as of_kind
from mnistdoctor.demo.scenes.scene import described

from . import files
from .world import World

LABELS = files.GCS + files.LABELS
"""The file that most scenes are about: 4542 bytes, in the catalogue with several sources."""
HOST = "storage.googleapis.com"
S3_LABELS = files.S3 + files.LABELS
S3_HOST = "ossci-datasets.s3.amazonaws.com"
PLAIN_HOST = "fashion-mnist.s3-website.eu-central-1.amazonaws.com"
PLAIN = f"http://{PLAIN_HOST}/{files.LABELS}"
"""A catalogue URL without TLS."""

How = Mapping[str, Any]
"""Further words for `World.check`: `proxy`, `env`, `hosts`, `system`, `certifi`, `ca`."""
Arrange = Callable[[World], How | None]
Verdict = Literal["healthy", "ailing", "inconclusive"]


@dataclass(frozen=True, slots=True)
class Scene:
    """One row of the table. `arrange` brings the fault about, and may return words for `World.check`."""

    name: str
    motive: str
    """Why it matters: what the user meets, and with what it is easily confused."""
    arrange: Arrange
    verdict: Verdict
    cause: tuple[str, ...] = ()
    """The cause; a second one where the contract leaves the choice open. Empty: no diagnosis."""
    stage: str | None = None
    argv: tuple[str, ...] = (LABELS,)
    warns: str | None = None
    """A cause that must be among the warnings."""
    proves: bool = False
    """A fix must have been tried and seen to work."""


def scene(
    verdict: Verdict, cause: str | tuple[str, ...] = (), stage: str | None = None, **more: Any
) -> Callable[[Arrange], Scene]:
    """Makes a scene of a function: its name is the scene's name, its docstring the motive."""

    def make(arrange: Arrange) -> Scene:
        causes = (cause,) if isinstance(cause, str) else cause
        return Scene(*described(arrange), arrange, verdict, causes, stage, **more)

    return make


def independent(
    name: str,
    motive: str,
    cause: str | tuple[str, ...],
    arrange: Arrange,
    argv: tuple[str, ...] = (LABELS,),
    stage: str | None = None,
    **more: Any,
) -> Scene:
    """A row by somebody who had not read the rules; without a cause, of something odd that is healthy."""
    causes = (cause,) if isinstance(cause, str) else cause
    verdict: Verdict = "ailing" if causes else "healthy"
    return Scene(f"exam-{name}", motive, arrange, verdict, causes, stage if causes else None, argv, **more)


def collect(names: Mapping[str, object]) -> tuple[Scene, ...]:
    """The scenes of a module, from its `globals()`, in order."""
    return of_kind(names, Scene)
