from pathlib import Path

import pytest

from harn_tui.errors import ConfigError, ProviderError
from harn_tui.kinds import ProviderErrorCategory
from harn_tui.providers.anthropic import AnthropicProvider
from harn_tui.providers.base import Delta, ProviderSwitched, TextDelta
from harn_tui.providers.demo import DemoProvider
from harn_tui.providers.factory import (
    PROVIDER_DEFAULTS,
    build_provider,
    build_with_fallbacks,
    with_defaults,
)
from harn_tui.providers.ollama import OllamaProvider
from harn_tui.providers.openai_chat import OpenAIChatProvider
from harn_tui.providers.openai_responses import OpenAIResponsesProvider
from harn_tui.providers.rate_limit import RateLimits
from harn_tui.providers.rate_limited import RateLimitedProvider
from harn_tui.providers.scripted import ScriptedProvider
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer
from tests.unit.providers.wire import ask, request_of, settings_of


@pytest.mark.parametrize(
    ("kind", "built", "is_paced"),
    [
        ("openai", OpenAIChatProvider, True),
        ("openai-responses", OpenAIResponsesProvider, True),
        ("anthropic", AnthropicProvider, True),
        ("ollama", OllamaProvider, True),
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


@pytest.mark.parametrize("value", ["1", "true", "YES", " on "])
@pytest.mark.parametrize("kind", ["openai", "openai-responses", "anthropic"])
async def test_loop_7_11_disabled_calls_are_refused_before_anything_is_sent(
    value: str, kind: str
) -> None:
    with StreamingServer() as server:
        provider = build_provider(
            settings_of(kind, name="mine", base_url=server.base_url),
            environment={"HARN_LLM_CALLS_DISABLED": value},
        )
        assert provider.name == "mine"
        with pytest.raises(ProviderError, match="HARN_LLM_CALLS_DISABLED") as caught:
            await ask(provider)
        assert server.requests == []
    assert not caught.value.is_transient


@pytest.mark.parametrize("value", ["", "0", "false", "no", "off"])
async def test_loop_7_11_any_other_value_lets_calls_through(value: str) -> None:
    with StreamingServer([Reply.text("hi")]) as server:
        provider = build_provider(
            settings_of("openai", base_url=server.base_url),
            environment={"HARN_LLM_CALLS_DISABLED": value},
        )
        reply, _ = await ask(provider)
    assert reply.text == "hi"


async def test_loop_7_11_disabled_calls_still_allow_what_needs_no_server(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text('{"text": "x"}\n')
    environment = {"HARN_LLM_CALLS_DISABLED": "1"}
    script = settings_of("scripted", script_path=str(path))
    reply, _ = await ask(build_provider(script, environment=environment))
    assert reply.text == "x"
    assert isinstance(build_provider(settings_of("demo"), environment=environment), DemoProvider)


async def test_the_processs_own_environment_is_read_when_none_is_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HARN_LLM_CALLS_DISABLED", "1")
    with pytest.raises(ProviderError, match="HARN_LLM_CALLS_DISABLED"):
        await ask(build_provider(settings_of("openai")))


async def test_a_limit_applies_to_all_sessions_that_use_the_name() -> None:
    limits = RateLimits({})
    settings = settings_of("openai", name="a", rpm=1)
    first, second = (build_provider(settings, limits=limits) for _ in range(2))
    assert isinstance(first, RateLimitedProvider)
    assert isinstance(second, RateLimitedProvider)
    limiter = limits.limiter_for("a", 1)
    assert limiter is not None
    with StreamingServer([Reply.text("hi")]) as server:
        limited = build_provider(
            settings_of("openai", name="a", rpm=1, base_url=server.base_url), limits=limits
        )
        await ask(limited)
    assert limiter.wait_s() > 0


def test_without_a_limit_a_provider_stands_alone() -> None:
    assert isinstance(
        build_provider(settings_of("openai"), limits=RateLimits({})), OpenAIChatProvider
    )


async def test_loop_7_11_fallbacks_are_asked_for_their_own_models() -> None:
    replies = [Reply.failure(503, "busy"), Reply.failure(401, "who?"), Reply.text("third time")]
    with StreamingServer(replies) as server:
        first, second, third = (
            settings_of("openai", name=name, model=model, base_url=server.base_url)
            for name, model in (("a", "m-a"), ("b", "m-b"), ("c", ""))
        )
        provider = build_with_fallbacks(first, [second, third])
        reply, deltas = await ask(provider, request_of(model="asked"))
        models = [request.body["model"] for request in server.requests]
    assert models == ["asked", "m-b", "asked"]
    assert reply.text == "third time"
    switches = [delta for delta in deltas if isinstance(delta, ProviderSwitched)]
    assert [(s.from_name, s.to_name, s.model) for s in switches] == [
        ("a", "b", "m-b"),
        ("b", "c", "asked"),
    ]
    assert "answered 503" in switches[0].reason


async def test_a_stream_that_breaks_half_way_is_replaced_by_the_fallbacks_whole_reply() -> None:
    replies = [Reply.text("one two three four").cut_after(2), Reply.text("whole")]
    with StreamingServer(replies) as server:
        settings = [
            settings_of("openai", name=name, base_url=server.base_url) for name in ("a", "b")
        ]
        reply, deltas = await ask(build_with_fallbacks(settings[0], settings[1:]))
    assert reply.text == "whole"
    assert said(deltas) == ["one two", "whole"]


def said(deltas: list[Delta]) -> list[str]:
    """What was streamed, a text for each attempt."""
    texts = [""]
    for delta in deltas:
        if isinstance(delta, ProviderSwitched):
            texts.append("")
        elif isinstance(delta, TextDelta):
            texts[-1] += delta.text
    return texts


async def test_disabled_calls_leave_a_script_to_fall_back_on(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text('{"text": "from the script"}\n')
    provider = build_with_fallbacks(
        settings_of("openai"),
        [settings_of("scripted", name="tape", script_path=str(path), model="")],
        environment={"HARN_LLM_CALLS_DISABLED": "1"},
    )
    reply, _ = await ask(provider)
    assert reply.text == "from the script"


async def test_without_fallbacks_there_is_no_chain() -> None:
    provider = build_with_fallbacks(settings_of("openai"), [])
    assert isinstance(provider, OpenAIChatProvider)


async def test_when_every_server_is_down_the_error_names_all_that_were_tried() -> None:
    with StreamingServer([Reply.failure(500, "oops"), Reply.failure(404, "gone")]) as server:
        settings = [
            settings_of("openai", name=name, base_url=server.base_url) for name in ("a", "b")
        ]
        with pytest.raises(ProviderError) as caught:
            await ask(build_with_fallbacks(settings[0], settings[1:]))
    assert caught.value.category is ProviderErrorCategory.SERVER_ERROR
    assert "Also tried: b: " in str(caught.value)
