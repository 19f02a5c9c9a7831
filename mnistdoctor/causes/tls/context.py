"""Variables that keep a client from making a TLS context, before any certificate is in question."""

from __future__ import annotations

from mnistdoctor import evidence as ev
from mnistdoctor.causes.base import Cause, Change, Finding, Fix, cause
from mnistdoctor.causes.case import Case
from mnistdoctor.causes.finding import finding
from mnistdoctor.causes.fixes import unset_variables
from mnistdoctor.failure import Failure
from mnistdoctor.wording import shortened


def tls_context_failed(case: Case) -> Finding | None:
    """Holds when a variable that has nothing to do with the server keeps this client from speaking TLS at all."""
    stop = case.stopped(ev.Trust, Failure.TLS_CONTEXT)
    if stop is None:
        return None
    name, client, keys = stop.label, case.client.name, stop.label == "SSLKEYLOGFILE"
    what = (
        f"names {stop.path}, which nobody can write here" if keys else f"names {stop.path}, which leaves it no cipher"
    )
    return finding(
        f"`{name}` {what}, so {client} cannot make a TLS connection at all",
        (
            "Python opens that file for every TLS context, to write the keys of the session for whoever debugs it, and "
            "stops where it cannot. The variable is a leftover of such a session, or of another machine or user. "
            if keys
            else "OpenSSL reads that file when it starts. It asks for a provider and leaves out the default one, in "
            "which the ciphers are, so that no context can be made. "
        )
        + "The error names a file and no host; no server was asked.",
        f"`{name}` is `{shortened(stop.path)}`",
        f"the client's own words: {shortened(stop.detail)}",
        fixes=Fix(
            title="Unset it",
            commands=(unset_variables(case, name),),
            change=Change(unset=(name,)) if keys else None,
            untried="" if keys else "OpenSSL has read it already",
        ),
        unlike={"tls-ca-path-wrong": "no trust store was looked at", "tls-module-missing": "the module `ssl` is there"},
    )


CAUSES: tuple[Cause, ...] = (cause(tls_context_failed, machine_wide=True),)
