"""Key sequences that terminals send and Textual's table does not know, or takes for others.

A terminal without the kitty keyboard protocol sends Alt and a key as Escape and that key's
character. Textual 8.2 takes Escape and a carriage return for Escape and Enter, which would
interrupt a run and send the line; Escape and a digit for what Option types on a Mac, such as ``∞``
for Alt+5; and drops the Alt of Escape and ``<``.
"""

from collections.abc import MutableMapping
from enum import Enum
from typing import cast

from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

_KEY_OF_CHARACTER = {
    "\r": "alt+enter",
    "\n": "alt+enter",
    "<": "alt+less_than_sign",
    ">": "alt+greater_than_sign",
    **{digit: f"alt+{digit}" for digit in "0123456789"},
}
_Key = Enum("_Key", {key: key for key in _KEY_OF_CHARACTER.values()})  # type: ignore[misc]


def add_key_sequences() -> None:
    """Correct the table of Textual's parser; a second call changes nothing."""
    table = cast("MutableMapping[str, object]", ANSI_SEQUENCES_KEYS)
    for character, key in _KEY_OF_CHARACTER.items():
        table[f"\x1b{character}"] = (_Key(key),)
