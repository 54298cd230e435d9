"""The providers that a session can go over to."""

from harn_tui.config.provider_choice import ProviderChoice
from harn_tui.config.provider_offers import WELL_KNOWN_SERVERS
from harn_tui.config.schema import Configuration, ProviderEntry
from harn_tui.config.switchable_providers import (
    SwitchableProvider,
    recorded_address,
    switchable_providers,
)

DEMO = ProviderChoice("demo", "demo", "demo")
LLAMA, OLLAMA, _ = WELL_KNOWN_SERVERS


def found(
    entries: dict[str, ProviderEntry],
    current: ProviderChoice = DEMO,
    environment: dict[str, str] | None = None,
    answering: tuple[object, ...] = (),
) -> list[SwitchableProvider]:
    configuration = Configuration(providers=entries)
    return list(
        switchable_providers(configuration, current, environment or {}, answering)  # type: ignore[arg-type]
    )


def labels(providers: list[SwitchableProvider]) -> list[str]:
    return [one.label for one in providers]


def test_the_current_one_comes_first_then_what_is_configured_then_keys_then_servers() -> None:
    entries = {"mine": ProviderEntry("openai", base_url="http://h/v1", model="m")}
    environment = {"ANTHROPIC_API_KEY": "k"}
    providers = found(entries, environment=environment, answering=(LLAMA, OLLAMA))
    assert labels(providers) == ["demo", "mine", "anthropic", "llama-server", "ollama"]
    chosen = providers[3].choice
    assert chosen is not None
    assert (chosen.name, chosen.base_url, chosen.api_key) == ("openai", LLAMA.base_url, None)


def test_what_has_no_key_is_told_with_the_variable() -> None:
    entries = {
        "a": ProviderEntry("anthropic"),
        "b": ProviderEntry("openai", api_key_env="B_KEY", base_url="http://h/v1"),
    }
    first, second = found(entries)[1:]
    assert (first.choice, first.problem) == (
        None,
        "There is no key for it: ANTHROPIC_API_KEY is not set.",
    )
    assert second.choice is None
    assert "B_KEY" in (second.problem or "")


def test_nothing_is_offered_twice() -> None:
    here = ProviderChoice("openai", "openai", "m", "http://localhost:8080/v1")
    assert labels(found({}, here, answering=(LLAMA,))) == ["openai"]
    configured = {"ollama": ProviderEntry("ollama")}
    assert labels(found(configured, answering=(OLLAMA,))) == ["demo", "ollama"]
    entry = {"openai": ProviderEntry("openai", model="gpt")}
    key = {"OPENAI_API_KEY": "k"}
    current = ProviderChoice("openai", "openai", "gpt", api_key="k")
    assert labels(found(entry, current, key)) == ["openai"]


def test_two_servers_of_one_name_are_told_apart() -> None:
    here = ProviderChoice("openai", "openai", "m", "http://10.0.0.1/v1")
    providers = found({}, here, {"OPENAI_API_KEY": "k"})
    assert labels(providers) == ["openai", "openai-2"]


def test_the_address_is_written_down_where_the_name_does_not_tell_it() -> None:
    configuration = Configuration(providers={"p": ProviderEntry("openai", base_url="http://h/v1")})
    same = ProviderChoice("p", "openai", "m", "http://h/v1")
    other = ProviderChoice("p", "openai", "m", "http://ann:secret@h2:1/v1?key=secret")
    assert recorded_address(configuration, same) is None
    assert recorded_address(configuration, DEMO) is None
    assert recorded_address(configuration, other) == "http://h2:1/v1"
