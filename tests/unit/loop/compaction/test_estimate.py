import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject
from harn_tui.loop.compaction.estimate import (
    IMAGE_BYTES,
    json_bytes,
    message_bytes,
    text_bytes,
    tokens_of,
)
from harn_tui.loop.messages import message_size
from tests.unit.loop.compaction.histories import assistant, histories, result, user

# What JSON never escapes, so that the encoder's own output can be measured.
_plain = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters='"\\'))
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | _plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_plain, inner, max_size=4),
    max_leaves=12,
)


def test_four_bytes_are_one_token() -> None:
    assert [tokens_of(size) for size in (0, 3, 4, 7, 8)] == [0, 0, 1, 1, 2]


def test_text_counts_its_bytes_of_utf_8() -> None:
    assert text_bytes("abc") == 3
    assert text_bytes("é€😀") == 2 + 3 + 4
    assert text_bytes("a\ud800") == 4


@given(_json)
def test_json_counts_as_it_would_be_written(value: Any) -> None:
    written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert json_bytes(value) == len(written.encode())


def test_values_of_any_depth_are_counted() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    assert json_bytes(deep) == 200_003


def test_every_part_of_a_message_that_is_sent_counts() -> None:
    plain = message_bytes(assistant("text"))
    assert plain == 4
    assert message_bytes(assistant("text", "c1")) == 4 + len('read_file{"path":"x"}')
    thinking: list[Any] = [{"type": "thinking", "thinking": "long", "signature": "seal"}]
    assert message_bytes(assistant("text", thinking_blocks=thinking)) == 4 + json_bytes(thinking)
    assert message_bytes(result("c1", "four")) == 4
    assert message_bytes(user([{"type": "text", "text": "hello"}])) > len("hello")


def test_keys_that_no_server_gets_count_nothing() -> None:
    assert message_bytes(user("text", feedback_id="f" * 100, kind="user")) == 4


@pytest.mark.parametrize(
    "strange",
    [{}, {"content": None}, {"content": 5}, {"tool_calls": "x"}, {"tool_calls": [1, {"name": 3}]}],
)
def test_strange_messages_have_a_size(strange: Any) -> None:
    assert message_bytes(strange) >= 0


@given(histories())
def test_the_loop_and_compaction_count_alike(messages: list[Any]) -> None:
    assert [message_size(m) for m in messages] == [message_bytes(m) for m in messages]


def test_an_attached_image_counts_like_a_large_one_whatever_its_entry_says() -> None:
    message = user("look")
    entry: JsonObject = {"blob": "0" * 64, "media_type": "image/png", "name": "a.png"}
    with_two: JsonObject = {**message, "images": [entry, entry]}
    assert message_bytes(with_two) == message_bytes(message) + 2 * IMAGE_BYTES
