"""The verified vectors of the text parser: tools 8.7, corrected by ODD-4, ODD-9 and ODD-30."""

import pytest

from tests.conformance.text_replies import calls, only_arguments, only_error, parse, tagged


def test_tools_odd_4_calls_have_no_id_of_the_parser_to_collide() -> None:
    reply = parse(tagged('read({ path: "a" })') + "\n" + tagged('read({ path: "b" })'))
    assert calls(reply) == [("read", {"path": "a"}), ("read", {"path": "b"})]
    assert len({call.offset for call in reply.calls}) == 2
    assert not reply.violations


@pytest.mark.parametrize("value", ['"café"', "'café'", "`café`", "<<END\ncafé\nEND\n"])
def test_tools_odd_9_unicode_stays_intact_in_every_kind_of_text(value: str) -> None:
    assert only_arguments(tagged(f"edit({{ text: {value} }})")) == {"text": "café"}


def test_tools_odd_30_a_closing_tag_in_a_tagged_heredoc_is_content() -> None:
    reply = parse(tagged("edit({ text: <<END\na\n</tool_call>\nb\nEND\n})"))
    assert calls(reply) == [("edit", {"text": "a\n</tool_call>\nb"})]
    assert not reply.errors
    assert not reply.violations


def test_tools_odd_30_a_tag_in_the_string_of_a_bare_call_is_content() -> None:
    reply = parse('edit({ text: "<div>x</div>" })')
    assert calls(reply) == [("edit", {"text": "<div>x</div>"})]
    assert len(reply.violations) == 1


@pytest.mark.parametrize("call", ["read()", 'read("a")', 'read(path="a")', "read(1)"])
def test_tools_8_7_a_call_without_an_object_literal_is_an_error(call: str) -> None:
    assert "object literal" in only_error(tagged(call))
    assert "object literal" in only_error(call)


def test_tools_8_7_an_empty_object_is_accepted() -> None:
    assert only_arguments(tagged("read({})")) == {}


def test_tools_8_7_two_calls_in_one_tag_run_neither_and_the_error_has_their_number() -> None:
    assert "2 calls" in only_error(tagged("read({ a: 1 })\nread({ a: 2 })"))


@pytest.mark.parametrize("body", ['{"name": "read", "arguments": {}}', "", " \n "])
def test_tools_8_7_json_or_nothing_in_a_tag_is_one_error(body: str) -> None:
    only_error(tagged(body))


@pytest.mark.parametrize(
    "text",
    [
        "<tool_call>read({ a: 1 })",
        "<tool_call>\nread({ a: 1 })\n",
        "<TOOL_CALL>read({ a: 1 })</TOOL_CALL>",
        "<tool_call >read({ a: 1 })</tool_call>",
    ],
)
def test_tools_8_7_a_tag_that_is_not_closed_or_misspelt_still_runs_its_call(text: str) -> None:
    reply = parse(text)
    assert calls(reply) == [("read", {"a": 1})]
    assert not reply.errors
    assert reply.violations


def test_tools_8_7_a_tagged_block_in_a_fence_runs_and_the_fence_is_stray_text_twice() -> None:
    reply = parse(f"```\n{tagged('read({})')}\n```")
    assert calls(reply) == [("read", {})]
    assert len(reply.violations) == 2


def test_tools_8_7_the_second_call_of_a_line_is_prose() -> None:
    assert calls(parse("read({ a: 1 }) then read({ a: 2 })")) == [("read", {"a": 1})]


@pytest.mark.parametrize("text", ["- read({ a: 1 })", "I call read({ a: 1 })", "foo(1)"])
def test_tools_8_7_what_does_not_begin_a_line_or_names_no_tool_is_prose(text: str) -> None:
    reply = parse(text)
    assert not reply.calls
    assert not reply.errors


def test_tools_8_7_an_unknown_tool_with_an_object_is_an_error_that_lists_the_tools() -> None:
    error = only_error("foo({ a: 1 })")
    assert error == "Unknown tool 'foo'. Available tools: [edit, read, run]"


@pytest.mark.parametrize(
    "arguments",
    ["{ a: 0x10 }", "{ a }", "{ a: trueish }", "{ a: 1 }, 2", "{ a: 007 }", "{ a: .5 }"],
)
def test_tools_8_7_broken_values_are_errors(arguments: str) -> None:
    only_error(tagged(f"read({arguments})"))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("1e3", 1000.0),
        ("[1,2,]", [1, 2]),
        ("'q\\'s'", "q's"),
        ('"\\u00e9\\u{1F600}\\x41\\q"', "é😀Aq"),
        ("undefined", None),
        ("-12", -12),
    ],
)
def test_tools_8_7_values_are_read(written: str, value: object) -> None:
    read = only_arguments(tagged(f"read({{ a: {written} }})"))["a"]
    assert read == value
    assert type(read) is type(value)


def test_tools_8_7_surrogate_escapes_are_an_error() -> None:
    assert "surrogate" in only_error(tagged('read({ a: "\\ud83d\\ude00" })'))


@pytest.mark.parametrize(
    ("heredoc", "text"),
    [
        ("<<END\nx\n   END\n", "x"),
        ("<<'END'\nx\nEND\n", "x"),
        ('<<"END"\nx\nEND\n', "x"),
        ("<<END\nEND\n", ""),
        ("<<END\r\nx\r\ny\r\nEND\r\n", "x\r\ny"),
    ],
)
def test_tools_8_7_heredocs_are_read(heredoc: str, text: str) -> None:
    assert only_arguments(tagged(f"edit({{ a: {heredoc} }})")) == {"a": text}


def test_tools_8_7_text_behind_the_heredoc_tag_is_an_error() -> None:
    assert "heredoc" in only_error(tagged("edit({ a: <<END x\ny\nEND\n})"))


def test_tools_8_7_the_last_done_wins_and_both_are_canonical() -> None:
    reply = parse("<done>one</done>\n<done>two</done>")
    assert reply.done_body == "two"
    assert reply.canonical.count("<done>") == 2


def test_tools_8_7_user_responses_are_joined_and_stand_before_prose() -> None:
    reply = parse(
        "<user_response>a</user_response><assistant_prose>b</assistant_prose>"
        "<user_response>c</user_response>"
    )
    assert reply.user_response == "a\n\nc"
    assert reply.prose == "b"
    assert reply.said == "a\n\nc"


def test_tools_odd_9_json_calls_before_unicode_text_are_read() -> None:
    text = '[{"id":"call_1","function":{"name":"read","arguments":"{\\"a\\":\\"é\\"}"}}] — café'
    assert calls(parse(text)) == [("read", {"a": "é"})]


def test_tools_8_7_a_label_in_a_tag_is_read_over() -> None:
    assert only_arguments(tagged('tool_code: read({ path: "a" })')) == {"path": "a"}
