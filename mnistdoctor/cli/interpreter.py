"""The sentence for an interpreter that lacks what mnistdoctor itself needs: sockets, or TLS."""

from __future__ import annotations

from importlib import import_module

from mnistdoctor.cli.group import Unable

_SENTENCES = {
    "socket": (
        "this Python has no network sockets, so nothing can be downloaded with it (env-no-sockets)",
        "use an ordinary Python; in a browser's Python, upload the file beside the notebook",
    ),
    "ssl": (
        "this Python cannot speak TLS, so it can fetch no https URL: its `ssl` does not load (tls-module-missing)",
        'activate its environment (conda) or install Python again with OpenSSL; `python -c "import ssl"` says why',
    ),
}  # fmt: skip
"""By the module of the standard library; `ssl` needs `socket`, so that is asked first."""


def lacking() -> Unable | None:
    """What to say after an ImportError where a part of the interpreter does not load; None where all of it does.

    The parts are loaded once more to see: an ImportError names whichever module met the fault first.
    """
    for part, (sentence, hint) in _SENTENCES.items():
        try:
            import_module(part)
        except ImportError as error:
            return Unable(f"{sentence}: {error}" if error.path else sentence, hint)
    return None
