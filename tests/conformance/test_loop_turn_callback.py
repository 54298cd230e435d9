"""Statements of docs/loop.md on the post-turn callback."""

import pytest

from harn_tui.errors import HarnError
from harn_tui.json_types import JsonObject
from harn_tui.loop.turn_callback import (
    FEEDBACK_KIND,
    CallbackVerdict,
    ask_callback,
    interpret_callback_result,
)

GO_ON = CallbackVerdict()


@pytest.mark.parametrize("value", [None, ""])
def test_loop_4_1_nothing_and_empty_text_let_the_loop_go_on(value: object) -> None:
    assert interpret_callback_result(value) == GO_ON


def test_loop_4_1_text_is_injected() -> None:
    assert interpret_callback_result("look again") == CallbackVerdict("look again", must_stop=False)


def test_loop_4_1_a_flag_is_the_stop_flag() -> None:
    assert interpret_callback_result(True) == CallbackVerdict(None, must_stop=True)
    assert interpret_callback_result(False) == GO_ON


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ({}, GO_ON),
        ({"message": "m"}, CallbackVerdict("m")),
        ({"stop": True}, CallbackVerdict(must_stop=True)),
        ({"message": "m", "stop": True}, CallbackVerdict("m", must_stop=True)),
        ({"message": "m", "stop": False}, CallbackVerdict("m")),
        ({"message": None, "stop": None}, GO_ON),
        ({"message": 1, "stop": True}, CallbackVerdict(must_stop=True)),
        ({"message": ["m"], "stop": "yes"}, GO_ON),
        ({"message": "m", "stop": 1}, CallbackVerdict("m")),
        ({"text": "m"}, GO_ON),
    ],
)
def test_loop_4_1_a_dict_has_a_message_and_a_stop_and_wrong_types_are_ignored(
    value: object, verdict: CallbackVerdict
) -> None:
    assert interpret_callback_result(value) == verdict


@pytest.mark.parametrize("value", ["  ", "\n", {"message": " "}, {"message": "\t", "stop": False}])
def test_loop_4_1_a_blank_message_is_not_injected(value: object) -> None:
    assert interpret_callback_result(value) == GO_ON


@pytest.mark.parametrize("value", [0, 1, 3.5, [], ["m"], [True], ("m",), b"m", object()])
def test_loop_4_1_anything_else_means_nothing(value: object) -> None:
    assert interpret_callback_result(value) == GO_ON


async def test_loop_4_1_a_callback_gets_the_turn_info_and_may_be_awaited() -> None:
    seen: list[JsonObject] = []

    async def ask_nicely(turn_info: JsonObject) -> object:
        seen.append(turn_info)
        return {"stop": True}

    assert await ask_callback(ask_nicely, {"tool_count": 2}) == CallbackVerdict(must_stop=True)
    assert await ask_callback(lambda info: f"{info['tool_count']} calls", {"tool_count": 2}) == (
        CallbackVerdict("2 calls")
    )
    assert seen == [{"tool_count": 2}]
    assert FEEDBACK_KIND == "post_turn_callback"


async def test_loop_4_1_a_callback_that_fails_ends_the_loop_as_an_error_that_names_it() -> None:
    def careless(turn_info: JsonObject) -> object:
        return turn_info["no such key"]

    with pytest.raises(HarnError) as caught:
        await ask_callback(careless, {})
    assert "post-turn callback" in str(caught.value)
    assert "careless" in str(caught.value)
    assert "KeyError" in str(caught.value)


async def test_a_callback_cannot_change_what_others_are_told_of_the_turn() -> None:
    turn_info: JsonObject = {"tool_names": ["read"]}
    await ask_callback(lambda info: info.clear(), turn_info)
    assert turn_info == {"tool_names": ["read"]}
