"""``harn-tui replay``: steps through a session as it was."""

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from harn_tui.cli.command_console import require_terminal
from harn_tui.errors import StoreError, UsageError

SUMMARY = "step through a recorded session"

_EXAMPLE = """\
examples:
  harn-tui replay sessions/demo.jsonl
  harn-tui replay 0199c0de-7c1a-7000-8000-000000000000
  harn-tui replay sessions/demo.jsonl --at 40
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
    parser.add_argument(
        "--at", type=_event_index, metavar="INDEX", help="begin at this event, and stand still"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show or print the session and return the exit code."""
    from harn_tui.paths import sessions_directory
    from harn_tui.store.replay_source import find_log

    if options.json and not options.headless:
        raise UsageError("--json prints a log.", hint="Add --headless.")
    log = find_log(options.source, sessions_directory())
    if options.headless:
        return _print_log(log, as_json=options.json, last_index=options.at)
    require_terminal("Without one, use: harn-tui replay --headless SESSION.")
    return show_replay(log, title=options.source, at=options.at)


def show_replay(log: Path, *, title: str, at: int | None = None, at_end: bool = False) -> int:
    """Show the log on the console's screen and return the exit code.

    It stands still at the event ``at``, or ``at_end``; else it plays from the start. What another
    process adds meanwhile is shown when it comes.
    """
    from harn_tui.console.environment import prepare_environment

    prepare_environment(os.environ)
    from harn_tui.console.entry import run_replay
    from harn_tui.store.lock import live_owner
    from harn_tui.store.log_reader import LogTail, read_records
    from harn_tui.store.replay_source import position_after

    start_at = len if at_end else None if at is None else partial(position_after, index=at)
    owner = live_owner(log.with_name("lock"))
    if owner is None:
        return run_replay(lambda: list(read_records(log)), title=title, start_at=start_at)
    tail = LogTail(log)
    title = f"{title} · open in process {owner.pid}, read only"
    return run_replay(tail.read_new, title=title, start_at=start_at, read_new=tail.read_new)


def _event_index(text: str) -> int:
    index = int(text)
    if index < 0:
        raise ValueError(text)
    return index


def _print_log(log: Path, *, as_json: bool, last_index: int | None) -> int:
    """Print the log, to its end or to the event with ``last_index``."""
    from harn_tui.store.log_reader import read_records

    if as_json:
        return _print_lines(log, last_index)
    from harn_tui.store.replay_source import position_after
    from harn_tui.view.fold import apply_all
    from harn_tui.view.model import SessionView
    from harn_tui.view.text import view_text

    view = SessionView()
    if last_index is None:
        apply_all(view, read_records(log))
    else:
        records = list(read_records(log))
        apply_all(view, records[: position_after(records, last_index)])
    print(view_text(view))
    return 0


def _print_lines(log: Path, last_index: int | None) -> int:
    from harn_tui.events.codec import decode_record
    from harn_tui.store.log_reader import read_lines

    for line in read_lines(log):
        os.write(sys.stdout.fileno(), line + b"\n")
        if last_index is not None and decode_record(line).index >= last_index:
            return 0
    if last_index is not None:
        raise StoreError(f"There is no event {last_index} in the log.", hint="It ends before.")
    return 0
