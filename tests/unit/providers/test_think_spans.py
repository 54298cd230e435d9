import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.openai_chat_reply import ChatReplyParser
from harn_tui.providers.sse import SseEvent
from harn_tui.providers.think_spans import ThinkSplitter
from tests.unit.providers.wire import parse, stream_of


def split(*pieces: str) -> tuple[str, str]:
    """Return (text, reasoning) of a reply that arrived in ``pieces``."""
    splitter = ThinkSplitter()
    found = [part for piece in pieces for part in splitter.push(piece)] + splitter.flush()
    assert all(part.text for part in found)
    return (
        "".join(part.text for part in found if not part.is_thinking),
        "".join(part.text for part in found if part.is_thinking),
    )


@pytest.mark.parametrize(
    ("reply", "text", "thinking"),
    [
        ("plain", "plain", ""),
        ("<think>a</think>b", "b", "a"),
        ("<think>a</think>\n\nb\n", "b\n", "a"),
        ("b<think>a</think>c<think>d</think>e", "bce", "ad"),
        ("<think>never closed", "", "never closed"),
        ("a <thin air", "a <thin air", ""),
        ("a < b > c </think> d", "a < b > c </think> d", ""),
        ("<think></think>x", "x", ""),
        ("the `<think>` tag", "the `<think>` tag", ""),
        ("```\n<think>\n```\nx <think>y</think>", "```\n<think>\n```\nx ", "y"),
        ("```xml <think>\n```\n", "```xml <think>\n```\n", ""),
        ("", "", ""),
    ],
)
def test_loop_9_16_reasoning_between_tags_is_no_text(reply: str, text: str, thinking: str) -> None:
    assert split(reply) == (text, thinking)


@given(
    st.lists(
        st.sampled_from(["<think>", "</think>", "<", "`", "```", "\n", " ", "word", "<th", "ink>"])
    ),
    st.lists(st.integers(min_value=0, max_value=60)),
)
def test_where_a_reply_is_cut_makes_no_difference(words: list[str], cuts: list[int]) -> None:
    reply = "".join(words)
    edges = sorted({0, len(reply), *(cut for cut in cuts if cut < len(reply))})
    pieces = [reply[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    assert split(*pieces) == split(reply)


def chunk(text: str) -> str:
    return json.dumps({"choices": [{"delta": {"content": text}}]})


END = json.dumps({"choices": [{"delta": {}, "finish_reason": "stop"}]})


def test_loop_10_22_a_local_models_tags_do_not_reach_the_text() -> None:
    reply = parse("openai", [stream_of(chunk("<th"), chunk("ink>hm</think>\n\nYes"), END)])
    assert (reply.text, reply.thinking) == ("Yes", "hm")


def test_loop_10_22_reasoning_alone_is_an_empty_reply() -> None:
    with pytest.raises(ProviderError) as caught:
        parse("openai", [stream_of(chunk("<think>##DONE##</think>"), END)])
    assert caught.value.category is ProviderErrorCategory.EMPTY_COMPLETION


def test_text_that_was_held_back_comes_before_the_call_that_follows_it() -> None:
    call = {"index": 0, "id": "c", "function": {"name": "read_file", "arguments": "{}"}}
    called = json.dumps({"choices": [{"delta": {"tool_calls": [call]}}]})
    deltas: list[object] = []
    parser = ChatReplyParser("m", deltas.append)
    for payload in (chunk("a <"), called, END):
        parser.feed(SseEvent("message", payload))
    assert parser.completion().text == "a <"
    names = [type(delta).__name__ for delta in deltas]
    assert names.index("ToolCallStarted") > max(
        place for place, name in enumerate(names) if name == "TextDelta"
    )


def test_a_vendors_own_server_may_speak_of_the_tag() -> None:
    parser = ChatReplyParser("m", lambda _: None, has_think_spans=False)
    for payload in (chunk("<think>x"), END):
        parser.feed(SseEvent("message", payload))
    assert parser.completion().text == "<think>x"
