"""What a scene is: a fault with a motive, and what the doctor has to make of it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from mnistdoctor.demo.scenes.testbed import Setup, Testbed

Arrange = Callable[["Testbed"], None]
Kind = TypeVar("Kind")


@dataclass(frozen=True, slots=True)
class Scene:
    """One fault, played on loopback servers."""

    name: str
    motive: str
    """What the person met, in a sentence."""
    arrange: Arrange
    """Brings the fault about."""
    verdict: str
    """`healthy` or `ailing`."""
    cause: str | None = None
    """The cause of every target; None where it is healthy."""
    stage: str | None = None
    """The stage at which it fails."""
    proven: bool = False
    """Whether a fix must have been seen to work."""

    @contextlib.contextmanager
    def set_up(self) -> Iterator[Setup]:
        """Start the servers, yield what `examine` needs, and stop them again."""
        from mnistdoctor.demo.scenes.testbed import Testbed

        with Testbed() as testbed:
            self.arrange(testbed)
            if not testbed.controls:
                testbed.usual_controls()
            yield testbed.setup()


def ailing(cause: str, stage: str, *, proven: bool = False) -> Callable[[Arrange], Scene]:
    """Make a scene of a function: its name is the scene's, its docstring the motive."""

    def make(arrange: Arrange) -> Scene:
        return _scene(arrange, "ailing", cause, stage, proven)

    return make


def healthy(arrange: Arrange) -> Scene:
    """Make a scene that is well."""
    return _scene(arrange, "healthy", None, None, False)


def _scene(arrange: Arrange, verdict: str, cause: str | None, stage: str | None, proven: bool) -> Scene:
    return Scene(*described(arrange), arrange, verdict, cause, stage, proven)


def described(arrange: Callable[..., object]) -> tuple[str, str]:
    """Return the name and the motive of the scene that a function arranges: its own name, and its docstring."""
    return getattr(arrange, "__name__", "").replace("_", "-"), " ".join((arrange.__doc__ or "").split())


def collect(names: Mapping[str, object], kind: type[Kind]) -> tuple[Kind, ...]:
    """Return the scenes of a module, from its `globals()`, in order."""
    return tuple(value for value in names.values() if isinstance(value, kind))
