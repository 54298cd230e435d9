"""Keeps keys that are typed before the screen is up.

A terminal in its usual mode echoes them, edits them as a line and turns Enter into a line feed.
Without that they wait, byte for byte, until the screen reads them.
"""

import contextlib
import sys
import termios
from collections.abc import Iterator
from typing import Any

_INPUT_FLAGS, _LOCAL_FLAGS = 0, 3


@contextlib.contextmanager
def keys_kept() -> Iterator[list[Any]]:
    """Stop echo and line editing now; put the terminal back as it was on the way out.

    Yields that mode, as ``termios`` has it: other programs want it while the screen is away.
    """
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    quiet = termios.tcgetattr(descriptor)
    quiet[_INPUT_FLAGS] &= ~termios.ICRNL
    quiet[_LOCAL_FLAGS] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(descriptor, termios.TCSANOW, quiet)
    try:
        yield before
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
