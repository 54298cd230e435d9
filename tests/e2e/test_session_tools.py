"""The tools that need something of their session, in a whole run without a screen."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.tools.output_blobs import HANDLE_CHARACTERS
from tests.support import mcp_stand_in
from tests.support.terminal import harn_tui, isolated_environment

LIMIT_S = 120


def _run(
    folder: Path, script: list[JsonObject], *options: str, approves: bool = True
) -> list[JsonObject]:
    """Return the lines of a run that plays ``script`` in ``folder/work``.

    With ``approves`` everything is allowed that would be asked about.
    """
    work = folder / "work"
    work.mkdir()
    file = folder / "script.jsonl"
    file.write_text("".join(json.dumps(entry) + "\n" for entry in script))
    done = subprocess.run(
        harn_tui("run", "--json", *["--yes"] * approves, "--script", str(file), *options, "go"),
        cwd=work, env=isolated_environment(folder / "home"), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False, timeout=LIMIT_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def _call(name: str, **arguments: str | int) -> JsonObject:
    return {"name": name, "arguments": dict(arguments)}


def _contents(lines: list[JsonObject], role: str) -> list[str]:
    messages = [line["message"] for line in lines if line["type"] == "message_recorded"]
    return [str(m["content"]) for m in messages if isinstance(m, dict) and m["role"] == role]


def test_tools_12_the_result_of_a_long_command_reaches_the_model_at_a_later_preflight(
    tmp_path: Path,
) -> None:
    script: list[JsonObject] = [
        {"tool_calls": [_call("start_command", command="echo it-is-over")]},
        {"match": '*"exit_code": 0*', "text": "the model has read it"},
        {"match": "*go*", "tool_calls": [_call("run_command", command="sleep 0.3")]},
    ]
    lines = _run(tmp_path, script)
    assert lines[-1]["text"] == "the model has read it"
    told = [text for text in _contents(lines, "user") if 'kind="tool_result"' in text]
    assert len(told) == 1
    assert "it-is-over" in told[0]


def test_tools_12_a_long_command_ends_with_its_run(tmp_path: Path) -> None:
    command = "echo $$ > pid; exec sleep 600"
    wait = "while [ ! -s pid ]; do sleep 0.05; done"
    script: list[JsonObject] = [
        {"tool_calls": [_call("start_command", command=command)]},
        {"tool_calls": [_call("run_command", command=wait)]},
        {"text": "leaving"},
    ]
    # Without a sandbox the number in the file is the process's number on this machine.
    _run(tmp_path, script, "--set", 'sandbox.commands="off"')
    pid = int((tmp_path / "work" / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_tools_4_an_output_that_is_too_long_is_kept_and_read_on(tmp_path: Path) -> None:
    output = "".join(f"{n}\n" for n in range(1, 20_001)).encode()
    handle = hashlib.sha256(output).hexdigest()[:HANDLE_CHARACTERS]
    script: list[JsonObject] = [
        {"tool_calls": [_call("run_command", command="seq 1 20000")]},
        {"tool_calls": [_call("read_output", handle=handle, offset=48_894, limit=16)]},
        {"text": "read"},
    ]
    first, second = _contents(_run(tmp_path, script), "tool")
    assert handle in first
    assert "10001" not in first
    assert output[48_894:48_900] == b"10001\n"
    assert "10001" in second


def test_tools_4_a_long_result_of_any_tool_is_kept_and_a_hook_sees_every_call(
    tmp_path: Path,
) -> None:
    work = tmp_path / "work"
    script: list[JsonObject] = [
        {"tool_calls": [_call("run_command", command=f"yes {'needle ' * 20} | head -400 > hay")]},
        {"tool_calls": [_call("search_files", pattern="needle", max_results=1000)]},
        {"tool_calls": [_call("read_file", path="hay", offset=1, limit=1)]},
        {"text": "found"},
    ]
    hook = tmp_path / "hook.py"
    hook.write_text(
        "import json, sys\n"
        "tool = json.load(sys.stdin)['tool']\n"
        "if tool['name'] == 'read_file':\n"
        "    print(json.dumps({'deny': 'that file is enough'}))\n"
    )
    command = json.dumps([sys.executable, str(hook)])
    hooks = f'[{{event = "PreToolUse", pattern = "*", command = {command}}}]'
    _, searched, read = _contents(_run(tmp_path, script, "--set", f"hooks={hooks}"), "tool")
    assert "read_output with handle" in searched
    assert len(searched) < 33_000
    assert "that file is enough" in read
    assert (work / "hay").exists()


def test_tools_4_10_a_recorded_command_is_replayed_without_running(tmp_path: Path) -> None:
    script: list[JsonObject] = [
        {"tool_calls": [_call("run_command", command="echo made > made; echo said")]},
        {"text": "done"},
    ]
    file = tmp_path / "tools.jsonl"
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    recorded, replayed = (
        _run(
            tmp_path / folder, script,
            "--set", f'loop.tool_recording.mode="{mode}"',
            "--set", f'loop.tool_recording.path="{file}"',
        )
        for folder, mode in (("a", "record"), ("b", "replay"))
    )  # fmt: skip
    assert "said" in _contents(recorded, "tool")[0]
    assert _contents(replayed, "tool") == _contents(recorded, "tool")
    assert (tmp_path / "a" / "work" / "made").exists()
    assert not (tmp_path / "b" / "work" / "made").exists()


def test_tools_7_a_command_says_how_it_ran_and_writes_only_in_the_workspace(
    tmp_path: Path,
) -> None:
    command = f"touch inside; touch '{tmp_path}/outside'"
    script: list[JsonObject] = [
        {"tool_calls": [_call("run_command", command=command)]},
        {"text": "tried"},
    ]
    lines = _run(tmp_path, script)
    is_confined = '"sandbox":"bubblewrap"' in json.dumps(lines, separators=(",", ":"))
    notices = [str(line["text"]) for line in lines if line["type"] == "notice"]
    assert is_confined != any("without a sandbox" in text for text in notices)
    assert (tmp_path / "work" / "inside").exists()
    assert (tmp_path / "outside").exists() != is_confined


def test_tools_12_private_addresses_are_refused_unless_the_configuration_names_them(
    tmp_path: Path,
) -> None:
    script: list[JsonObject] = [
        {"tool_calls": [_call("fetch_url", url="http://127.0.0.1:1/")]},
        {"text": "tried"},
    ]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (refused,) = _contents(_run(tmp_path / "a", script), "tool")
    allowed = ("--set", 'fetch.private_hosts=["127.0.0.1"]')
    (tried,) = _contents(_run(tmp_path / "b", script, *allowed), "tool")
    (tmp_path / "c").mkdir()
    (unasked,) = _contents(_run(tmp_path / "c", script, *allowed, approves=False), "tool")
    (tmp_path / "d").mkdir()
    rule = ("--set", 'permissions.allow={fetch_url=["http://127.0.0.1:1/*"]}')
    (ruled,) = _contents(_run(tmp_path / "d", script, *allowed, *rule, approves=False), "tool")
    assert "permission_denied" in unasked
    assert ruled == tried
    assert "not a public address" in refused
    assert "not a public address" not in tried


@pytest.mark.parametrize("ceiling", ["process_exec", "network"])
def test_tools_1_8_tools_of_a_server_are_looked_at_when_they_arrive(
    tmp_path: Path, ceiling: str
) -> None:
    home = Path(isolated_environment(tmp_path / "home")["HARN_TUI_HOME"])
    home.mkdir(parents=True)
    command = json.dumps([sys.executable, "-I", mcp_stand_in.__file__, "--tools", '["fail"]'])
    (home / "config.toml").write_text(
        f'[policy]\nside_effect_level = "{ceiling}"\n'
        '[tools]\nenabled = ["read_file", "git__fail"]\n'
        f'[[mcp_servers]]\nname = "git"\ncommand = {command}\n'
    )
    script: list[JsonObject] = [
        {"tool_calls": [_call("git__fail", note="x")]},
        {"tool_calls": [_call("git__fail", note="y")]},
        {"text": "tried"},
    ]
    lines = _run(tmp_path, script)
    told = [str(line["text"]) for line in lines if line["type"] == "notice"]
    about = [text for text in told if text.startswith("Tools of MCP servers: git__fail ")]
    answers = _contents(lines, "tool")
    log = next((home / "logs").glob("*.log")).read_text()
    is_beyond = ceiling == "process_exec"
    assert len(about) == is_beyond
    assert log.count("TOOL_SURFACE_SIDE_EFFECT_CEILING_EXCEEDED git__fail") == is_beyond
    assert all(("exceeds side-effect ceiling" in answer) == is_beyond for answer in answers)
