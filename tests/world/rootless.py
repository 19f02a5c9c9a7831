"""The closed world without root: `python -m tests.world.rootless [ARGUMENTS OF PYTEST]`.

In a user namespace of one's own one is root over networks and mounts that nobody else sees. squid alone wants a second
user id to step down to, so its scenes are skipped there. Some systems forbid such namespaces (Ubuntu's AppArmor rule,
many containers): then this says so and ends with 1. https://man7.org/linux/man-pages/man7/user_namespaces.7.html
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

_ENTER = ("unshare", "--user", "--map-root-user", "--net", "--mount")
_SET_UP = 'mount -t tmpfs tmpfs /run && mkdir -p /run/netns && exec "$@"'
"""The names of network namespaces live below /run, which belongs to the true root."""


def refusal() -> str | None:
    """Why this machine has no user namespaces for us; None where it has."""
    if shutil.which("unshare") is None:
        return "`unshare` is not installed (Debian's util-linux)"
    tried = subprocess.run([*_ENTER, "true"], capture_output=True, text=True)
    return None if tried.returncode == 0 else tried.stderr.strip() or "the kernel refuses"


def main() -> int:
    """Run pytest on tests/world inside."""
    if reason := refusal():
        print(f"no user namespace can be made here: {reason}", file=sys.stderr)
        return 1
    pytest = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *(sys.argv[1:] or ["tests/world"])]
    return subprocess.run([*_ENTER, "--fork", "sh", "-c", _SET_UP, "sh", *pytest], env=dict(os.environ)).returncode


if __name__ == "__main__":
    sys.exit(main())
