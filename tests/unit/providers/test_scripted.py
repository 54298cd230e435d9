import asyncio
import json
from pathlib import Path

import pytest

from harn_tui.errors import ConfigError, ProviderError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ProviderErrorCategory as Category
from harn_tui.providers.base import (
    Accepted,
    Completion,
    CompletionRequest,
    Delta,
    TextDelta,
    ThoughtDelta,
    ToolArgumentsDelta,
    ToolCallStarted,
    Usage,
)
from harn_tui.providers.script_entry import ScriptEntryError
from harn_tui.providers.scripted import ScriptedProvider, glob_matches, match_text
from tests.unit.providers.wire import request_of


def ignore(_delta: Delta) -> None:
    return


async def play(provider: ScriptedProvider, *contents: str) -> list[str]:
    """The texts that the provider answers to each of ``contents``."""
    return [
        (await provider.complete(request_of({"role": "user", "content": content}), ignore)).text
        for content in contents
    ]


async def reply_to(entry: JsonObject, request: CompletionRequest | None = None) -> Completion:
    return await ScriptedProvider([entry]).complete(request or request_of(), ignore)


# The queue (docs/scripted_provider.md; events 8.2) --------------------------------------------


async def test_events_8_2_entries_without_match_are_played_once_and_in_order() -> None:
    provider = ScriptedProvider([{"text": "one"}, {"text": "two"}])
    assert await play(provider, "x", "x") == ["one", "two"]


async def test_events_8_2_an_entry_without_match_beats_a_fitting_pattern_before_it() -> None:
    provider = ScriptedProvider([{"match": "*", "text": "pattern"}, {"text": "queue"}])
    assert await play(provider, "x", "x", "x") == ["queue", "pattern", "pattern"]


async def test_events_8_2_the_first_fitting_pattern_wins_and_stays() -> None:
    provider = ScriptedProvider(
        [
            {"match": "*apple*", "text": "fruit"},
            {"match": "*a*", "text": "letter"},
        ]
    )
    assert await play(provider, "an apple", "bat", "apple") == ["fruit", "letter", "fruit"]


async def test_events_8_2_a_consumed_pattern_is_used_once() -> None:
    provider = ScriptedProvider(
        [
            {"match": "*", "text": "first", "consume_match": True},
            {"match": "*", "text": "then"},
        ]
    )
    assert await play(provider, "x", "x", "x") == ["first", "then", "then"]


async def test_events_8_4_an_unmatched_call_fails_and_quotes_the_prompt() -> None:
    provider = ScriptedProvider([{"match": "nothing", "text": "x"}])
    with pytest.raises(ProviderError) as caught:
        await play(provider, 'say "hi"')
    assert caught.value.category is Category.INVALID_REQUEST
    assert caught.value.message == ('No --llm-mock fixture matched prompt: "say \\"hi\\"\\nuser"')


async def test_events_8_4_a_long_prompt_is_cut_in_the_message() -> None:
    with pytest.raises(ProviderError) as caught:
        await play(ScriptedProvider([]), "x" * 500)
    assert caught.value.message.endswith("x" * 200 + '..."')


async def test_a_script_that_is_used_up_fails_like_an_unmatched_call() -> None:
    provider = ScriptedProvider([{"text": "one"}])
    await play(provider, "x")
    with pytest.raises(ProviderError, match="No --llm-mock fixture matched"):
        await play(provider, "x")


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("*", "", True),
        ("*", "a\nb", True),
        ("abc", "abc", True),
        ("abc", "abcd", False),
        ("abc*", "abcd", True),
        ("*abc", "xabc", True),
        ("*abc", "abcx", False),
        ("a*b*c", "a-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("ab*ba", "aba", False),
        ("a*a", "aa", True),
        ("a*a", "a", False),
        ("**a**", "bab", True),
        ("", "", True),
        ("", "a", False),
        ("[a]?.", "[a]?.", True),
        ("a?c", "abc", False),
    ],
)
def test_only_the_star_is_special_in_a_pattern(pattern: str, text: str, fits: bool) -> None:
    assert glob_matches(pattern, text) is fits


