"""What a single configuration value may be, with the words that say so."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

from harn_tui.config.key_paths import KeyPath
from harn_tui.json_types import JsonValue

_VARIABLE_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SERVER_NAME = re.compile(r"(?=.{1,32}\Z)[A-Za-z0-9](?:[_-]?[A-Za-z0-9])*")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a value: ``path`` leads from the value to the wrong part of it."""

    path: KeyPath
    wanted: str


FindFault: TypeAlias = Callable[[JsonValue], Fault | None]


@dataclass(frozen=True, slots=True)
class ValueRule:
    """The rule for one key.

    ``wanted`` completes "It must be …". ``choices`` are the accepted words, empty when it is no
    choice. ``is_text`` tells that a value which looks like TOML is still meant as text.
    ``is_echoed`` is false for values that may hold a secret, which no message repeats.
    """

    wanted: str
    find_fault: FindFault
    choices: tuple[str, ...] = ()
    is_text: bool = False
    is_echoed: bool = True


def text() -> ValueRule:
    """Return the rule for text that is not blank."""
    return _simple("text that is not blank", _is_text, is_text=True)


def flag() -> ValueRule:
    """Return the rule for a boolean."""
    return _simple("true or false", lambda value: isinstance(value, bool))


def whole_number(least: int) -> ValueRule:
    """Return the rule for an integer from ``least`` on."""
    return _simple(
        f"a whole number of at least {least}",
        lambda value: isinstance(value, int) and not isinstance(value, bool) and value >= least,
    )


def zero_or_from_two() -> ValueRule:
    """Return the rule for a count that is off at 0 and of no use at 1."""
    return _simple(
        "0, or a whole number of at least 2",
        lambda value: type(value) is int and (value == 0 or value >= 2),
    )


def number_from_zero() -> ValueRule:
    """Return the rule for a finite number that is not negative."""
    return _simple("a number of at least 0", lambda value: _is_finite(value, is_zero_fine=True))


def number_above_zero() -> ValueRule:
    """Return the rule for a finite number greater than zero."""
    return _simple("a number greater than 0", lambda value: _is_finite(value, is_zero_fine=False))


def one_of(choices: tuple[str, ...]) -> ValueRule:
    """Return the rule for one of some words."""
    words = ", ".join(f'"{choice}"' for choice in choices)
    wanted = f"one of {words}" if len(choices) > 1 else words
    return _simple(wanted, lambda value: value in choices, choices=choices, is_text=True)


def texts() -> ValueRule:
    """Return the rule for a list of texts, none blank."""
    return _simple(
        "a list of texts, none of them blank",
        lambda value: isinstance(value, list) and all(_is_text(item) for item in value),
    )


def texts_not_empty() -> ValueRule:
    """Return the rule for a list of at least one text, none blank."""
    return _simple(
        "a list of at least one text, none of them blank",
        lambda value: isinstance(value, list) and bool(value) and all(map(_is_text, value)),
    )


def not_blank_text_or_texts() -> ValueRule:
    """Return the rule for one text or a list of texts, none blank."""
    return _simple(
        "text, or a list of texts, none of them blank",
        lambda value: (
            all(_is_text(item) for item in value) if isinstance(value, list) else _is_text(value)
        ),
    )


def seconds_by_tool() -> ValueRule:
    """Return the rule for a table from a tool's name, or a glob for names, to seconds."""
    wanted = "a table from a tool's name to seconds, such as { fetch_url = 10 }, 0 for any time"

    def find_fault(value: JsonValue) -> Fault | None:
        if not isinstance(value, dict):
            return Fault((), wanted)
        seconds = number_from_zero()
        for name, limit in value.items():
            if seconds.find_fault(limit) is not None:
                return Fault((name,), seconds.wanted)
        return None

    return ValueRule(wanted, find_fault)


def json_table() -> ValueRule:
    """Return the rule for a table of any keys."""
    return _simple("a table", lambda value: isinstance(value, dict))


