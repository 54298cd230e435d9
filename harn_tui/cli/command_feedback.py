"""``harn-tui feedback``: says something to a session from another terminal or a script."""

import argparse
import sys
from typing import TYPE_CHECKING

from harn_tui.errors import UsageError

if TYPE_CHECKING:
    from harn_tui.store.outside_delivery import Delivery

SUMMARY = "say something to a session that runs elsewhere, or is closed"

_WHEN = {"next-call": "NEXT_PREFLIGHT", "after-run": "AFTER_RUN", "now": "NOW"}

_EXAMPLE = """\
examples:
  harn-tui feedback last "Only the sources, please."
  harn-tui feedback 0199c0de --when after-run Then write the tests.
  harn-tui feedback "Release of the parser" --when now "Stop: wrong branch."
  make check 2>&1 | tail -20 | harn-tui feedback last -

A line goes into the queue as if it had been typed in the session, and gets the same receipt.
When nobody has the session open it is kept, and goes with the next run.
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "feedback",
        description="Queue a line in a session, which a console or a headless run may have open.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "session", metavar="SESSION", help="an id, the start of one, a title, or: last"
    )
    parser.add_argument(
        "text", nargs="+", metavar="TEXT", help="what to say; - reads it from standard input"
    )
    parser.add_argument(
        "--when",
        choices=tuple(_WHEN),
        default="next-call",
        help="where it enters: before the next model call of the run (default), after the run, or"
        " now, which interrupts it",
    )
    parser.add_argument(
        "--agent", metavar="NAME", help="say it to this agent of the running session alone; or ID"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Queue the line, say what became of it, and return the exit code."""
    from harn_tui.ids import new_feedback_id
    from harn_tui.kinds import Boundary
    from harn_tui.paths import sessions_directory
    from harn_tui.store.outside_delivery import bring_line
    from harn_tui.store.outside_request import OutsideLine
    from harn_tui.store.session_names import find_named_session

    if options.agent is not None and options.when != "next-call":
        raise UsageError("An agent hears a line before its next call.", hint="Leave out --when.")
    text = _text(options.text)
    folder = find_named_session(sessions_directory(), options.session)
    boundary = Boundary[_WHEN[options.when]]
    line = OutsideLine(new_feedback_id(), text, boundary, options.agent)
    delivery = bring_line(folder, line)
    if options.json:
        _print_json(folder.session_id, line.feedback_id, delivery)
    else:
        print(words_of(delivery))
    return 0


def words_of(delivery: "Delivery") -> str:
    """Return the sentence on what became of a line."""
    from harn_tui.store.outside_delivery import Kept
    from harn_tui.store.outside_request import Place

    words: dict[Place | Kept | None, str] = {
        Place.NEXT_CALL: "queued for the next call of a running session",
        Place.AFTER_RUN: "queued for after the run that is active",
        Place.NOW: "the run was interrupted, and the line goes with the next one",
        Place.NEW_RUN: "sent: the open session had nothing to do, and begins a run with it",
        Place.PAUSED: "queued: the queue of the open session is paused",
        Place.AGENT: "queued for the next call of the agent",
        Place.KNOWN: "queued: the session has it",
        Kept.CLOSED: "kept: no one holds the session open; the next run will deliver it",
        Kept.UNHEARD: "kept: the process that has the session open does not listen; the line is"
        " delivered when the session is opened the next time",
    }
    return words[delivery.place or delivery.kept]


def _print_json(session_id: str, feedback_id: str, delivery: "Delivery") -> None:
    import json

    members = {
        "session_id": session_id,
        "feedback_id": feedback_id,
        "state": "queued" if delivery.place is not None else "kept",
        "place": delivery.place,
        "kept": delivery.kept,
    }
    print(json.dumps(members, ensure_ascii=False))


def _text(words: list[str]) -> str:
    """Return the line: the words as they were typed, or what standard input holds."""
    if words != ["-"]:
        text = " ".join(words)
    elif sys.stdin is None:
        raise UsageError("Standard input is closed.", hint="Give the text as an argument.")
    else:
        from harn_tui.store.outside_request import LONGEST_REQUEST

        text = sys.stdin.buffer.read(LONGEST_REQUEST + 1).decode("utf-8", "replace").strip()
    if not text.strip():
        raise UsageError("There is nothing to say.", hint="Give a text, or - and a file.")
    return text.encode("utf-8", "replace").decode()
