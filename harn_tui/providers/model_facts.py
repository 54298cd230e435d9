"""Look up a model's context window and prices in the table that ships with the program."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final, TypeAlias

from harn_tui.providers.base import ModelFacts, Usage

_TABLE_FILE: Final = "model_facts.toml"
_TOKENS_PER_PRICE: Final = 1_000_000

_Row: TypeAlias = Mapping[str, Any]


def lookup(model: str) -> ModelFacts:
    """Return what is known of ``model``; every field of an unknown model is ``None``."""
    table = _table()
    window = _first_match(table["window"], model)
    price = _first_match(table["price"], model)
    return ModelFacts(
        context_window=window.get("tokens"),
        input_price=price.get("input"),
        output_price=price.get("output"),
        cache_read_price=price.get("cache_read"),
        cache_write_price=price.get("cache_write"),
    )


def cost_usd(usage: Usage, facts: ModelFacts) -> float | None:
    """Return what a call cost, or ``None`` when the model's prices are unknown.

    Tokens read from or written to the cache have prices of their own where these are known, and
    cost as much as fresh ones where not.
    """
    if facts.input_price is None or facts.output_price is None:
        return None
    read, written = usage.cache_read_tokens, usage.cache_write_tokens
    fresh = max(0, usage.input_tokens - read - written)
    total = fresh * facts.input_price + usage.output_tokens * facts.output_price
    total += read * _or_default(facts.cache_read_price, facts.input_price)
    total += written * _or_default(facts.cache_write_price, facts.input_price)
    return total / _TOKENS_PER_PRICE


def table_date() -> str:
    """Return the day of the table's figures, as ``YYYY-MM-DD``."""
    return str(_table()["dated"])


@cache
def _table() -> dict[str, Any]:
    text = resources.files("harn_tui.providers").joinpath(_TABLE_FILE).read_text("utf-8")
    return tomllib.loads(text)


def _first_match(rows: Sequence[_Row], model: str) -> _Row:
    name = _normalised(model)
    for row in rows:
        if all(_begins_a_word(_normalised(word), name) for word in row["match"]):
            return row
    return {}


def _normalised(name: str) -> str:
    return name.lower().replace(".", "-")


def _begins_a_word(word: str, name: str) -> bool:
    return re.search(rf"(?<![a-z0-9]){re.escape(word)}", name) is not None


def _or_default(price: float | None, default: float) -> float:
    return default if price is None else price
