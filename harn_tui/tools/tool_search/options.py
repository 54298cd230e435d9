"""Reads the option ``tool_search``."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Literal, TypeAlias, cast, get_args

from harn_tui.errors import ConfigError

Variant: TypeAlias = Literal["bm25", "regex"]
Mode: TypeAlias = Literal["auto", "native", "client"]
Strategy: TypeAlias = Literal["bm25", "regex", "semantic", "host"]

DEFAULT_NAME: Final = "__harn_tool_search"
_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class ToolSearchOptions:
    """How a model finds tools that are not offered from the start.

    ``variant`` is what a server's own search is asked for, and ``strategy`` how this program
    searches. Tools of ``always_loaded`` are offered from the start all the same.
    ``budget_tokens`` bounds the tools that are loaded at one time, ``None`` for no bound.
    ``name`` is that of the search tool, in whose description ``has_stub_listing`` lists the
    names of what can be found.
    """

    variant: Variant = "bm25"
    mode: Mode = "auto"
    strategy: Strategy = "bm25"
    always_loaded: tuple[str, ...] = ()
    budget_tokens: int | None = None
    name: str = DEFAULT_NAME
    has_stub_listing: bool = False

    @property
    def event_name(self) -> str:
        """How events call the search, whatever the tool's own name."""
        return f"tool_search_tool_{self.variant}"


def tool_search_options(value: object) -> ToolSearchOptions | None:
    """Return the options that ``value`` gives, ``None`` when tool search is off.

    ``value`` is true, the name of a variant, a table, or false or ``None`` for off. Raises
    ConfigError for anything else.
    """
    if value is None or value is False:
        return None
    if value is True:
        return ToolSearchOptions()
    if isinstance(value, str):
        value = {"variant": value}
    if not isinstance(value, Mapping):
        raise ConfigError(
            "`tool_search` has a wrong value.",
            hint='It must be true, false, "bm25", "regex" or a table.',
        )
    return _from_table(value)


def check_names(options: ToolSearchOptions, tools: Mapping[str, bool]) -> None:
    """Raise ConfigError when ``options`` cannot be used with ``tools``.

    ``tools`` tells by name which tools are deferred. There must be one that is offered from the
    start, and none that has the name of the search tool.
    """
    if options.name in tools:
        raise ConfigError(
            f"`tool_search.name` is {options.name!r}, which is the name of another tool.",
            hint="Choose another name, or leave it out.",
        )
    if tools and all(tools.values()) and not set(options.always_loaded) & set(tools):
        raise ConfigError(
            "Every tool is deferred, so none could be called at the start.",
            hint="Name some in `tool_search.always_loaded`.",
        )


def _from_table(table: Mapping[Any, Any]) -> ToolSearchOptions:
    for key in table:
        if key not in _KEYS:
            near = get_close_matches(str(key), _KEYS, n=1)
            meant = f"Did you mean `{near[0]}`? " if near else ""
            raise ConfigError(
                f"`tool_search.{key}` is no option.", hint=f"{meant}Accepted: {', '.join(_KEYS)}."
            )
    variant = cast("Variant", _word(table, "variant", get_args(Variant), "bm25"))
    return ToolSearchOptions(
        variant=variant,
        mode=cast("Mode", _word(table, "mode", get_args(Mode), "auto")),
        strategy=cast("Strategy", _word(table, "strategy", get_args(Strategy), variant)),
        always_loaded=_names(table),
        budget_tokens=_budget(table),
        name=_name(table),
        has_stub_listing=_flag(table, "include_stub_listing"),
    )


_KEYS: Final = (
    "variant",
    "mode",
    "strategy",
    "always_loaded",
    "budget_tokens",
    "name",
    "include_stub_listing",
)


def _word(table: Mapping[Any, Any], key: str, words: Collection[str], default: str) -> str:
    value = table.get(key, default)
    if not isinstance(value, str) or value not in words:
        raise _wrong(key, f"one of {', '.join(words)}")
    return value


def _names(table: Mapping[Any, Any]) -> tuple[str, ...]:
    value = table.get("always_loaded", ())
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise _wrong("always_loaded", "a list of tool names")
    return tuple(value)


def _budget(table: Mapping[Any, Any]) -> int | None:
    value = table.get("budget_tokens")
    if value is not None and (type(value) is not int or value < 1):
        raise _wrong("budget_tokens", "a whole number of at least 1")
    return value


def _name(table: Mapping[Any, Any]) -> str:
    value = table.get("name", DEFAULT_NAME)
    if not isinstance(value, str) or _TOOL_NAME.fullmatch(value) is None:
        raise _wrong("name", "1 to 64 letters, digits, hyphens and underscores")
    return value


def _flag(table: Mapping[Any, Any], key: str) -> bool:
    value = table.get(key, False)
    if not isinstance(value, bool):
        raise _wrong(key, "true or false")
    return value


def _wrong(key: str, wanted: str) -> ConfigError:
    return ConfigError(f"`tool_search.{key}` has a wrong value.", hint=f"It must be {wanted}.")
