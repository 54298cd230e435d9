"""What the next model call sends, by where it came from."""

from harn_tui.events.agent import TranscriptCompacted
from harn_tui.kinds import SUMMARY_KIND
from harn_tui.view.context import Context, ContextSource, message_parts
from tests.unit.view.build import call_end, call_start, recorded
from tests.unit.view.recording import fold

RESULTS = (ContextSource.RESULTS, "read_file")


def sizes(context: Context) -> dict[tuple[ContextSource, str], int]:
    return dict(context.characters)


def test_each_message_counts_for_its_source() -> None:
    view = fold(
        recorded(role="user", content="12345678"),
        recorded(role="user", content="1234", kind="stuck_nudge"),
        recorded(
            role="assistant",
            content="abcd",
            tool_calls=[{"id": "c1", "name": "read_file", "arguments": {"path": "a.py"}}],
        ),
        recorded(role="tool", tool_call_id="c1", tool_name="read_file", content="x" * 400),
    )
    assert sizes(view.context) == {
        (ContextSource.PERSON, ""): 8,
        (ContextSource.FEEDBACK, ""): 4,
        (ContextSource.REPLY, ""): 4,
        (ContextSource.CALLS, ""): len("idc1nameread_fileargumentspatha.py"),
        RESULTS: 400,
    }
    assert view.context.rows()[0] == (*RESULTS, 100)


def test_a_compaction_takes_messages_out_and_puts_its_summary_in_their_place() -> None:
    view = fold(
        recorded(role="user", content="keep"),
        recorded(role="tool", tool_name="read_file", content="x" * 400),
        recorded(role="assistant", content="last"),
        TranscriptCompacted("s", "auto", "hybrid", 1, 500, 100, keep_first=1, keep_last=1),
        recorded(role="user", content="short", kind=SUMMARY_KIND),
    )
    assert sizes(view.context) == {
        (ContextSource.PERSON, ""): 4,
        (ContextSource.SUMMARY, ""): 5,
        (ContextSource.REPLY, ""): 4,
    }
    assert [parts[0].source for parts in view.context.messages] == [
        ContextSource.PERSON,
        ContextSource.SUMMARY,
        ContextSource.REPLY,
    ]


def test_instructions_are_what_the_estimate_has_over_the_messages() -> None:
    view = fold(
        recorded(role="user", content="x" * 40),
        call_start(estimate=110),
        call_end(usage={"input_tokens": 150, "output_tokens": 1}),
    )
    context = view.context
    assert (context.message_tokens, context.instruction_tokens) == (10, 100)
    assert (context.counted_tokens, context.uncounted_tokens) == (150, 40)


def test_no_message_is_counted_twice_or_below_zero() -> None:
    context = Context()
    context.archive(0, 5)
    assert (context.messages, context.characters) == ([], {})


def test_content_of_parts_counts_all_texts() -> None:
    parts = message_parts({"role": "user", "content": [{"type": "text", "text": "abcd"}]})
    assert parts[0].characters == len("typetexttextabcd")
