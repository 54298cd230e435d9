import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.events.agent import TurnEnd, TurnStart
from harn_tui.kinds import SUMMARY_KIND, Boundary, FeedbackState, LoopStatus
from harn_tui.view.plain import one_line, printable
from harn_tui.view.text import block_text, view_text
from tests.unit.view.build import (
    COMPLETED,
    RUNNING,
    SAMPLES,
    S,
    call_end,
    call_start,
    compacted,
    injected,
    line,
    loop_end,
    loop_start,
    output,
    prompt,
    recorded,
    retry,
    text,
    thought,
    tool,
    update,
)
from tests.unit.view.recording import fold


def test_session_reads_from_top_to_bottom() -> None:
    view = fold(
        prompt("fix it\nplease"),
        loop_start(),
        TurnStart(S, 0),
        call_start(),
        thought("hm"),
        text("I look."),
        tool(),
        call_end(),
        tool(raw_input={"path": "a.py"}),
        update(RUNNING),
        update(COMPLETED, raw_output={"text": "one\ntwo"}, execution_duration_ms=7),
        TurnEnd(S, 0, {}),
        line(FeedbackState.QUEUED, "use tabs"),
        line(FeedbackState.CLAIMED),
        injected("use tabs"),
        line(FeedbackState.DELIVERED, call=2),
        line(FeedbackState.QUEUED, "and test", line_id="f2", boundary=Boundary.AFTER_RUN),
        loop_end(LoopStatus.CANCELLED, "interrupted by the person"),
    )
    assert view_text(view) == "\n\n".join(
        [
            "> fix it\n  please",
            "(thought for 10 ms)\nhm",
            "I look.",
            "✓ read a.py, 7 ms\n  one\n  two",
            "> use tabs\n  (delivered before call 2)",
            "! Interrupted by you",
            "> and test (queued, goes in after this run)",
        ]
    )


def test_voided_blocks_are_not_told() -> None:
    view = fold(call_start(), text("half"), tool(), retry(delay_ms=0), text("whole"))
    assert view_text(view) == "! Retry 1 at once: boom\n\nwhole"


def test_interrupted_text_and_open_thought_say_so() -> None:
    view = fold(call_start(), text("half"), call_end(partial=True), thought("hm"))
    assert view_text(view) == "half\n(interrupted)\n\n(thinking)\nhm"


def test_running_call_shows_its_output_so_far() -> None:
    view = fold(tool(raw_input={"path": "a"}), update(RUNNING), output("so far\n"))
    assert view_text(view) == "● reading a\n  so far"


def test_held_line_names_its_state() -> None:
    view = fold(line(FeedbackState.QUEUED, "x"), line(FeedbackState.HELD))
    assert view_text(view) == "> x (held)"


def test_compaction_tells_what_it_saved_and_what_is_left() -> None:
    view = fold(
        compacted("preflight", engine_strategy="truncate"),
        recorded(role="user", content="one\ntwo", kind=SUMMARY_KIND),
    )
    assert view_text(view) == (
        "≡ Compacted before a model call: 12 messages archived (observation_mask, truncate)\n"
        "  about 51,000 tokens before, 9,000 after, 82% less\n"
        "  one\n"
        "  two"
    )


def test_every_block_has_text_that_controls_no_terminal() -> None:
    blocks = fold(*SAMPLES).blocks
    assert blocks
    for block in blocks:
        shown = block_text(block)
        assert shown is None or shown.replace("\n", "").isprintable()


HOSTILE = "\x1b]0;owned\x07\x1b[2J\r\x9b1m\u202e\u2066\u200f\u2028\ud800\x7f\x00"


@pytest.mark.parametrize(
    "event",
    [
        text(HOSTILE),
        thought(HOSTILE),
        prompt(HOSTILE),
        injected(HOSTILE, HOSTILE),
        tool(raw_input={"path": HOSTILE}, name=HOSTILE),
        update(COMPLETED, name=HOSTILE, raw_output={"text": HOSTILE}),
        output(HOSTILE),
        retry(message=HOSTILE),
        loop_end(LoopStatus.ERROR, HOSTILE),
        line(FeedbackState.QUEUED, HOSTILE),
    ],
    ids=lambda event: event.type,
)
def test_hostile_text_is_told_without_its_effect(event: object) -> None:
    shown = view_text(fold(event))  # type: ignore[arg-type]
    assert shown
    assert shown.replace("\n", "").isprintable()
    shown.encode()


@given(st.text(st.characters()))
def test_printable_text_has_no_control_but_line_feeds_and_tabs(raw: str) -> None:
    shown = printable(raw)
    shown.encode()
    assert not any(
        ord(c) < 0x20 and c not in "\n\t" or 0x7F <= ord(c) < 0xA0 or c in "\u2028\u202e"
        for c in shown
    )


@given(st.text(st.characters(categories=["L", "N", "P", "S"])))
def test_plain_words_are_left_as_they_are(raw: str) -> None:
    assert printable(raw) == raw


@given(st.text(st.characters()), st.integers(1, 30))
def test_one_line_is_one_line_within_its_limit(raw: str, limit: int) -> None:
    line_of_it = one_line(raw, limit)
    assert "\n" not in line_of_it
    assert len(line_of_it) <= limit


def test_one_line_marks_what_it_cuts() -> None:
    assert one_line("a  b\n c", 10) == "a b c"
    assert one_line("abcdefgh", 5) == "abcd…"
    assert one_line(" " * 100 + "far", 5) == "…"
