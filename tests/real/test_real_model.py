"""One console turn and one headless turn with a real model: llama-server and SmolLM2-135M."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harn_tui.events.codec import decode_record
from harn_tui.view.fold import apply_all
from harn_tui.view.model import AssistantBlock, SessionView
from tests.support.server_process import running_server
from tests.support.terminal import Terminal, harn_tui, isolated_environment
from tests.support.third_party import LLAMA_SERVER, SMOLLM2, NotInstalledError

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A llama-server with the model loaded."""
    try:
        program, weights = LLAMA_SERVER.find(), SMOLLM2.find()
    except NotInstalledError as error:
        pytest.skip(str(error))

    def command(port: int) -> list[str]:
        model = ["-m", str(weights), "--jinja", "-c", "4096", "-t", "1"]
        return [str(program), *model, "--host", "127.0.0.1", "--port", str(port)]

    folder = tmp_path_factory.mktemp("llama-server")
    with running_server(command, health_path="/health", folder=folder) as url:
        yield f"{url}/v1"


def _flags(base_url: str) -> list[str]:
    server = ["--base-url", base_url, "--model", "smollm2", "--no-tools"]
    return [*server, "--set", "loop.max_tokens=48"]


def test_headless_turn_streams_text_usage_and_a_log_that_replays(
    base_url: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    done = subprocess.run(
        harn_tui("run", "--json", *_flags(base_url), "Hi"),
        env=isolated_environment(home),
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0
    *lines, result = done.stdout.splitlines()
    assert json.loads(result)["llm"]["output_tokens"] > 0
    view = SessionView()
    apply_all(view, map(decode_record, lines))
    texts = [block.text for block in view.blocks if isinstance(block, AssistantBlock)]
    assert texts == [json.loads(result)["text"]]
    (log,) = (home / "harn-tui" / "sessions").glob("*/event_log.jsonl")
    assert log.read_text(encoding="utf-8").splitlines() == lines


def test_console_turn_streams_and_replays(base_url: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = isolated_environment(home)
    command = harn_tui(*_flags(base_url))
    with Terminal(command, env=environment, cwd=tmp_path, columns=100, rows=30) as console:
        console.wait_for("What shall be done?")
        console.submit("Say hello to the garden.")
        console.wait_for(re.compile(r"idle · \d"), timeout_s=120)
        shown = console.text()
        console.press("ctrl+q")
        assert console.wait_exit() == 0
    (log,) = (home / "harn-tui" / "sessions").glob("*/event_log.jsonl")
    events = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    reply = "".join(e["content"] for e in events if e["type"] == "agent_message_chunk")
    assert reply.split()[0] in shown
    (end,) = [e for e in events if e["type"] == "llm_call_end"]
    assert end["usage"]["output_tokens"] > 0
    replay_command = harn_tui("replay", str(log))
    with Terminal(replay_command, env=environment, cwd=tmp_path, columns=100, rows=30) as replay:
        replay.wait_for("Replay")
        replay.press("end")
        replay.wait_for("Say hello to the garden.")
        replay.wait_for(reply.split()[0])
