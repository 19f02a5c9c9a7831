"""The scenes of `mnistdoctor demo`, one module a family, in the order of the stages."""

from mnistdoctor.demo.scenes import bodies, handshakes, names, proxies, refusals, statuses, well
from mnistdoctor.demo.scenes.scene import Scene, collect
from mnistdoctor.demo.scenes.testbed import Setup

__all__ = ["SCENES", "Scene", "Setup"]

SCENES: tuple[Scene, ...] = tuple(
    scene
    for family in (well, names, proxies, handshakes, refusals, statuses, bodies)
    for scene in collect(vars(family), Scene)
)
"""Every scene."""