def any_of(wanted: str, *rules: ValueRule) -> ValueRule:
    """Return the rule for a value that one of ``rules`` accepts."""
    return _simple(wanted, lambda value: any(rule.find_fault(value) is None for rule in rules))


def table_of(keys: Mapping[str, ValueRule]) -> ValueRule:
    """Return the rule for a table that has some of ``keys`` and no others."""
    wanted = f"a table with some of the keys {', '.join(keys)}"

    def find_fault(value: JsonValue) -> Fault | None:
        if not isinstance(value, dict):
            return Fault((), wanted)
        for key, item in value.items():
            if key not in keys:
                return Fault((key,), f"one of {', '.join(keys)}")
            fault = keys[key].find_fault(item)
            if fault is not None:
                return Fault((key, *fault.path), fault.wanted)
        return None

    return ValueRule(wanted, find_fault)


def program() -> ValueRule:
    """Return the rule for a program that is to be run, with its arguments; none is repeated."""
    return _simple(
        'a list of the program and its arguments, such as ["./notify.sh", "done"]',
        _is_program,
        is_echoed=False,
    )


def variable_name() -> ValueRule:
    """Return the rule for the name of an environment variable.

    Only capitals, digits and underscores are taken, so that a key pasted here by mistake is
    refused; it is never repeated.
    """
    return _simple(
        "the name of an environment variable in capitals, such as OPENAI_API_KEY (the name, "
        "not the key itself)",
        _is_variable_name,
        is_text=True,
        is_echoed=False,
    )


def variable_names() -> ValueRule:
    """Return the rule for a list of names of environment variables; none is repeated."""
    return _simple(
        "a list of names of environment variables in capitals, without their values",
        lambda value: isinstance(value, list) and all(map(_is_variable_name, value)),
        is_echoed=False,
    )


def variables_by_header() -> ValueRule:
    """Return the rule for the names of variables that hold the values of HTTP headers."""
    return _simple(
        "a table from header to the name of an environment variable, such as "
        '{ Authorization = "LINEAR_AUTHORIZATION" }',
        lambda value: (
            isinstance(value, dict)
            and all(_HEADER_NAME.fullmatch(name) is not None for name in value)
            and all(map(_is_variable_name, value.values()))
        ),
        is_echoed=False,
    )


def mcp_server_name() -> ValueRule:
    """Return the rule for the name of an MCP server, which its tools' names begin with."""
    return _simple(
        "up to 32 letters, digits, single dashes and underscores, a letter or digit at both ends",
        lambda value: isinstance(value, str) and _SERVER_NAME.fullmatch(value) is not None,
        is_text=True,
    )


def web_address() -> ValueRule:
    """Return the rule for the base URL of a server."""
    return _simple(
        "an http or https address, such as http://localhost:8080/v1",
        is_web_address,
        is_text=True,
        is_echoed=False,
    )


def is_web_address(value: JsonValue) -> bool:
    """Whether ``value`` is an http or https address with a host and no white space."""
    if not isinstance(value, str) or not value.isprintable() or " " in value:
        return False
    try:
        parts = urlsplit(value)
        is_port_fine = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and is_port_fine


def _simple(
    wanted: str,
    accepts: Callable[[JsonValue], bool],
    *,
    choices: tuple[str, ...] = (),
    is_text: bool = False,
    is_echoed: bool = True,
) -> ValueRule:
    def find_fault(value: JsonValue) -> Fault | None:
        return None if accepts(value) else Fault((), wanted)

    return ValueRule(wanted, find_fault, choices, is_text, is_echoed)


def _is_text(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_variable_name(value: JsonValue) -> bool:
    return isinstance(value, str) and _VARIABLE_NAME.fullmatch(value) is not None


def _is_program(value: JsonValue) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and _is_text(value[0])
        and all(isinstance(item, str) and "\x00" not in item for item in value)
    )


def _is_finite(value: JsonValue, *, is_zero_fine: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        number = float(value)
    except OverflowError:
        return False
    return math.isfinite(number) and (number > 0 or (is_zero_fine and number == 0))
