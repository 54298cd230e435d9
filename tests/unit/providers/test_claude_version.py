import pytest

from harn_tui.providers.claude_version import (
    claude_version,
    takes_prefill,
    takes_temperature,
    thinks_adaptively,
)


@pytest.mark.parametrize(
    ("model", "version"),
    [
        ("claude-opus-4-6", (4, 6)),
        ("claude-opus-4-7", (4, 7)),
        ("anthropic/claude-opus-4.7", (4, 7)),
        ("anthropic/claude-4.6-opus", (4, 6)),
        ("us.anthropic.claude-opus-4-6-v1:0", (4, 6)),
        ("Claude_Opus_4_6", (4, 6)),
        ("Claude Sonnet 4.6", (4, 6)),
        ("claude-sonnet-5", (5, 0)),
        ("claude-opus-5-5", (5, 5)),
        ("claude-opus-4-20250514", (4, 0)),
        ("claude-opus-4@20250514", (4, 0)),
        ("claude-haiku-4-5-20251001", (4, 5)),
        ("claude-3-5-sonnet-20241022", (3, 5)),
        ("claude-3.7-sonnet", (3, 7)),
        ("claude-v2:1", (2, 0)),
        ("qwen05", None),
    ],
)
def test_the_version_is_found_in_every_spelling(
    model: str, version: tuple[int, int] | None
) -> None:
    assert claude_version(model) == version


@pytest.mark.parametrize(
    ("model", "taken"),
    [
        ("claude-3-5-sonnet-20241022", True),
        ("anthropic/claude-opus-4.1", True),
        ("claude-opus-4-5", True),
        ("qwen05", True),
        ("claude-sonnet-4-6", False),
        ("anthropic/claude-opus-4.7", False),
        ("claude-fable-5.1", False),
        ("claude-mythos-preview", False),
    ],
)
def test_prefill_ends_with_claude_4_6(model: str, taken: bool) -> None:
    assert takes_prefill(model) is taken


def test_adaptive_thinking_and_the_end_of_sampling_have_their_own_borders() -> None:
    assert [thinks_adaptively(f"claude-opus-4-{minor}") for minor in (5, 6, 7)] == [
        False,
        True,
        True,
    ]
    assert [takes_temperature(f"claude-opus-4-{minor}") for minor in (5, 6, 7)] == [
        True,
        True,
        False,
    ]
    assert not thinks_adaptively("llama")
    assert takes_temperature("llama")
