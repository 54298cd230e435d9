"""How a server is reached, and what is logged of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from harn_tui.errors import ConfigError
from harn_tui.tools.mcp.line_log import LineLog
from harn_tui.tools.mcp.offers import (
    McpPrompt,
    McpPromptArgument,
    McpResource,
    OfferedTool,
    offer_to_json,
    prompt_from_json,
    resource_from_json,
    tool_from_json,
)
from harn_tui.tools.mcp.settings import McpServerSettings, settings_from_json


def through_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


@pytest.mark.parametrize(
    "settings",
    [
        McpServerSettings("git", ("git-server", "--repository", ".")),
        McpServerSettings("web", url="https://host/mcp", headers={"X": "y"}, enabled_tools=("a",)),
        McpServerSettings(
            "x-1", ("x",), None, Path("/tmp"), {"A": "b"}, {}, (), 1.5, 2.5, ("MISSING",)
        ),
    ],
)
def test_settings_come_back_as_they_went(settings: McpServerSettings) -> None:
    assert settings_from_json(through_json(settings.to_json())) == settings


def test_offers_come_back_as_they_went() -> None:
    tool = OfferedTool("a", "does", {"type": "object"}, is_read_only=True, is_open_world=False)
    resource = McpResource("s", "a:b", "a", "of a", "text/plain", 12)
    argument = McpPromptArgument("who", "whom to greet", is_required=True)
    prompt = McpPrompt("s", "greet", "greets", (argument,))
    assert tool_from_json(through_json(offer_to_json(tool))) == tool
    assert resource_from_json(through_json(offer_to_json(resource))) == resource
    assert prompt_from_json(through_json(offer_to_json(prompt))) == prompt


@pytest.mark.parametrize("name", ["", "a__b", "a_", "_a", "a.b", "a b", "é", "x" * 33, "a\n"])
def test_a_name_that_could_be_mistaken_in_a_tools_name_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be called"):
        McpServerSettings(name, ("x",))


def test_a_server_is_a_program_or_an_address() -> None:
    for settings in ({}, {"command": ("x",), "url": "http://h/"}):
        with pytest.raises(ConfigError, match="either a command or a url"):
            McpServerSettings("x", **settings)  # type: ignore[arg-type]


def test_no_value_is_in_what_is_printed_of_settings() -> None:
    settings = McpServerSettings("x", ("x",), env={"A": "secret-1"}, headers={"B": "secret-2"})
    assert "secret" not in repr(settings)


def test_output_is_logged_by_lines_and_up_to_a_limit() -> None:
    lines: list[str] = []
    log = LineLog(lines.append, most_bytes=18)
    for piece in (b"on", b"e\ntwo\n\n", b"thr", b"ee and more\nnot this"):
        log.feed(piece)
    log.feed(b"nor this\n")
    log.flush()
    assert lines == ["one", "two", "three and", "[what it prints from here on is not logged]"]


def test_a_very_long_line_is_cut_in_the_log() -> None:
    lines: list[str] = []
    log = LineLog(lines.append)
    log.feed(b"x" * 5000 + b"\nnext")
    log.flush()
    assert [len(line) for line in lines] == [2000, 4]
