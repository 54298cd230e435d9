"""``harn-tui sessions fork`` and ``tree``: sessions that came from others."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.cli.session_rewind import add_file_options, rewind_to
from harn_tui.errors import UsageError

if TYPE_CHECKING:
    from harn_tui.store.listing import SessionSummary
    from harn_tui.store.session_folder import SessionFolder


def add_parser(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the actions to ``harn-tui sessions``."""
    fork = actions.add_parser(
        "fork",
        description="Start a new session from the beginning of another one, which stays as it is.",
        epilog="example:\n  harn-tui sessions fork 0199c0de --at 120",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    fork.add_argument("source", help="a session (id, title, last), its folder, or a log file")
    fork.add_argument(
        "--at", metavar="INDEX", type=int, help="the last event to take over (default: all)"
    )
    fork.add_argument(
        "--files", action="store_true", help="bring the files back, too; as `sessions rewind` does"
    )
    add_file_options(fork)
    fork.add_argument("--json", action="store_true", help="print one JSON object")
    fork.set_defaults(run=run_fork)
    tree = actions.add_parser(
        "tree",
        description="Show which session came from which: forks and agents.",
        epilog="example:\n  harn-tui sessions tree",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    tree.set_defaults(run=run_tree)


def run_fork(options: argparse.Namespace) -> int:
    """Fork one session and print the id of the new one."""
    import json

    from harn_tui.paths import sessions_directory
    from harn_tui.store.session_names import find_log

    if options.files:
        if options.at is None:
            raise UsageError("--files brings files back to an event.", hint="Name it with --at.")
        return rewind_to(options, files_only=False)
    if options.dry_run or options.with_yours or options.folder is not None:
        raise UsageError("That option is about files.", hint="Add --files.")
    folder = fork_now(find_log(options.source, sessions_directory()), options.at)
    if options.json:
        print(json.dumps({"session_id": folder.session_id, "folder": str(folder.path)}))
    else:
        print(f"Forked as {folder.session_id}")
        print(f"Go on with: harn-tui --session {folder.session_id}")
    return 0


def fork_now(log: Path, at_index: int | None) -> "SessionFolder":
    """Return a new session with the events of ``log`` up to ``at_index``; see ``store.fork``."""
    import time

    from harn_tui.paths import sessions_directory
    from harn_tui.store.fork import fork_session

    now_ms = time.time_ns() // 1_000_000
    return fork_session(log, sessions_directory(), at_index=at_index, now_ms=now_ms)


def run_tree(options: argparse.Namespace) -> int:
    """Print one line a session, each below the one that it came from."""
    from harn_tui.cli.session_table import as_text
    from harn_tui.paths import sessions_directory
    from harn_tui.store.lineage import lineage
    from harn_tui.store.listing import list_sessions

    for branch in lineage(list_sessions(sessions_directory())):
        print(f"{branch.lines}{as_text(branch.summary)}{_origin(branch.summary)}")
    return 0


def _origin(summary: "SessionSummary") -> str:
    if summary.forked_at_index is None:
        return ""
    return f"  (forked at event {summary.forked_at_index})"
