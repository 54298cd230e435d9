"""Sections 6.1 and 6.5 to 6.7 in a running loop: who writes a summary, and within what limits."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ProviderError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LoopStatus, NoticeLevel, ProviderErrorCategory
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.cancellation import RunControl
from harn_tui.providers.base import ModelFacts, Usage
from harn_tui.tools.base import ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Setup, make_tool, until
from tests.conformance.observed import (
    hold_frames,
    hold_to_log,
    past,
)

READ = make_tool("read")
TRUNCATE: JsonObject = {"type": "truncate", "keep_last": 1}
TOO_LONG = ProviderError("too long", category=ProviderErrorCategory.CONTEXT_OVERFLOW)


def compacting(**options: Any) -> LoopOptions:
    return LoopOptions(**{"compaction": TRUNCATE, "compact_threshold": 500, **options})


async def test_loop_6_6_the_model_is_asked_once_and_is_paid_like_any_call() -> None:
    setup = Setup(
        [Reply("what was said", usage=Usage(100, 20)), Reply("ok")],
        options=compacting(compaction={"type": "llm", "keep_last": 1}),
    )
    run = await setup.run(past(3))
    asked, request = run.provider.requests
    assert (asked.system, asked.tools, asked.tool_choice, len(asked.messages)) == (
        None,
        (),
        None,
        1,
    )
    assert asked.is_exempt_from_rate_limit
    assert "assistant 2" in str(asked.messages[0]["content"])
    assert "what was said" in str(request.messages[0]["content"])
    assert run.result.usage.input_tokens == 110
    assert len(run.of("llm_call_start")) == 1
    assert [e.content for e in run.of("agent_message_chunk")] == ["ok"]


async def test_loop_10_51_a_model_that_fails_to_summarize_is_replaced_by_truncation() -> None:
    setup = Setup(
        [Reply(error=TOO_LONG, accepts=False), Reply("ok")],
        options=compacting(compaction={"type": "llm", "keep_last": 1}),
    )
    request = past(3)
    run = await setup.run(request)
    assert run.result.status is LoopStatus.DONE
    (compacted,) = run.of("transcript_compacted")
    assert (compacted.strategy, compacted.engine_strategy) == ("summarize_middle", "truncate")
    hold_to_log(run, request)


async def test_loop_6_6_functions_can_summarize_mask_and_shorten() -> None:
    seen: list[int] = []

    def write(messages: list[JsonObject]) -> str:
        seen.append(len(messages))
        return "as the program tells it"

    async def output(arguments: Any, context: ToolContext) -> ToolResult:
        return ToolResult("z" * 1_000)

    setup = Setup(
        [Reply("", calls=(("read", {}),)), Reply("done")],
        tools=(make_tool("read", run=output),),
        options=LoopOptions(compact_threshold=500, compact_keep_last=1, tool_output_max_chars=300),
        extra={
            "callbacks": LoopCallbacks(
                compact=write, compress=lambda call: f"{call['tool_name']} said much"
            )
        },
    )
    run = await setup.run(past(3))
    assert seen == [6]
    assert "as the program tells it" in run.contents(0)[0]
    assert run.contents(1)[-1] == "read said much"
    (end,) = [u for u in run.of("tool_call_update") if u.status.is_terminal]
    assert end.raw_output["text"] == "z" * 1_000
    assert run.of("transcript_compacted")[0].strategy == "custom"


async def test_loop_6_6_a_mask_callback_says_what_long_messages_become() -> None:
    setup = Setup(
        [Reply("ok")],
        options=LoopOptions(auto_compact=True, compact_threshold=500, compact_keep_last=1),
        extra={"callbacks": LoopCallbacks(mask=lambda messages: ["masked"] * len(messages))},
    )
    run = await setup.run(past(3, chars=800))
    summary = run.contents(0)[0]
    assert summary.count("[user] masked") == 3
    assert "assistant 2" in summary


async def test_loop_6_6_commands_can_summarize_mask_and_shorten(tmp_path: Path) -> None:
    def command(name: str, body: str) -> tuple[str, ...]:
        path = tmp_path / name
        path.write_text(f"import json, sys\ngot = json.load(sys.stdin)\n{body}\n")
        return (sys.executable, str(path))

    async def output(arguments: Any, context: ToolContext) -> ToolResult:
        return ToolResult("z" * 1_000)

    setup = Setup(
        [Reply("", calls=(("read", {}),)), Reply("done")],
        tools=(make_tool("read", run=output),),
        options=LoopOptions(
            compact_threshold=500,
            compact_keep_last=1,
            tool_output_max_chars=300,
            compact_callback=command("write.py", "print(f'{len(got)} messages were here')"),
            compress_callback=command("shorten.py", "print(got['tool_name'], got['max_chars'])"),
        ),
    )
    run = await setup.run(past(3))
    assert "6 messages were here" in run.contents(0)[0]
    assert run.contents(1)[-1].strip() == "read 300"
    setup = Setup(
        [Reply("ok")],
        options=LoopOptions(
            auto_compact=True,
            compact_threshold=500,
            compact_keep_last=1,
            mask_callback=command("mask.py", "json.dump(['masked'] * len(got), sys.stdout)"),
        ),
    )
    run = await setup.run(past(3, chars=800))
    assert run.contents(0)[0].count("[user] masked") == 3


@pytest.mark.parametrize("which", ["compact", "mask"])
async def test_loop_10_51_a_callback_that_raises_is_told_and_messages_are_cut_instead(
    which: str,
) -> None:
    def broken(messages: list[JsonObject]) -> object:
        messages.clear()
        raise KeyError("nothing there")

    strategy = "custom" if which == "compact" else "observation_mask"
    callbacks = LoopCallbacks(compact=broken) if which == "compact" else LoopCallbacks(mask=broken)
    request = past(3)
    setup = Setup(
        [Reply("ok")],
        options=LoopOptions(compact_threshold=500, compact_keep_last=1, compact_strategy=strategy),
        extra={"callbacks": callbacks},
    )
    run = await setup.run(request)
    assert run.result.status is LoopStatus.DONE
    (notice,) = run.of("notice")
    assert notice.level is NoticeLevel.WARNING
    assert "KeyError" in notice.text
    assert run.of("transcript_compacted")[0].engine_strategy == "truncate"
    assert run.contents(0)[-1] == "go on"
    hold_to_log(run, request)


async def test_loop_6_7_a_compress_callback_that_raises_is_done_without() -> None:
    async def output(arguments: Any, context: ToolContext) -> ToolResult:
        return ToolResult("z" * 1_000)

    def broken(call: JsonObject) -> object:
        raise ValueError("no")

    run = await Setup(
        [Reply("", calls=(("read", {}),)), Reply("done")],
        tools=(make_tool("read", run=output),),
        options=LoopOptions(tool_output_max_chars=300),
        extra={"callbacks": LoopCallbacks(compress=broken)},
    ).run()
    assert run.result.status is LoopStatus.DONE
    assert len(run.contents(1)[-1].encode()) <= 300


async def test_loop_6_5_step_4_a_summary_over_the_hard_limit_is_shortened_once() -> None:
    setup = Setup(
        [Reply("long " * 1_000), Reply("ok")],
        options=LoopOptions(
            compaction={"type": "hybrid", "keep_last": 1},
            compact_threshold=500,
            hard_limit_tokens=400,
        ),
    )
    request = past(3)
    run = await setup.run(request)
    (compacted,) = run.of("transcript_compacted")
    assert compacted.archived_messages == 6
    assert compacted.estimated_tokens_after <= 400
    assert "[auto-compacted 6 older messages" in run.contents(1)[0]
    assert len(run.contents(1)[0]) < 1_000
    hold_to_log(run, request)


@pytest.mark.parametrize(("window", "is_compacted"), [(900, True), (1_500, False)])
async def test_loop_6_1_the_default_threshold_is_65_percent_of_the_window(
    window: int, is_compacted: bool
) -> None:
    """The request is of some 700 tokens."""
    setup = Setup(
        [Reply("ok")],
        options=LoopOptions(compaction=TRUNCATE),
        extra={"model_facts": ModelFacts(context_window=window)},
    )
    run = await setup.run(past(3))
    assert 600 < (run.of("llm_call_start")[0].estimated_tokens if not is_compacted else 700) < 900
    assert bool(run.of("transcript_compacted")) == is_compacted


async def test_loop_6_5_a_run_cancelled_while_it_summarizes_changes_nothing() -> None:
    control = RunControl()
    request = past(3)

    async def for_ever() -> None:
        await asyncio.Event().wait()

    setup = Setup(
        [Reply("half a summ", midway=for_ever)],
        options=compacting(compaction={"type": "llm", "keep_last": 1}),
        control=control,
    )
    task = asyncio.create_task(setup.run(request))
    await until(lambda: bool(setup.provider.requests))
    control.cancel("enough")
    run = await task
    assert run.result.status is LoopStatus.CANCELLED
    assert run.of("transcript_compacted") == []
    assert [m["content"] for m in run.result.messages[:-1]] == [
        m["content"] for m in request.history
    ]
    hold_frames(run.events)
