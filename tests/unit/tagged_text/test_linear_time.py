"""Hostile replies cost time in proportion to their length: a megabyte must be no trap.

Reading any of these more than a few times over would run into the limit that every test has.
"""

import pytest

from harn_tui.tagged_text.candidates import CandidateDetector
from harn_tui.tagged_text.parse import parse_tagged_reply
from harn_tui.tagged_text.visible import VisibleStream, visible_text
from tests.unit.tagged_text.reply_texts import SENTINEL, TOOLS

MEGABYTE = 1_000_000
UNITS = (
    "<tool_call>",
    "<assistant_prose>x<done>y<user_response>",
    "(",
    "<",
    "{",
    "[",
    "read(",
    "read({",
    "a\n",
    "edit({ a: <<X\n",
    "<tool_call>edit({ a: <<X\n",
    'read({ a: "',
    '[{"id":',
    f"{SENTINEL} \n",
    "[result of x]\n",
)


def _filled(unit: str, length: int) -> str:
    return (unit * (length // len(unit) + 1))[:length]


@pytest.mark.parametrize("unit", UNITS)
def test_a_megabyte_is_parsed_and_shown_in_one_pass(unit: str) -> None:
    text = _filled(unit, MEGABYTE)
    parse_tagged_reply(text, TOOLS)
    visible_text(text, done_sentinel=SENTINEL)


@pytest.mark.parametrize("unit", ["<tool_call>", "read({ a: [", "edit({ a: <<X\n   ", "<done> a"])
def test_a_long_reply_may_arrive_in_single_characters(unit: str) -> None:
    text = _filled(unit, 100_000)
    detector, stream = CandidateDetector(TOOLS), VisibleStream(SENTINEL)
    for character in text:
        detector.feed(character)
        stream.feed(character)
    detector.finish()
    stream.finish()


@pytest.mark.parametrize("lines", [1_000, 30_000])
def test_pieces_of_a_heredoc_are_kept_not_read_again(lines: int) -> None:
    detector = CandidateDetector(TOOLS)
    detector.feed("<tool_call>edit({ a: <<END\n")
    for number in range(lines):
        assert detector.feed(f"   line {number} END\n") == []
    [promoted] = detector.feed("END\n})</tool_call>")
    assert "promoted" in type(promoted).__name__.lower()


def test_arguments_cannot_blow_up_when_they_are_written_again() -> None:
    items = ",".join("1" * 1 for _ in range(200_000))
    reply = parse_tagged_reply(f"edit({{ a: {'[' * 60}{items}{']' * 60} }})", TOOLS)
    assert len(reply.canonical) < 4 * len(items)
