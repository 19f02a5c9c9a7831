"""The limits and choices of one run, and the environment as it was when the run began."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import platform
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from mnistdoctor.evidence import Stage
from mnistdoctor.settings.python import PATIENCE_S, Python, own, users

PORTAL_CONTROLS = (
    "http://connectivitycheck.gstatic.com/generate_204",
    "http://www.msftconnecttest.com/connecttest.txt",
    "http://detectportal.firefox.com/success.txt",
)
"""Plain-HTTP addresses with a known answer."""

TLS_CONTROLS = ("https://www.cloudflare.com/cdn-cgi/trace", "https://example.com/")
"""Hosts that have nothing to do with any dataset."""

BODY_LIMIT = 32 * 2**20
"""Bodies over so many bytes are read to the first `HEAD_LIMIT` bytes only, unless the run is `full`."""

HEAD_LIMIT = 64 * 2**10

TIMEOUT_S = 10.0
"""How long one operation may take where nobody says otherwise."""

LOOKUP_S = 30.0
"""How long the system's own lookup may take where nobody chose a time-out: glibc asks each of three name servers twice,
with five seconds for each, and a lookup in which some of that was lost succeeds in the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the command line decided; a trial is the same with one thing changed."""

    timeout_s: float = TIMEOUT_S
    """Bounds each connect, handshake, response head, and silence in a body."""
    lookup_s: float | None = None
    """Bounds each of the system's own lookups, which have a schedule of their own; `timeout_s` where None."""
    deadline_s: float = 300.0
    """Bounds the whole run."""
    jobs: int = 4
    per_host: int = 6
    family: Literal[4, 6] | None = None
    """To use only such addresses."""
    proxy: str | None = None
    """Overrides what the environment says of proxies."""
    direct: bool = False
    """Without any proxy, whatever the environment says."""
    direct_to: str | None = None
    """A host, in lower case, that is reached without any proxy, as one that NO_PROXY names."""
    ca_bundle: str | None = None
    cert: str | None = None
    key: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Sent to the target's own origin only."""
    resume: tuple[int, str] | None = None
    """Bytes of the target that are there already, and the validator of the file that they belong to."""
    resolver: str | None = None
    """A name server to compare with, after a failure."""
    resolve: tuple[tuple[str, int, str], ...] = ()
    """(host, port, address) triples that replace a lookup, as with curl's --resolve."""
    user_agent: str | None = None
    accept_encoding_identity: bool = False
    """Ask for ``Accept-Encoding: identity`` whatever the client would ask for."""
    netrc: bool = True
    """Whether a client that reads netrc unasked may send what it holds."""
    full: bool = False
    trials_allowed: bool = True
    controls_allowed: bool = True
    """Whether controls may be made."""
    offline: bool = False
    controls: tuple[str, ...] = ()
    """Replaces the built-in control addresses where not empty."""
    allow_private_redirect: bool = False
    until: Stage | None = None
    retries: int = 0
    """How often a transient failure is repeated."""
    pac: str | None = None
    """A PAC file, by path or URL, that is asked after a failure; None for the one that the system's setting names."""

    @property
    def portal_controls(self) -> tuple[str, ...]:
        """Plain-HTTP controls of this run."""
        return tuple(url for url in self.controls if url.startswith("http://")) if self.controls else PORTAL_CONTROLS

    @property
    def tls_controls(self) -> tuple[str, ...]:
        """HTTPS controls of this run."""
        return tuple(url for url in self.controls if url.startswith("https://")) if self.controls else TLS_CONTROLS


# Prefixes and names of the variables that steer a download, from shared facts on client environments.
_STEERING = (
    "http_proxy", "https_proxy", "all_proxy", "no_proxy", "request_method", "ssl_cert_file", "ssl_cert_dir",
    "requests_ca_bundle", "curl_ca_bundle", "sslkeylogfile", "openssl_conf",
    "pip_cert", "netrc", "hf_endpoint", "hf_hub_offline",
    "transformers_offline", "hf_datasets_offline", "hf_home", "hf_hub_disable_xet", "keras_home", "torch_home",
    "scikit_learn_data", "tfds_data_dir", "kaggle_kernel_run_type", "colab_release_tag", "slurm_job_id",
    "slurm_jobid", "pbs_jobid", "lsb_jobid", "sge_task_id", "sge_o_host", "ci",
    "github_actions", "kubernetes_service_host", "mxnet_gluon_repo",
)  # fmt: skip


_CONTACT = re.compile(r"[!-'*-\[\]-~][ -'*-\[\]-~]{0,199}")
"""Printable ASCII without what a comment gives a meaning: parentheses and the backslash (RFC 9110 section 5.6.5)."""


@dataclass(frozen=True, slots=True)
class Environment:
    """The process environment, read once, and the Python that loads the data."""

    variables: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    python: Python = field(default_factory=own)
    """The Python that loads the data."""

    def get(self, *names: str) -> tuple[str, str] | None:
        """The first of these variables that is set and not empty, as (name, value)."""
        return next(((name, self.variables[name]) for name in names if self.variables.get(name)), None)

    @property
    def contact(self) -> str:
        """What MNISTDOCTOR_CONTACT adds to the doctor's own name; empty where it cannot stand in a field's comment."""
        text = self.variables.get("MNISTDOCTOR_CONTACT", "").strip()
        return text if _CONTACT.fullmatch(text) else ""

    def steering(self) -> tuple[tuple[str, str], ...]:
        """The variables that steer a download, with their raw values."""
        return tuple(sorted((name, value) for name, value in self.variables.items() if name.lower() in _STEERING))


def of_user(python: str | None = None, patience_s: float = PATIENCE_S) -> Environment:
    """The process environment with the user's Python: the one that is named, or that the environment leads to.

    Raises `NoPython`.
    """
    variables = dict(os.environ)
    return Environment(variables, users(python, variables, Path(), patience_s))


def platform_name() -> str:
    """Such as ``Linux-6.1.0-x86_64``."""
    return f"{platform.system()}-{platform.release()}-{platform.machine()}"


def optional_modules(python: Python) -> tuple[str, ...]:
    """Modules present that change what a client can do, found without importing them."""
    return tuple(name for name in ("socks", "socksio", "truststore") if python.has(name))


def lacking() -> tuple[str, ...]:
    """What a whole Python has and this one has not (``ssl``, ``socket``), or may not use (``md5``: a FIPS build)."""
    found = [name for name in ("ssl", "socket") if importlib.util.find_spec(f"_{name}") is None]
    try:
        hashlib.md5()  # noqa: S324 - asked whether it may be used, not used
    except ValueError:  # https://docs.python.org/3/library/hashlib.html#hashlib.new, `usedforsecurity`
        found.append("md5")
    return tuple(found)


def in_container() -> bool:
    """Whether the usual marks of a container are there."""
    return sys.platform == "linux" and (os.path.exists("/.dockerenv") or os.path.exists("/run/.containerenv"))  # noqa: PTH110
