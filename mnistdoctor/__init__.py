"""mnistdoctor, the download doctor: one root cause in plain words, and the fix it saw work.

In a program: `check`, `triage`, `fetch` and `install`, described in `mnistdoctor.api`, which is loaded when one of them
is used.
"""

from importlib import import_module as _import_module

__version__ = "0.1.0"

__all__ = ["check", "fetch", "install", "load_ipython_extension", "triage", "unload_ipython_extension"]


def __getattr__(name: str) -> object:
    if name in __all__:
        return getattr(_import_module(f"{__name__}.api"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
