"""Every key of the key map is one that a plain terminal can send."""

import string

import pytest
from textual import events
from textual._xterm_parser import XTermParser

from harn_tui.console.key_map import ACTIONS
from harn_tui.console.key_names import show_key
from harn_tui.console.key_sequences import add_key_sequences

CHORDS = sorted({key for action in ACTIONS for key in action.keys if key.startswith("alt+")})


def arrived(sequence: str) -> list[str]:
    """Return the names of the keys that Textual makes of what a terminal sends."""
    add_key_sequences()
    parser = XTermParser()
    found = [*parser.feed(sequence), *parser.feed("")]
    return [event.key for event in found if isinstance(event, events.Key)]


def sent(chord: str) -> str | None:
    """Return what a terminal without a newer protocol sends, ``None`` for keys with a name."""
    character = show_key(chord.removeprefix("alt+"))
    if chord.startswith("alt+shift+"):
        return f"\x1b{chord[-1].upper()}"
    return f"\x1b{character}" if len(character) == 1 and character.isascii() else None


@pytest.mark.parametrize("chord", CHORDS)
def test_a_chord_with_alt_arrives_by_its_name(chord: str) -> None:
    sequence = sent(chord)
    if sequence is not None:
        assert arrived(sequence) == [chord]


def test_most_chords_were_looked_at() -> None:
    assert sum(sent(chord) is not None for chord in CHORDS) >= len(CHORDS) - 4


@pytest.mark.parametrize("digit", string.digits)
def test_alt_and_a_digit_is_no_character_of_a_mac(digit: str) -> None:
    assert arrived(f"\x1b{digit}") == [f"alt+{digit}"]
