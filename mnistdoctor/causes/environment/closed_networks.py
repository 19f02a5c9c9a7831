"""Places that are closed by design: notebooks whose internet is switched off, and compute nodes without a way out."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Finding, Fix, cause
from mnistdoctor.causes.case import Case, Control
from mnistdoctor.causes.facts import addresses, dns, tcp
from mnistdoctor.causes.facts.failures import failure_of
from mnistdoctor.causes.facts.network import UNREACHABLE, no_route
from mnistdoctor.causes.finding import finding
from mnistdoctor.failure import Failure

_NOTEBOOK = "KAGGLE_KERNEL_RUN_TYPE"
_POD = "KUBERNETES_SERVICE_HOST"
_SCHEDULERS = {
    "SLURM_JOB_ID": "Slurm",
    "SLURM_JOBID": "Slurm",
    "PBS_JOBID": "PBS",
    "LSB_JOBID": "LSF",
    "SGE_TASK_ID": "Grid Engine",
    "SGE_O_HOST": "Grid Engine",
    _POD: "Kubernetes",
}
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
    """Holds when this is a node of a cluster, and no outside name is known, no route leads out or nobody answers."""
    variable = _variable(case, *_SCHEDULERS)
    if variable is None or case.proxied:
        return None
    shown = _unconnected(case) or _unrouted(case) or _unnamed(case, variable)
    if shown is None:
        return None
    seen, runner_up = shown
    scheduler, pod = _SCHEDULERS[variable], variable == _POD
    return finding(
        f"this {scheduler} {'pod' if pod else 'job'} runs on a node that has no way out to the internet",
        "Compute nodes are often closed on purpose: outside names are not known there, or no connection to the outside "
        "is answered. "
        + (
            "An egress policy of the cluster decides what a pod may reach."
            if pod
            else "The login node or a transfer node can usually download, and shared storage carries the files over."
        )
        + " Some sites offer a proxy for compute nodes: look for it in the site's documentation.",
        f"`{variable}` is set, so this is a {scheduler} {'pod' if pod else 'job'}",
        seen,
        fixes=(
            Fix(
                title="Ask for the host to be allowed in the cluster's egress policy, or put the data on a volume"
                if pod
                else "Download on the login node into shared storage, and point the job there",
                untried="it has to be done on another machine",
            ),
            Fix(title="Set the proxy that your site offers to compute nodes", untried="only your site knows it"),
        ),
        unlike={"tcp-server-down" if case.stopped(ev.Connect) else "dns-nxdomain": "it is not about this host alone"},
        perhaps=runner_up,
    )


_Shown = tuple[tuple[str, ...], str]
"""What shows that there is no way out, and what else it may be."""


def _unconnected(case: Case) -> _Shown | None:
    """Neither the host nor unrelated ones answer."""
    attempts = tcp.attempts(case)
    if attempts is None or attempts.here or not attempts.failures <= _SILENT:
        return None
    others = case.ask(Control.UNRELATED_TLS, ev.Connect)
    if not others or any(one.failure not in _SILENT for one in others):
        return None
    return (*attempts.evidence, f"unrelated hosts do not answer either: {tcp.names_of(others)}"), "tcp-filtered"


def _unrouted(case: Case) -> _Shown | None:
    """The kernel knows no way out."""
    lookup, attempts = dns.failed_lookup(case), tcp.attempts(case)
    unreachable = attempts is not None and not attempts.here and attempts.failures <= set(UNREACHABLE)
    if not (lookup or unreachable) or not no_route(case):
        return None
    looked_up = lookup and f"the lookup of {lookup.name} failed: {failure_of(lookup)}"
    seen = (looked_up,) if looked_up else attempts.evidence if attempts else ()
    return (*seen, "the system has no route out"), "env-no-network-link"


def _unnamed(case: Case, variable: str) -> _Shown | None:
    """No unrelated name is found either; a pod's silent name server is one that is down."""
    lookup = dns.failed_lookup(case)
    if lookup is None or not addresses.public_name(lookup.name):
        return None
    others = dns.other_names(case, lookup.name)
    denied = all(one.failure in dns.DENIED for one in (lookup, *others.failed))
    if not others.all_failed or (variable == _POD and not denied):
        return None
    return (
        f"the lookup of {lookup.name} failed: {failure_of(lookup)}",
        f"so did the lookups of unrelated names: {others.failed_names}",
    ), "dns-nxdomain" if denied else "dns-temporary-failure"


CAUSES: tuple[Cause, ...] = (
    cause(notebook_internet_disabled, needs=(Control.NAMES,), machine_wide=True),
    cause(cluster_node_no_egress, needs=(Control.UNRELATED_TLS, Control.REACH, Control.NAMES), machine_wide=True),
)
