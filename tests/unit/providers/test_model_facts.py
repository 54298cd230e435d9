import pytest

from harn_tui.providers.base import ModelFacts, Usage
from harn_tui.providers.model_facts import cost_usd, lookup, table_date


@pytest.mark.parametrize(
    ("model", "window"),
    [
        ("claude-3-5-sonnet-20241022", 200_000),
        ("claude-opus-4-1", 200_000),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", 200_000),
        ("claude-sonnet-5", 1_000_000),
        ("gpt-4o-mini", 128_000),
        ("openai/gpt-4o", 128_000),
        ("gpt-4.1", 128_000),
        ("chatgpt-4o-latest", 128_000),
        ("gpt-4-turbo-2024-04-09", 128_000),
        ("gpt-4-1106-preview", 128_000),
        ("gpt-4-0125-preview", 128_000),
        ("gpt-4", 8_192),
        ("gpt-4-0613", 8_192),
        ("gpt-3.5-turbo", 16_385),
        ("o1-mini", 200_000),
        ("o3", 200_000),
        ("o4-mini", 200_000),
        ("gemini-2.0-flash", 1_000_000),
        ("gemini-1.5-pro", 1_000_000),
        ("gemini-pro", 128_000),
        ("qwen05", None),
        ("demo1", None),
        ("", None),
    ],
)
def test_loop_6_1_known_models_have_their_window(model: str, window: int | None) -> None:
    assert lookup(model).context_window == window


@pytest.mark.parametrize(
    ("model", "prices"),
    [
        ("claude-3-5-haiku-20241022", (0.8, 4)),
        ("claude-haiku-4", (0.8, 4)),
        ("claude-haiku-4-5-20251001", (1, 5)),
        ("claude-3-5-sonnet-20241022", (3, 15)),
        ("anthropic/claude-sonnet-4.5", (3, 15)),
        ("claude-3-opus-20240229", (15, 75)),
        ("claude-opus-4-1", (15, 75)),
        ("anthropic/claude-opus-4.6", (5, 25)),
        ("claude-opus-5-5", (4, 20)),
        ("gpt-4o-mini-2024-07-18", (0.15, 0.6)),
        ("gpt-4o", (2.5, 10)),
        ("gpt-4-turbo", (10, 30)),
        ("o1-mini", (3, 12)),
        ("o1", (15, 60)),
        ("meta-llama/Llama-3.1-70B-Instruct", (0.59, 0.79)),
        ("llama3:8b", (0.05, 0.08)),
        ("mistral-large-latest", (2, 6)),
        ("mistral-small-latest", (0.2, 0.6)),
        ("gemini-2.0-flash", (0.1, 0.4)),
        ("gemini-2.5-pro", (1.25, 5)),
        ("qwen05", (None, None)),
        ("llama-13b", (None, None)),
    ],
)
def test_events_7_4_known_models_have_their_price(
    model: str, prices: tuple[float | None, float | None]
) -> None:
    facts = lookup(model)
    assert (facts.input_price, facts.output_price) == prices


def test_tokens_of_the_cache_have_their_own_price() -> None:
    facts = lookup("claude-sonnet-4")
    usage = Usage(
        input_tokens=1_000_000,
        output_tokens=100_000,
        cache_read_tokens=600_000,
        cache_write_tokens=100_000,
    )
    expected = 0.3 * 3 + 0.1 * 15 + 0.6 * 0.3 + 0.1 * 3.75
    assert cost_usd(usage, facts) == pytest.approx(expected)


def test_without_a_cache_price_cached_tokens_cost_as_much_as_fresh_ones() -> None:
    facts = ModelFacts(input_price=2.0, output_price=0.0)
    assert cost_usd(Usage(1_000_000, 0, 500_000, 200_000), facts) == pytest.approx(2.0)


@pytest.mark.parametrize(
    "facts", [ModelFacts(), ModelFacts(input_price=1.0), ModelFacts(output_price=1.0)]
)
def test_an_unknown_price_gives_no_cost_rather_than_zero(facts: ModelFacts) -> None:
    assert cost_usd(Usage(10, 10), facts) is None


def test_the_table_says_of_what_day_it_is() -> None:
    assert len(table_date().split("-")) == 3
