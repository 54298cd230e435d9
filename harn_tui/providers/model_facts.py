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

_SNAPSHOT: Final = re.compile(r"(?:[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest))?(?:-v\d+)?(?:[:@\[].*)?")
"""What may follow a model's own name: a date, a host's version, a variant in brackets."""

_Row: TypeAlias = Mapping[str, Any]


def lookup(model: str) -> ModelFacts:
    """Return what is known of ``model``; every field of an unknown model is ``None``.

    The price of the very model comes first, then that of its family.
    """
    table = _table()
    name = _normalised(model)
    window = _first_match(table["window"], name)
    price = _first_match(table["price"], name, is_whole=True)
    price = price or _first_match(table["family_price"], name)
    return ModelFacts(
        context_window=window.get("tokens"),
        input_price=price.get("input"),
        output_price=price.get("output"),
        cache_read_price=price.get("cache_read"),
        cache_write_price=price.get("cache_write"),
        priced_up_to_tokens=price.get("up_to"),
        takes_images=False if _first_match(table["text_only"], name) else None,
    )


def cost_usd(usage: Usage, facts: ModelFacts) -> float | None:
    """Return what a call cost, or ``None`` when that is unknown, as for an unknown model.

    Tokens read from or written to the cache have prices of their own where these are known, and
    cost as much as fresh ones where not. Where long prompts have another price, theirs is unknown.
    """
    if facts.input_price is None or facts.output_price is None:
        return None
    limit = facts.priced_up_to_tokens
    if limit is not None and usage.input_tokens > limit:
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


def _first_match(rows: Sequence[_Row], name: str, *, is_whole: bool = False) -> _Row:
    for row in rows:
        if any(_fits(wanted, name, is_whole=is_whole) for wanted in row["match"]):
            return row
    return {}


def _fits(wanted: str, name: str, *, is_whole: bool) -> bool:
    """Whether every word of ``wanted`` begins a word of ``name``.

    When ``is_whole``, nothing but a snapshot's date and the like may follow the last word.
    """
    found = None
    for word in _normalised(wanted).split():
        found = re.search(rf"(?<![a-z0-9]){re.escape(word)}", name)
        if found is None:
            return False
    is_end = found is not None and _SNAPSHOT.fullmatch(name, found.end()) is not None
    return is_end or not is_whole


def _normalised(name: str) -> str:
    return name.strip().lower().replace(".", "-")


def _or_default(price: float | None, default: float) -> float:
    return default if price is None else price