def test_events_8_2_the_matched_text_walks_all_strings_in_sorted_key_order() -> None:
    messages: list[JsonObject] = [
        {"role": "user", "content": "b", "empty": ""},
        {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"name": "n", "arguments": {"a": "v"}}],
        },
    ]
    assert match_text(messages) == "b\nuser\nassistant\nv\nn"


# Results (events 8.3) -------------------------------------------------------------------------


async def test_events_8_3_calls_are_numbered_in_each_reply() -> None:
    calls: list[JsonValue] = [
        {"id": "mine", "name": "f", "arguments": {"a": 1}},
        {"args": {"b": 2}},
    ]
    reply = await reply_to({"tool_calls": calls})
    assert [(call.id, call.name, call.arguments) for call in reply.tool_calls] == [
        ("mock_call_1", "f", {"a": 1}),
        ("mock_call_2", "unknown", {"b": 2}),
    ]


async def test_events_8_3_given_ids_survive_when_blocks_are_given() -> None:
    entry: JsonObject = {
        "blocks": [{"type": "tool_call"}],
        "tool_calls": [{"id": "mine", "name": "f"}, {"name": "g"}],
    }
    assert [call.id for call in (await reply_to(entry)).tool_calls] == ["mine", ""]


async def test_events_8_3_usage_defaults_to_the_size_of_the_prompt() -> None:
    request = request_of({"role": "user", "content": "é"})
    assert (await reply_to({"text": "x"}, request)).usage == Usage(len("é\nuser".encode()), 30)


async def test_every_key_of_a_result_is_taken() -> None:
    entry: JsonObject = {
        "text": "hello",
        "thinking": "hm",
        "stop_reason": "length",
        "model": "played",
        "provider": "any",
        "input_tokens": 0,
        "output_tokens": 2,
        "cache_read_tokens": 3,
        "cache_write_tokens": 4,
        "_comment": "for the reader",
    }
    reply = await reply_to(entry)
    assert (reply.text, reply.thinking, reply.stop_reason) == ("hello", "hm", "length")
    assert reply.model == "played"
    assert reply.usage == Usage(0, 2, 3, 4)


async def test_arguments_given_as_text_may_be_malformed() -> None:
    reply = await reply_to({"tool_calls": [{"name": "f", "arguments": '{"a": '}]})
    assert reply.tool_calls[0].arguments is None
    assert reply.tool_calls[0].parse_error


@pytest.mark.parametrize("category", list(Category))
async def test_an_error_entry_raises_its_category_and_wish_to_wait(category: Category) -> None:
    error: JsonObject = {
        "category": category.value,
        "message": "as written",
        "retry_after_ms": 1500,
    }
    deltas: list[Delta] = []
    with pytest.raises(ProviderError) as caught:
        await ScriptedProvider([{"error": error}]).complete(request_of(), deltas.append)
    assert caught.value.category is category
    assert caught.value.message == "as written"
    assert caught.value.retry_after_s == 1.5
    assert deltas == []


async def test_each_retry_plays_the_next_entry() -> None:
    provider = ScriptedProvider([{"error": {"category": "overloaded"}}, {"text": "ok"}])
    with pytest.raises(ProviderError):
        await play(provider, "x")
    assert await play(provider, "x") == ["ok"]
    assert not provider.is_paced


# Streaming ------------------------------------------------------------------------------------


async def test_the_reply_is_streamed_in_pieces_after_acceptance() -> None:
    deltas: list[Delta] = []
    entry: JsonObject = {
        "thinking": "abcd",
        "text": "efgh",
        "tool_calls": [{"name": "f", "arguments": {"a": 1}}],
        "chunk_chars": 3,
    }
    await ScriptedProvider([entry]).complete(request_of(), deltas.append)
    assert deltas == [
        Accepted(),
        ThoughtDelta("abc"),
        ThoughtDelta("d"),
        TextDelta("efg"),
        TextDelta("h"),
        ToolCallStarted(0, "mock_call_1", "f"),
        ToolArgumentsDelta(0, '{"a'),
        ToolArgumentsDelta(0, '": '),
        ToolArgumentsDelta(0, "1}"),
    ]


