"""Sections 5.6 and 9.4 in a running loop: how a persistent loop is told to work and to end."""

from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions, TurnPolicy
from tests.conformance.loop_driver import Reply, Setup, make_tool

READ = make_tool("read")
NO_SENTINEL = TurnPolicy(allow_done_sentinel=False)


async def prompt(*, has_tools: bool = True, system: str | None = None, **options: Any) -> str:
    """Return the system prompt of the first request of a loop with these options."""
    setup = Setup(
        [Reply("hm")],
        tools=(READ,) if has_tools else (),
        options=LoopOptions(**{"max_iterations": 1, **options}),
        extra={"system": system},
    )
    await setup.run()
    return setup.provider.requests[0].system or ""


async def test_loop_5_6_only_a_persistent_loop_is_told_to_keep_working() -> None:
    assert "Keep working" in await prompt(persistent=True)
    assert "Keep working" not in await prompt()


async def test_loop_5_6_with_tools_it_is_told_to_act_and_without_to_solve_it_in_text() -> None:
    assert "through the tools" in await prompt(persistent=True)
    without = await prompt(persistent=True, has_tools=False)
    assert "directly in your text" in without
    assert "tool" not in without.split("Keep working")[1]


@pytest.mark.parametrize(
    ("options", "has_tools", "is_tagged"),
    [
        ({}, True, False),
        ({}, False, False),
        ({"tool_format": "text"}, False, False),
        ({"tool_format": "text"}, True, True),
    ],
)
async def test_loop_5_6_each_mode_is_told_its_form_of_completion(
    options: dict[str, Any], has_tools: bool, is_tagged: bool
) -> None:
    told = (await prompt(persistent=True, has_tools=has_tools, **options)).split("Keep working")[1]
    assert ("<done>##DONE##</done>" in told) == is_tagged
    assert "##DONE##" in told


async def test_loop_5_6_the_configured_sentinel_is_the_one_that_is_told() -> None:
    told = await prompt(persistent=True, done_sentinel="FERTIG")
    assert "FERTIG" in told
    assert "##DONE##" not in told


async def test_loop_5_6_with_verification_the_signal_is_allowed_only_after_it() -> None:
    told = await prompt(persistent=True, exit_when_verified=True)
    assert "verification has passed" in told
    assert "verification" not in await prompt(persistent=True)


async def test_loop_9_4_persistent_prompt_omits_done_sentinel_when_stage_disallows_it() -> None:
    told = await prompt(persistent=True, has_tools=False, turn_policy=NO_SENTINEL)
    assert "directly in your text" in told
    assert "##DONE##" not in told


async def test_loop_9_4_persistent_prompt_without_tools_avoids_tool_call_language() -> None:
    told = await prompt(persistent=True, has_tools=False, tool_format="text")
    assert "##DONE##" in told
    assert "<done>" not in told
    assert "tool_call" not in told


async def test_loop_9_4_native_persistent_prompt_stays_on_the_native_tool_contract() -> None:
    told = await prompt(persistent=True)
    assert "<tool_call>" not in told
    assert "declare " not in told
    assert "ledger" not in told


async def test_loop_1_4_the_parts_of_the_prompt_are_trimmed_and_parted_by_a_blank_line() -> None:
    told = await prompt(persistent=True, system="  You are terse.\n\n")
    parts = told.split("\n\n")
    assert parts[0] == "You are terse."
    assert all(part == part.strip() for part in parts)
    assert parts[-1].startswith("Keep working")


async def test_loop_5_6_what_feedback_is_stands_once_in_every_prompt() -> None:
    for options in ({}, {"persistent": True}, {"tool_format": "text"}):
        assert (await prompt(**options)).count('<runtime_feedback kind="user">') == 1
