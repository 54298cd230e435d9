"""What a command in a sandbox can see, change and reach. Needs a bubblewrap that works."""

import asyncio
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harn_tui.tools import process_tree
from harn_tui.tools.base import ToolResult
from harn_tui.tools.command_jobs import CommandJobs
from harn_tui.tools.command_start import ShellCommand
from harn_tui.tools.run_command import run_command_tool
from harn_tui.tools.running_command import CommandServices
from harn_tui.tools.sandbox.command_sandbox import CommandSandbox
from tests.unit.tools.conftest import Workspace
from tests.unit.tools.processes import pids_called, wait_for_file

MakeSandbox = Callable[..., CommandSandbox]
ETC_FILE = Path("/etc/harn-test")
TEMPORARY_FILE = Path("/tmp/harn-sandbox")


def is_there(path: Path) -> bool:
    return path.exists()


async def run(
    workspace: Workspace, sandbox: CommandSandbox, command: str, timeout_s: float = 60
) -> ToolResult:
    tool = run_command_tool(CommandServices(sandbox=sandbox))
    return await tool.run({"command": command, "timeout_s": timeout_s}, workspace.context)


async def test_the_workspace_can_be_written_and_nothing_outside_of_it(
    workspace: Workspace, sandbox: MakeSandbox
) -> None:
    home = Path.home()
    result = await run(
        workspace,
        sandbox(),
        f"echo > inside; echo > {workspace.outside}/x; echo > /etc/harn-test; echo > {home}/x; pwd",
    )
    assert (workspace.root / "inside").read_text() == "\n"
    assert not (workspace.outside / "x").exists()
    assert not (home / "x").exists()
    assert not is_there(ETC_FILE)
    assert str(workspace.root) in result.text
    assert result.details["sandbox"] == "bubblewrap"
    assert result.details["exit_code"] == 0


async def test_a_link_out_of_the_workspace_leads_nowhere_that_can_be_written(
    workspace: Workspace, sandbox: MakeSandbox
) -> None:
    (workspace.root / "link").symlink_to("/etc")
    result = await run(workspace, sandbox(), "echo x > link/harn-test; echo x > ../../../etc/y")
    assert not result.ok
    assert not is_there(ETC_FILE)


async def test_temporary_folders_are_its_own_and_empty(
    workspace: Workspace, sandbox: MakeSandbox
) -> None:
    result = await run(
        workspace, sandbox(), "ls -A /tmp /var/tmp /run; echo x > /tmp/harn-sandbox; echo $TMPDIR"
    )
    assert "harn-sandbox" not in result.text
    assert "/tmp\n" in result.text
    assert not is_there(TEMPORARY_FILE)


async def test_writable_folders_of_the_configuration_can_be_written(
    workspace: Workspace, sandbox: MakeSandbox
) -> None:
    chosen = sandbox(writable=(str(workspace.outside), "/does/not/exist"))
    result = await run(workspace, chosen, f"echo x > {workspace.outside}/x")
    assert result.ok, result.text
    assert (workspace.outside / "x").read_text() == "x\n"


@pytest.fixture
def listener() -> socket.socket:
    server = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=_answer, args=(server,), daemon=True).start()
    return server


def _answer(server: socket.socket) -> None:
    try:
        while True:
            connection, _ = server.accept()
            connection.sendall(b"hello\n")
            connection.close()
    except OSError:
        return


async def test_there_is_no_network_unless_it_is_allowed(
    workspace: Workspace, sandbox: MakeSandbox, listener: socket.socket
) -> None:
    command = f"cat < /dev/tcp/127.0.0.1/{listener.getsockname()[1]}"
    try:
        refused = await run(workspace, sandbox(), command)
        allowed = await run(workspace, sandbox(has_network=True), command)
    finally:
        listener.close()
    assert not refused.ok
    assert "refused" in refused.text
    assert allowed.text.startswith("hello\n")