@pytest.mark.parametrize(("cut", "streamed"), [(0, ""), (3, "ab"), (4, "abcd"), (99, "abcdef")])
async def test_a_cut_breaks_the_connection_within_the_stream(cut: int, streamed: str) -> None:
    deltas: list[Delta] = []
    entry: JsonObject = {"text": "abcdef", "chunk_chars": 2, "cut_after_chars": cut}
    with pytest.raises(ProviderError) as caught:
        await ScriptedProvider([entry]).complete(request_of(), deltas.append)
    assert caught.value.category is Category.TRANSIENT_NETWORK
    assert "".join(delta.text for delta in deltas if isinstance(delta, TextDelta)) == streamed


async def test_a_delayed_reply_can_be_cancelled_before_it_is_accepted() -> None:
    deltas: list[Delta] = []
    provider = ScriptedProvider([{"text": "late", "delay_ms": 600_000}])
    call = asyncio.create_task(provider.complete(request_of(), deltas.append))
    await asyncio.sleep(0)  # the call runs up to its delay
    assert provider.requests
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert deltas == []


async def test_a_paced_reply_can_be_cancelled_in_its_middle() -> None:
    started = asyncio.Event()

    def watch(delta: Delta) -> None:
        if isinstance(delta, TextDelta):
            started.set()

    provider = ScriptedProvider([{"text": "abcdef", "chunk_chars": 1, "chunk_ms": 600_000}])
    call = asyncio.create_task(provider.complete(request_of(), watch))
    await started.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_every_request_is_recorded() -> None:
    provider = ScriptedProvider([{"text": "a"}], name="mine")
    request = request_of(system="s")
    await provider.complete(request, ignore)
    await provider.aclose()
    assert provider.requests == [request]
    assert provider.name == "mine"


# Files (events 8.4) ---------------------------------------------------------------------------


async def test_a_file_is_read_line_by_line_with_blank_lines_skipped(tmp_path: Path) -> None:
    path = tmp_path / "script.jsonl"
    line = json.dumps({"text": "a\u2028b"}, ensure_ascii=False)
    path.write_bytes(b"\xef\xbb\xbf" + line.encode() + b'\r\n\n  \n{"text": "two"}')
    assert await play(ScriptedProvider.from_file(path), "x", "x") == ["a\u2028b", "two"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{oops", r"invalid JSON in .*script\.jsonl line 3: "),
        ("[1]", r"invalid --llm-mock fixture in .*script\.jsonl line 3: expected a JSON object"),
        ('{"txet": "x"}', r"script\.jsonl line 3: unknown key 'txet'; known are .*text"),
        ('{"text": 5}', r"line 3: text must be a string"),
        ('{"delay_ms": -1}', r"line 3: delay_ms must be an integer"),
        ('{"input_tokens": true}', r"line 3: input_tokens must be an integer"),
        ('{"tool_calls": {}}', r"line 3: tool_calls must be a list"),
        ('{"tool_calls": [1]}', r"line 3: each of tool_calls must be an object"),
        ('{"tool_calls": [{"arguments": [1]}]}', r"line 3: arguments of a tool call must be"),
        ('{"consume_match": "yes"}', r"line 3: consume_match must be true or false"),
        ('{"error": "x"}', r"line 3: error must be an object"),
        ('{"error": {"category": "mood"}}', r"line 3: unknown error category 'mood'; accepted are"),
    ],
)
def test_a_wrong_line_is_reported_with_file_and_line(
    tmp_path: Path, line: str, message: str
) -> None:
    path = tmp_path / "script.jsonl"
    path.write_text(f'{{"text": "ok"}}\n\n{line}\n')
    with pytest.raises(ConfigError, match=message):
        ScriptedProvider.from_file(path)


