"""``harn-tui replay``: steps through a session as it was."""

import argparse
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.cli.command_console import console_places, require_terminal
from harn_tui.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from harn_tui.console.ports import SettingsPort
    from harn_tui.events.record import Record

SUMMARY = "step through a recorded session"

_EXAMPLE = """\
examples:
  harn-tui replay sessions/demo.jsonl
  harn-tui replay 0199c0de-7c1a-7000-8000-000000000000
  harn-tui replay --headless --json sessions/demo.jsonl
  harn-tui replay --at 120 0199c0de           begin at event 120
  harn-tui replay --headless --at 120 0199c0de
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
    parser.add_argument(
        "--at",
        metavar="INDEX",
        type=int,
        help="show the session as of the event with this index; with --json: the lines up to it",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show or print the session and return the exit code."""
    from harn_tui.paths import sessions_directory
    from harn_tui.store.session_names import find_log

    if options.json and not options.headless:
        raise UsageError("--json prints a log.", hint="Add --headless.")
    log = find_log(options.source, sessions_directory())
    if options.headless:
        return _print_log(log, as_json=options.json, at_index=options.at)
    require_terminal("Without one, use: harn-tui replay --headless SESSION.")
    return show_replay(log, title=options.source, at=options.at)


def show_replay(log: Path, *, title: str, at: int | None = None, at_end: bool = False) -> int:
    """Show the log on the console's screen and return the exit code.

    It stands still at the event ``at``, or ``at_end``; else it plays from the start. What another
    process adds meanwhile is shown when it comes.
    """
    from harn_tui.console.environment import prepare_environment

    prepare_environment(os.environ)
    from harn_tui.cli.session_fork import fork_now
    from harn_tui.cli.session_rewind import rewinding_of
    from harn_tui.console.entry import run_replay
    from harn_tui.store.log_follower import LogFollower
    from harn_tui.store.replay_source import position_of

    def open_settings() -> "SettingsPort":
        from harn_tui.wiring.session_request import SessionRequest
        from harn_tui.wiring.user_settings import UserSettings

        return UserSettings(SessionRequest(cwd=Path.cwd()))

    forks: list[str] = []

    def fork(index: int) -> str:
        forks.append(fork_now(log, index).session_id)
        return forks[-1]

    def find_start(records: "Sequence[Record]") -> int:
        return len(records) if at is None else position_of(records, at)

    follower = LogFollower(log)
    code = run_replay(
        follower.records,
        places=console_places(),
        open_settings=open_settings,
        title=title,
        feed=follower,
        find_start=find_start if at_end or at is not None else None,
        fork=fork,
        make_rewinding=partial(rewinding_of, log),
        on_fork=forks.append,
    )
    for session_id in forks:
        print(f"Forked as {session_id}; go on with: harn-tui --session {session_id}")
    return code


def _print_log(log: Path, *, as_json: bool, at_index: int | None) -> int:
    from harn_tui.store.log_reader import lines_up_to, read_lines, read_records, records_up_to

    if as_json:
        lines = read_lines(log) if at_index is None else lines_up_to(log, at_index)
        for line in lines:
            os.write(sys.stdout.fileno(), line + b"\n")
        return 0
    from harn_tui.view.fold import apply_all
    from harn_tui.view.model import SessionView
    from harn_tui.view.text import view_text

    view = SessionView()
    records = read_records(log) if at_index is None else records_up_to(log, at_index)
    apply_all(view, records)
    print(view_text(view))
    return 0
