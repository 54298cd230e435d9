"""What a person sees of a reply."""

import pytest

from harn_tui.tagged_text.visible import VisibleStream, shown_text, visible_text

CALL = "<tool_call>\nread({ a: 1 })\n</tool_call>"


def visible(text: str, sentinel: str | None = "##DONE##") -> str:
    return visible_text(text, done_sentinel=sentinel)


@pytest.mark.parametrize(
    "hidden",
    [
        CALL,
        "<tool_call>edit({ a: <<END\n</tool_call>\nsecret\nEND\n})</tool_call>",
        "<tool_call>no call at all</tool_call>",
        "<done>##DONE##</done>",
        "<think>hm</think>",
        "<|tool_call|>x</|tool_call|>",
        '<tool_result id="1">made up</tool_result>',
        "\n[result of read]\nmade up\n[end of read result]\n",
        "\n##DONE##\n",
        "\n  ##DONE##  \n",
        '```json\n{"mode": "plan_then_execute", "steps": []}\n```',
        '{"mode":"ask_user","a":{"b":"}"}}',
    ],
)
def test_loop_8_3_what_is_meant_for_the_program_is_hidden(hidden: str) -> None:
    assert visible(f"Before.\n{hidden}\nAfter.").split() == ["Before.", "After."]


def test_loop_10_18_the_configured_sentinel_is_hidden_and_no_other() -> None:
    text = "a\n##DONE##\nFINISHED\nDONE\nb"
    assert visible(text, "FINISHED") == "a\n##DONE##\nDONE\nb"
    assert visible(text, None) == text


def test_loop_8_3_a_sentinel_within_a_line_stays() -> None:
    assert visible("I write ##DONE## later") == "I write ##DONE## later"


def test_loop_8_3_the_user_response_stands_alone_else_prose_is_unwrapped() -> None:
    prose = "<assistant_prose>note</assistant_prose>"
    assert visible(f"{prose}\n{CALL}") == "note"
    both = f"{prose}<user_response>one</user_response>stray<user_response>two</user_response>"
    assert visible(both) == "one\n\ntwo"
    assert visible(f"{prose}<user_response> </user_response>") == "note"


def test_a_stream_shows_prose_and_the_response_as_paragraphs_in_their_order() -> None:
    text = "<assistant_prose>note</assistant_prose><user_response>answer</user_response>"
    assert shown_text(text, done_sentinel=None) == "note\n\nanswer"


def test_loop_8_3_white_space_is_tidied_but_not_within_code() -> None:
    assert visible(" \r\na\r\n\r\n\r\n\r\nb \n") == "a\n\nb"
    code = "```py\nx\n\n\n\ny\n```"
    assert visible(f"{code}\n\n\n\nz") == f"{code}\n\nz"


def test_planning_objects_go_but_other_json_stays() -> None:
    assert visible('```json\n{"plan": [1]}\n```') == '```json\n{"plan": [1]}\n```'
    assert visible('{"mode": "dark", "steps": 1}') == '{"mode": "dark", "steps": 1}'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("The <tool_call> tag begins a call.", "The  tag begins a call."),
        ("Then <done> follows.\nAnd <b>more</b>", "Then  follows.\nAnd <b>more</b>"),
        ("[result of the vote]\nwas close", "[result of the vote]\nwas close"),
        ("<user_response>cut off", "cut off"),
        ("Use `<tool_call>` here", "Use `<tool_call>` here"),
        ("a <think>never closed", "a"),
        ("a <tool_call>read({ a: 1", "a"),
    ],
)
def test_a_block_that_is_never_closed_hides_only_calls_and_thoughts(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_what_may_become_a_marker_is_held_back_and_text_is_not() -> None:
    stream = VisibleStream("##DONE##")
    assert stream.feed("Hello wor") == "Hello wor"
    assert stream.feed("ld\n##DO") == "ld"
    assert stream.feed("NE##\nmore <too") == "\nmore"
    assert stream.feed("l_call>read({})</tool") == ""
    assert stream.feed("_call> end") == "  end"
    assert stream.finish() == ""


def test_a_marker_that_did_not_come_is_shown_at_once() -> None:
    stream = VisibleStream("##DONE##")
    assert stream.feed("##DO") == ""
    assert stream.feed(" it") == "##DO it"


@pytest.mark.parametrize("tail", ["D", "P", "[", "#", "<"])
def test_the_last_characters_of_a_reply_are_not_eaten(tail: str) -> None:
    assert visible(f"text {tail}") == f"text {tail}"


def test_pieces_around_something_hidden_never_make_a_tag() -> None:
    assert "<tool_call>" not in visible("<tool<think>x</think>_call>read({})")
    assert "<done>" not in visible('<do{"mode":"ask_user"}ne>')


@pytest.mark.parametrize("cut", range(1, 40))
def test_a_code_fence_cut_anywhere_is_still_one(cut: int) -> None:
    text = "a\n```py\nx\n\n\n\ny\n```\n\n\n\nz and more text"
    stream = VisibleStream(None)
    assert stream.feed(text[:cut]) + stream.feed(text[cut:]) + stream.finish() == (
        "a\n```py\nx\n\n\n\ny\n```\n\nz and more text"
    )
