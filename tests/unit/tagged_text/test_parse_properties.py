"""Laws of the parser that hold for every text."""

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject
from harn_tui.tagged_text.canonical import render_call, render_call_block
from harn_tui.tagged_text.parse import parse_tagged_reply
from tests.unit.tagged_text.reply_texts import TOOLS, hostile_texts, json_objects


@given(hostile_texts)
def test_every_parsed_call_names_a_known_tool_and_stands_where_it_says(text: str) -> None:
    for call in parse_tagged_reply(text, TOOLS).calls:
        assert call.name in TOOLS
        assert call.raw in text[call.offset :]


@given(hostile_texts)
def test_the_canonical_form_says_the_same_and_is_free_of_faults(text: str) -> None:
    reply = parse_tagged_reply(text, TOOLS)
    again = parse_tagged_reply(reply.canonical, TOOLS)
    assert [(c.name, c.arguments) for c in again.calls] == [
        (c.name, c.arguments) for c in reply.calls
    ]
    assert not again.errors
    assert not again.violations
    assert (again.prose, again.user_response, again.done_body, again.canonical) == (
        reply.prose,
        reply.user_response,
        reply.done_body,
        reply.canonical,
    )


@given(json_objects)
def test_rendered_calls_parse_to_the_same_arguments(arguments: JsonObject) -> None:
    for text in (render_call_block("edit", arguments), render_call("edit", arguments)):
        reply = parse_tagged_reply(text, TOOLS)
        assert not reply.errors
        [call] = reply.calls
        assert call.arguments == arguments
        assert call.raw == render_call("edit", arguments)


@given(st.text())
def test_text_of_a_heredoc_is_exactly_what_was_written(body: str) -> None:
    written = body.replace("END", "end")
    reply = parse_tagged_reply(
        f"<tool_call>edit({{ a: <<END\n{written}\nEND\n}})</tool_call>", TOOLS
    )
    [call] = reply.calls
    # A carriage return before the last line break belongs to that line break.
    assert call.arguments["a"] == written.removesuffix("\r")


@given(st.text())
def test_text_in_quotes_is_exactly_what_was_written(body: str) -> None:
    written = body.replace("\\", "\\\\").replace("`", "\\`")
    reply = parse_tagged_reply(f"edit({{ a: `{written}` }})", TOOLS)
    assert reply.calls[0].arguments == {"a": body}
