"""Mock servers that nobody here wrote, each started once a test session that needs it."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.servers.mock_servers import Aimock, LlmockServer, aimock_command, llmock_command
from tests.support.server_process import running_server
from tests.support.third_party import AIMOCK, LLMOCK, NotInstalledError, Tool

StartAimock: TypeAlias = Callable[..., Aimock]


@pytest.fixture
def start_aimock(tmp_path: Path) -> Iterator[StartAimock]:
    """Return a function that starts aimock with the given fixtures: ``start_aimock([{…}, …])``.

    ``chunk_size`` is in characters, ``latency_ms`` the pause between chunks.
    """
    program = program_of(AIMOCK)
    with ExitStack() as servers:

        def start(
            fixtures: list[dict[str, Any]], *, chunk_size: int = 10, latency_ms: int = 0
        ) -> Aimock:
            path = tmp_path / "aimock" / "fixtures.json"
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps({"fixtures": fixtures}), encoding="utf-8")
            command = aimock_command(program, path, chunk_size, latency_ms)
            server = running_server(command, health_path="/health", folder=path.parent)
            return Aimock(servers.enter_context(server))

        yield start


@pytest.fixture(scope="session")
def llmock_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LlmockServer]:
    """Run llmock once for the whole session; tests ask for ``llmock``."""
    program = program_of(LLMOCK)
    folder = tmp_path_factory.mktemp("llmock")
    with running_server(llmock_command(program), health_path="/health", folder=folder) as url:
        yield LlmockServer(url)


@pytest.fixture
def llmock(llmock_process: LlmockServer) -> LlmockServer:
    """Return the running llmock with no faults planned and nothing remembered."""
    llmock_process.reset()
    return llmock_process


def program_of(tool: Tool) -> Path:
    """Return a tool's program; the test is skipped, with the reason, when it is not there."""
    try:
        return tool.find()
    except NotInstalledError as error:
        pytest.skip(str(error))
