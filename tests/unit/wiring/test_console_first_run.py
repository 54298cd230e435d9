"""From the offers of the first-run screen to what the session is asked for."""

import argparse
import socket
import tomllib
from pathlib import Path

from harn_tui.cli.command_console import add_arguments
from harn_tui.cli.first_run import ConsoleFirstRun
from harn_tui.config.provider_choice import ProviderChoice
from harn_tui.json_types import JsonObject
from harn_tui.wiring.session_request import SessionRequest

DEMO = ProviderChoice("demo", "demo", "demo")


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return parser.parse_args([])


def closed_port() -> int:
    """Return a port where nothing answers."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return int(unused.getsockname()[1])


def written(path: str) -> JsonObject:
    table: JsonObject = tomllib.loads(Path(path).read_text())["providers"]["llama-server"]
    return table


def first_run(*choices: ProviderChoice) -> ConsoleFirstRun:
    def find(_: SessionRequest) -> tuple[ProviderChoice, ...]:
        return choices

    return ConsoleFirstRun(options(), find)


async def test_without_a_choice_the_session_is_asked_for_as_the_options_say() -> None:
    run = first_run()
    assert await run.find() == []
    assert (run.request().provider, run.request().base_url) == (None, None)
    assert run.request().is_attended


async def test_chosen_server_is_asked_for_and_can_be_kept() -> None:
    address = f"http://127.0.0.1:{closed_port()}/v1"
    run = first_run(ProviderChoice("llama-server", "openai", "default", address), DEMO)
    server, demo = await run.find()
    assert (server.name, server.is_usual, demo.is_usual) == ("llama-server", False, True)
    assert server.detail == f"something answers at {address[7:-3]}"
    await run.choose(server)
    request = run.request()
    assert (request.provider, request.base_url, request.model) == ("openai", address, "default")
    told = written(run.remember())
    assert told["base_url"] == address


async def test_chosen_demo_is_asked_for_by_its_name() -> None:
    run = first_run(DEMO)
    (demo,) = await run.find()
    await run.choose(demo)
    assert run.request().provider == "demo"
