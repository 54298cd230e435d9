"""What is offered to somebody who has configured nothing, and what becomes of the choice."""

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from harn_tui.config.provider_choice import ProviderChoice
from harn_tui.config.provider_offers import WELL_KNOWN_SERVERS, LocalServer
from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject
from harn_tui.paths import config_directory, sessions_directory
from harn_tui.providers.http import JsonClient
from harn_tui.store.session_folder import create_session_folder
from harn_tui.store.state_file import SessionState, save_state
from harn_tui.wiring.first_run import first_offers, remember, request_for, with_own_model
from harn_tui.wiring.open_session import open_session
from harn_tui.wiring.session_request import SessionRequest

SERVER = ProviderChoice("llama-server", "openai", "default", "http://127.0.0.1:8080/v1")


def up() -> tuple[LocalServer, ...]:
    """The first well-known server answers."""
    return WELL_KNOWN_SERVERS[:1]


def client_with(answer: JsonObject) -> JsonClient:
    return JsonClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer)))


def test_servers_that_answer_are_offered_before_the_demo(tmp_path: Path) -> None:
    offers = first_offers(SessionRequest(tmp_path), environment={}, find_servers=up)
    assert [(offer.name, offer.base_url) for offer in offers] == [
        ("llama-server", "http://127.0.0.1:8080/v1"),
        ("demo", None),
    ]


def test_nothing_is_asked_when_there_is_only_the_demo(tmp_path: Path) -> None:
    assert first_offers(SessionRequest(tmp_path), environment={}, find_servers=tuple) == ()


def test_key_in_the_environment_is_a_choice(tmp_path: Path) -> None:
    environment = {"ANTHROPIC_API_KEY": "k"}
    assert first_offers(SessionRequest(tmp_path), environment=environment, find_servers=up) == ()


@pytest.mark.parametrize(
    "choice",
    [{"provider": "demo"}, {"base_url": "http://localhost:1"}, {"script": Path("x")}],
    ids=["provider", "base_url", "script"],
)
def test_option_is_a_choice(tmp_path: Path, choice: dict[str, object]) -> None:
    request = SessionRequest(tmp_path, **choice)  # type: ignore[arg-type]
    assert first_offers(request, environment={}, find_servers=up) == ()


def test_configuration_is_a_choice(tmp_path: Path) -> None:
    request = SessionRequest(tmp_path, overrides=('provider="demo"',))
    assert first_offers(request, environment={}, find_servers=up) == ()


async def test_model_that_the_server_has_is_taken() -> None:
    listed: JsonObject = {"data": [{"id": "gemma"}, {"id": "qwen"}]}
    chosen = await with_own_model(SERVER, client_factory=lambda: client_with(listed))
    assert chosen.model == "gemma"


async def test_usual_model_is_taken_when_the_server_has_it() -> None:
    listed: JsonObject = {"models": [{"name": "gemma:2b"}, {"name": "qwen3:8b"}]}
    ollama = ProviderChoice("ollama", "ollama", "qwen3", "http://127.0.0.1:11434")
    chosen = await with_own_model(ollama, client_factory=lambda: client_with(listed))
    assert chosen.model == "qwen3:8b"


async def test_server_that_does_not_tell_keeps_the_usual_model() -> None:
    assert await with_own_model(SERVER, client_factory=lambda: client_with({})) == SERVER


def test_session_is_opened_with_the_choice(tmp_path: Path) -> None:
    chosen = request_for(SessionRequest(tmp_path), SERVER)
    session = open_session(chosen)
    assert (session.models.provider_name, session.models.model) == ("openai", "default")
    asked = request_for(SessionRequest(tmp_path, model="mine"), SERVER)
    assert asked.model == "mine"


def test_demo_that_was_chosen_greets_with_no_offer(tmp_path: Path) -> None:
    request = request_for(SessionRequest(tmp_path), ProviderChoice("demo", "demo", "demo"))
    assert first_offers(request, environment={}) == ()
    assert open_session(request).models.provider_name == "demo"


def test_choice_that_is_kept_is_asked_for_no_more(tmp_path: Path) -> None:
    assert remember(SERVER) == str(config_directory() / "config.toml")
    assert first_offers(SessionRequest(tmp_path), environment={}, find_servers=up) == ()


def test_demo_is_not_written_down() -> None:
    with pytest.raises(ConfigError, match="nothing to remember"):
        remember(ProviderChoice("demo", "demo", "demo"))
    assert not (config_directory() / "config.toml").exists()


@pytest.mark.parametrize(("provider", "is_asked"), [("openai", False), ("demo", True)])
def test_a_session_that_has_a_provider_asks_for_none(
    tmp_path: Path, provider: str, is_asked: bool
) -> None:
    folder = create_session_folder(sessions_directory(), "mine")
    save_state(folder.state_file, SessionState(provider=provider, cwd=str(tmp_path)))
    request = SessionRequest(tmp_path, session_id="mine")
    offers = first_offers(request, environment={}, find_servers=up)
    assert bool(offers) is is_asked
    gone = replace(request, session_id="not there")
    assert first_offers(gone, environment={}, find_servers=up)
