"""What is done where there is no sandbox: a notice, a refusal, or nothing."""

from pathlib import Path

import pytest

from harn_tui.errors import ToolError
from harn_tui.kinds import SandboxMode, SandboxUse, ToolErrorCategory
from harn_tui.tools.run_command import run_command_tool
from harn_tui.tools.running_command import CommandServices
from harn_tui.tools.sandbox.command_sandbox import CommandSandbox, SandboxSettings
from harn_tui.tools.sandbox.probe import BubblewrapProbe
from tests.unit.tools.conftest import Workspace


def program(folder: Path, script: str) -> BubblewrapProbe:
    """Return a probe that finds ``script`` where it looks for bubblewrap."""
    path = folder / "bwrap"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return BubblewrapProbe(str(folder))


def absent(folder: Path) -> BubblewrapProbe:
    return BubblewrapProbe(str(folder))


async def test_a_missing_bubblewrap_is_named_as_the_reason(tmp_path: Path) -> None:
    found = await absent(tmp_path).availability()
    assert found.program is None
    assert found.reason == "bubblewrap is not installed"


async def test_a_bubblewrap_that_is_not_permitted_gives_its_own_words(tmp_path: Path) -> None:
    probe = program(tmp_path, "echo 'bwrap: No permissions to create new namespace' >&2; exit 1")
    found = await probe.availability()
    assert found.program is None
    assert found.reason.endswith("(bwrap: No permissions to create new namespace)")


async def test_the_probe_runs_once(tmp_path: Path) -> None:
    probe = program(tmp_path, f"echo x >> {tmp_path}/runs")
    assert (await probe.availability()).program == str(tmp_path / "bwrap")
    assert await probe.availability() == await probe.availability()
    assert (tmp_path / "runs").read_text() == "x\n"


@pytest.mark.parametrize(
    ("settings", "script", "words"),
    [
        (SandboxSettings(), "exit 0", "sandboxed, no network"),
        (SandboxSettings(has_network=True), "exit 0", "sandboxed"),
        (SandboxSettings(), "exit 1", "not sandboxed"),
        (SandboxSettings(SandboxUse.OFF), "exit 0", "not sandboxed"),
        (SandboxSettings(SandboxUse.REQUIRE), "exit 1", "will not start, bubblewrap is installed"),
    ],
)
async def test_whoever_is_asked_is_told_what_will_hold_the_command(
    tmp_path: Path, settings: SandboxSettings, script: str, words: str
) -> None:
    notices: list[str] = []
    probe = program(tmp_path, script)
    services = CommandServices(CommandSandbox(settings, on_notice=notices.append, probe=probe))
    confinement = run_command_tool(services).confinement
    assert confinement is not None
    said = await confinement()
    assert said.startswith(words)
    assert said == words or settings.use is SandboxUse.REQUIRE
    assert notices == []


async def test_without_a_sandbox_commands_run_and_the_person_is_told_once(
    workspace: Workspace,
) -> None:
    notices: list[str] = []
    sandbox = CommandSandbox(
        SandboxSettings(), on_notice=notices.append, probe=absent(workspace.outside)
    )
    tool = run_command_tool(CommandServices(sandbox=sandbox))
    for _ in range(2):
        result = await tool.run({"command": "echo hello"}, workspace.context)
        assert result.details == {"exit_code": 0, "sandbox": "none"}
    assert len(notices) == 1
    assert "bubblewrap is not installed" in notices[0]


async def test_a_required_sandbox_that_is_not_there_stops_the_command(
    workspace: Workspace,
) -> None:
    settings = SandboxSettings(use=SandboxUse.REQUIRE)
    sandbox = CommandSandbox(settings, on_notice=pytest.fail, probe=absent(workspace.outside))
    tool = run_command_tool(CommandServices(sandbox=sandbox))
    with pytest.raises(ToolError, match="must run in a sandbox.*not installed") as caught:
        await tool.run({"command": "touch started"}, workspace.context)
    assert caught.value.category is ToolErrorCategory.PERMISSION_DENIED
    assert list(workspace.root.iterdir()) == []


async def test_switched_off_nothing_is_looked_for_and_nobody_told(workspace: Workspace) -> None:
    probe = program(workspace.outside, f"touch {workspace.root}/probed")
    settings = SandboxSettings(use=SandboxUse.OFF)
    sandbox = CommandSandbox(settings, on_notice=pytest.fail, probe=probe)
    confined = await sandbox.confine(("true",), workspace.root, ())
    assert (confined.arguments, confined.mode) == (("true",), SandboxMode.NONE)
    assert list(workspace.root.iterdir()) == []
