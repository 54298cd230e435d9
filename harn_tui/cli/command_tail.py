"""``harn-tui tail``: follows a session that another process has open."""

import argparse
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harn_tui.store.log_follower import LogFollower

SUMMARY = "follow a session that runs elsewhere"

POLL_SECONDS = 0.5
LAST_PIECES = 10
"""How much of what was before is printed: lines of the log, or blocks of text."""

_EXAMPLE = """\
examples:
  harn-tui tail 0199c0de                 the end, and what comes, until the session is closed
  harn-tui tail --json 0199c0de | jq -r .type
  harn-tui tail --from-start 0199c0de    all of it
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "tail",
        description="Print what happens in a session until the process that has it open ends.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("source", help="a session (id, title, last), its folder, or a log file")
    parser.add_argument("--json", action="store_true", help="print the log's own lines")
    parser.add_argument(
        "--from-start",
        action="store_true",
        help="print all that has happened so far, not only the end",
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print what comes and return the exit code."""
    from harn_tui.paths import sessions_directory
    from harn_tui.store.log_follower import LogFollower
    from harn_tui.store.session_names import find_log

    follower = LogFollower(find_log(options.source, sessions_directory()))
    if not follower.is_live:
        print("Nobody has this session open; it is printed as it ended.", file=sys.stderr)
    pieces = _lines(follower) if options.json else _texts(follower)
    for number, found in enumerate(pieces):
        is_cut = number == 0 and not options.from_start
        _write(b"".join(found[-LAST_PIECES:] if is_cut else found))
    return 0


def _lines(follower: "LogFollower") -> Iterator[list[bytes]]:
    """Yield the new lines of each look at the log."""
    for _ in _looks(follower):
        yield [line + b"\n" for line in follower.lines()]


def _texts(follower: "LogFollower") -> Iterator[list[bytes]]:
    """Yield the blocks that are over at each look at the log; at the last one all."""
    from harn_tui.view.following import FollowingText

    text = FollowingText()
    for is_live in _looks(follower):
        found = text.take(follower.records(), is_over=not is_live)
        yield [f"{block}\n\n".encode("utf-8", "replace") for block in found]


def _looks(follower: "LogFollower") -> Iterator[bool]:
    """Yield before each look whether the session is open, the last time after it was closed."""
    import time

    while follower.is_live:
        yield True
        time.sleep(POLL_SECONDS)
    yield False


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(sys.stdout.fileno(), data) :]
