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
    for line in (_sandbox(), _editor(), _clipboard()):
        print(line)
    for variable in ("ANTHROPIC_API_KEY", "OPENAI_API_KEY"):
        print(f"{variable}: {'set' if os.environ.get(variable) else 'not set'}")
    print(
        f"terminal: {os.environ.get('TERM', 'none')}, {'yes' if sys.stdout.isatty() else 'no'} tty"
    )
    return 0 if is_writable else 1


def _sandbox() -> str:
    """Say whether commands can be confined: bubblewrap may be there and not be permitted."""
    import asyncio

    from harn_tui.tools.sandbox.probe import BubblewrapProbe

    found = asyncio.run(BubblewrapProbe().availability())
    if found.program is not None:
        return f"sandbox of commands: bubblewrap, {found.program}"
    return f"sandbox of commands: NONE, {found.reason} (docs/sandbox.md)"


def _editor() -> str:
    """Say what Ctrl+G opens the draft in."""
    import shlex

    from harn_tui.console.prompt.external_editor import editor_command
    from harn_tui.errors import HarnError
    from harn_tui.view.plain import printable

    try:
        return f"editor: {printable(shlex.join(editor_command(os.environ)))}"
    except HarnError as error:
        return f"editor: NONE. {printable(str(error))}"


def _clipboard() -> str:
    """Say how copied text gets into the clipboard."""
    from harn_tui.console.clipboard import CLIPBOARD_VARIABLE, clipboard_command
    from harn_tui.view.plain import printable

    try:
        command = clipboard_command(os.environ)
    except ValueError as error:
        return f"clipboard: {CLIPBOARD_VARIABLE} is not a command: {error}"
    if command:
        return f"clipboard: {printable(command[0])}, and the terminal (OSC 52)"
    return f"clipboard: the terminal alone (OSC 52); {CLIPBOARD_VARIABLE} can name a program"


def _is_writable(path: Path) -> bool:
    """Whether ``path``, or the nearest folder above it that exists, can be written."""
    nearest = next(folder for folder in (path, *path.parents) if folder.exists())
    return os.access(nearest, os.W_OK)
