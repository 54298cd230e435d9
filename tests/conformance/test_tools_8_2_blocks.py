"""The blocks of a reply: tools 8.2 and 8.3, loop 7.13 and 9.16."""

import pytest

from tests.conformance.text_replies import calls, parse, tagged


def test_tools_8_2_a_well_formed_reply_is_clean() -> None:
    text = (
        "<assistant_prose>\n I look. \n</assistant_prose>\n"
        f"{tagged('read({})')}\n\n<user_response>ok</user_response> <done>##DONE##</done>\n"
    )
    reply = parse(text)
    assert calls(reply) == [("read", {})]
    assert reply.prose == "I look."
    assert reply.user_response == "ok"
    assert reply.done_body == "##DONE##"
    assert not reply.errors
    assert not reply.violations


def test_tools_8_2_bodies_of_other_blocks_are_not_looked_into() -> None:
    reply = parse("<assistant_prose>\nread({ a: 1 })\n<b>\n</assistant_prose>")
    assert not reply.calls
    assert not reply.violations
    assert reply.prose == "read({ a: 1 })\n<b>"


@pytest.mark.parametrize(
    "body",
    [
        "```\nread({ a: 1 })\n```",
        "I read it:\nread({ a: 1 })",
        "read({ a: 1 }) // and that is all",
        "<think>hm\n</think>read({ a: 1 })",
    ],
)
def test_tools_8_2_what_stands_around_the_one_call_of_a_tag_does_not_matter(body: str) -> None:
    reply = parse(tagged(body))
    assert calls(reply) == [("read", {"a": 1})]
    assert not reply.errors
    assert not reply.violations


def test_tools_8_2_an_empty_done_is_a_violation_and_no_marker() -> None:
    reply = parse("<done> \n</done>")
    assert reply.done_body is None
    assert len(reply.violations) == 1
    assert "<done> block is empty" in reply.violations[0]


def test_tools_8_2_a_done_body_other_than_the_default_round_trips() -> None:
    reply = parse("<done>PLAN_READY</done>")
    assert reply.done_body == "PLAN_READY"
    assert parse(reply.canonical).done_body == "PLAN_READY"


def test_tools_8_2_canonical_keeps_the_order_and_omits_stray_text() -> None:
    prose = "<assistant_prose>x</assistant_prose>"
    text = f"Hello\n{tagged('read({ b: 1 })')}\nstray\n{prose}\nread({{}})"
    assert parse(text).canonical == (
        '<tool_call>\nread({\n  "b": 1\n})\n</tool_call>\n\n'
        "<assistant_prose>\nx\n</assistant_prose>\n\n"
        "<tool_call>\nread({})\n</tool_call>"
    )


def test_tools_8_3_stray_prose_is_a_violation_and_the_tagged_call_runs() -> None:
    reply = parse(f"Hello there.\n{tagged('read({})')}")
    assert calls(reply) == [("read", {})]
    assert len(reply.violations) == 1
    assert "Hello there." in reply.violations[0]


def test_tools_8_3_a_bare_call_runs_with_one_violation() -> None:
    for text in ("read({ a: 1 })", "edit({ a: <<END\nx\nEND\n})"):
        reply = parse(text)
        assert len(reply.calls) == 1
        assert len(reply.violations) == 1


@pytest.mark.parametrize("text", ["<foo>", "</foo>", "<Tool_Call>", "<done >x"])
def test_tools_8_3_unknown_tags_are_violations(text: str) -> None:
    assert any("Unknown" in violation for violation in parse(text).violations)


@pytest.mark.parametrize("tag", ["assistant_prose", "user_response", "done"])
def test_tools_8_3_a_block_that_is_not_closed_is_a_violation_and_its_calls_run(tag: str) -> None:
    reply = parse(f"<{tag}>I read it.\n{tagged('read({})')}")
    assert calls(reply) == [("read", {})]
    assert any(f"<{tag}> is not closed" in violation for violation in reply.violations)
    assert (reply.prose, reply.user_response, reply.done_body) == ("", None, None)


def test_tools_8_3_a_tag_that_another_block_interrupts_still_runs_its_call() -> None:
    reply = parse(f"<tool_call>read({{ a: 1 }})\n{tagged('read({ a: 2 })')}<done>x</done>")
    assert [call.arguments for call in reply.calls] == [{"a": 1}, {"a": 2}]
    assert reply.done_body == "x"
    assert len(reply.violations) == 1


@pytest.mark.parametrize("text", ["", " \n\t", "<think>hm</think>", "<think>never closed"])
def test_tools_8_3_a_reply_of_nothing_is_no_violation(text: str) -> None:
    reply = parse(text)
    assert not reply.violations
    assert not reply.errors


def test_tools_8_3_a_reply_of_empty_blocks_alone_is_one_violation() -> None:
    reply = parse("<assistant_prose></assistant_prose>\n<user_response> </user_response>")
    assert len(reply.violations) == 1


def test_loop_7_13_thoughts_are_stripped_and_an_open_one_takes_the_rest() -> None:
    reply = parse(
        f"<think>\n{tagged('run({})')}</think>{tagged('read({})')}<think>{tagged('run({})')}"
    )
    assert calls(reply) == [("read", {})]
    assert parse("<assistant_prose>a<think>b</think>c</assistant_prose>").prose == "ac"


def test_loop_7_13_errors_and_violations_are_separate_lists() -> None:
    reply = parse(f"stray\n{tagged('read(1)')}")
    assert len(reply.errors) == 1
    assert len(reply.violations) == 1


def test_loop_10_11_previews_are_cut_on_characters() -> None:
    assert "é" * 40 + "…" in parse(tagged("é" * 3000)).errors[0]
    assert "😀" * 120 + "…" in parse("😀" * 3000).violations[0]
