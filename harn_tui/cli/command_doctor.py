"""``harn-tui doctor``: what works on this machine, and what to do about what does not."""

import argparse
import os
import sys
from pathlib import Path

SUMMARY = "check what works on this machine"

_EXAMPLE = """\
example:
  harn-tui doctor
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "doctor",
        description="Check what works on this machine.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print one line a check; the exit code is 1 when something that is needed does not work."""
    import platform
    import shutil
    import sqlite3

    from harn_tui.paths import config_directory, sessions_directory

    sessions = sessions_directory()
    is_writable = _is_writable(sessions)
    print(
        f"Python {platform.python_version()}, {platform.system()}, SQLite {sqlite3.sqlite_version}"
    )
    print(f"configuration: {config_directory() / 'config.toml'}")
    print(f"sessions: {sessions} ({'writable' if is_writable else 'NOT writable'})")
    if not is_writable:
        print("  set HARN_TUI_HOME to a folder that you may write to")
    search = shutil.which("rg")
    print(f"search_files: {'ripgrep, ' + search if search else 'Python (install ripgrep: faster)'}")
    for variable in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
        print(f"{variable}: {'set' if os.environ.get(variable) else 'not set'}")
    print(
        f"terminal: {os.environ.get('TERM', 'none')}, {'yes' if sys.stdout.isatty() else 'no'} tty"
    )
    return 0 if is_writable else 1


def _is_writable(path: Path) -> bool:
    """Whether ``path``, or the nearest folder above it that exists, can be written."""
    nearest = next(folder for folder in (path, *path.parents) if folder.exists())
    return os.access(nearest, os.W_OK)
