"""Calls without tags: tools 8.4, 8.5, 9.9 and 9.10."""

import json

import pytest

from tests.conformance.text_replies import calls, only_arguments, only_error, parse


def _heredoc(body: str, tag: str = "EOF") -> str:
    return f"<<{tag}\n{body}\n{tag}\n"


def test_tools_9_9_a_call_between_prose_is_read_with_all_arguments() -> None:
    reply = parse('First.\nedit({ action: "create", path: "a", count: 2 })\nThen.')
    assert calls(reply) == [("edit", {"action": "create", "path": "a", "count": 2})]
    assert "First. Then." in " ".join(reply.violations)


def test_tools_9_9_template_literals_keep_lines_and_honour_escapes() -> None:
    assert only_arguments("edit({ a: `one\ntwo \\` ${x}` })") == {"a": "one\ntwo ` ${x}"}


def test_tools_9_9_calls_in_a_fence_run_and_the_fence_is_no_prose() -> None:
    reply = parse("```js\nedit({ a: 1 })\n```\nrun({ b: 2 })")
    assert [name for name, _ in calls(reply)] == ["edit", "run"]
    assert len(reply.violations) == 1


def test_tools_9_9_a_tool_named_in_a_code_span_is_not_called() -> None:
    assert calls(parse("I use `run({ a: 1 })` now:\nrun({ b: 2 })")) == [("run", {"b": 2})]


@pytest.mark.parametrize(
    "text", ["`run({ a: 1 })`", "```\nrun({ a: 1 })\n```", "```run({ a: 1 })```"]
)
def test_tools_9_9_a_reply_that_is_one_span_or_fence_is_unwrapped(text: str) -> None:
    assert only_arguments(text) == {"a": 1}


def test_tools_9_9_fenced_batch_with_a_nested_heredoc() -> None:
    body = "func x() {\n\treturn `y`\n}"
    text = f"```tool_code\nedit({{ ops: [{{ a: 1 }}, {{ text: {_heredoc(body)}}}] }})\n```"
    assert only_arguments(text) == {"ops": [{"a": 1}, {"text": body}]}


def test_tools_9_9_a_heredoc_behind_a_lost_quote_is_recovered() -> None:
    assert only_arguments('edit({ a: "<<EOF\nsay "hi"\nEOF\n})') == {"a": 'say "hi"'}
    assert only_arguments('edit({ a: "<<EOF\nsay "hi"\nEOF" })') == {"a": 'say "hi"'}


def test_tools_9_9_an_unknown_tool_is_reported_and_the_next_call_kept() -> None:
    reply = parse("make_coffee({ a: 1 })\nrun({ b: 2 })")
    assert calls(reply) == [("run", {"b": 2})]
    assert len(reply.errors) == 1
    assert "[edit, read, run]" in reply.errors[0]


@pytest.mark.parametrize(
    "label",
    [
        "tool_code",
        "tool_call",
        "tool_output",
        "call",
        "tool",
        "use",
        "python",
        "javascript",
        "typescript",
        "shell",
        "bash",
    ],
)
def test_tools_9_9_known_labels_are_read_over(label: str) -> None:
    assert only_arguments(f"{label}: run({{ a: 1 }})") == {"a": 1}


def test_tools_9_9_another_label_before_a_known_tool_is_an_error_that_names_both() -> None:
    error = only_error('Hint: run({ command: "x" })')
    assert "Do not prefix" in error
    assert "Hint" in error
    assert "run" in error


def test_tools_9_9_another_label_before_an_unknown_name_is_prose() -> None:
    reply = parse("Note: make_coffee({ a: 1 })")
    assert not reply.calls
    assert not reply.errors


def test_tools_9_9_nested_literals_comments_and_trailing_commas() -> None:
    text = "edit({ // why\n a: { 'b': [1, { \"c\": null, },], }, /* all */ })"
    assert only_arguments(text) == {"a": {"b": [1, {"c": None}]}}


def test_tools_9_9_a_truncated_template_is_one_error_that_names_the_tool() -> None:
    error = only_error("edit({ a: `never closed")
    assert error.startswith("edit:")
    assert "not closed" in error


def test_tools_9_9_function_calls_in_code_are_not_tool_calls() -> None:
    reply = parse("```rust\n    assert_eq!(a, b);\n    assert(x == 1);\n    check(y)\n```")
    assert not reply.calls
    assert not reply.errors


