"""What lies in the loaders' caches: records, like a probe's. Nothing here writes, locks or judges."""

from mnistdoctor.disk.look import is_empty, look, paths
from mnistdoctor.disk.place import Place, place_of

__all__ = ["Place", "is_empty", "look", "paths", "place_of"]