async def test_it_has_no_capabilities_gains_none_and_sees_only_its_own_processes(
    workspace: Workspace, sandbox: MakeSandbox
) -> None:
    result = await run(
        workspace,
        sandbox(),
        "grep -E '^(CapEff|NoNewPrivs)' /proc/self/status; echo [0-9]* /proc/[0-9]*",
    )
    assert "CapEff:\t0000000000000000" in result.text
    assert "NoNewPrivs:\t1" in result.text
    assert len([word for word in result.text.split() if word.startswith("/proc/")]) < 6


async def test_secrets_are_out_of_sight(
    workspace: Workspace, sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARN_TEST_API_KEY", "hunter2-hunter2")
    (Path.home() / ".ssh").mkdir()
    (Path.home() / ".ssh" / "id").write_text("hunter2-hunter2")
    (Path.home() / ".netrc").write_text("hunter2-hunter2")
    reading = sandbox(writable=(str(Path.home()),))
    result = await run(workspace, reading, "env; cat ~/.ssh/id ~/.netrc /proc/*/environ; ls -A ~")
    assert ".netrc" in result.text
    assert "hunter2" not in result.text
    kept = await run(workspace, sandbox(kept_variables=("HARN_TEST_API_KEY",)), "env")
    assert "hunter2" in kept.text


@pytest.mark.parametrize(("command", "code"), [("exit 7", 7), ("kill -KILL $$", 137)])
async def test_exit_codes_come_through(
    workspace: Workspace, sandbox: MakeSandbox, command: str, code: int
) -> None:
    result = await run(workspace, sandbox(), command)
    assert result.details["exit_code"] == code


async def test_live_output_and_order_are_as_without(
    workspace: Workspace, sandbox: MakeSandbox
) -> None:
    result = await run(workspace, sandbox(), "echo out; echo err >&2; printf 'a\\033[31m'")
    assert result.text == "out\nerr\na\x1b[31m\nexit_code=0"
    assert workspace.live_text == "out\nerr\na\x1b[31m"


def jobs_in(sandbox: CommandSandbox) -> CommandJobs:
    return CommandJobs(
        lambda *_: pytest.fail("nothing is told of a stopped command"),
        CommandServices(sandbox=sandbox),
    )


async def test_a_command_that_is_stopped_can_clean_up_before_it_ends(
    workspace: Workspace, sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_tree, "TERM_GRACE_S", 60)  # it ends as soon as it has cleaned up
    script = "trap 'touch cleaned; exit 3' TERM; touch ready; while :; do sleep 0.02; done"
    jobs = jobs_in(sandbox())
    await jobs.start("s", ShellCommand(script, workspace.root, (workspace.root,)))
    await wait_for_file(workspace.root / "ready")
    await jobs.end("s")
    assert (workspace.root / "cleaned").exists()


async def test_a_daemon_that_ignores_term_ends_with_the_sandbox(
    workspace: Workspace, sandbox: MakeSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_tree, "TERM_GRACE_S", 0.2)
    name = f"daemon-of-{workspace.root}"
    loop = "trap '' TERM; touch ready; while :; do sleep 0.05; done"
    script = f'(setsid sh -c "{loop}" {name} &); sleep 1000'
    jobs = jobs_in(sandbox())
    await jobs.start("s", ShellCommand(script, workspace.root, (workspace.root,)))
    await wait_for_file(workspace.root / "ready")
    assert await asyncio.to_thread(pids_called, name)
    await jobs.end("s")
    assert not await asyncio.to_thread(pids_called, name)


async def test_commands_side_by_side_have_sandboxes_of_their_own(
    workspace: Workspace, sandbox: MakeSandbox
) -> None:
    shared = sandbox()
    results = await asyncio.gather(
        *(run(workspace, shared, f"echo {n} > /tmp/x; cat /tmp/x") for n in range(3))
    )
    assert [result.text for result in results] == [f"{n}\nexit_code=0" for n in range(3)]


async def test_without_workspace_roots_nothing_can_be_written(
    workspace: Workspace, sandbox: MakeSandbox
) -> None:
    workspace.write("there", "")
    tool = run_command_tool(CommandServices(sandbox=sandbox()))
    context = replace(workspace.context, workspace_roots=())
    result = await tool.run({"command": "ls; echo x > here"}, context)
    assert result.text.startswith("there\n")
    assert "Read-only file system" in result.text
    assert not result.ok
