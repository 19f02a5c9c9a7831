"""The patient's machine: a command in the client namespace, with its own resolver files, stores and environment.

`ip netns exec` would give it `/etc/netns/NAME`; here a private mount namespace does, which leaves nothing on the host
and can put other files in the place of the trust stores as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import util
from pathlib import Path

import certifi

from .nameserver import ROUTER
from .namespace import inside
from .pki import Pki

CA_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
RESOLV = f"nameserver {ROUTER}\n"
_ENTER = """
while [ "$1" != -- ]; do
  case "$1" in
    tmpfs:*) mount -t tmpfs -o "${1#tmpfs:}" tmpfs "$2" ;;
    *) mount --bind "$1" "$2" ;;
  esac || exit 99
  shift 2
done
shift
exec "$@"
"""


@dataclass(frozen=True, slots=True)
class Machine:
    """How the client's machine is set up for one run."""

    hosts: str = ""
    """Lines beyond localhost's own in `/etc/hosts`."""
    resolv: str = RESOLV
    ca: str | Path = "lab"
    """`lab`: both stores below are replaced, no variable is set, as on an ordinary machine. `env`: genuine stores, and
    the three CA variables name a bundle that knows this world. `none`: genuine stores, no variable. A path: as `lab`,
    with the variables naming that path."""
    system: tuple[str, ...] = ("public",)
    """What the system's store (`/etc/ssl/certs`) trusts, by the names of `Pki.bundle`; empty trusts nobody."""
    certifi: tuple[str, ...] = ("public",)
    """What certifi's file trusts; `("genuine",)` leaves the true one, which does not know this world."""
    env: Mapping[str, str] = field(default_factory=dict)
    tmpfs: Mapping[str, str] = field(default_factory=dict)
    """Folders of the home, and the options with which an empty file system of their own is mounted there."""


class Client:
    """Runs commands on the patient's machine."""

    def __init__(self, name: str, folder: Path, pki: Pki, bundles: tuple[Path, ...] = ()) -> None:
        """`bundles` are certifi's files of other Pythons, which are replaced as that of this one is."""
        self._bundles = (Path(certifi.where()), *bundles)
        self._name, self._folder, self._pki = name, folder, pki
        folder.mkdir()
        (folder / "nsswitch.conf").write_text("passwd: files\ngroup: files\nhosts: files dns\n")
        self.home = folder / "home"
        self.home.mkdir()

    def environment(self, machine: Machine) -> dict[str, str]:
        """A new user's environment: no proxy, no CA file, no token; then what the machine adds."""
        values = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '/usr/bin:/bin')}",
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
        }
        found = util.find_spec("mnistdoctor")
        if found and found.origin:
            values["PYTHONPATH"] = str(Path(found.origin).parents[1])
        if machine.ca == "env":
            values |= dict.fromkeys(CA_VARIABLES, str(self._pki.bundle("public")))
            values["SSL_CERT_DIR"] = str(self._folder / "no-such-folder")
        elif isinstance(machine.ca, Path):
            values |= dict.fromkeys(CA_VARIABLES, str(machine.ca))
        return values | dict(machine.env)

    def _mounts(self, machine: Machine) -> list[str]:
        for name, text in (("hosts", "127.0.0.1 localhost\n" + machine.hosts + "\n"), ("resolv", machine.resolv)):
            (self._folder / name).write_text(text)
        pairs = [("resolv", "/etc/resolv.conf"), ("hosts", "/etc/hosts"), ("nsswitch.conf", "/etc/nsswitch.conf")]
        mounts = [word for name, place in pairs for word in (str(self._folder / name), place)]
        for name, options in machine.tmpfs.items():
            (self.home / name).mkdir(parents=True, exist_ok=True)
            mounts += [f"tmpfs:{options}", str(self.home / name)]
        if machine.ca in ("env", "none"):
            return mounts
        mounts += [str(self._pki.store(*machine.system)), "/etc/ssl/certs"]
        if machine.certifi != ("genuine",):
            for bundle in dict.fromkeys(self._bundles):
                mounts += [str(self._pki.bundle(*machine.certifi)), str(bundle)]
        return mounts

    def run(
        self, argv: Sequence[str], machine: Machine, timeout: float, given: str | None
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command to its end; `subprocess.TimeoutExpired` after `timeout` seconds, with the command ended."""
        enter = ["unshare", "-m", "sh", "-c", _ENTER, "enter", *self._mounts(machine), "--", *argv]
        return inside(
            self._name,
            lambda: subprocess.run(
                enter,
                env=self.environment(machine),
                cwd=self.home,
                input=given,
                stdin=subprocess.DEVNULL if given is None else None,
                capture_output=True,
                text=True,
                timeout=timeout,
            ),
        )

    def clear(self) -> None:
        """An empty home."""
        shutil.rmtree(self.home)
        self.home.mkdir()
