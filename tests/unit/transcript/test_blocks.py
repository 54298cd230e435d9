from collections.abc import Callable

import pytest

from harn_tui.console.transcript.block_bodies import can_fold, make_body
from harn_tui.console.transcript.block_source import block_source
from harn_tui.console.transcript.pen import Pen
from harn_tui.console.transcript.tools.edit import diff_lines
from harn_tui.console.transcript.tools.registry import look_of
from harn_tui.json_types import JsonObject
from harn_tui.kinds import PERSON_COMMAND, NoticeLevel, ToolCallStatus, ToolErrorCategory, ToolKind
from harn_tui.view.model import (
    Block,
    CompactionBlock,
    FeedbackBlock,
    GenericBlock,
    LiveOutput,
    NoticeBlock,
    ThoughtBlock,
    ToolBlock,
    UserBlock,
)
from tests.unit.transcript.builders import NOW, assistant, thought, tool, user
from tests.unit.transcript.conftest import MakePen

DIFF = """--- a/x.py
+++ b/x.py
@@ -1,3 +1,3 @@
 one
-two
+zwei
 three
@@ -9,2 +9,3 @@
 nine
+--- not a header
 ten
"""

_REFUSED, _CANCELLED = ToolErrorCategory.PERMISSION_DENIED, ToolErrorCategory.CANCELLED

Show = Callable[..., list[str]]


@pytest.fixture
def show(make_pen: MakePen) -> Show:
    """The rows of a block, without blanks at their ends."""

    def rows(
        block: Block, *, folded: bool = True, width: int = 60, now_ms: int = 0, times: bool = False
    ) -> list[str]:
        pen: Pen = make_pen(width)
        pen.now_ms = now_ms
        body = make_body(block, is_folded=folded, shows_time=times)
        body.update()
        return [strip.text.rstrip() for unit in body.units for strip in unit.draw(pen).strips]

    return rows


def test_a_users_line_is_plain_text_beside_a_bar(show: Show) -> None:
    assert show(user("do **it**\nnow")) == [" ▌ do **it**", " ▌ now"]


def test_a_steered_line_carries_its_receipt(show: Show) -> None:
    block = UserBlock(NOW, "also this", feedback_id="f", delivered_before_call=14)
    assert show(block)[1] == " ▌ delivered before call 14"
    block.delivered_before_call = None
    assert show(block)[1] == " ▌ being delivered"


def test_a_long_users_line_is_folded_to_its_beginning(show: Show) -> None:
    block = user("\n".join(f"line {number}" for number in range(100)))
    assert show(block)[-1] == " ▌ … 88 more lines ▸"
    assert len(show(block)) == 13
    assert show(block, folded=False)[99] == " ▌ line 99"


def test_times_of_day_are_shown_when_asked_for(show: Show) -> None:
    assert len(show(user("x"), times=True)[-1].split(":")) == 2
    assert show(user("x")) == [" ▌ x"]


def test_folded_reasoning_is_one_row_with_its_length(show: Show) -> None:
    assert show(thought("one two  three\nfour")) == [" ∴ thought for 3.2 s, 4 words ▸"]
    assert show(thought("hmm", is_open=True)) == [" ∴ thinking, 1 word ▸"]


def test_opened_reasoning_stands_behind_a_bar(show: Show) -> None:
    rows = show(thought("one\n\ntwo"), folded=False)
    assert rows == [" ∴ thought for 3.2 s, 2 words ▾", "   ▏ one", "", "   ▏ two"]


def test_words_of_reasoning_are_counted_across_deltas() -> None:
    block = ThoughtBlock(NOW, 1, ["one tw"])
    body = make_body(block, is_folded=True, shows_time=False)
    body.update()
    for part in ("o th", "ree ", "", "four", "teen"):
        block.parts.append(part)
        body.update()
    block.is_open, block.ended_at_ms = False, NOW + 500
    body.update()
    assert getattr(body.units[0], "text", "") == "thought for 500 ms, 4 words ▸"


