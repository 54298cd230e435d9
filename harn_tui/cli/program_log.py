"""Opens the program's own log, which is for those who look for a fault, not for users."""

import sys


def open_program_log() -> None:
    """Send log lines to a file; without one the program goes on and says so on stderr."""
    from harn_tui.logs import configure_logging
    from harn_tui.paths import log_directory

    folder = log_directory()
    try:
        configure_logging(folder)
    except OSError as error:
        print(f"harn-tui: no program log in {folder}: {error.strerror}", file=sys.stderr)
