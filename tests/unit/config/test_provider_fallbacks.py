"""Which providers a session turns to when its own one fails, and how fast each may be asked."""

from collections.abc import Mapping, Sequence

import pytest

from harn_tui.config.describe import describe
from harn_tui.config.provider_choice import ProviderChoice, choose_provider
from harn_tui.config.provider_fallbacks import Fallbacks, fallback_choices
from harn_tui.config.schema import Configuration, ProviderEntry
from harn_tui.errors import ConfigError
from tests.unit.config.conftest import Places

PROVIDERS = {
    "main": ProviderEntry("openai", "http://main.test/v1", model="m", fallback=("spare",)),
    "spare": ProviderEntry("openai", "http://spare.test/v1", rpm=5, timeout_s=3.0),
    "hosted": ProviderEntry("openai", "http://hosted.test/v1", api_key_env="HOSTED_KEY"),
    "tape": ProviderEntry("scripted", script="tape.jsonl"),
}
CONFIGURATION = Configuration(provider="main", providers=PROVIDERS)


def fallbacks(
    *chain: str,
    primary: str = "main",
    environment: Mapping[str, str] | None = None,
    configuration: Configuration = CONFIGURATION,
) -> Fallbacks:
    variables = environment or {}
    chosen = choose_provider(
        configuration,
        provider=primary,
        model=None,
        base_url=None,
        script=None,
        environment=variables,
    )
    return fallback_choices(configuration, chosen, chain, variables)


def names(found: Fallbacks) -> list[str]:
    return [choice.name for choice in found.choices]


def test_loop_7_11_the_chain_comes_before_the_providers_own_fallback() -> None:
    assert names(fallbacks("tape")) == ["tape", "spare"]
    assert names(fallbacks()) == ["spare"]
    assert names(fallbacks(primary="tape")) == []


def test_a_fallback_has_everything_that_is_configured_for_it() -> None:
    assert fallbacks().choices == (
        ProviderChoice("spare", "openai", "m", "http://spare.test/v1", timeout_s=3.0, rpm=5),
    )
    (tape,) = fallbacks("tape").choices[:1]
    assert (tape.kind, tape.model, tape.script_path) == ("scripted", "scripted", "tape.jsonl")


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("spare:own-model", "own-model"),
        ("spare:llama3:8b", "llama3:8b"),
        ("spare", "m"),
        ("spare:", "m"),
        ("main:other", "other"),
        ("anthropic", "claude-sonnet-5"),
    ],
)
def test_a_model_is_the_one_named_else_configured_else_shared(text: str, model: str) -> None:
    found = fallbacks(text, environment={"ANTHROPIC_API_KEY": "k"})
    assert found.choices[0].model == model


def test_a_configured_model_of_its_own_is_used() -> None:
    entries = {**PROVIDERS, "spare": ProviderEntry("openai", "http://x", model="own")}
    configuration = Configuration(provider="main", providers=entries)
    assert fallbacks(configuration=configuration).choices[0].model == "own"


def test_loop_7_11_providers_without_a_key_are_skipped_and_named() -> None:
    found = fallbacks("anthropic", "hosted", "openai", "anthropic:other", "tape")
    assert names(found) == ["tape", "spare"]
    assert found.without_key == ("anthropic", "hosted", "openai")
    found = fallbacks("anthropic", "hosted", environment={"ANTHROPIC_API_KEY": "k"})
    assert names(found) == ["anthropic", "spare"]
    assert found.choices[0].api_key == "k"


def test_a_kind_whose_server_is_on_this_machine_needs_no_key() -> None:
    ollama = ProviderEntry("ollama", context_window=8192, keep_alive="1h")
    hosted = ProviderEntry("ollama", "https://ollama.com", "OLLAMA_API_KEY")
    entries = {**PROVIDERS, "own": ollama, "cloud": hosted}
    configuration = Configuration(provider="main", providers=entries)
    found = fallbacks("own", "ollama", "cloud", configuration=configuration)
    assert names(found) == ["own", "ollama", "spare"]
    assert found.without_key == ("cloud",)
    assert (found.choices[0].context_window, found.choices[0].keep_alive) == (8192, "1h")


@pytest.mark.parametrize("chain", [["main"], ["main:m"], ["spare", "spare"], ["spare:m"]])
def test_what_would_be_asked_twice_is_asked_once(chain: Sequence[str]) -> None:
    assert names(fallbacks(*chain)) == ["spare"]


@pytest.mark.parametrize("name", ["mian", "mian:model"])
def test_an_unknown_name_of_a_chain_is_an_error_with_the_nearest(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        fallbacks(name)
    assert '`loop.fallback_chain`: "mian" is neither configured nor a kind' in str(caught.value)
    assert "Did you mean main?" in str(caught.value)
    assert "Configured: main, spare, hosted, tape." in str(caught.value)


# In files -------------------------------------------------------------------------------------


def test_rate_and_fallback_are_read_and_shown(places: Places) -> None:
    places.write_user(
        "[providers.a]\nkind = 'openai'\nrpm = 30\nfallback = ['b', 'anthropic:claude-x']\n"
        "[providers.b]\nkind = 'openai'\nrpm = 0"
    )
    loaded = places.load()
    entries = loaded.configuration.providers
    assert (entries["a"].rpm, entries["a"].fallback) == (30, ("b", "anthropic:claude-x"))
    assert (entries["b"].rpm, entries["b"].fallback) == (0, ())
    lines = describe(loaded)
    assert f"providers.a.rpm = 30  # {places.user_file}:3" in lines
    assert f'providers.a.fallback = ["b", "anthropic:claude-x"]  # {places.user_file}:4' in lines
    assert not any(line.startswith("providers.b.fallback") for line in lines)


def test_window_and_keep_alive_are_read(places: Places) -> None:
    places.write_user("[providers.ollama]\ncontext_window = 32768\nkeep_alive = '1h'")
    entry = places.load().configuration.providers["ollama"]
    assert (entry.kind, entry.context_window, entry.keep_alive) == ("ollama", 32_768, "1h")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("context_window = 0", "a whole number of at least 1"),
        ("keep_alive = 5", "text"),
        ("rpm = -1", "a whole number of at least 0"),
        ("rpm = 1.5", "a whole number of at least 0"),
        ("rpm = true", "a whole number of at least 0"),
        ("fallback = 'b'", "a list of texts"),
        ("fallback = ['']", "a list of texts"),
    ],
)
def test_what_cannot_be_used_is_refused(places: Places, line: str, wanted: str) -> None:
    places.write_user(f"[providers.a]\nkind = 'openai'\n{line}")
    error = places.error()
    assert "line 3" in error
    assert wanted in error


def test_an_unknown_name_in_a_file_names_the_place_and_the_nearest(places: Places) -> None:
    places.write_user("[providers.spare]\nkind = 'openai'\nfallback = ['antropic']")
    error = places.error()
    assert f'In {places.user_file}:3: `providers.spare.fallback`: "antropic"' in error
    assert "Did you mean anthropic?" in error


def test_an_unknown_name_in_the_loops_chain_is_refused_with_its_source(places: Places) -> None:
    error = places.error("loop.fallback_chain=['sparr']", "providers.spare.kind=openai")
    assert 'In --set: `loop.fallback_chain`: "sparr"' in error
    assert "Did you mean spare?" in error


def test_names_may_come_from_a_later_layer(places: Places) -> None:
    places.write_user("[loop]\nfallback_chain = ['spare']")
    loaded = places.load("providers.spare.kind=openai")
    assert loaded.configuration.loop["fallback_chain"] == ["spare"]
