"""Places that are closed by design: notebooks whose internet is switched off, and compute nodes without a way out."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Case, Cause, Control, Finding, Fix, cause
from mnistdoctor.causes.facts import dns, tcp
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure

_NOTEBOOK = "KAGGLE_KERNEL_RUN_TYPE"
_SCHEDULERS = {"SLURM_JOB_ID": "Slurm", "PBS_JOBID": "PBS", "LSB_JOBID": "LSF"}
_SILENT = {Failure.TIMEOUT, Failure.HOST_UNREACHABLE, Failure.NETWORK_UNREACHABLE}


def _variable(case: Case, *names: str) -> str | None:
    return next((name for name, value in case.machine.variables if name in names and value), None)


def notebook_internet_disabled(case: Case) -> Finding | None:
    """Holds when a hosted notebook has its internet switched off: no outside name can be looked up."""
    if _variable(case, _NOTEBOOK) is None or case.proxied:
        return None
    lookup = dns.failed_lookup(case)
    others = lookup and dns.other_names(case, lookup.name)
    if not lookup or not others or not others.all_failed:
        return None
    return finding(
        "this Kaggle notebook has no internet: it is switched off in the notebook's settings",
        "Kaggle starts notebooks without internet unless it is switched on, and no name can be looked up "
        "then. The dataset's host was not asked. Competition code often has to run that way; its data are attached.",
        f"`{_NOTEBOOK}` is set, so this is a Kaggle notebook",
        f"the lookup of {lookup.name} failed: {failure_of(lookup)}",
        f"so did the lookups of unrelated names: {others.failed_names}",
        fixes=(
            Fix(
                title="Switch Internet on in the notebook's settings (the account must be verified by phone)",
                untried="it is a switch in the browser",
            ),
            Fix(
                title="Attach the dataset to the notebook, and read it below /kaggle/input",
                untried="it is done in the browser",
            ),
        ),
        unlike={"dns-nxdomain": "unrelated names fail in the same way"},
    )


def cluster_node_no_egress(case: Case) -> Finding | None:
    """Holds when this is a node of a batch scheduler's cluster, and nothing outside can be connected to."""
    variable = _variable(case, *_SCHEDULERS)
    if variable is None or case.proxied:
        return None
    attempts = tcp.attempts(case)
    if attempts is None or attempts.here or not attempts.failures <= _SILENT:
        return None
    others = case.ask(Control.UNRELATED_TLS, ev.Connect)
    if not others or any(one.failure not in _SILENT for one in others):
        return None
    scheduler = _SCHEDULERS[variable]
    return finding(
        f"this {scheduler} job runs on a node that has no way out to the internet",
        "Compute nodes are often closed on purpose: names resolve, and no connection to the outside is "
        "answered. The login node or a transfer node can usually download, and shared storage carries the files over. "
        "Some sites offer a proxy for compute nodes: look for it in the site's documentation.",
        f"`{variable}` is set, so this is a {scheduler} job",
        attempts.evidence,
        f"unrelated hosts do not answer either: {tcp.names_of(others)}",
        fixes=(
            Fix(
                title="Download on the login node into shared storage, and point the job there",
                untried="it has to be done on another machine",
            ),
            Fix(title="Set the proxy that your site offers to compute nodes", untried="only your site knows it"),
        ),
        unlike={"tcp-server-down": "unrelated hosts do not answer either"},
        perhaps="tcp-filtered",
    )


CAUSES: tuple[Cause, ...] = (
    cause(notebook_internet_disabled, needs=(Control.NAMES,), machine_wide=True),
    cause(cluster_node_no_egress, needs=(Control.UNRELATED_TLS,), machine_wide=True),
)
