"""run_command: output, limits, and that nothing is left running."""

import asyncio
import itertools
from pathlib import Path

import pytest

from harn_tui.errors import ToolError
from harn_tui.kinds import OutputStream, ToolErrorCategory
from harn_tui.tools import process_tree, running_command
from harn_tui.tools.base import ToolContext
from harn_tui.tools.output_window import HEAD_BYTES, TAIL_BYTES
from harn_tui.tools.run_command import RUN_COMMAND
from tests.unit.tools.conftest import Workspace
from tests.unit.tools.processes import is_running, open_descriptors, wait_for_file


def pids(path: Path) -> list[int]:
    return [int(word) for word in path.read_text().split()]


async def test_a_command_gives_its_output_and_exit_code(workspace: Workspace) -> None:
    result = await workspace.call("run_command", command="echo hello; pwd")
    assert result.text == f"hello\n{workspace.root}\nexit_code=0"
    assert result.ok
    assert result.details == {"exit_code": 0, "sandbox": "none"}
    assert workspace.live_text == f"hello\n{workspace.root}\n"


async def test_a_failing_command_is_not_ok_and_keeps_its_output(workspace: Workspace) -> None:
    result = await workspace.call("run_command", command="echo why >&2; exit 3")
    assert result.text == "why\nexit_code=3"
    assert not result.ok
    assert result.details == {"exit_code": 3, "sandbox": "none"}


async def test_a_command_without_output_says_so(workspace: Workspace) -> None:
    assert (await workspace.call("run_command", command="true")).text == "(no output)\nexit_code=0"


async def test_both_streams_keep_the_order_of_writing(workspace: Workspace) -> None:
    command = "for n in 1 2 3 4 5; do echo out $n; echo err $n >&2; done"
    result = await workspace.call("run_command", command=command)
    expected = "".join(f"out {n}\nerr {n}\n" for n in range(1, 6))
    assert result.text == expected + "exit_code=0"


async def test_there_is_no_input_and_no_terminal(workspace: Workspace) -> None:
    command = "cat; read x; [ -t 0 ] || echo no terminal; exec 3</dev/tty"
    result = await workspace.call("run_command", command=command)
    assert result.text.startswith("no terminal\n")
    assert not result.ok


async def test_a_signal_is_named(workspace: Workspace) -> None:
    result = await workspace.call("run_command", command="kill -SEGV $$")
    assert result.details == {"exit_code": 139, "sandbox": "none", "signal": "SIGSEGV"}
    assert result.text.endswith("exit_code=139 (SIGSEGV)")


@pytest.mark.parametrize("command", ["   ", "echo a\x00b", "echo \ud800"])
async def test_text_that_is_no_command_is_refused(workspace: Workspace, command: str) -> None:
    with pytest.raises(ToolError) as caught:
        await workspace.call("run_command", command=command)
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


async def test_a_command_that_cannot_start_is_an_error_for_the_model(workspace: Workspace) -> None:
    with pytest.raises(ToolError, match="could not be started.*script file"):
        await workspace.call("run_command", command="echo " + "x" * 3_000_000)
    workspace.root.rmdir()
    with pytest.raises(ToolError, match="could not be started"):
        await workspace.call("run_command", command="true")


async def test_output_arrives_while_the_command_runs(workspace: Workspace) -> None:
    gate = workspace.root / "gate"
    seen = asyncio.Event()
    chunks: list[str] = []

    def take(text: str, stream: OutputStream) -> None:
        assert stream is OutputStream.STDOUT
        chunks.append(text)
        seen.set()

    context = ToolContext("s", workspace.root, (workspace.root,), take)
    command = "echo first; while [ ! -e gate ]; do sleep 0.02; done; echo second"
    task = asyncio.ensure_future(RUN_COMMAND.run({"command": command}, context))
    await seen.wait()
    assert chunks == ["first\n"]
    gate.touch()
    assert (await task).text == "first\nsecond\nexit_code=0"
    assert "".join(chunks) == "first\nsecond\n"


async def test_a_character_that_arrives_in_halves_is_whole(workspace: Workspace) -> None:
    command = "printf 'a\\303'; sleep 0.2; printf '\\244b'"
    result = await workspace.call("run_command", command=command)
    assert result.text == "aäb\nexit_code=0"
    assert workspace.live_text == "aäb"


async def test_half_a_character_at_the_end_is_replaced(workspace: Workspace) -> None:
    result = await workspace.call("run_command", command="printf 'a\\303'")
    assert result.text == "a\ufffd\nexit_code=0"
    assert workspace.live_text == "a\ufffd"


async def test_control_characters_stay_but_nul_is_shown(workspace: Workspace) -> None:
    result = await workspace.call("run_command", command="printf 'a\\000\\033[31mb\\r'")
    assert result.text == "a\u2400\x1b[31mb\r\nexit_code=0"
    assert workspace.live_text == "a\u2400\x1b[31mb\r"


async def test_a_flood_is_cut_in_the_middle_and_not_a_callback_a_line(
    workspace: Workspace,
) -> None:
    result = await workspace.call("run_command", command="seq 1 300000")
    assert result.text.startswith("1\n2\n3\n")
    assert result.text.endswith("\n299999\n300000\nexit_code=0")
    assert "bytes cut from the middle of the output" in result.text
    assert len(result.text) < HEAD_BYTES + TAIL_BYTES + 200
    assert "300000" in workspace.live_text
    assert len(workspace.output) < 3000


