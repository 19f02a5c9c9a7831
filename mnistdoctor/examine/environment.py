"""What a reader of the report must know of this machine: versions, proxies, trust stores, resolvers, loaders."""

from __future__ import annotations

from mnistdoctor.examine.result import TargetResult
from mnistdoctor.run import Run
from mnistdoctor.settings.model import in_container, platform_name
from mnistdoctor.settings.python import own
from mnistdoctor.settings.trust import other_stores


def describe(run: Run, results: tuple[TargetResult, ...]) -> dict[str, object]:
    """The report's ``environment``, redacted."""
    clean, python, ours = run.redactor.text, run.environment.python, own()
    proxies = [
        {"variable": name, "value": clean(value)}
        for name, value in run.environment.steering()
        if name.lower().endswith("_proxy")
    ]
    stores = [
        {"label": choice.label, "path": clean(choice.path), "exists": choice.exists}
        for choice in other_stores(None, run.environment)
    ]
    return {
        "platform": platform_name(),
        "container": in_container(),
        "python": python.name,
        "openssl": python.openssl,
        "strict_x509": python.strict,
        "interpreter": {
            "path": clean(python.path),
            "decided_by": python.decided_by,
            "own": python.own,
            "asked": python.openssl is not None,
            "note": clean(python.note),
        },
        "examined_with": {"python": ours.name, "openssl": ours.openssl},
        "requests": python.release("requests"),
        "certifi": python.release("certifi"),
        "proxies": proxies,
        "trust_stores": stores,
        "resolvers": _resolvers(run, results),
        "loaders": _loaders(run),
    }


def _resolvers(run: Run, results: tuple[TargetResult, ...]) -> list[str]:
    """Read only where something failed: the library that reads them costs more than a healthy run's lookup."""
    if all(result.verdict == "healthy" for result in results):
        return []
    return [address for address, _ in run.names.servers()]


def _loaders(run: Run) -> dict[str, str]:
    found = ((loader.name, loader.installed(run.environment.python.release)) for loader in run.catalogue.loaders)
    return {name: release for name, release in found if release}