@pytest.mark.parametrize(
    ("status", "changes", "words"),
    [
        (ToolCallStatus.PENDING, {}, "○ announced"),
        (ToolCallStatus.PENDING, {"waiting_since_ms": NOW}, "▲ waiting for approval"),
        (ToolCallStatus.IN_PROGRESS, {}, "● running"),
        (ToolCallStatus.IN_PROGRESS, {"interrupted": True}, "■ interrupted"),
        (ToolCallStatus.COMPLETED, {}, "✓ done"),
        (ToolCallStatus.FAILED, {}, "✗ failed"),
        (ToolCallStatus.FAILED, {"error_category": _REFUSED}, "⊘ refused"),
        (ToolCallStatus.FAILED, {"error_category": _CANCELLED}, "■ interrupted"),
    ],
)  # fmt: skip
def test_every_state_of_a_call_has_a_glyph_and_a_word(
    show: Show, status: ToolCallStatus, changes: dict[str, object], words: str
) -> None:
    block = tool(status=status)
    for name, value in changes.items():
        setattr(block, name, value)
    glyph, word = words.split(" ", 1)
    row = show(block)[0]
    assert row.startswith(f" {glyph} ")
    assert word in row


def test_a_call_says_verb_object_and_facts(show: Show) -> None:
    block = tool("search_files", kind=ToolKind.SEARCH, details={"matches": 3},
                 arguments={"pattern": "needle", "path": "src"}, result="a\nb\nc")  # fmt: skip
    block.duration_ms = 1234
    row = show(block, width=80)[0]
    assert row.startswith(" ✓ Searched for needle in src  3 matches ▸")
    assert row.endswith("done 1.2 s")


def test_a_running_call_counts_up_to_now(show: Show) -> None:
    block = tool(status=ToolCallStatus.IN_PROGRESS)
    block.running_since_ms = NOW
    assert show(block, now_ms=NOW + 65_000)[0].endswith("running 1 m 05 s")


def test_a_long_command_gives_way_to_the_state(show: Show) -> None:
    row = show(tool(arguments={"command": "echo " + "x" * 300}))[0]
    assert "…" in row
    assert row.endswith("done")
    assert len(row) <= 58


def test_arguments_are_shown_while_they_stream(show: Show) -> None:
    block = tool("write_file", ToolCallStatus.PENDING, ToolKind.EDIT)
    block.arguments_partial = '{"path": "a/b.py", "content": "one\\ntwo\\nthree\\nfou'
    rows = show(block)
    assert rows[0].startswith(" ○ Write a/b.py")
    assert [row.strip(" │") for row in rows[1:]] == ["two", "three", "fou"]


def test_a_running_command_shows_its_last_five_lines(show: Show) -> None:
    block = tool(status=ToolCallStatus.IN_PROGRESS)
    block.live_output = LiveOutput()
    for number in range(500):
        block.live_output.append(f"line {number}\n")
    block.live_output.append("50%\r60%")
    assert [row.strip(" │") for row in show(block)[1:]] == [
        "line 496", "line 497", "line 498", "line 499", "60%"
    ]  # fmt: skip


def test_a_result_is_behind_a_fold(show: Show) -> None:
    block = tool("read_file", kind=ToolKind.READ, arguments={"path": "a"}, result="x\n" * 40)
    assert len(show(block)) == 1
    assert "40 lines ▸" in show(block)[0]
    opened = show(block, folded=False)
    assert "40 lines ▾" in opened[0]
    assert len(opened) == 41


def test_a_failed_command_shows_the_end_of_its_output(show: Show) -> None:
    text = "\n".join(f"out {number}" for number in range(20))
    rows = show(tool(status=ToolCallStatus.FAILED, result=text, details={"exit_code": 2}))
    assert "exit 2" in rows[0]
    assert [row.strip(" │") for row in rows[1:]] == [f"out {n}" for n in range(15, 20)]


