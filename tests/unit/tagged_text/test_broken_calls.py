"""Calls that cannot be parsed: what they take with them, and what they must not set free."""

import pytest

from harn_tui.tagged_text.object_builder import DEEPEST_NESTING
from harn_tui.tagged_text.parse import parse_tagged_reply
from harn_tui.tagged_text.reply import TaggedReply
from tests.unit.tagged_text.reply_texts import TOOLS


def parse(text: str) -> TaggedReply:
    return parse_tagged_reply(text, TOOLS)


def names(text: str) -> list[str]:
    return [call.name for call in parse(text).calls]


@pytest.mark.parametrize(
    "arguments",
    [
        '{ n: 0x10, text: <<END\nrun({ command: "rm" })\nEND\n}',
        '{ n: 1 m: 2, text: "\nrun({ command: \\"rm\\" })\n" }',
        '"a", """\nrun({})\n"""',
        'path="a", text="""\nrun({})\n"""',
        "{ a: 1 }, {\nrun({})\n}",
        "[\nrun({})\n]",
    ],
)
def test_a_line_within_a_broken_call_is_never_run(arguments: str) -> None:
    assert names(f"edit({arguments})\nread({{}})") == ["read"]
    tagged = f"<tool_call>edit({arguments})</tool_call>\n<tool_call>read({{}})</tool_call>"
    assert names(tagged) == ["read"]


def test_a_line_within_a_call_of_an_unknown_tool_is_never_run() -> None:
    assert names("wrte({ text: <<END\nrun({})\nEND\n})\nread({})") == ["read"]


@pytest.mark.parametrize("quote", ['"', "'", "`"])
def test_a_lost_quote_hides_no_more_than_its_own_block(quote: str) -> None:
    text = (
        f"<tool_call>\nedit({{ a: 1 b: {quote}open }})\n</tool_call>\n"
        "<tool_call>\nread({})\n</tool_call>"
    )
    reply = parse(text)
    assert [call.name for call in reply.calls] == ["read"]
    assert len(reply.errors) == 1


def test_prose_behind_a_call_without_its_parenthesis_is_not_swallowed() -> None:
    reply = parse("edit({ a: 1 }\n\nIt's all I need.\nread({})")
    assert [call.name for call in reply.calls] == ["read"]
    assert any("It's all I need." in violation for violation in reply.violations)


def test_a_call_right_behind_an_open_parenthesis_on_the_next_line_runs() -> None:
    assert names("read(\nread({ a: 1 })") == ["read"]


def test_errors_say_what_was_expected_and_found() -> None:
    assert parse("read({ a 1 })").errors == (
        "read: expected `:` and a value after the key `a`, found `1`.",
    )
    assert "found a string" in parse('read({ a: 1 "b" })').errors[0]


def test_values_nested_deeper_than_can_be_written_again_are_refused() -> None:
    levels = DEEPEST_NESTING - 1
    assert parse(f"read({{ a: {'[' * levels}{']' * levels} }})").calls
    [error] = parse(f"read({{ a: {'[' * 1000}{']' * 1000} }})").errors
    assert str(DEEPEST_NESTING) in error


@pytest.mark.parametrize("number", ["1e999", "9" * 256, "-", "1.", "01", "+1", "1_000", "NaN"])
def test_numbers_that_json_cannot_hold_are_refused(number: str) -> None:
    assert len(parse(f"read({{ a: {number} }})").errors) == 1


@pytest.mark.parametrize("escape", ["\\x4g", "\\u12", "\\u{}", "\\u{110000}", "\\u{d800}", "\\x"])
def test_escapes_that_name_no_character_are_refused_within_their_string(escape: str) -> None:
    reply = parse(f'edit({{ a: "{escape} run({{}})" }})\nread({{}})')
    assert [call.name for call in reply.calls] == ["read"]
    assert len(reply.errors) == 1


def test_a_backslash_before_a_line_break_continues_the_line() -> None:
    assert parse('read({ a: "x\\\ny\\\r\nz" })').calls[0].arguments == {"a": "xyz"}


def test_of_a_key_that_stands_twice_the_last_value_counts() -> None:
    assert parse("read({ a: 1, 'a': 2 })").calls[0].arguments == {"a": 2}


def test_names_of_tools_may_have_dots_and_dashes() -> None:
    reply = parse_tagged_reply("mcp.server-tool({ a: 1 })", ("mcp.server-tool",))
    assert [call.name for call in reply.calls] == ["mcp.server-tool"]


def test_a_tag_that_is_only_talked_about_is_prose() -> None:
    reply = parse("Write `<tool_call>` first.\n<tool_call>read({})</tool_call>")
    assert [call.name for call in reply.calls] == ["read"]
    assert len(reply.violations) == 1


def test_the_same_unknown_tag_is_one_violation_and_their_number_is_limited() -> None:
    assert len(parse("<b>x</b><b>y</b>").violations) == 3
    many = parse("".join(f"<t{number}>" for number in range(100)))
    assert len(many.violations) == 21
    assert "80 more" in many.violations[-1] or "81 more" in many.violations[-1]
