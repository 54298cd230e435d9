"""Takes what is drawn while the terminal is not ours, so that it comes to nothing.

Textual 8.2.8 leaves the thread that writes to the terminal in its driver after that has ended.
Thirty writes later its queue is full, and the next one blocks the event loop for good.
"""

import io
from typing import Any


class _Nowhere(io.TextIOBase):
    """Takes the place of the thread that writes to the terminal, and of standard output."""

    def write(self, text: str) -> int:
        return len(text)

    def stop(self) -> None:
        """End nothing: there is no thread."""


def silence(driver: Any) -> io.TextIOBase:
    """Have what is written to ``driver`` go nowhere, and return what takes it.

    Call it once the driver has left the application mode. When it enters that again, it makes a
    new thread itself, and is no longer silenced.
    """
    nowhere = _Nowhere()
    if hasattr(driver, "_writer_thread"):
        driver._writer_thread = nowhere  # noqa: SLF001 - not public
    return nowhere


def is_silenced(driver: Any) -> bool:
    """Whether ``driver`` has left the application mode and not entered it again."""
    return isinstance(getattr(driver, "_writer_thread", None), _Nowhere)
