"""``harn-tui sessions list --watch``: the list as it changes, drawn anew or added line by line."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_S = 2.0
"""Pause between two looks: a look asks for the state of every session's files."""

_BEGIN = "\x1b[?1049h\x1b[?25l\x1b[?7l"  # another screen, no cursor, long rows are cut off
_END = "\x1b[?7h\x1b[?25h\x1b[?1049l"

Rows = dict[str, str]
"""What is printed of each session, by its id, newest first."""


def watch(
    find: Callable[[], Rows],
    gone: Callable[[str], str],
    *,
    pause: Callable[[], object] = lambda: time.sleep(LOOK_S),
) -> int:
    """Show what ``find`` gives until the person leaves with Ctrl+C; return the exit code.

    In a terminal the list is drawn anew when it has changed. Elsewhere all rows come first, then
    those that changed, and ``gone`` says what is printed of one that is not there any more.
    """
    try:
        if sys.stdout.isatty():
            with _other_screen():
                _draw(find, pause)
        else:
            _append(find, gone, pause)
    except KeyboardInterrupt:
        return 0
    return 0


def _append(
    find: Callable[[], Rows], gone: Callable[[str], str], pause: Callable[[], object]
) -> None:
    before: Rows = {}
    while True:
        now = find()
        # The newest come last here, as what comes next will.
        lines = [row for name, row in reversed(now.items()) if before.get(name) != row]
        lines += [gone(name) for name in before if name not in now]
        if lines:
            sys.stdout.write("\n".join(lines) + "\n")
            sys.stdout.flush()
        before = now
        pause()


def _draw(find: Callable[[], Rows], pause: Callable[[], object]) -> None:
    drawn: list[str] = []
    while True:
        rows = list(find().values())
        height = shutil.get_terminal_size().lines
        head = f"{len(rows)} sessions · Ctrl+C leaves"
        picture = [head, *rows[: max(0, height - 1)]]
        if picture != drawn:
            sys.stdout.write("\x1b[H" + "\x1b[K\r\n".join(picture) + "\x1b[K\x1b[J")
            sys.stdout.flush()
            drawn = picture
        pause()


@contextmanager
def _other_screen() -> Iterator[None]:
    sys.stdout.write(_BEGIN)
    try:
        yield
    finally:
        sys.stdout.write(_END)
        sys.stdout.flush()
