"""``python -m mnistdoctor``."""

from mnistdoctor.cli import main

if __name__ == "__main__":
    main()
