"""Hooks and callbacks that are programs."""

import asyncio
import json
import shlex
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from harn_tui.errors import HarnError, LoopConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LifecycleEvent
from harn_tui.loop.command_hook import MAX_OUTPUT_BYTES, CommandHook
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.loop.turn_callback import CallbackVerdict, ask_callback
from tests.unit.tools.processes import is_running, open_descriptors, wait_for_file

PAYLOAD: JsonObject = {"turn": {"text": "grün \ud800", "failed": False}, "event": "PostAgentTurn"}


def shell(script: str, cwd: Path, *arguments: str, timeout_s: float = 30.0) -> CommandHook:
    return CommandHook(("sh", "-c", script, *arguments), cwd=cwd, timeout_s=timeout_s)


async def failure(hook: CommandHook) -> str:
    with pytest.raises(HarnError) as caught:
        await hook(PAYLOAD)
    return str(caught.value)


async def test_a_command_reads_the_payload_as_json(tmp_path: Path) -> None:
    await shell("cat > got.json", tmp_path)(PAYLOAD)
    text = (tmp_path / "got.json").read_text()
    assert json.loads(text) == PAYLOAD
    assert text.endswith("}\n")
    assert text.startswith('{"event"'), "keys are sorted"


async def test_a_payload_may_be_a_list(tmp_path: Path) -> None:
    messages: JsonValue = [{"role": "user", "content": "x"}]
    assert await shell("cat", tmp_path)(messages) == messages


async def test_a_command_need_not_read_its_payload(tmp_path: Path) -> None:
    large: JsonObject = {"text": "x" * 3_000_000}
    assert await shell("echo done", tmp_path)(large) == "done"
    assert await shell("wc -c", tmp_path)(large) == len(json.dumps(large)) + 1


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        ("", None),
        (" \n", None),
        ("look again\n", "look again"),
        ('"look again"', "look again"),
        ("true", True),
        ("null", None),
        ("3", 3),
        ('{"message": "m", "stop": true}\n', {"message": "m", "stop": True}),
        ("{not json", "{not json"),
        ("NaN", "NaN"),
        ("two\nlines\n", "two\nlines"),
        ("grün", "grün"),
        pytest.param("[" * 100_000, "[" * 100_000, id="nested too deeply"),
    ],
)
async def test_what_a_command_prints_is_a_json_value_or_else_text(
    tmp_path: Path, printed: str, value: JsonValue
) -> None:
    (tmp_path / "out").write_text(printed)
    assert await shell("cat out", tmp_path)(PAYLOAD) == value


async def test_arguments_reach_the_program_as_they_are(tmp_path: Path) -> None:
    hook = CommandHook(("printf", "%s|", "a b", "$HOME", "", "*"), cwd=tmp_path)
    assert await hook(PAYLOAD) == "a b|$HOME||*|"


async def test_a_relative_program_is_looked_for_in_the_working_folder(tmp_path: Path) -> None:
    program = tmp_path / "notify.sh"
    program.write_text("#!/bin/sh\necho run\n")
    program.chmod(0o700)
    assert await CommandHook(("./notify.sh",), cwd=tmp_path)(PAYLOAD) == "run"


@pytest.mark.parametrize("command", [(), ("",), ("  ", "x")])
def test_a_command_must_name_a_program(tmp_path: Path, command: tuple[str, ...]) -> None:
    with pytest.raises(LoopConfigError, match="names no program"):
        CommandHook(command, cwd=tmp_path)


async def test_a_command_that_cannot_start_is_named(tmp_path: Path) -> None:
    message = await failure(CommandHook(("./missing", "a b"), cwd=tmp_path))
    assert "`./missing 'a b'` could not be started: No such file or directory" in message
    assert str(tmp_path) in message
    assert "could not be started" in await failure(CommandHook(("x\0y",), cwd=tmp_path))
    assert "could not be started" in await failure(CommandHook(("true",), cwd=tmp_path / "gone"))


async def test_an_exit_code_other_than_0_is_an_error_with_the_end_of_stderr(tmp_path: Path) -> None:
    message = await failure(shell("echo first >&2; echo 'no   disk' >&2; exit 3", tmp_path))
    assert "ended with exit code 3" in message
    assert 'on standard error: "first no disk"' in message
    assert "sh -c" in message


async def test_only_the_tail_of_a_long_stderr_is_told(tmp_path: Path) -> None:
    message = await failure(shell("seq 1 100000 >&2; echo the end >&2; exit 1", tmp_path))
    assert message.count("99999") == 1
    assert 'the end"' in message
    assert len(message) < 1000


async def test_a_command_that_fails_without_a_word_is_told_without_one(tmp_path: Path) -> None:
    message = await failure(shell("exit 1", tmp_path))
    assert "standard error" not in message


async def test_a_signal_is_named(tmp_path: Path) -> None:
    assert "was ended by SIGKILL" in await failure(shell("kill -KILL $$", tmp_path))


async def test_what_is_no_utf_8_is_an_error(tmp_path: Path) -> None:
    assert "not UTF-8" in await failure(shell(r"printf '\377'", tmp_path))


async def test_control_characters_of_stderr_do_not_get_into_the_message(tmp_path: Path) -> None:
    message = await failure(shell(r"printf '\033[31mred\377\n' >&2; exit 1", tmp_path))
    assert message.isprintable()
    assert "red" in message


