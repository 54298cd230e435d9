import pytest

from harn_tui.config.provider_choice import choose_provider
from harn_tui.config.provider_offers import (
    WELL_KNOWN_SERVERS,
    LocalServer,
    offered_providers,
)
from harn_tui.config.schema import Configuration
from harn_tui.config.value_rules import is_web_address


def names(environment: dict[str, str], *answering: LocalServer) -> list[str]:
    return [offer.name for offer in offered_providers(environment, answering)]


def test_demo_is_offered_when_there_is_nothing_else() -> None:
    assert names({}) == ["demo"]


def test_keys_come_before_local_servers_and_the_demo_comes_last() -> None:
    keys = {"OPENAI_API_KEY": "o", "ANTHROPIC_API_KEY": "a"}
    assert names(keys, *reversed(WELL_KNOWN_SERVERS)) == [
        "anthropic",
        "openai",
        "llama-server",
        "ollama",
        "lm-studio",
        "demo",
    ]


def test_blank_key_is_none() -> None:
    assert names({"OPENAI_API_KEY": "  "}) == ["demo"]


def test_only_servers_that_answer_are_offered() -> None:
    assert names({}, WELL_KNOWN_SERVERS[1]) == ["ollama", "demo"]


def test_server_that_is_not_well_known_is_not_offered() -> None:
    assert names({}, LocalServer("stranger", 9_999)) == ["demo"]


def test_local_server_is_sent_no_key() -> None:
    (_, local, _) = offered_providers({"OPENAI_API_KEY": "o"}, [WELL_KNOWN_SERVERS[0]])
    assert (local.kind, local.base_url, local.api_key) == (
        "openai",
        "http://127.0.0.1:8080/v1",
        None,
    )


def test_every_well_known_server_has_a_usable_address_of_its_own() -> None:
    addresses = {server.base_url for server in WELL_KNOWN_SERVERS}
    assert len(addresses) == len(WELL_KNOWN_SERVERS)
    assert all(map(is_web_address, addresses))


@pytest.mark.parametrize(
    "environment",
    [{}, {"OPENAI_API_KEY": "o"}, {"ANTHROPIC_API_KEY": "a"}, {"A": "1", "OPENAI_API_KEY": "o"}],
)
def test_first_offer_is_what_a_session_without_configuration_gets(
    environment: dict[str, str],
) -> None:
    chosen = choose_provider(
        Configuration(),
        provider=None,
        model=None,
        base_url=None,
        script=None,
        environment=environment,
    )
    assert chosen == offered_providers(environment)[0]


def test_offer_shows_no_key() -> None:
    assert "secret" not in repr(offered_providers({"OPENAI_API_KEY": "secret"}))


def test_ollama_is_offered_by_its_own_api() -> None:
    (offer, _) = offered_providers({}, [WELL_KNOWN_SERVERS[1]])
    assert (offer.kind, offer.base_url, offer.model) == (
        "ollama",
        "http://127.0.0.1:11434",
        "qwen3",
    )
    assert WELL_KNOWN_SERVERS[1].options == "--provider ollama"
