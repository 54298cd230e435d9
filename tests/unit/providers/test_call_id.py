"""Ids of calls on their way to another server than the one that gave them."""

import json

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.providers.call_id import plain_id, short_id
from harn_tui.providers.openai_chat_request import chat_body
from harn_tui.providers.openai_responses_request import responses_body
from tests.unit.providers.wire import request_of

ids = st.text(max_size=100)


@given(ids, ids)
def test_ids_fit_and_stay_apart(one: str, other: str) -> None:
    assert len(short_id(one, 40)) <= 40
    assert (short_id(one, 40) == short_id(other, 40)) == (one == other)
    if one != other:
        assert plain_id(one) != plain_id(other)
    assert all(c.isascii() and (c.isalnum() or c in "_-") for c in plain_id(one))


def test_a_long_id_is_cut_alike_for_the_call_and_its_result() -> None:
    call_id = "functions.read_file:0-" + "x" * 60
    request = request_of(
        {"role": "assistant", "content": "", "tool_calls": [{"id": call_id, "name": "f"}]},
        {"role": "tool", "tool_call_id": call_id, "tool_name": "f", "content": "r"},
    )
    sent = json.loads(json.dumps(chat_body(request, is_official=True)))["messages"]
    assert sent[-2]["tool_calls"][0]["id"] == sent[-1]["tool_call_id"]
    assert len(sent[-1]["tool_call_id"]) == 40
    items = json.loads(json.dumps(responses_body(request)))["input"]
    assert items[-2]["call_id"] == items[-1]["call_id"]
    assert len(items[-1]["call_id"]) == 64


def test_short_ids_go_out_as_they_came() -> None:
    assert short_id("functions.read_file:0", 40) == "functions.read_file:0"
    assert plain_id("toolu_01-A") == "toolu_01-A"
