from pathlib import Path

import pytest

from harn_tui.errors import ConfigError
from harn_tui.providers.anthropic import AnthropicProvider
from harn_tui.providers.demo import DemoProvider
from harn_tui.providers.factory import PROVIDER_DEFAULTS, build_provider, with_defaults
from harn_tui.providers.openai_chat import OpenAIChatProvider
from harn_tui.providers.openai_responses import OpenAIResponsesProvider
from harn_tui.providers.scripted import ScriptedProvider
from tests.unit.providers.wire import settings_of


@pytest.mark.parametrize(
    ("kind", "built", "is_paced"),
    [
        ("openai", OpenAIChatProvider, True),
        ("openai-responses", OpenAIResponsesProvider, True),
        ("anthropic", AnthropicProvider, True),
        ("demo", DemoProvider, False),
    ],
)
async def test_each_kind_builds_its_provider(kind: str, built: type, is_paced: bool) -> None:
    provider = build_provider(settings_of(kind, name="mine"))
    assert isinstance(provider, built)
    assert provider.name == "mine"
    assert provider.is_paced is is_paced
    await provider.aclose()


def test_a_scripted_provider_plays_the_named_file(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text('{"text": "x"}\n')
    assert isinstance(
        build_provider(settings_of("scripted", script_path=str(path))), ScriptedProvider
    )


def test_a_scripted_provider_without_a_file_says_how_to_name_one() -> None:
    with pytest.raises(ConfigError, match="--script FILE"):
        build_provider(settings_of("scripted"))


def test_an_unknown_kind_names_the_kinds_and_the_nearest() -> None:
    with pytest.raises(ConfigError) as caught:
        build_provider(settings_of("antropic"))
    assert "'anthropic'" in str(caught.value)
    for kind in PROVIDER_DEFAULTS:
        assert kind in str(caught.value)


@pytest.mark.parametrize(
    "base_url", ["localhost:8080", "ftp://x", "http://", "http://x:port", "http://[::1", "", "x"]
)
def test_a_base_url_that_is_none_is_refused_at_once(base_url: str) -> None:
    with pytest.raises(ConfigError, match="base_url"):
        build_provider(settings_of("openai", base_url=base_url))


def test_a_base_url_with_a_password_is_not_shown_in_its_error() -> None:
    with pytest.raises(ConfigError) as caught:
        build_provider(settings_of("openai", base_url="ftp://me:hunter2@x"))
    assert "hunter2" not in str(caught.value)


def test_missing_values_are_filled_in_for_the_kind() -> None:
    filled = with_defaults(settings_of("anthropic", base_url=None, model=""))
    assert filled.base_url == "https://api.anthropic.com/v1"
    assert filled.model == PROVIDER_DEFAULTS["anthropic"].model
    kept = with_defaults(settings_of("anthropic", model="mine"))
    assert (kept.model, kept.base_url) == ("mine", "http://model.test:8080")
    with pytest.raises(ConfigError):
        with_defaults(settings_of("none"))


def test_a_key_is_not_part_of_the_settings_text() -> None:
    assert "sk-1" not in repr(settings_of("openai", api_key="sk-1"))