def test_a_command_of_the_person_says_so_and_shows_the_end_of_its_output(show: Show) -> None:
    text = "\n".join(f"out {number}" for number in range(20))
    block = tool(PERSON_COMMAND, result=text, arguments={"command": "make test"})
    rows = show(block)
    assert rows[0].startswith(" ✓ You ran make test")
    assert [row.strip(" │") for row in rows[1:]] == [f"out {n}" for n in range(10, 20)]


def test_an_error_is_shown_once(show: Show) -> None:
    block = tool(status=ToolCallStatus.FAILED, error="no such file", result="no such file")
    assert [row.strip(" │") for row in show(block)[1:]] == ["no such file"]


def test_an_edit_is_a_diff_with_signs_and_numbers(show: Show) -> None:
    details: JsonObject = {"diff": DIFF, "added": 2, "removed": 1}
    rows = show(tool("edit_file", kind=ToolKind.EDIT, arguments={"path": "x.py"}, details=details))
    assert "+2 -1" in rows[0]
    assert [row.removeprefix("   │ ").rstrip() for row in rows[1:]] == [
        " 1   one", " 2 - two", " 2 + zwei", " 3   three", "⋯",
        " 9   nine", "10 + --- not a header", "11   ten",
    ]  # fmt: skip


def test_a_long_diff_is_folded_to_its_beginning(show: Show) -> None:
    diff = "@@ -0,0 +1,100 @@\n" + "".join(f"+{number}\n" for number in range(100))
    block = tool("write_file", kind=ToolKind.EDIT, details={"diff": diff})
    folded = show(block)
    assert len(folded) == 18
    assert "more lines ▸" in folded[-1]
    assert len(show(block, folded=False)) == 101


def test_what_no_diff_says_is_no_line_of_one() -> None:
    assert diff_lines("garbage\nmore\n") == []
    assert diff_lines("@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n")[1].number == 0


def test_a_plan_shows_every_step_with_its_state(show: Show) -> None:
    steps: JsonObject = {
        "steps": [
            {"content": "one", "status": "completed"},
            {"content": "two", "status": "in_progress"},
            {"content": "three"},
        ]
    }
    rows = show(tool("update_plan", kind=ToolKind.THINK, details={"plan": steps}))
    assert "1 of 3 done" in rows[0]
    assert [row.strip(" │") for row in rows[1:]] == ["✓ one", "● two", "○ three"]


def test_a_question_shows_its_answer_and_opened_what_there_was_to_choose(show: Show) -> None:
    details: JsonObject = {
        "question_id": "q1",
        "question": "Which colours?\nTwo at most.",
        "options": [{"label": "Red"}, {"label": "Blue"}],
        "answers": ["Blue", "and a bit\nof green"],
    }
    block = tool("ask_user", kind=ToolKind.THINK, arguments={"question": "Which?"}, details=details)
    rows = show(block)
    assert rows[0].startswith(" ✓ Asked Which?")
    assert [row.strip(" │") for row in rows[1:]] == ["> Blue", "> and a bit"]
    opened = [row.strip(" │") for row in show(block, folded=False)[1:]]
    assert opened == [
        "Which colours?",
        "Two at most.",
        "○ Red",
        "✓ Blue",
        "> and a bit",
        "of green",
    ]


def test_a_question_that_was_declined_says_so(show: Show) -> None:
    details: JsonObject = {"question_id": "q1", "answers": [], "is_declined": True}
    rows = show(tool("ask_user", kind=ToolKind.THINK, details=details))
    assert [row.strip(" │") for row in rows[1:]] == ["> declined"]


def test_an_unknown_tool_shows_its_arguments_as_json_when_opened(show: Show) -> None:
    block = tool("odd_tool", kind=None, arguments={"a": 1}, result="fine")
    assert show(block)[0].startswith(" ✓ Called odd_tool 1")
    opened = [row.strip(" │") for row in show(block, folded=False)[1:]]
    assert opened == ["{", '"a": 1', "}", "fine"]