def test_a_missing_file_and_one_that_is_no_text_are_reported(tmp_path: Path) -> None:
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="Cannot read the script"):
        ScriptedProvider.from_file(tmp_path / "none.jsonl")
    with pytest.raises(ConfigError, match="is not UTF-8"):
        ScriptedProvider.from_file(binary)


def test_a_wrong_entry_in_python_is_reported_too() -> None:
    with pytest.raises(ScriptEntryError, match="unknown key"):
        ScriptedProvider([{"txt": "x"}])


# What a script can reproduce ------------------------------------------------------------------


@pytest.mark.parametrize("category", list(Category))
async def test_an_entry_fails_with_any_category(category: Category) -> None:
    with pytest.raises(ProviderError) as caught:
        await reply_to({"error": {"category": category.value, "status": 418}})
    assert caught.value.category is category
    assert caught.value.status == 418


@pytest.mark.parametrize(
    "category",
    [
        "schema_validation",
        "tool_error",
        "tool_rejected",
        "egress_blocked",
        "cancelled",
        "circuit_open",
    ],
)
async def test_events_8_4_the_references_other_categories_are_final(category: str) -> None:
    with pytest.raises(ProviderError, match=f"scripted {category} error") as caught:
        await reply_to({"error": {"category": category}})
    assert not caught.value.is_transient


async def test_an_error_may_come_in_the_middle_of_a_reply() -> None:
    deltas: list[Delta] = []
    entry: JsonObject = {
        "text": "abcdef",
        "chunk_chars": 2,
        "cut_after_chars": 4,
        "error": {"category": "context_overflow", "message": "too long"},
    }
    with pytest.raises(ProviderError, match="too long") as caught:
        await ScriptedProvider([entry]).complete(request_of(), deltas.append)
    assert caught.value.category is Category.CONTEXT_OVERFLOW
    assert deltas == [Accepted(), TextDelta("ab"), TextDelta("cd")]


@pytest.mark.parametrize(
    ("entry", "prefill", "sent"),
    [
        ({"text": "x"}, "Sure", False),
        ({"text": "x", "prefill_sent": True}, "Sure", True),
        ({"text": "x", "prefill_sent": True}, None, False),
    ],
)
async def test_loop_10_14_a_script_says_whether_the_prefill_went_out(
    entry: JsonObject, prefill: str | None, sent: bool
) -> None:
    assert (await reply_to(entry, request_of(prefill=prefill))).prefill_sent is sent


async def test_a_script_may_report_no_usage() -> None:
    assert (await reply_to({"text": "x", "no_usage": True})).usage is None


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"text": "x"}, "stop"),
        ({"tool_calls": [{"name": "a"}]}, "tool_calls"),
        ({"text": "x", "stop_reason": "max_tokens"}, "length"),
        ({"text": "x", "stop_reason": "refusal"}, "refusal"),
    ],
)
async def test_a_script_ends_its_replies_in_the_neutral_vocabulary(
    entry: JsonObject, reason: str
) -> None:
    assert (await reply_to(entry)).stop_reason == reason


async def test_a_reply_may_be_told_by_its_blocks_alone() -> None:
    blocks: list[JsonValue] = [
        {"type": "reasoning", "text": "private"},
        {"type": "output_text", "text": "Let me ", "visibility": "public"},
        {"type": "output_text", "text": "look."},
        {"type": "tool_call", "id": "own", "name": "look", "arguments": {"path": "a"}},
    ]
    reply = await reply_to({"blocks": blocks})
    assert (reply.text, reply.thinking) == ("Let me look.", "")
    assert [(call.id, call.name, call.arguments) for call in reply.tool_calls] == [
        ("own", "look", {"path": "a"})
    ]
    recorded = await reply_to({"blocks": blocks, "text": "as recorded"})
    assert (recorded.text, recorded.tool_calls) == ("as recorded", ())
