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
        ("claude-opus-4-5-20251101", 200_000),
        ("anthropic/claude-opus-4.6", 1_000_000),
        ("claude-fable-5-1", 1_000_000),
        ("gpt-5.5", 1_000_000),
        ("gpt-5.4-mini", 400_000),
        ("gpt-5-codex", 400_000),
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
        ("o1-mini", (1.1, 4.4)),
        ("o3-2025-04-16", (2, 8)),
        ("o1-pro", (150, 600)),
        ("o1", (15, 60)),
        ("meta-llama/Llama-3.1-70B-Instruct", (0.59, 0.79)),
        ("llama3:8b", (0.05, 0.08)),
        ("mistral-large-latest", (2, 6)),
        ("mistral-small-latest", (0.2, 0.6)),
        ("gemini-2.0-flash", (0.1, 0.4)),
        ("gemini-2.5-pro", (1.25, 10)),
        ("gpt-5.5", (5, 30)),
        ("claude-haiku-4-5@20251001", (1, 5)),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", (3, 15)),
        ("claude-opus-4-6[1m]", (5, 25)),
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
    facts = lookup("claude-sonnet-4-6")
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
    ("model", "read", "write"),
    [
        ("claude-opus-5-5", 0.2, 5.0),
        ("claude-sonnet-5-5", 0.1, 2.5),
        ("claude-fable-5-1", 0.25, 12.5),
        ("gpt-5.5", 0.5, None),
    ],
)
def test_what_the_cache_costs_is_not_derived_from_the_input_price(
    model: str, read: float, write: float | None
) -> None:
    facts = lookup(model)
    assert (facts.cache_read_price, facts.cache_write_price) == (read, write)


@pytest.mark.parametrize(
    ("model", "prices"),
    [
        ("gemini-2.5-flash", (0.3, 2.5)),
        ("gemini-2.9-flash", (0.1, 0.4)),
        ("claude-haiku-4-5", (1, 5)),
        ("claude-haiku-4-9", (0.8, 4)),
        ("o3", (2, 8)),
        ("o3-search", (15, 60)),
    ],
)
def test_events_7_4_a_models_own_price_comes_before_its_familys(
    model: str, prices: tuple[float, float]
) -> None:
    facts = lookup(model)
    assert (facts.input_price, facts.output_price) == prices


@pytest.mark.parametrize(
    "model", ["gpt-5.7", "gpt-5.6-sol", "claude-opus-6", "claude-sonnet-5-7", "gpt-6.1-terra"]
)
def test_a_newer_model_never_gets_an_older_ones_price(model: str) -> None:
    facts = lookup(model)
    assert (facts.input_price, facts.output_price) == (None, None)
    assert cost_usd(Usage(10, 10), facts) is None


@pytest.mark.parametrize(
    ("model", "longest"),
    [
        ("gpt-5.5", 272_000),
        ("claude-sonnet-4-5", 200_000),
        ("claude-haiku-5-5", 100_000),
        ("gemini-2.5-pro", 200_000),
    ],
)
def test_what_a_prompt_beyond_the_priced_length_costs_is_unknown(model: str, longest: int) -> None:
    facts = lookup(model)
    assert cost_usd(Usage(longest, 1), facts) is not None
    assert cost_usd(Usage(longest + 1, 1), facts) is None
    assert cost_usd(Usage(longest + 1, 1, cache_read_tokens=longest), facts) is None


def test_loop_10_61_the_price_of_a_call_can_be_told_before_it_is_made() -> None:
    largest = Usage(input_tokens=100_000, output_tokens=16_384)
    assert cost_usd(largest, lookup("claude-sonnet-4-6")) == pytest.approx(0.54576)


@pytest.mark.parametrize(
    "facts", [ModelFacts(), ModelFacts(input_price=1.0), ModelFacts(output_price=1.0)]
)
def test_an_unknown_price_gives_no_cost_rather_than_zero(facts: ModelFacts) -> None:
    assert cost_usd(Usage(10, 10), facts) is None


def test_the_table_says_of_what_day_it_is() -> None:
    assert len(table_date().split("-")) == 3


@pytest.mark.parametrize(
    "model", ["gpt-oss:20b", "o3-mini-2025-01-31", "llama3.1:8b", "openai/gpt-3.5-turbo"]
)
def test_a_model_that_reads_text_only_is_known_to_take_no_images(model: str) -> None:
    assert lookup(model).takes_images is False


@pytest.mark.parametrize("model", ["gpt-5.5", "claude-sonnet-5", "llama3.2-vision", "o3", "mine"])
def test_of_every_other_model_it_is_not_known(model: str) -> None:
    assert lookup(model).takes_images is None