async def test_secrets_do_not_get_into_the_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "hunter2hunter2")
    script = 'echo "key: $SOME_API_KEY" >&2; exit 1'
    message = await failure(shell(script, tmp_path, "hunter2hunter2"))
    assert "hunter2" not in message
    assert "key: [redacted]" in message


async def test_as_much_as_is_taken_is_taken_and_more_is_an_error(tmp_path: Path) -> None:
    script = f"head -c {MAX_OUTPUT_BYTES} /dev/zero | tr '\\0' x"
    assert await shell(script, tmp_path)(PAYLOAD) == "x" * MAX_OUTPUT_BYTES
    message = await failure(shell(f"{script}; printf y", tmp_path))
    assert "more than 1,048,576 bytes" in message


async def test_a_flood_without_end_is_stopped(tmp_path: Path) -> None:
    message = await failure(shell("yes & echo $! > pid; wait", tmp_path))
    assert "more than" in message
    assert not is_running(int((tmp_path / "pid").read_text()))


async def test_a_command_whose_time_is_up_is_ended_with_all_it_started(tmp_path: Path) -> None:
    script = "sleep 1000 & echo $! > pid; echo waiting >&2; wait"
    message = await failure(shell(script, tmp_path, timeout_s=1))
    assert "took longer than 1 s and was ended" in message
    assert '"waiting"' in message
    assert not is_running(int((tmp_path / "pid").read_text()))


async def test_what_a_command_leaves_behind_is_ended(tmp_path: Path) -> None:
    script = "sleep 1000 & echo $! > pid; echo done"
    assert await shell(script, tmp_path)(PAYLOAD) == "done"
    assert not is_running(int((tmp_path / "pid").read_text()))


@pytest.mark.parametrize("times", [1, 3])
async def test_cancelling_leaves_no_process(tmp_path: Path, times: int) -> None:
    script = "sleep 1000 & echo $$ $! > new; mv new pids; wait"
    task = asyncio.create_task(_called(shell(script, tmp_path)))
    started = [int(word) for word in (await wait_for_file(tmp_path / "pids")).split()]
    assert all(map(is_running, started))
    for _ in range(times):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not any(map(is_running, started))


async def test_a_call_that_is_cancelled_before_it_starts_runs_nothing(tmp_path: Path) -> None:
    task = asyncio.create_task(_called(shell("touch ran", tmp_path)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not (tmp_path / "ran").exists()


async def test_no_call_leaks_a_file_descriptor(tmp_path: Path) -> None:
    scripts = ("true", "exit 1", "sleep 1000", "cat")
    await _try(shell("true", tmp_path))
    before = open_descriptors()
    for script in scripts:
        await _try(shell(script, tmp_path, timeout_s=0.2))
    await _try(CommandHook(("./missing",), cwd=tmp_path))
    assert open_descriptors() <= before


async def test_calls_of_one_command_run_side_by_side(tmp_path: Path) -> None:
    script = (
        "import json, pathlib, sys, time\n"
        "me, other = json.load(sys.stdin)['names']\n"
        "pathlib.Path(me).touch()\n"
        "while not pathlib.Path(other).exists(): time.sleep(0.02)\n"
        "print(me)"
    )
    hook = CommandHook((sys.executable, "-c", script), cwd=tmp_path)
    first, second = hook({"names": ["a", "b"]}), hook({"names": ["b", "a"]})
    assert [*await asyncio.gather(first, second)] == ["a", "b"]


async def test_a_command_can_be_a_lifecycle_hook_which_is_named_when_it_fails(
    tmp_path: Path,
) -> None:
    hooks = LifecycleHooks()
    hooks.add(LifecycleEvent.POST_AGENT_TURN, "turn.failed == false", shell("cat > got", tmp_path))
    failing = shell("echo no disk >&2; exit 1", tmp_path)
    hooks.add(LifecycleEvent.PRE_AGENT_TURN, "*", failing)
    await hooks.run(LifecycleEvent.POST_AGENT_TURN, PAYLOAD)
    assert json.loads((tmp_path / "got").read_text()) == PAYLOAD
    with pytest.raises(HarnError) as caught:
        await hooks.run(LifecycleEvent.PRE_AGENT_TURN, PAYLOAD)
    name = shlex.join(("sh", "-c", "echo no disk >&2; exit 1"))
    assert f"The PreAgentTurn hook {name} failed" in str(caught.value)
    assert "no disk" in str(caught.value)


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ("cat > seen", CallbackVerdict()),
        ("echo look again", CallbackVerdict("look again")),
        ("echo true", CallbackVerdict(must_stop=True)),
        ("""echo '{"message": "m", "stop": true}'""", CallbackVerdict("m", must_stop=True)),
        ("echo 3", CallbackVerdict()),
    ],
)
async def test_a_command_can_be_a_callback(
    tmp_path: Path, script: str, verdict: CallbackVerdict
) -> None:
    assert await ask_callback(shell(script, tmp_path), {"tool_count": 1}) == verdict


async def _called(hook: CommandHook) -> JsonValue:
    return await hook(PAYLOAD)


async def _try(hook: CommandHook) -> None:
    with suppress(HarnError):
        await hook(PAYLOAD)
