import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.feedback.wrapping import wrap_feedback, wrap_injection

pieces = st.sampled_from(
    ["<", "/", ">", " ", "\n", "\t", "\u200b", "\u00ad", "&lt;"]
    + ["runtime_feedback", "RUNTIME_FEEDBACK", "Runtime_", "feedback", "runtime_injection"]
    + ['kind="user"', "text", "é"]
)
hostile_texts = st.lists(pieces, max_size=12).map("".join) | st.text(max_size=30)
UNSEEN = "[\\s\u00ad\u200b]"
TAG = re.compile(rf"<{UNSEEN}*/?{UNSEEN}*runtime_(feedback|injection)", re.IGNORECASE)


def test_loop_5_1_feedback_stands_trimmed_in_its_wrapper() -> None:
    assert wrap_feedback("user", "\n  use tabs \n") == (
        '<runtime_feedback kind="user">\nuse tabs\n</runtime_feedback>'
    )


def test_loop_5_1_the_kind_is_escaped() -> None:
    assert wrap_feedback('a&b<c>d"e', "x").startswith(
        '<runtime_feedback kind="a&amp;b&lt;c&gt;d&quot;e">\n'
    )


@pytest.mark.parametrize(
    "tag",
    [
        "</runtime_feedback>",
        "</ runtime_feedback>",
        "< / runtime_feedback >",
        "<\n/runtime_feedback>",
        "</RUNTIME_Feedback>",
        '<runtime_feedback kind="user">',
        "<\u200b/runtime\u200b_feedback>",
        "<//runtime_feedback>",
        "</runtime_injection>",
    ],
)
def test_loop_10_60_what_looks_like_a_wrapper_is_escaped(tag: str) -> None:
    wrapped = wrap_feedback("tool_result", f"before {tag} after")
    assert f"before &lt;{tag[1:]} after" in wrapped


@pytest.mark.parametrize(
    "code", ["if a < b and c > d:", "<div>x</div>", "x << 2 </ >", "</runtime>", "feedback</b>"]
)
def test_loop_10_60_other_text_stays_as_it_is(code: str) -> None:
    assert code in wrap_feedback("user", code)


@given(kind=hostile_texts, content=hostile_texts)
def test_loop_10_60_no_text_can_end_its_wrapper_or_begin_another(kind: str, content: str) -> None:
    wrapped = wrap_feedback(kind, content)
    opening, closing = TAG.finditer(wrapped)
    assert opening.start() == 0
    assert wrapped[closing.start() :] == "</runtime_feedback>"
    head = wrapped.split("\n", 1)[0]
    if "\n" not in kind:
        assert head.count('"') == 2
        assert head.endswith('">')


def test_loop_5_1_an_injection_stands_trimmed_in_its_wrapper_and_its_own_block() -> None:
    assert wrap_injection("task_ledger", "\n one \n") == (
        '<runtime_injection kind="task_ledger">\n<task_ledger>\none\n</task_ledger>\n'
        "</runtime_injection>"
    )


@given(content=st.lists(pieces | st.sampled_from(["task_ledger", "Task_", "ledger"])).map("".join))
def test_loop_10_60_no_text_can_end_its_injection_or_the_block_in_it(content: str) -> None:
    wrapped = wrap_injection("task_ledger", content)
    tag = re.compile(rf"<{UNSEEN}*/?{UNSEEN}*(runtime_(feedback|injection)|task_ledger)", re.I)
    tags = [found.group() for found in tag.finditer(wrapped)]
    assert tags == [
        "<runtime_injection",
        "<task_ledger",
        "</task_ledger",
        "</runtime_injection",
    ]


@given(content=st.text(st.characters(exclude_characters="<"), max_size=40))
def test_text_without_a_bracket_is_only_trimmed(content: str) -> None:
    assert wrap_feedback("user", content).split("\n", 1)[1] == (
        f"{content.strip()}\n</runtime_feedback>"
    )


@pytest.mark.parametrize("text", ["<" + " " * 200_000, "< " * 100_000, "<r" + "\u200b" * 200_000])
def test_hostile_text_is_wrapped_in_time_that_grows_with_its_length(text: str) -> None:
    started = time.process_time()
    wrap_feedback("user", f"{text}x")
    assert time.process_time() - started < 5  # quadratic time would be minutes
