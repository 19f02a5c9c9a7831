"""A loader's dataset -> the files and API calls that its installed release would fetch, and where it keeps them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from mnistdoctor.catalogue import CacheName, Catalogue, Loader, Plan
from mnistdoctor.disk.place import Place, place_of
from mnistdoctor.examine.target import Target, about
from mnistdoctor.settings import Environment


def of_loader(
    name: str, dataset: str, catalogue: Catalogue, environment: Environment, root: Path | None
) -> tuple[Target, ...]:
    """One target for each request of the loader, in its order. Raises `UnknownName`."""
    loader = catalogue.loader(name)
    release = loader.installed(environment.python.release)
    steps = loader.plan(dataset or loader.datasets[0].name, release)
    prefix = f"{loader.name}:{steps.name}"
    base = Target(name=None, urls=(), client=steps.client, loader=loader.name, release=release)
    targets = []
    for number, url in enumerate(steps.requests):
        kept = tuple(CacheName(one, "reply") for one in steps.cache.replies[number : number + 1])
        places = _places(steps, kept, environment, root, trusts=False)
        call = urlsplit(url).path.lstrip("/")
        # every API that a loader of the catalogue calls answers in JSON
        targets.append(replace(base, name=f"{prefix}/{call}", urls=(url,), content="json", places=places))
    for planned in steps.files:
        urls = tuple(url for _, url in planned.sources)
        places = _places(steps, planned.cached, environment, root, trusts=steps.trusts_cache)
        described_by = f"{prefix}/{urlsplit(steps.described_by).path.lstrip('/')}" if steps.described_by else None
        full_name = f"{prefix}/{planned.file.name}"
        target = replace(
            base, name=full_name, urls=urls, fallback=steps.fallback, places=places, described_by=described_by
        )
        targets.append(about(target, planned.file))
    return tuple(_at_endpoint(target, loader, environment) for target in targets)


def _places(
    steps: Plan, names: tuple[CacheName, ...], environment: Environment, root: Path | None, *, trusts: bool
) -> tuple[Place, ...]:
    if not names:
        return ()
    # where no home is known `~` stays as it is, for the loaders too; `Path.home` raises there
    home = Path(os.path.expanduser("~"))  # noqa: PTH111
    found = place_of(steps.cache, names, trusts=trusts, environment=environment.variables, home=home, root=root)
    return (found,) if found else ()


def _at_endpoint(target: Target, loader: Loader, environment: Environment) -> Target:
    """The target at the endpoint that the loader's variable names, such as HF_ENDPOINT, where it is set."""
    found = environment.get(loader.env_override) if loader.env_override else None
    if not found or not target.urls:
        return target
    endpoint, own = found[1].strip().rstrip("/"), urlsplit(target.urls[0])
    if endpoint == f"{own.scheme}://{own.netloc}":
        return target
    path = own.path + (f"?{own.query}" if own.query else "")
    return replace(target, urls=(endpoint + path,), instead_of=target.urls[0])
