"""Run the command line with ``python -m harn_tui``."""

from harn_tui.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
