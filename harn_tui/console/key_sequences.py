"""Key sequences that terminals send and Textual's table does not know.

A terminal without the kitty keyboard protocol sends Alt+Enter as Escape and a carriage return;
Textual 8.2 takes that for Escape and Enter, which would interrupt a run and send the line.
"""

from collections.abc import MutableMapping
from enum import Enum
from typing import cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS


class _Key(Enum):
    """Keys by the names that bindings use."""

    ALT_ENTER = "alt+enter"


_SEQUENCES = {"\x1b\r": (_Key.ALT_ENTER,), "\x1b\n": (_Key.ALT_ENTER,)}


def add_key_sequences() -> None:
    """Teach Textual's parser the missing sequences; a second call changes nothing."""
    table = cast("MutableMapping[str, object]", ANSI_SEQUENCES_KEYS)
    for sequence, keys in _SEQUENCES.items():
        table.setdefault(sequence, keys)
