"""``harn-tui replay``: steps through a session as it was."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.cli.command_console import console_places, require_terminal
from harn_tui.errors import UsageError

if TYPE_CHECKING:
    from harn_tui.console.ports import SettingsPort

SUMMARY = "step through a recorded session"

_EXAMPLE = """\
examples:
  harn-tui replay sessions/demo.jsonl
  harn-tui replay 0199c0de-7c1a-7000-8000-000000000000
  harn-tui replay --headless --json sessions/demo.jsonl
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "replay",
        description="Show a log, or a stored session, on the console's own screen.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("source", help="a log file, a session folder or a session id")
    parser.add_argument("--headless", action="store_true", help="print it instead of showing it")
    parser.add_argument("--json", action="store_true", help="with --headless: the log's own lines")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show or print the session and return the exit code."""
    from harn_tui.paths import sessions_directory
    from harn_tui.store.replay_source import find_log

    if options.json and not options.headless:
        raise UsageError("--json prints a log.", hint="Add --headless.")
    log = find_log(options.source, sessions_directory())
    if options.headless:
        return _print_log(log, as_json=options.json)
    require_terminal("Without one, use: harn-tui replay --headless SESSION.")
    from harn_tui.console.environment import prepare_environment

    prepare_environment(os.environ)
    from harn_tui.console.entry import run_replay
    from harn_tui.store.log_reader import read_records

    def open_settings() -> "SettingsPort":
        from harn_tui.wiring.session_request import SessionRequest
        from harn_tui.wiring.user_settings import UserSettings

        return UserSettings(SessionRequest(cwd=Path.cwd()))

    return run_replay(
        lambda: list(read_records(log)),
        places=console_places(),
        open_settings=open_settings,
        title=options.source,
    )


def _print_log(log: Path, *, as_json: bool) -> int:
    if as_json:
        from harn_tui.store.log_reader import read_lines

        for line in read_lines(log):
            os.write(sys.stdout.fileno(), line + b"\n")
        return 0
    from harn_tui.store.log_reader import read_records
    from harn_tui.view.fold import apply_all
    from harn_tui.view.model import SessionView
    from harn_tui.view.text import view_text

    view = SessionView()
    apply_all(view, read_records(log))
    print(view_text(view))
    return 0