def test_a_kind_draws_a_tool_that_has_no_renderer_of_its_own() -> None:
    assert look_of(tool("grep", kind=ToolKind.SEARCH)) is look_of(tool("search_files"))
    assert look_of(tool("x", kind=ToolKind.OTHER)) is look_of(tool("y", kind=None))


@pytest.mark.parametrize("level", NoticeLevel)
def test_notices_have_a_mark_for_their_level(show: Show, level: NoticeLevel) -> None:
    row = show(NoticeBlock(NOW, level, "something"))[0]
    assert row[1] in "·!✗"
    assert row.endswith("something")


def test_feedback_and_unknown_events_are_one_row_until_opened(show: Show) -> None:
    feedback = FeedbackBlock(NOW, "loop_detect", "a\nb")
    assert show(feedback) == [" · runtime feedback: loop_detect · 2 lines ▸"]
    assert show(feedback, folded=False)[1:] == ["   a", "   b"]
    assert show(GenericBlock(NOW, "event x", '{"a": 1}')) == [" · event x · 1 line ▸"]


def compaction(before: int, after: int, text: str | None = "one\ntwo") -> CompactionBlock:
    return CompactionBlock(NOW, "preflight", "hybrid", "llm", 24, before, after, text)


def test_a_compaction_is_a_card_with_the_request_before_and_after(show: Show) -> None:
    assert show(compaction(51_200, 9_180), width=80) == [
        " ≡ Compacted before a model call: 24 messages archived (hybrid, llm)",
        f"   before {'━' * 32} 51,200 tokens",
        f"   after  {'━' * 6}{' ' * 26}  9,180 tokens, 82% less",
        "   summary, 2 lines ▸",
    ]


def test_an_opened_compaction_shows_its_summary_behind_a_bar(show: Show) -> None:
    rows = show(compaction(51_200, 9_180), folded=False)
    assert rows[-3:] == ["   summary, 2 lines ▾", "   ▏ one", "   ▏ two"]


def test_a_compaction_whose_summary_is_not_known_has_nothing_to_open(show: Show) -> None:
    assert len(show(compaction(51_200, 9_180, None), width=80)) == 3
    assert not can_fold(compaction(51_200, 9_180, None))
    assert can_fold(compaction(51_200, 9_180))


def test_bars_of_a_compaction_give_way_to_the_figures_where_it_is_narrow(show: Show) -> None:
    rows = show(compaction(51_200, 9_180), width=40)
    assert rows[-3:-1] == ["   before 51,200 tokens", "   after   9,180 tokens, 82% less"]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [(100, 150, "150 tokens, 50% more"), (0, 0, "0 tokens"), (100, 100, "100 tokens, 0% less")],
)
def test_a_compaction_that_saved_nothing_says_so(
    show: Show, before: int, after: int, says: str
) -> None:
    assert show(compaction(before, after), width=80)[2].endswith(says)


def test_a_text_of_too_many_lines_is_cut_with_a_note(show: Show) -> None:
    rows = show(tool(result="x\n" * 25_000), folded=False)
    assert rows[-1].strip(" │") == "… 5,000 more lines"


def test_a_line_of_a_megabyte_is_cut_with_a_note(show: Show) -> None:
    rows = show(tool(result="x" * 1_000_000), folded=False)
    assert len(rows) < 50
    assert "998,000 more characters" in " ".join(row.strip(" │") for row in rows)


def test_copies_are_the_source(show: Show) -> None:
    assert block_source(assistant("# a\n", "**b**")) == "# a\n**b**"
    assert block_source(user("typed")) == "typed"
    assert block_source(tool(result="out")) == "out"
    assert block_source(tool(result="Edited", details={"diff": DIFF})) == DIFF
    assert block_source(thought("hm")) == "hm"
    assert block_source(GenericBlock(NOW, "t", "{}")) == "{}"
    assert block_source(compaction(9, 1)) == "one\ntwo"
    assert block_source(compaction(9, 1, None)).startswith("Compacted before a model call")
    assert block_source(ToolBlock(NOW, "i", "t", None, ToolCallStatus.PENDING)) == ""