def test_tools_9_9_code_in_a_fence_that_looks_like_an_unknown_call_is_prose() -> None:
    reply = parse("```js\nsetState({ a: 1 })\nfetchAll({ b: '\n```\nrun({ c: 3 })")
    assert calls(reply) == [("run", {"c": 3})]
    assert not reply.errors


@pytest.mark.parametrize(
    "body",
    [
        "plain",
        "with `backticks`",
        'with "quotes" and \\ and \\n',
        "two\n  lines",
        "café 😀",
        "EOFunction",
        "",
    ],
)
def test_tools_9_10_the_text_of_a_heredoc_is_verbatim(body: str) -> None:
    assert only_arguments(f"edit({{ a: {_heredoc(body)}}})") == {"a": body}


def test_tools_9_10_heredocs_among_other_arguments() -> None:
    text = f"edit({{ a: <<OLD\none\nOLD, b: {_heredoc('two')}, c: 3 }})"
    assert only_arguments(text) == {"a": "one", "b": "two", "c": 3}


def test_tools_9_10_what_follows_the_closing_tag_on_its_line_belongs_to_the_call() -> None:
    two = "edit({ ops: [{ a: <<EOF\none\nEOF }, { a: <<EOF\ntwo\nEOF } ] })"
    assert only_arguments(two) == {"ops": [{"a": "one"}, {"a": "two"}]}


def test_tools_9_10_a_heredoc_that_is_not_closed_is_an_error() -> None:
    assert "<<EOF" in only_error("edit({ a: <<EOF\nnever")


def test_tools_9_10_a_heredoc_without_a_tag_is_an_error() -> None:
    assert "heredoc" in only_error("edit({ a: <<\nx\n })")


def test_tools_9_10_calls_and_prose_in_turns_come_in_order() -> None:
    edits = "\n".join(f"Edit {n}.\nedit({{ n: {n}, a: {_heredoc('x `y`')}}})" for n in (1, 2, 3))
    reply = parse(f'{edits}\nrun({{ command: "test" }})')
    assert [name for name, _ in calls(reply)] == ["edit", "edit", "edit", "run"]
    assert [call.arguments.get("n") for call in reply.calls] == [1, 2, 3, None]


def _entry(name: str, arguments: object, call_id: str = "call_1") -> dict[str, object]:
    return {"id": call_id, "function": {"name": name, "arguments": arguments}}


def test_tools_9_10_calls_in_the_json_of_a_provider_run_when_there_are_no_others() -> None:
    entries = [_entry("read", '{"a": 1}', "1"), _entry("run", {"b": 2}, "2")]
    reply = parse(f"I call:\n{json.dumps(entries)}\nand wait")
    assert calls(reply) == [("read", {"a": 1}), ("run", {"b": 2})]
    assert reply.violations


def test_tools_9_10_a_single_json_call_needs_an_id_that_says_so() -> None:
    assert calls(parse(json.dumps(_entry("read", {"a": "<b>x</b>"})))) == [
        ("read", {"a": "<b>x</b>"})
    ]
    assert not parse(json.dumps(_entry("read", {}, "7"))).calls


def test_tools_9_10_unknown_tools_in_json_are_listed_and_bad_arguments_reported() -> None:
    assert "[edit, read, run]" in only_error(json.dumps([_entry("foo", "{}")]))
    for broken in ("{not json", "[1]", '{"a": NaN}', '{"a": 1e999}', '{"a": ' + "9" * 500 + "}"):
        assert "Could not parse arguments" in only_error(json.dumps([_entry("read", broken)]))


def test_tools_9_10_text_calls_are_preferred_to_json() -> None:
    text = f"read({{ a: 1 }})\n{json.dumps([_entry('run', {})])}"
    assert calls(parse(text)) == [("read", {"a": 1})]


def test_tools_9_10_prose_without_json_has_no_calls() -> None:
    assert not parse('Prices: [1, 2], {"id": 3}').calls


def test_tools_8_3_a_call_in_angle_brackets_runs_with_a_violation() -> None:
    reply = parse("Look:\n<read({ a: 1 })>\nand <run({ b: 2 })/> too")
    assert calls(reply) == [("read", {"a": 1}), ("run", {"b": 2})]
    assert reply.violations
