from typing import Any

import pytest

from harn_tui.loop.compaction.rendering import entries_of, role_of, text_of
from tests.unit.loop.compaction.histories import assistant, result, user


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ([{"type": "output_text", "text": "said"}, "bare"], "said\nbare"),
        ([{"type": "file", "path": "a.py"}], "<file:a.py>"),
        ([{"type": "image", "data": "x" * 9_000}], "<image>"),
        ([{"type": "redacted_thinking", "data": "seal"}], ""),
        ([{"type": "tool_result", "tool_use_id": "c", "content": None}], ""),
        ([{"type": "note", "content": "hm"}], "hm"),
        ([{}], "<block>"),
        ({"type": "text", "text": "alone"}, "alone"),
        (None, ""),
        (5, "5"),
    ],
)
def test_every_block_is_told_or_named(content: Any, text: str) -> None:
    assert text_of(user(content)) == text


def test_private_reasoning_is_not_told() -> None:
    blocks: Any = [{"type": "thinking", "thinking": "secret"}]
    assert text_of(assistant("said", thinking_blocks=blocks, reasoning="secret")) == "said"


def test_long_arguments_are_cut() -> None:
    call: Any = {"id": "c", "name": "write_file", "arguments": {"content": "x" * 9_000}}
    text = text_of(assistant("", tool_calls=[call]))
    assert text.startswith('<tool_call:write_file> {"content": "xxx')
    assert text.endswith("[cut from 9015 characters]")
    assert len(text) < 600


def test_malformed_arguments_are_told_as_they_came() -> None:
    call: Any = {"id": "c", "name": "f", "arguments": {}, "raw_arguments": "{oops"}
    assert text_of(assistant("", tool_calls=[call])) == "<tool_call:f> {oops"


def test_arguments_that_are_nested_too_deeply_raise_nothing() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    call: Any = {"id": "c", "name": "f", "arguments": deep}
    assert "nested too deeply" in text_of(assistant("", tool_calls=[call]))


def test_a_persons_feedback_keeps_its_wrapper() -> None:
    wrapped = '<runtime_feedback kind="user">\nuse tabs\n</runtime_feedback>'
    assert text_of(user(wrapped)) == wrapped
    assert "<runtime_feedback" not in text_of(result("c", wrapped))
    assert "<runtime_feedback" not in text_of(assistant(wrapped))


def test_messages_with_nothing_to_show_have_no_entry() -> None:
    entries = entries_of([user(""), assistant(" \n"), user("q")])
    assert [(entry.position, entry.text) for entry in entries] == [(2, "q")]


def test_a_message_without_a_role_is_still_told() -> None:
    assert role_of({"content": "x"}) == "unknown"
