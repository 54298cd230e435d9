"""A session that another process takes up has the skills and tools that it had."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.providers.base import CompletionRequest
from harn_tui.session.handle import SessionHandle
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import SkillSet
from harn_tui.tools.base import Tool
from harn_tui.tools.tool_search.promotions import tool_tokens
from tests.conformance.loop_driver import Reply, make_tool
from tests.unit.session.opened import open_scripted

SEARCH = "__harn_tool_search"
END = Reply("end")
SKILLS = SkillSet(
    [
        Skill("deploy", description="Release the service to production", prompt="Deploy body."),
        Skill("review", description="Criticise patches and diffs", prompt="Review body."),
        Skill("paint", description="Colours and brushes", prompt="P.", allowed_tools=("*",)),
    ]
)


def _deferred(name: str, description: str) -> Tool:
    return replace(make_tool(name), description=description, defer_loading=True)


FORECAST = _deferred("forecast", "Tell the weather of a city tomorrow.")
TICKET = _deferred("ticket", "Open an issue in the tracker, the weather aside.")
MAIL = _deferred("mail", "Send a letter to a person.")
TOOLS = (make_tool("look"), FORECAST, TICKET, MAIL)
ROOM_FOR_TWO = tool_tokens(FORECAST) + tool_tokens(TICKET)


def _call(tool: str, **arguments: Any) -> Reply:
    # A restarted script would count its ids anew.
    return Reply(calls=((tool, arguments),), call_ids=(f"call-{json.dumps(arguments)}",))


def _search(query: str) -> Reply:
    return _call(SEARCH, query=query)


async def _say(handle: SessionHandle, text: str) -> None:
    handle.submit(text)
    result = await handle.wait_idle()
    assert result is not None
    assert result.error is None


def _body(request: CompletionRequest) -> object:
    messages = [{k: v for k, v in m.items() if k != "feedback_id"} for m in request.messages]
    return (request.system, messages, request.tools, request.tool_search)


async def _next_bodies(
    folder: Path, runs: Sequence[tuple[str, Sequence[Reply]]], *, restarts: bool, **parts: Any
) -> list[object]:
    """Return the first request of every run after the first one."""
    bodies = []
    handle, script = open_scripted(folder, [r for _, replies in runs for r in replies], **parts)
    await handle.start()
    for number, (prompt, replies) in enumerate(runs):
        if restarts and number:
            await handle.close()
            later = [reply for _, rest in runs[number:] for reply in rest]
            handle, script = open_scripted(folder, later, **parts)
            await handle.start()
        before = len(script.requests)
        await _say(handle, prompt)
        assert len(script.requests) - before == len(replies)
        bodies.append(_body(script.requests[before]))
    await handle.close()
    return bodies[1:]


STAYING = LoopOptions(tool_search={"budget_tokens": ROOM_FOR_TWO})
LIVES: dict[str, tuple[LoopOptions, list[tuple[str, list[Reply]]], str]] = {
    "a matched skill": (
        LoopOptions(),
        [("deploy it", [END]), ("criticise these patches", [END])],
        "Deploy body.",
    ),
    "a skill that is matched anew": (
        LoopOptions(skill_match={"sticky": False}),
        [("deploy it", [END]), ("review these patches", [END]), ("go on", [END])],
        "",
    ),
    "a loaded skill that opens the scope": (
        LoopOptions(),
        [("hello", [_call("load_skill", name="paint"), END]), ("go on", [END])],
        "",
    ),
    "found tools, the older gone for room": (
        STAYING,
        [
            ("hello", [_search("weather"), _search("letter"), _search("weather city"), END]),
            ("go on", [_search("issue tracker"), END]),
            ("and on", [END]),
        ],
        "",
    ),
    "all of it": (
        STAYING,
        [
            ("deploy it", [_call("load_skill", name="review"), _search("weather"), END]),
            ("go on", [_search("letter"), END]),
            ("and on", [END]),
        ],
        "Deploy body.",
    ),
}


@pytest.mark.parametrize("life", LIVES)
async def test_next_request_after_a_restart_is_the_one_without_a_restart(
    tmp_path: Path, life: str
) -> None:
    options, runs, in_prompt = LIVES[life]
    tools = TOOLS if options.tool_search else TOOLS[:1]
    parts: dict[str, Any] = {"tools": tools, "options": options, "skills": SKILLS}
    on = await _next_bodies(tmp_path / "on", runs, restarts=False, **parts)
    again = await _next_bodies(tmp_path / "again", runs, restarts=True, **parts)
    assert again == on
    assert in_prompt in str(on[-1])


async def test_restart_keeps_found_tools_in_their_order_within_the_budget(tmp_path: Path) -> None:
    parts: dict[str, Any] = {"tools": TOOLS, "options": STAYING}
    handle, _ = open_scripted(tmp_path, [_search("weather"), _search("letter"), END], **parts)
    await handle.start()
    await _say(handle, "hello")
    result = handle.last_result
    await handle.close()
    assert result is not None
    assert len(result.loaded_tools) == 2
    handle, script = open_scripted(tmp_path, [END], **parts)
    await handle.start()
    await _say(handle, "go on")
    await handle.close()
    offered = [tool.name for tool in script.requests[0].tools]
    assert offered == [SEARCH, "look", *result.loaded_tools]


async def test_skill_whose_run_failed_before_its_first_turn_comes_back_all_the_same(
    tmp_path: Path,
) -> None:
    handle, _ = open_scripted(tmp_path, [END], skills=SKILLS)
    await handle.start()
    await _say(handle, "deploy it")
    await handle.close()

    async def fail() -> None:
        raise RuntimeError("the hook broke")

    broken = SkillSet([replace(SKILLS.get("deploy") or Skill(""), on_activate=fail)])
    handle, _ = open_scripted(tmp_path, [END], skills=broken)
    await handle.start()
    handle.submit("go on")
    result = await handle.wait_idle()
    assert result is not None
    assert result.error is not None
    await handle.close()
    handle, script = open_scripted(tmp_path, [END, END], skills=SKILLS)
    await handle.start()
    await _say(handle, "criticise patches")
    await handle.close()
    assert "Deploy body." in (script.requests[0].system or "")


async def test_skill_that_is_gone_in_a_later_run_is_not_in_use_any_more(tmp_path: Path) -> None:
    bodies = []
    for skills, prompt in (
        (SKILLS, "deploy it"),
        (SkillSet([]), "go on"),
        (SKILLS, "and on with no skill's words"),
    ):
        handle, script = open_scripted(tmp_path, [END], skills=skills)
        await handle.start()
        await _say(handle, prompt)
        await handle.close()
        bodies.append(script.requests[0].system or "")
    assert ["Deploy body." in body for body in bodies] == [True, False, False]
