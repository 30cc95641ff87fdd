"""``python -m ledger.cli``: the command without its script."""

import sys


def main() -> None:
    """The program; loading it takes half a second in which Ctrl-C may come, too."""
    try:
        from ledger.cli.main import run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
