"""Beside the usual faults: a laboratory with private addresses, a proxy that is played, a wrong clock."""

from __future__ import annotations

import shutil
import subprocess

from . import sites
from .firewall import PROXY
from .proxy import UnplayableError
from .raw import Fault, LabServer
from .world import World

PRIVATE = "10.99.0"
"""The block in which a laboratory keeps the whole internet."""


def private_internet(world: World) -> None:
    """Every name has an address of 10.0.0.0/8, and the servers behind them are well: a laboratory, or a test."""
    for site in sites.SITES:
        world.dns(site.host, answer=private(site.host))
    world._firewall.add(
        "router", "turned",
        f"iifname lan dnat ip prefix to ip daddr map {{ {PRIVATE}.0/24 : {sites.V4_BLOCK}.0/24 }}",
    )  # fmt: skip


def private(host: str) -> str:
    """A host's address in such a laboratory."""
    return f"{PRIVATE}.{sites.address(host).rpartition('.')[2]}"


def block_page_server(world: World, fault: Fault, *, port: int = 443, host: str | None = None) -> str:
    """A filter's own server in the client's network, at a private address; with `host` it shows a certificate for it.

    Returns its address.
    """
    certificate = world.pki.leaf("self-signed", host) if host else None
    server = LabServer(world._lab.names["router"], fault, certificate)
    world._raw.append(server)
    world._firewall.add("router", "turned", f"iifname lan ip daddr {PROXY} tcp dport {port} redirect to :{server.port}")
    return PROXY


def dead_address(world: World, host: str, address: str) -> None:
    """The host's first address is one at which every packet vanishes; its own comes after it."""
    world.dns(host, answer=(address, sites.address(host)))
    world._firewall.add("router", "transit", f"ip daddr {address} drop")


_SKEW = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static long by(void) { const char *s = getenv("EXAM_SKEW"); return s ? atol(s) : 0; }
time_t time(time_t *out) {
    time_t (*real)(time_t *) = dlsym(RTLD_NEXT, "time");
    time_t now = real(NULL) + by();
    if (out) *out = now;
    return now;
}
int gettimeofday(struct timeval *tv, void *zone) {
    int (*real)(struct timeval *, void *) = dlsym(RTLD_NEXT, "gettimeofday");
    int code = real(tv, zone);
    if (!code && tv) tv->tv_sec += by();
    return code;
}
int clock_gettime(clockid_t id, struct timespec *ts) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int code = real(id, ts);
    if (!code && id == CLOCK_REALTIME) ts->tv_sec += by();
    return code;
}
"""


def clock(world: World, days: float) -> dict[str, str]:
    """The environment of a machine whose clock is so many days off; `UnplayableError` where there is no compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise UnplayableError("no C compiler to build the wrong clock with")
    library = world._lab.folder / "skew.so"
    if not library.exists():
        source = library.with_suffix(".c")
        source.write_text(_SKEW)
        subprocess.run([compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "EXAM_SKEW": str(int(days * 86_400))}


def two_servers(world: World, host: str, first: Fault, *, certificate: str = "good", both: bool = False) -> None:
    """The host has two addresses, and what stands at the first one plays `first`; with `both`, so does the second."""
    spare = "deeplearning.net"
    server = LabServer(world._lab.names["net"], first, world.pki.leaf(certificate, host))
    world._raw.append(server)
    for one in (spare, host) if both else (spare,):
        world._firewall.add("net", "turned", f"ip daddr {sites.address(one)} tcp dport 443 redirect to :{server.port}")
    world.dns(host, answer=(sites.address(spare), sites.address(host)))
