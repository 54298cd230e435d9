"""``harn-tui sessions``: what is stored."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harn_tui.store.listing import SessionSummary

SUMMARY = "list, fork and relate the stored sessions"

_EXAMPLE = """\
examples:
  harn-tui sessions list
  harn-tui sessions list --json
  harn-tui --session ID            take one up again
  harn-tui replay ID               step through one
  harn-tui sessions fork ID --at 120
  harn-tui sessions tree
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "sessions",
        description="What is stored in the sessions folder.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", description="List the sessions, newest first.")
    listing.add_argument("--json", action="store_true", help="print one JSON object a line")
    listing.set_defaults(run=run_list)
    from harn_tui.cli import session_compare, session_export, session_fork, session_import

    session_import.add_parser(actions)
    session_export.add_parser(actions)
    session_compare.add_parser(actions)
    session_fork.add_parser(actions)


def run_list(options: argparse.Namespace) -> int:
    """Print one line a session."""
    from harn_tui.paths import sessions_directory
    from harn_tui.store.listing import list_sessions

    summaries = list_sessions(sessions_directory())
    for summary in summaries:
        print(_as_json(summary) if options.json else as_text(summary))
    if not summaries and not options.json:
        print("No sessions are stored yet. Start one with: harn-tui")
    return 0


def _as_json(summary: "SessionSummary") -> str:
    import json

    members = {
        "session_id": summary.session_id,
        "title": summary.title,
        "cwd": summary.cwd,
        "model": summary.model,
        "updated_at_ms": summary.updated_at_ms,
        "parent_session_id": summary.parent_session_id,
        "forked_at_index": summary.forked_at_index,
        "worker_name": summary.worker_name,
        "events": summary.record_count,
        "last_status": summary.last_status,
        "open_in_process": summary.owner_pid,
        "problems": list(summary.problems),
    }
    return json.dumps(members, ensure_ascii=False)


def as_text(summary: "SessionSummary") -> str:
    """Return one line about a session."""
    import time

    from harn_tui.view.plain import printable

    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(summary.updated_at_ms / 1000))
    state = "open" if summary.owner_pid else (summary.last_status or "-")
    title = printable(summary.title or "(no request yet)").replace("\n", " ")
    agent = "" if summary.worker_name is None else "(agent) "
    return f"{summary.session_id}  {when}  {state:<9}  {agent}{title[:80]}"
