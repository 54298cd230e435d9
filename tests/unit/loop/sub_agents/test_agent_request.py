from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.loop.sub_agents.agent_request import LONGEST_NAME, read_agent_request, short_name
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from harn_tui.tools.base import ToolContext
from harn_tui.tools.json_schema import check_schema


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"task": "count the files"}, "count the files"),
        ({"task": "count", "name": "counter"}, "counter"),
        ({"task": "count\nall  files", "name": " "}, "count all files"),
        ({"task": f"look {'far ' * 40}"}, "look far far far far far far far far…"),
        ({"task": "x" * 90}, "x" * (LONGEST_NAME - 1) + "…"),
    ],
)
def test_name_is_the_given_one_or_the_beginning_of_the_task(
    arguments: dict[str, str], name: str
) -> None:
    assert read_agent_request(dict(arguments)).name == name


@pytest.mark.parametrize("task", ["", "  \n"])
def test_blank_task_is_refused(task: str) -> None:
    with pytest.raises(ToolError) as caught:
        read_agent_request({"task": task})
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


@given(st.text(max_size=300))
def test_name_is_one_line_that_fits(text: str) -> None:
    name = short_name(text)
    assert len(name) <= LONGEST_NAME
    assert name == " ".join(name.split())


def test_text_that_no_log_can_hold_is_made_readable() -> None:
    request = read_agent_request({"task": "a\x00b\ud800", "name": "\udfff"})
    assert (request.task, request.name) == (
        "a␀b\N{REPLACEMENT CHARACTER}",
        "\N{REPLACEMENT CHARACTER}",
    )


def test_tool_can_be_told_to_a_model_and_summarized_for_people() -> None:
    check_schema(RUN_AGENT.parameters)
    assert RUN_AGENT.summarize({"task": "count\nfiles"}) == "count ⏎ files"
    assert RUN_AGENT.summarize({"task": "count", "name": "counter"}) == "counter: count"
    assert RUN_AGENT.summarize({}) == ""
    assert RUN_AGENT.annotations.is_concurrent


async def test_tool_says_that_it_needs_a_loop() -> None:
    context = ToolContext("s", Path(), (), lambda _, __: None)
    with pytest.raises(ToolError, match="inside a loop"):
        await RUN_AGENT.run({"task": "count"}, context)
