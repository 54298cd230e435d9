"""``harn-tui sessions``: what is stored, and what can be done with it."""

import argparse

from harn_tui.cli.options import action_lines
from harn_tui.cli.session_changes import (
    run_empty_trash,
    run_reindex,
    run_remove,
    run_rename,
    run_restore,
)
from harn_tui.cli.session_search import run_search
from harn_tui.cli.session_table import run_list, run_show

SUMMARY = "list, search, fork, rename and delete the stored sessions"

_EXAMPLE = """\
examples:
  harn-tui sessions list
  harn-tui sessions list --watch   as it changes
  harn-tui sessions search retry tool:run_command is:error after:7d
  harn-tui sessions rename ID "Release of the parser"
  harn-tui sessions rm ID          into the trash; `restore ID` brings it back
  harn-tui --resume ID             take one up again
  harn-tui replay ID --at 120      step through one, from event 120
  harn-tui sessions fork ID --at 120
  harn-tui sessions rewind ID --at 120   files and conversation as they were
  harn-tui sessions tree           which came from which
"""

_FACETS = """\
words have to be in one event; "quoted words" stand together; word* may go on
facets:
  tool:read_file  is:error  file:src/parser.py  by:me
  before:2026-01-31  after:3d  after:yesterday  in:folder  in:.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "sessions",
        description="What is stored in the sessions folder.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", description="List the sessions, newest first.")
    listing.add_argument("--json", action="store_true", help="print one JSON object a line")
    listing.add_argument("--here", action="store_true", help="only those of this folder")
    listing.add_argument("--trash", action="store_true", help="those in the trash instead")
    listing.add_argument(
        "--watch",
        action="store_true",
        help="go on: draw the list anew when it changes, or print the changed rows into a pipe",
    )
    listing.set_defaults(run=run_list)
    show = actions.add_parser("show", description="Show what is known of a session.")
    show.add_argument("session", metavar="ID", help="an id, the start of one, a title, or: last")
    show.add_argument("--json", action="store_true", help="print a JSON object")
    show.set_defaults(run=run_show)
    search = actions.add_parser(
        "search",
        description="Search all that was said in all sessions.",
        epilog=_FACETS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    search.add_argument("query", nargs="+", metavar="QUERY", help="words, phrases and facets")
    search.add_argument("--json", action="store_true", help="print one JSON object a hit")
    search.add_argument("--limit", type=int, default=50, metavar="N", help="most hits (50)")
    search.set_defaults(run=run_search)
    _add_changes(actions)
    from harn_tui.cli import (
        session_compare,
        session_export,
        session_fork,
        session_import,
        session_rewind,
    )

    session_import.add_parser(actions)
    session_export.add_parser(actions)
    session_compare.add_parser(actions)
    session_fork.add_parser(actions)
    session_rewind.add_parser(actions)
    parser.epilog = f"{action_lines(actions)}\n\n{_EXAMPLE}"


def _add_changes(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    remove = actions.add_parser("rm", description="Move sessions, and their agents', to the trash.")
    remove.add_argument(
        "sessions", nargs="+", metavar="ID", help="an id, the start of one, a title, or: last"
    )
    remove.set_defaults(run=run_remove)
    restore = actions.add_parser("restore", description="Bring sessions back from the trash.")
    restore.add_argument("sessions", nargs="+", metavar="ID", help="an id, or the start of one")
    restore.set_defaults(run=run_restore)
    empty = actions.add_parser("empty-trash", description="Delete for good what is in the trash.")
    empty.add_argument("--yes", action="store_true", help="really")
    empty.set_defaults(run=run_empty_trash)
    rename = actions.add_parser("rename", description="Give a session another title.")
    rename.add_argument("session", metavar="ID", help="an id, the start of one, a title, or: last")
    rename.add_argument("title", nargs="+", metavar="TITLE")
    rename.set_defaults(run=run_rename)
    reindex = actions.add_parser(
        "reindex", description="Make the index anew from the logs. It is never needed for safety."
    )
    reindex.set_defaults(run=run_reindex)
