"""``python -m mnistdoctor``, and the console script."""


def main() -> None:
    """Runs the command line; an interruption while its modules are read is one, and no traceback."""
    try:
        from mnistdoctor.cli import main as run
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    run()


if __name__ == "__main__":
    main()
