"""Which provider a session gets."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from harn_tui.config.provider_choice import ProviderChoice, choose_provider
from harn_tui.config.schema import Configuration, ProviderEntry
from harn_tui.errors import ConfigError
from harn_tui.providers.base import ProviderSettings

LOCAL = ProviderEntry("openai", "http://localhost:1/v1", "LOCAL_KEY", "qwen", None, 5.0)
CONFIGURATION = Configuration(provider="local", model="top", providers={"local": LOCAL})
KEYS = {"ANTHROPIC_API_KEY": "ant", "OPENAI_API_KEY": "oai", "LOCAL_KEY": "loc"}


def choose(
    configuration: Configuration = Configuration(),  # noqa: B008 - frozen
    *,
    provider: str | None = None,
    model: str | None = None,
    base_url: str | None = None,
    script: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> ProviderChoice:
    return choose_provider(
        configuration,
        provider=provider,
        model=model,
        base_url=base_url,
        script=script,
        environment=KEYS if environment is None else environment,
    )


def test_without_anything_the_demo_runs() -> None:
    assert choose(environment={}) == ProviderChoice("demo", "demo", "demo")


def test_a_key_in_the_environment_chooses_its_vendor_anthropic_first() -> None:
    anthropic = ProviderChoice("anthropic", "anthropic", "claude-sonnet-5", api_key="ant")
    assert choose() == anthropic
    assert choose(environment={"ANTHROPIC_API_KEY": " ", "OPENAI_API_KEY": "oai\n"}) == (
        ProviderChoice("openai", "openai", "gpt-5.5", api_key="oai")
    )


def test_a_key_in_the_environment_uses_what_is_configured_under_the_vendors_name() -> None:
    entry = ProviderEntry("anthropic", model="claude-x")
    assert choose(Configuration(providers={"anthropic": entry})).model == "claude-x"


def test_the_configured_provider_wins_over_keys() -> None:
    assert choose(CONFIGURATION) == ProviderChoice(
        "local", "openai", "top", "http://localhost:1/v1", "loc", None, 5.0
    )


def test_a_script_alone_is_played_by_the_scripted_kind() -> None:
    assert choose(CONFIGURATION, script=Path("s.jsonl")) == ProviderChoice(
        "scripted", "scripted", "scripted", script_path="s.jsonl"
    )


def test_a_base_url_alone_is_an_openai_server() -> None:
    choice = choose(CONFIGURATION, base_url="http://h:1/v1", environment={})
    assert choice == ProviderChoice("openai", "openai", "default", "http://h:1/v1")


def test_a_provider_option_takes_a_configured_name_or_a_kind() -> None:
    assert choose(CONFIGURATION, provider="local").kind == "openai"
    assert choose(CONFIGURATION, provider="anthropic") == ProviderChoice(
        "anthropic", "anthropic", "claude-sonnet-5", api_key="ant"
    )
    assert choose(provider="openai-responses").model == "gpt-5.5"


def test_options_win_over_the_entry() -> None:
    choice = choose(CONFIGURATION, provider="local", model="m", base_url="https://h/v1")
    assert (choice.model, choice.base_url, choice.api_key) == ("m", "https://h/v1", "loc")


@pytest.mark.parametrize(
    ("configuration", "provider", "expected"),
    [
        (Configuration(model="top"), None, "top"),
        (Configuration(model="top"), "openai", "top"),
        (Configuration(model="top"), "demo", "demo"),
        (Configuration(model="top", provider="demo"), None, "demo"),
        (CONFIGURATION, "local", "top"),
        (CONFIGURATION, "openai", "gpt-5.5"),
        (Configuration(providers={"local": LOCAL}), "local", "qwen"),
    ],
)
def test_the_top_level_model_belongs_to_the_top_level_provider(
    configuration: Configuration, provider: str | None, expected: str
) -> None:
    assert choose(configuration, provider=provider).model == expected


def test_a_configured_script_is_played() -> None:
    entry = ProviderEntry("scripted", script="a.jsonl")
    configuration = Configuration(provider="tape", providers={"tape": entry})
    assert choose(configuration).script_path == "a.jsonl"
    chosen = choose(configuration, provider="tape", script=Path("b.jsonl"))
    assert (chosen.name, chosen.script_path) == ("tape", "b.jsonl")


@pytest.mark.parametrize("key", [None, "", "  "])
def test_a_configured_key_variable_that_is_not_set_is_an_error(key: str | None) -> None:
    environment = {} if key is None else {"LOCAL_KEY": key}
    with pytest.raises(ConfigError, match="export LOCAL_KEY="):
        choose(CONFIGURATION, environment=environment)


def test_a_default_key_variable_may_be_missing_for_servers_that_need_none() -> None:
    assert choose(provider="openai", environment={}).api_key is None


def test_a_kind_without_a_server_reads_no_key() -> None:
    entry = ProviderEntry("demo", api_key_env="NOT_SET")
    assert choose(Configuration(providers={"demo": entry}), provider="demo").api_key is None


def test_a_name_that_is_like_no_other_is_taken_for_none() -> None:
    with pytest.raises(ConfigError) as caught:
        choose(Configuration(), provider="nope")
    assert "Did you mean" not in str(caught.value)


@pytest.mark.parametrize("configuration", [CONFIGURATION, Configuration()])
def test_an_unknown_name_lists_what_there_is(configuration: Configuration) -> None:
    with pytest.raises(ConfigError) as caught:
        choose(configuration, provider="antropic")
    message = str(caught.value)
    assert '--provider "antropic"' in message
    assert "Did you mean anthropic?" in message
    assert f"Configured: {'local' if configuration.providers else 'none'}." in message
    assert "openai-responses" in message


def test_an_unknown_configured_name_is_an_error_as_well() -> None:
    with pytest.raises(ConfigError, match='configured provider "loca" is neither.*mean local'):
        choose(Configuration(provider="loca", providers={"local": LOCAL}))


@pytest.mark.parametrize(
    ("provider", "base_url", "script"),
    [
        (None, "http://h", Path("s")),
        ("anthropic", None, Path("s")),
        ("demo", "http://h", None),
        (None, "localhost:8080", None),
        (None, "http://", None),
        (None, "http://h:99999", None),
        (None, "http://h\x1b[31m", None),
    ],
)
def test_options_that_exclude_each_other_or_mean_nothing_are_refused(
    provider: str | None, base_url: str | None, script: Path | None
) -> None:
    with pytest.raises(ConfigError, match="--"):
        choose(provider=provider, base_url=base_url, script=script)


def test_the_key_is_never_shown() -> None:
    assert "ant" not in repr(choose()).replace("anthropic", "")


def test_a_choice_turns_into_provider_settings() -> None:
    settings = ProviderSettings(**asdict(choose(CONFIGURATION)))
    assert settings.api_key == "loc"


def test_ollama_runs_on_this_machine_without_a_key() -> None:
    entry = ProviderEntry("ollama", context_window=8192, keep_alive="1h")
    chosen = choose(Configuration(providers={"ollama": entry}), provider="ollama", model="llama3")
    assert chosen == ProviderChoice(
        "ollama", "ollama", "llama3", context_window=8192, keep_alive="1h"
    )
