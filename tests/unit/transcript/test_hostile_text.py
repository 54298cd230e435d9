import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from harn_tui.console.transcript.block_bodies import make_body
from harn_tui.console.transcript.engines import Engines
from harn_tui.console.transcript.palette import Palette
from harn_tui.console.transcript.pen import Pen
from harn_tui.kinds import NoticeLevel, ToolCallStatus, ToolKind
from harn_tui.view.model import (
    Block,
    CompactionBlock,
    FeedbackBlock,
    GenericBlock,
    LiveOutput,
    NoticeBlock,
    UserBlock,
)
from tests.unit.transcript.builders import NOW, assistant, thought, tool, user

ACTING = {"Cc", "Cs", "Zl", "Zp"}
BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

NASTY = [
    "\x1b]0;owned\x07", "\x1b[2J\x1b[H", "\x1b[31m", "\x9b31m", "\x00", "\x07", "\x7f", "\r", "\t",
    "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff",
    "\ud800", "\udfff", "\U000e0041", "e\u0301\u0302\u0303", "漢字", "👨‍👩‍👧", "🇩🇪", "\ufe0f",
    "[red]x[/red]", "[@click=app.quit]y[/]", "`", "**", "<b>", "&#x1b;", "&#x202e;", "&#8232;",
    "[a](https://e.x/\x1b]8;;\x07)", "![i](\x1b)", "| x | y |\n|---|---|\n| \x1b[5m | \u202e |\n",
    "```\n", "    ", "- ", "> ", "\n", "\n\n", "+\x1b[7m", "-\u202e", "word ", "x" * 300, "̈" * 40,
]  # fmt: skip
hostile = st.lists(st.sampled_from(NASTY), max_size=12).map("".join)


def blocks_of(text: str) -> list[Block]:
    """One block of every kind, with ``text`` in every place that outsiders write."""
    running = tool(status=ToolCallStatus.IN_PROGRESS, arguments={"command": text})
    running.live_output = LiveOutput([text], len(text), len(text))
    streaming = tool("write_file", ToolCallStatus.PENDING, ToolKind.EDIT)
    streaming.arguments_partial = f'{{"path": "{text}'
    diff = f"@@ -1,9 +1,9 @@\n {text}\n-{text}\n+{text}\n"
    return [
        user(text),
        UserBlock(NOW, text, feedback_id=text, delivered_before_call=3),
        assistant(text),
        assistant(text, is_open=True),
        thought(text),
        running,
        streaming,
        tool(text, kind=None, arguments={text: text}, result=text),
        tool(status=ToolCallStatus.FAILED, arguments={"command": text}, error=text, result=text),
        tool("read_file", kind=ToolKind.READ, arguments={"path": text}, result=text),
        tool("search_files", kind=ToolKind.SEARCH, arguments={"pattern": text, "path": text}),
        tool("edit_file", kind=ToolKind.EDIT, arguments={"path": text}, details={"diff": diff}),
        tool("update_plan", details={"plan": {"steps": [{"content": text, "status": text}]}}),
        tool("ask_user", details={"question_id": "q", "question": text, "answers": [text]}),
        tool("ask_user", details={"question_id": "q", "options": [{"label": text}, text]}),
        NoticeBlock(NOW, NoticeLevel.ERROR, text),
        FeedbackBlock(NOW, text, text),
        CompactionBlock(NOW, text, text, text, 9, 90, 9, text),
        GenericBlock(NOW, text, text),
    ]


@settings(max_examples=60, deadline=None)
@given(hostile, st.sampled_from([20, 79]), st.booleans(), st.booleans())
def test_nothing_raw_reaches_a_row_and_every_row_is_as_wide_as_the_window(
    engines: Engines, palette: Palette, text: str, width: int, is_folded: bool, is_plain: bool
) -> None:
    pen = Pen(width, palette, Engines() if is_plain else engines)
    for block in blocks_of(text):
        body = make_body(block, is_folded=is_folded, shows_time=True)
        body.update()
        for unit in body.units:
            for strip in unit.draw(pen).strips:
                assert not {unicodedata.category(character) for character in strip.text} & ACTING
                assert not set(strip.text) & BIDI
                assert cell_len(strip.text) == width == strip.cell_length


@pytest.mark.parametrize("piece", NASTY)
def test_what_is_written_to_a_terminal_holds_only_our_own_sequences(
    engines: Engines, palette: Palette, piece: str
) -> None:
    pen, console = Pen(60, palette, engines), Console(color_system="truecolor")
    for block in blocks_of(f"a {piece} b"):
        body = make_body(block, is_folded=False, shows_time=False)
        body.update()
        for unit in body.units:
            for strip in unit.draw(pen).strips:
                written = strip.render(console)
                written.encode()
                for sequence in written.split("\x1b")[1:]:
                    assert sequence[0] in "[]\\"
                    assert sequence[0] != "]" or sequence.startswith("]8;")


@pytest.mark.parametrize(
    ("part", "times"),
    [
        ("x", 1_000_000), ("漢", 300_000), ("word ", 200_000), ("*", 200_000), ("[", 200_000),
        ("`", 200_000), ("> ", 50_000), ("- ", 50_000), ("|", 200_000), ("\r", 300_000),
        ("\x1b[", 200_000), ("&", 200_000), ("<", 200_000), ("a\n", 100_000), ("# ", 100_000),
        ("> ", 300), ("- ", 300), ("1. ", 300), ("| a ", 5_000), ("|-", 5_000), ("\u0301", 100_000),
    ],
)  # fmt: skip
def test_huge_texts_are_cut_into_units_that_each_have_bounded_rows(
    engines: Engines, palette: Palette, part: str, times: int
) -> None:
    pen, text = Pen(80, palette, engines), part * times
    for block in (assistant(text), user(text), tool(result=text), thought(text)):
        body = make_body(block, is_folded=False, shows_time=False)
        body.update()
        for unit in (*body.units[:3], *body.units[-3:]):
            assert len(unit.draw(pen).strips) <= 700
