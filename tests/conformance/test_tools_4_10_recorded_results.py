"""Statements of docs/tools.md on recorded results: calls answered without running (2.4)."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import LoopConfigError, ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import LifecycleEvent, LoopStatus, ToolCallStatus, ToolErrorCategory, ToolKind
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.loop.tool_fixtures import arguments_digest
from harn_tui.permissions.rules import PermissionRules
from harn_tui.tools.base import Tool, ToolContext, ToolResult
from tests.conformance.agent_driver import ROOT, Family, start
from tests.conformance.loop_driver import Reply, Run, make_tool, run_loop

DENIED = ToolErrorCategory.PERMISSION_DENIED


class Counting:
    """A tool that tells how often it ran, and ends as it is told for its argument ``n``."""

    def __init__(self, outcomes: dict[str, ToolResult | Exception] | None = None) -> None:
        self.ran = 0
        self._outcomes = outcomes or {}

    async def __call__(self, arguments: JsonObject, context: ToolContext) -> ToolResult:
        self.ran += 1
        outcome = self._outcomes.get(str(arguments.get("n")))
        if isinstance(outcome, Exception):
            raise outcome
        return outcome or ToolResult(f"run {self.ran}", details={"run": self.ran})


def options(mode: str, path: Path, **more: Any) -> LoopOptions:
    return LoopOptions(tool_recording={"mode": mode, "path": str(path)}, loop_detect_warn=0, **more)


def calls(*arguments: JsonObject) -> Reply:
    return Reply(calls=tuple(("work", given) for given in arguments))


async def run(mode: str, path: Path, counting: Counting, *replies: Reply, **setup: Any) -> Run:
    tools: tuple[Tool, ...] = (make_tool("work", run=counting),)
    setup.setdefault("options", options(mode, path))
    setup.setdefault("tools", tools)
    return await run_loop(*replies, Reply("end"), **setup)


def ended(run: Run) -> list[Any]:
    return [u for u in run.of("tool_call_update") if u.status.is_terminal]


def answers(run: Run) -> list[str]:
    return [str(m["content"]) for m in run.result.messages if m["role"] == "tool"]


def write(path: Path, content: str | None) -> None:
    path.parent.mkdir(exist_ok=True)
    if content is not None:
        path.write_text(content)


def permissions_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def contents(path: Path) -> str:
    return path.read_text()


def lines(path: Path) -> list[JsonObject]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "tools.jsonl"


async def test_tools_4_10_what_was_recorded_is_replayed_without_running(path: Path) -> None:
    outcomes: dict[str, ToolResult | Exception] = {
        "fails": ToolError("There is none.", category=ToolErrorCategory.NETWORK),
        "exits": ToolResult("exit 1", ok=False, details={"exit_code": 1}),
        "rejected": ToolError("no backend", category=DENIED),
        "breaks": RuntimeError("kaboom"),
    }
    given: list[JsonObject] = [{}, {"n": "1"}]
    given.extend({"n": name} for name in outcomes)
    asked = calls(*given)
    first, second = Counting(outcomes), Counting()
    recorded = await run("record", path, first, asked)
    replayed = await run("replay", path, second, asked)
    assert first.ran == 6
    assert second.ran == 0
    assert answers(replayed) == answers(recorded)
    for was, now in zip(ended(recorded), ended(replayed), strict=True):
        assert (now.status, now.error, now.error_category) == (
            was.status,
            was.error,
            was.error_category,
        )
        assert {**now.raw_output, "tool_use_id": ""} == {**was.raw_output, "tool_use_id": ""}
        assert was.executor == {"kind": "harn_builtin"}
        assert now.executor is None
        assert now.duration_ms is not None


async def test_tools_4_10_a_line_has_the_call_and_its_end(path: Path) -> None:
    rejected = {"no": ToolError("no backend", category=DENIED)}
    await run("record", path, Counting(dict(rejected)), calls({"path": "b", "n": "a"}, {"n": "no"}))
    assert lines(path) == [
        {
            "tool": "work",
            "arguments_sha256": arguments_digest({"n": "a", "path": "b"}),
            "arguments": {"n": "a", "path": "b"},
            "status": "ok",
            "text": "run 1",
            "details": {"run": 1},
        },
        {
            "tool": "work",
            "arguments_sha256": arguments_digest({"n": "no"}),
            "arguments": {"n": "no"},
            "status": "rejected",
            "text": "no backend",
            "category": "permission_denied",
        },
    ]
    assert permissions_of(path) == 0o600


async def test_tools_4_10_a_rejected_fixture_is_a_permission_denied(path: Path) -> None:
    write(path, '{"tool": "work", "arguments": {}, "status": "rejected", "text": "no"}\n')
    replayed = await run("replay", path, Counting(), calls({}))
    assert [(u.status, u.error_category) for u in ended(replayed)] == [
        (ToolCallStatus.FAILED, DENIED)
    ]


async def test_tools_odd_14_the_order_of_keys_does_not_matter(path: Path) -> None:
    await run("record", path, Counting(), calls({"n": "1", "path": "a"}))
    counting = Counting()
    replayed = await run("replay", path, counting, calls({"path": "a", "n": "1"}))
    assert (counting.ran, answers(replayed)) == (0, ["run 1"])


async def test_tools_4_10_results_of_one_call_come_in_their_order_and_the_last_stays(
    path: Path,
) -> None:
    await run("record", path, Counting(), calls({}), calls({}))
    replayed = await run("replay", path, Counting(), calls({}), calls({}), calls({}))
    assert answers(replayed) == ["run 1", "run 2", "run 2"]


async def test_tools_4_10_a_call_that_was_not_recorded_fails_and_runs_nothing(path: Path) -> None:
    await run("record", path, Counting(), calls({}))
    counting = Counting()
    replayed = await run("replay", path, counting, calls({"n": "other"}))
    (end,) = ended(replayed)
    assert counting.ran == 0
    assert (end.status, end.error_category) == (
        ToolCallStatus.FAILED,
        ToolErrorCategory.TOOL_ERROR,
    )
    assert "no result of work" in end.error
    assert end.executor is None
    assert replayed.result.status is LoopStatus.DONE


async def test_tools_4_10_replay_or_run_runs_what_is_missing_and_records_nothing(
    path: Path,
) -> None:
    await run("record", path, Counting(), calls({}))
    before = contents(path)
    counting = Counting()
    replayed = await run("replay_or_run", path, counting, calls({}, {"n": "other"}))
    assert counting.ran == 1
    assert [u.executor for u in ended(replayed)] == [None, {"kind": "harn_builtin"}]
    assert contents(path) == before


async def test_tools_4_10_a_denied_call_stays_denied_in_a_replay(path: Path) -> None:
    await run("record", path, Counting(), calls({}))
    replayed = await run(
        "replay", path, Counting(), calls({}), permissions=PermissionRules.parse({"deny": ["work"]})
    )
    assert [u.error_category for u in ended(replayed)] == [DENIED]
    assert "run 1" not in answers(replayed)[0]


async def test_tools_4_10_a_call_that_nobody_approved_is_not_answered(path: Path) -> None:
    await run("record", path, Counting(), calls({}))
    replayed = await run(
        "replay",
        path,
        Counting(),
        calls({}),
        tools=(make_tool("work", kind=ToolKind.EDIT),),
    )
    assert [u.error_category for u in ended(replayed)] == [DENIED]


async def test_tools_4_10_hooks_and_shortening_work_on_a_replay_as_on_a_run(path: Path) -> None:
    hooks = LifecycleHooks()
    hooks.add(LifecycleEvent.PRE_TOOL_USE, "*", lambda payload: {"args": {"n": "rewritten"}})
    hooks.add(LifecycleEvent.POST_TOOL_USE, "*", lambda payload: payload["result"]["text"] + "!")  # type: ignore[index,call-overload,operator]
    extra = {"extra": {"hooks": hooks}}
    recorded = await run("record", path, Counting(), calls({"n": "own"}), **extra)
    replayed = await run("replay", path, Counting(), calls({"n": "own"}), **extra)
    assert lines(path)[0]["arguments"] == {"n": "rewritten"}
    assert lines(path)[0]["text"] == "run 1"
    assert answers(recorded) == answers(replayed) == ["run 1!"]


async def test_tools_4_10_a_replay_is_not_tried_again(path: Path) -> None:
    slow = {"1": ToolError("slow", category=ToolErrorCategory.TIMEOUT)}
    retrying = {"tool_retries": 2, "tool_backoff_ms": 0}
    first, second = Counting(dict(slow)), Counting()
    once = calls({"n": "1"})
    await run("record", path, first, once, options=options("record", path, **retrying))
    await run("replay", path, second, once, options=options("replay", path, **retrying))
    assert (first.ran, len(lines(path)), second.ran) == (3, 1, 0)


async def test_tools_4_10_a_recording_adds_to_what_the_file_holds(path: Path) -> None:
    write(path, '{"tool": "half')
    await run("record", path, Counting(), calls({}))
    await run("record", path, Counting(), calls({}))
    first, *others = contents(path).splitlines()
    assert first == '{"tool": "half'
    assert [json.loads(line)["text"] for line in others] == ["run 1", "run 1"]


async def test_a_disk_that_fails_ends_the_recording_and_not_the_run(tmp_path: Path) -> None:
    write(tmp_path / "file", "no folder")
    counting = Counting()
    done = await run("record", tmp_path / "file" / "tools.jsonl", counting, calls({}), calls({}))
    assert counting.ran == 2
    assert done.result.status is LoopStatus.DONE
    assert len(done.of("notice")) == 1
    assert "Recording" in done.of("notice")[0].text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("x", "line 1"),
        ('{"tool": "work", "arguments": {}, "text": "a"}\n{}', "line 2"),
        ('{"tool": "work", "arguments": {}, "text": 5}', "`text` must be text"),
        ('{"tool": "work", "text": "a"}', "`arguments` must be a table"),
        (
            '{"tool": "work", "arguments": {}, "arguments_sha256": "0", "text": "a"}',
            "must be 44136",
        ),
        ('{"tool": "work", "arguments": {}, "status": "odd", "text": "a"}', "odd"),
        ("[]", "line 1"),
        (None, "cannot be read"),
    ],
)
async def test_a_file_that_cannot_be_used_ends_the_run_and_names_the_line(
    path: Path, content: str | None, words: str
) -> None:
    write(path, content)
    done = await run("replay", path, Counting(), calls({}))
    assert done.result.status is LoopStatus.ERROR
    assert words in str(done.result.error)
    assert ended(done) == []


@pytest.mark.parametrize(
    "table", [{}, {"mode": "record"}, {"path": "x"}, {"mode": "rec", "path": "x"}, {"mod": "x"}]
)
async def test_an_option_that_does_not_say_what_and_where_is_refused(table: JsonObject) -> None:
    with pytest.raises(LoopConfigError, match="tool_recording"):
        await run_loop(Reply("end"), options=LoopOptions(tool_recording=table))


async def test_tools_4_10_nested_loops_record_into_the_same_file_and_share_the_order(
    path: Path,
) -> None:
    work = make_tool("work", run=Counting())
    family = Family(
        {
            ROOT: [calls({}), Reply(calls=(start("inner"),)), Reply("end")],
            "inner": [calls({}), Reply("inner end")],
        },
        tools=(work,),
        options=options("record", path),
    )
    await family.run()
    assert [(line["tool"], line["text"]) for line in lines(path)][:2] == [
        ("work", "run 1"),
        ("work", "run 2"),
    ]
    assert lines(path)[2]["tool"] == "run_agent"
