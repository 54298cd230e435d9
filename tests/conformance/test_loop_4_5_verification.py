"""Section 4.5 in a running loop, corrected by 10.25: what verifies a completion, what does not."""

from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import ToolError
from harn_tui.kinds import LoopStatus, ToolErrorCategory, ToolKind
from harn_tui.permissions.rules import PermissionRules
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from tests.conformance.loop_driver import Reply, Run, Setup, make_tool
from tests.conformance.observed import hold_frames, shape, told

DONE = Reply("##DONE##")


def command(name: str = "run", kind: ToolKind = ToolKind.READ) -> Tool:
    """Return a tool that ends with the exit code ``n``, and says something else."""

    async def run(arguments: Any, context: ToolContext) -> ToolResult:
        code = int(str(arguments.get("n", "0")))
        text = f"exit_code={1 - code} Command {'failed' if code == 0 else 'succeeded'}"
        return ToolResult(text, ok=code == 0, details={"exit_code": code})

    return make_tool(name, kind=kind, run=run)


def call(name: str, n: str = "0", text: str = "") -> Reply:
    return Reply(text, calls=((name, {"n": n}),))


async def verify(*replies: Reply, **options: Any) -> Run:
    """Run a loop that must be verified, with a command, a reading and an editing tool."""
    setup = Setup(
        replies,
        tools=(
            command(),
            command("run_command"),
            command("check"),
            make_tool("read"),
            make_tool("edit", kind=ToolKind.EDIT),
        ),
        options=LoopOptions(
            **{
                "persistent": True,
                "exit_when_verified": True,
                "max_iterations": len(replies),
                "loop_detect_warn": 0,
                **options,
            }
        ),
        permissions=PermissionRules.parse({"allow": ["edit"]}),
    )
    run = await setup.run()
    hold_frames(run.events)
    return run


async def test_loop_4_5_a_completion_before_any_verification_is_refused() -> None:
    run = await verify(call("read"), DONE, call("run"), DONE)
    assert shape(run.provider.requests[2].messages)[-1] == "verification_gate"
    assert "no verification has run" in told(run.result.messages, "verification_gate")[0]
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 4)


async def test_loop_4_5_a_failed_verification_is_told_with_its_exit_code() -> None:
    run = await verify(call("run", "3"), DONE)
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert "exit code 3" in told(run.result.messages, "verification_gate")[0]


async def test_loop_4_5_the_last_verification_counts() -> None:
    assert (await verify(call("run", "1"), call("run"), DONE)).result.status is LoopStatus.DONE
    run = await verify(call("run"), call("run", "1"), DONE)
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED


async def test_loop_4_5_without_the_option_nothing_is_verified() -> None:
    run = await verify(call("run", "1"), DONE, exit_when_verified=False)
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_25_the_exit_code_counts_and_not_what_the_result_says() -> None:
    """The tool's text claims the opposite of its exit code."""
    assert (await verify(call("run"), DONE)).result.status is LoopStatus.DONE
    run = await verify(call("run", "1"), DONE)
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED


@pytest.mark.parametrize("name", ["run", "run_command"])
async def test_loop_10_25_both_names_of_a_command_verify(name: str) -> None:
    assert (await verify(call(name), DONE)).result.status is LoopStatus.DONE


async def test_loop_10_25_which_tools_verify_can_be_chosen() -> None:
    chosen = {"verification_tools": ("check",)}
    run = await verify(call("run"), DONE, **chosen)
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    assert "check" in told(run.result.messages, "verification_gate")[0]
    assert (await verify(call("check"), DONE, **chosen)).result.status is LoopStatus.DONE


async def test_loop_10_25_a_verification_in_the_turn_of_the_completion_counts() -> None:
    run = await verify(call("run", text="##DONE##"))
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 1)
    run = await verify(call("run", "1", text="##DONE##"), call("run"))
    assert shape(run.provider.requests[1].messages) == [
        "user",
        "assistant",
        "tool",
        "verification_gate",
    ]


async def test_loop_10_25_a_later_change_makes_the_verification_void() -> None:
    run = await verify(call("run"), call("edit"), DONE, call("run"), DONE)
    assert shape(run.provider.requests[3].messages)[-1] == "verification_gate"
    assert (run.result.status, run.result.iterations) == (LoopStatus.DONE, 5)


async def test_loop_10_25_a_change_after_the_verification_in_one_turn_makes_it_void() -> None:
    run = await verify(Reply("##DONE##", calls=(("run", {}), ("edit", {}))))
    assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
    run = await verify(Reply("##DONE##", calls=(("edit", {}), ("run", {}))))
    assert run.result.status is LoopStatus.DONE


async def test_loop_10_25_looking_does_not_make_a_verification_void() -> None:
    assert (await verify(call("run"), call("read"), DONE)).result.status is LoopStatus.DONE


async def test_loop_10_25_a_verification_that_was_refused_or_broke_is_none() -> None:
    async def explode(arguments: Any, context: ToolContext) -> ToolResult:
        raise ToolError("no shell", category=ToolErrorCategory.TOOL_ERROR)

    for tool, permissions in (
        (make_tool("run", run=explode), PermissionRules()),
        (command(), PermissionRules.parse({"deny": ["run"]})),
    ):
        run = await Setup(
            [call("run"), DONE],
            tools=(tool, make_tool("read")),
            options=LoopOptions(persistent=True, exit_when_verified=True, max_iterations=2),
            permissions=permissions,
        ).run()
        assert run.result.status is LoopStatus.BUDGET_EXHAUSTED
        assert "verification_gate" in shape(run.result.messages)


async def test_loop_4_5_a_verification_outlives_a_compaction() -> None:
    run = await verify(
        call("run"),
        Reply("", calls=(("read", {"path": "x" * 240_000}),)),
        DONE,
        compaction={"type": "truncate", "keep_last": 0},
        tool_output_max_chars=400_000,
    )
    assert len(run.of("transcript_compacted")) == 1
    assert run.result.status is LoopStatus.DONE


async def test_loop_4_5_a_daemon_that_resumes_still_knows_its_verification(tmp_path: Path) -> None:
    path = str(tmp_path / "daemon.json")
    for exit_code, status in (("0", LoopStatus.IDLE), ("1", LoopStatus.BUDGET_EXHAUSTED)):
        first = Setup(
            [call("run", exit_code), Reply("later")],
            tools=(command(),),
            options=LoopOptions(daemon=True, persist_path=path),
        )
        assert (await first.run()).result.status is LoopStatus.IDLE
        second = Setup(
            [DONE],
            tools=(command(),),
            options=LoopOptions(
                daemon=True,
                resume_path=path,
                persistent=True,
                exit_when_verified=True,
                max_iterations=1,
            ),
        )
        assert (await second.run()).result.status is status
