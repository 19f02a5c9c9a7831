"""``python -m mnistdoctor``, and the console script."""


def main() -> None:
    """Runs the command line; an interruption while its modules are read is one, and no traceback."""
    from mnistdoctor import interrupt

    interrupt.listen(interrupt.Phase.LOADING)
    from mnistdoctor.cli import main as run

    run()


if __name__ == "__main__":
    main()
