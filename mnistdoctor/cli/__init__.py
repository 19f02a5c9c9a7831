"""The commands: compose, print, exit. No rule, no socket, no sentence about a cause."""

from __future__ import annotations

import errno
import sys
from typing import NoReturn

import click

from mnistdoctor import __version__, interrupt
from mnistdoctor.cli import cache, check, compare, completion, demo, explain, fetch, listing, preflight, run, triage
from mnistdoctor.cli.group import DefaultGroup, Unable, fail
from mnistdoctor.cli.pages import Context


@click.group(
    cls=DefaultGroup,
    default="check",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`mnistdoctor TARGET` is `mnistdoctor check TARGET`. Exit codes: 0 healthy, 1 ailing, 2 wrong usage, "
    "3 inconclusive.",
)
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def cli() -> None:
    """The download doctor: why a dataset cannot be downloaded, and the fix that was seen to work.

    \b
    mnistdoctor keras:mnist                  as keras would fetch it
    mnistdoctor torchvision:fashion-mnist    as torchvision would
    mnistdoctor https://host/file.gz         any URL
    mnistdoctor                              MNIST, as your loaders would fetch it

    Each option also reads a variable, `--timeout 5` as MNISTDOCTOR_TIMEOUT=5. The command line stands before the
    variable, and that before the default; `-v` says where each value came from.
    """


COMMANDS = (
    check.check,
    preflight.preflight,
    triage.triage,
    fetch.fetch,
    cache.cache,
    run.run,
    compare.compare,
    listing.listing,
    explain.explain,
    demo.demo,
    completion.completion,
)
cli.context_class = Context
for command in COMMANDS:
    command.context_class = Context
    cli.add_command(command)


def main() -> None:
    """The console script: runs the command and exits with its code; wrong usage is one sentence and exit 2."""
    interrupt.listen()
    try:
        _standard_streams()
        _run()
    except SystemExit as ended:
        sys.exit(interrupt.over() or ended.code)


def _run() -> NoReturn:
    try:
        sys.exit(cli(prog_name="mnistdoctor", standalone_mode=False) or 0)
    except click.ClickException as error:
        fail(error)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        # The reader went away (`| head`). Pointing stdout elsewhere keeps Python from complaining as it exits.
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except ImportError as error:
        if interrupt.noted():  # it came in the middle of a module
            sys.exit(interrupt.code())
        from mnistdoctor.cli.interpreter import lacking

        unable = lacking()
        if unable is not None:
            fail(unable)
        _our_fault(error)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            _our_fault(error)
        fail(Unable(f"the output cannot be written: {error.strerror}"))
    except Exception as error:
        _our_fault(error)


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _standard_streams() -> None:
    """Opens /dev/null for each stream that the caller has closed (`>&-`): else a socket would get its number."""
    if None not in (sys.stdin, sys.stdout, sys.stderr):
        return
    import os

    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(descriptor, True)
    os.close(descriptor)
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - open for as long as we run
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _our_fault(error: Exception) -> NoReturn:
    """An error of our own: one sentence and exit 3; the traceback for those who ask for it."""
    if interrupt.noted():
        sys.exit(interrupt.code())
    from mnistdoctor.cli.output import note, note_details
    from mnistdoctor.failure import our_fault

    note_details(error)
    note(f"error: {our_fault(error)}")
    note("hint: set `MNISTDOCTOR_TRACEBACK=1` for the details, and please report them")
    sys.exit(3)


__all__ = ["cli", "main"]