async def test_a_flood_without_end_is_stopped_in_time(workspace: Workspace) -> None:
    result = await workspace.call("run_command", command="yes", timeout_s=0.5)
    assert result.details["timed_out"] is True
    assert not result.ok
    assert len(result.text) < HEAD_BYTES + TAIL_BYTES + 400


async def test_a_command_whose_time_is_up_is_ended_with_all_its_children(
    workspace: Workspace,
) -> None:
    command = "sleep 1000 & sleep 1000 & wait"
    result = await workspace.call("run_command", command=command, timeout_s=0.5)
    killed = result.details["killed_pids"]
    assert isinstance(killed, list)
    assert killed
    assert not any(is_running(pid) for pid in killed if isinstance(pid, int))
    assert "[timed out after 0.5 s; processes ended: " in result.text
    assert ", ".join(map(str, killed)) in result.text
    assert result.text.endswith("exit_code=143 (SIGTERM)")
    assert result.details["signal"] == "SIGTERM"
    assert not result.ok


@pytest.mark.parametrize("redirection", ["", ">log 2>&1"])
async def test_a_background_child_neither_holds_the_command_up_nor_stays(
    workspace: Workspace, redirection: str
) -> None:
    command = f"sleep 1000 {redirection} & echo $! > pids; echo done"
    result = await workspace.call("run_command", command=command)
    assert result.ok
    left = pids(workspace.root / "pids")
    assert result.details["killed_pids"] == left
    assert result.text.startswith("done\n[the command left processes in the background;")
    assert not any(map(is_running, left))


async def test_output_that_comes_just_after_the_shell_ended_is_kept(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_command, "_LATE_OUTPUT_S", 60)  # the end of output ends the wait
    result = await workspace.call("run_command", command="echo late > >(sleep 0.05; cat)")
    assert result.text == "late\nexit_code=0"


async def test_a_command_that_closes_its_output_still_ends(workspace: Workspace) -> None:
    result = await workspace.call("run_command", command="exec >&- 2>&-; sleep 0.1; exit 4")
    assert result.text == "(no output)\nexit_code=4"


async def cancelled_once_started(
    workspace: Workspace, command: str, times: int = 1
) -> tuple[list[int], asyncio.CancelledError]:
    """Cancel a command once it has written its process ids to the file pids."""
    task = asyncio.create_task(workspace.call("run_command", command=command))
    started = [int(word) for word in (await wait_for_file(workspace.root / "pids")).split()]
    assert all(map(is_running, started))
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    return started, caught.value


WRITE_PIDS = "echo $$ $first $second > new; mv new pids; wait; sleep 1000"


@pytest.mark.parametrize(
    "command",
    [
        "sleep 1000 & first=$!; sleep 1000 & second=$!;",
        "trap '' TERM; sleep 1000 & first=$!;",
        "(trap '' TERM; while :; do sleep 0.05; done) & first=$!;",
        "sleep 1000 & first=$!; kill -STOP $first;",
        "set -m; sleep 1000 & first=$!; set +m; setsid sleep 1000 & second=$!;",
        "bash -c 'sleep 1000 & sleep 1000' & first=$!;",
        "exec >&- 2>&-; sleep 1000 & first=$!;",
        "yes & first=$!;",
    ],
    ids=[
        "children",
        "ignores TERM",
        "child ignores TERM",
        "stopped",
        "own groups",
        "grandchildren",
        "closed output",
        "flood",
    ],
)
async def test_cancelling_leaves_no_process_and_says_which_it_ended(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setattr(process_tree, "TERM_GRACE_S", 0.2)
    started, error = await cancelled_once_started(workspace, command + WRITE_PIDS)
    assert not any(map(is_running, started))
    last_text, last_stream = workspace.output[-1]
    assert last_stream is OutputStream.STDERR
    assert last_text.startswith("[stopped; processes ended: ")
    assert all(str(pid) in last_text for pid in started)
    assert error.__notes__ == [last_text.strip()]


async def test_cancelling_again_while_it_ends_still_leaves_no_process(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process_tree, "TERM_GRACE_S", 0.2)
    command = "trap '' TERM; sleep 1000 & first=$!;" + WRITE_PIDS
    started, _ = await cancelled_once_started(workspace, command, times=4)
    assert not any(map(is_running, started))


async def test_a_callback_that_fails_leaves_no_process(workspace: Workspace) -> None:
    def fail(_text: str, _stream: OutputStream) -> None:
        raise RuntimeError("the screen is gone")

    context = ToolContext("s", workspace.root, (workspace.root,), fail)
    command = "echo $$ > pids; echo x; sleep 1000"
    with pytest.raises(RuntimeError, match="the screen is gone"):
        await RUN_COMMAND.run({"command": command}, context)
    assert not any(map(is_running, pids(workspace.root / "pids")))


async def test_commands_run_side_by_side(workspace: Workspace) -> None:
    # Each waits for a file that the other writes, so one after the other would never end.
    first = "touch one; while [ ! -e two ]; do sleep 0.02; done; echo first"
    second = "touch two; while [ ! -e one ]; do sleep 0.02; done; echo second"
    results = await asyncio.gather(
        workspace.call("run_command", command=first),
        workspace.call("run_command", command=second),
    )
    assert [result.text for result in results] == ["first\nexit_code=0", "second\nexit_code=0"]


async def test_many_runs_leak_no_file_descriptor(workspace: Workspace) -> None:
    async def count_after_a_run() -> int:
        await workspace.call("run_command", command="echo x")
        return open_descriptors()

    counts = [await count_after_a_run() for _ in range(6)]
    assert all(after <= before for before, after in itertools.pairwise(counts[1:]))
