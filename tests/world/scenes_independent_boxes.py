"""The exam of what answers in another's place: trusted boxes, portals inside, allow lists, nodes of clusters."""

from __future__ import annotations

from functools import partial

from . import sites
from .scenes import HOST, LABELS, PLAIN, PLAIN_HOST, Arrange, How, collect, independent, scene
from .world import World

KERAS = (LABELS, "--as", "keras")
UNKNOWN_HOST = "https://data.weather-archive.org/2020.nc"
LISTED = "93.184.216.77"


# --- allow lists ---------------------------------------------------------------------------------------------------


def _allow_list(world: World, *listed: str) -> None:
    world.dns("*", rcode="NXDOMAIN")
    for name in listed:
        world.dns(name, answer=LISTED)


def _lists(*listed: str, env: dict[str, str] | None = None) -> Arrange:
    def arrange(world: World) -> How:
        _allow_list(world, *listed)
        return {"env": env or {}}

    return arrange


_names = partial(independent, stage="dns")
LISTS = (
    _names("allow-list-index", "The package index resolves, no other name does", "dns-filtered", _lists("pypi.org")),
    _names("allow-list-code", "The same with GitHub on the list", "dns-filtered", _lists("github.com"), KERAS),
    _names("allow-list-unknown", "The same for a host that nobody knows", "dns-filtered", _lists("pypi.org"), (UNKNOWN_HOST,)),
    _names("allow-list-in-a-job", "A list in a cluster is a list", "dns-filtered", _lists("pypi.org", env={"SLURM_JOB_ID": "1"})),
    _names("no-name-at-all", "Not even those of allow lists resolve", "dns-nxdomain", _lists()),
)  # fmt: skip


@scene("ailing", ("dns-nxdomain", "dns-filtered"), "dns", argv=(UNKNOWN_HOST,))
def exam_one_name_and_no_list(world: World) -> None:
    """One name is denied and unrelated ones resolve: no list"""
    world.dns("pypi.org", answer=LISTED)


# --- nodes of clusters ---------------------------------------------------------------------------------------------

_JOBS = (("slurm", "SLURM_JOB_ID"), ("pbs", "PBS_JOBID"), ("lsf", "LSB_JOBID"), ("sge", "SGE_TASK_ID"),
         ("pod", "KUBERNETES_SERVICE_HOST"))  # fmt: skip


def _in_job(variable: str, fault: Arrange) -> Arrange:
    def arrange(world: World) -> How:
        fault(world)
        return {"env": {variable: "4711"}}

    return arrange


NODES = (
    *(independent(f"node-denied-{name}", f"Every outside name is denied in a job; {name}", "cluster-node-no-egress",
                  _in_job(variable, lambda world: _allow_list(world)), stage="dns") for name, variable in _JOBS),
    *(independent(f"node-no-route-{name}", f"No route leads out of a job; {name}", "cluster-node-no-egress",
                  _in_job(variable, lambda world: world.no_route()), stage="tcp") for name, variable in _JOBS[:2]),
    independent("node-silent-names", "No name server answers in a job", "cluster-node-no-egress",
                _in_job("SLURM_JOB_ID", lambda world: world.no_resolver()), stage="dns"),
    independent("node-one-name", "One name is denied in a job", ("dns-nxdomain", "dns-filtered"),
                _in_job("SLURM_JOB_ID", lambda world: world.dns(HOST, rcode="NXDOMAIN")), stage="dns"),
)  # fmt: skip


# --- lookups without an answer, and a proxy ------------------------------------------------------------------------


def _proxy_unheard(how: str) -> Arrange:
    def arrange(world: World) -> How:
        world.no_resolver(how)
        return {"proxy": "http://proxy.contoso.com:3128"}

    return arrange


def _proxy_servfail(world: World) -> How:
    world.dns("*", rcode="SERVFAIL")
    return {"proxy": "http://proxy.contoso.com:3128"}


PROXIES = (
    independent("proxy-no-resolver", "No name server listens, and a proxy is set by its name",
                ("dns-temporary-failure", "proxy-dns-failure"), _proxy_unheard("closed"), stage=None),
    independent("proxy-silent-resolver", "Every lookup times out, and a proxy is set by its name",
                ("dns-temporary-failure", "proxy-dns-failure"), _proxy_unheard("silent"), KERAS, stage=None),
    independent("proxy-servfail", "Every lookup is answered SERVFAIL, and a proxy is set by its name",
                ("dns-servfail", "proxy-dns-failure"), _proxy_servfail, stage=None),
)  # fmt: skip


# --- portals -------------------------------------------------------------------------------------------------------


def _inner_portal(world: World) -> None:
    world.portal()
    world.host(sites.PORTAL_HOST, redirect="http://192.168.88.1/login")


@scene("ailing", "captive-portal", None, argv=(PLAIN,))
def exam_portal_inside(world: World) -> None:
    """A portal redirects plain http to its gateway at a private address"""
    _inner_portal(world)


@scene("inconclusive", argv=(PLAIN,))
def exam_private_redirect_and_no_portal(world: World) -> None:
    """One host redirects to a private address, and the checks are answered well: not followed, nothing claimed"""
    world.host(PLAIN_HOST, redirect="http://192.168.88.1/data")


# --- a box whose root is trusted -----------------------------------------------------------------------------------

BOTH = ("public", "contoso")


def _trusted_box(status: int | None = None, host: str = HOST) -> Arrange:
    def arrange(world: World) -> How:
        world.intercept("contoso")
        if status:
            world.host(host, status=status, body=b"<html><title>Gone</title></html>")
        return {"system": BOTH}

    return arrange


BOXES = (
    independent("box-403", "A box signs for all, the host itself says 403: whose it is stays open",
                "http-403-unexplained", _trusted_box(403), KERAS, stage="http"),
    independent("box-well", "A box signs for all, and all is well", (), _trusted_box(), KERAS),
)  # fmt: skip

SCENES = (*LISTS, *NODES, *PROXIES, *BOXES, *collect(globals()))
__all__ = ["SCENES"]
