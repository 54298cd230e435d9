"""How far the terminal lags behind: the length of Textual's queue of writes.

Textual 8.2.8 writes through a thread with a bounded queue and blocks the event loop when it is
full. It offers no public way to see the length, hence the guarded look at a private attribute.
"""

from typing import Any

from textual.app import App

from harn_tui.console.frame import MAX_QUEUED_WRITES


def is_congested(app: App[object]) -> bool:
    """Return whether more than ``MAX_QUEUED_WRITES`` writes wait; false when nobody can tell."""
    writer = getattr(getattr(app, "_driver", None), "_writer_thread", None)
    queue = getattr(writer, "_queue", None)
    return queue is not None and queue.qsize() > MAX_QUEUED_WRITES


def write_to_terminal(app: App[Any], text: str) -> None:
    """Write ``text`` as it is, behind what is drawn; nothing where there is no terminal.

    Textual offers no public way for sequences of ours, so this too looks at its driver.
    """
    driver = getattr(app, "_driver", None)
    if driver is not None and not app.is_headless:
        driver.write(text)
        driver.flush()
