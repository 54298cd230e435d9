"""The check of tools, policies and prompt against each other when a session opens."""

import logging
from pathlib import Path

import pytest

from harn_tui.errors import ConfigError
from harn_tui.wiring.open_session import open_session
from harn_tui.wiring.session_request import SessionRequest


async def _open(folder: Path, *overrides: str, tools: tuple[str, ...] | None = None) -> None:
    request = SessionRequest(cwd=folder, provider="demo", overrides=overrides, tools=tools)
    await open_session(request).close()


async def test_tools_1_8_a_tool_beyond_the_ceiling_refuses_the_session(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="SIDE_EFFECT_CEILING_EXCEEDED") as refused:
        await _open(tmp_path, 'policy.side_effect_level="read_only"')
    assert "tools.enabled" in str(refused.value.hint)


async def test_tools_1_8_a_ceiling_that_all_tools_keep_to_opens(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "tool_surface.validate"):
        await _open(tmp_path, 'policy.side_effect_level="read_only"', tools=("read_file",))
    assert caplog.messages == []


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ('approval.auto_deny=["rum_command"]', "TOOL_SURFACE_APPROVAL_PATTERN_NO_MATCH"),
        ('system="Call rum_command(x) first."', "TOOL_SURFACE_UNKNOWN_PROMPT_TOOL"),
    ],
)
async def test_tools_1_8_a_name_that_is_no_tool_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, override: str, code: str
) -> None:
    with caplog.at_level(logging.WARNING, "tool_surface.validate"):
        await _open(tmp_path, override)
    assert [line for line in caplog.messages if line.startswith(code) and "rum_command" in line]
