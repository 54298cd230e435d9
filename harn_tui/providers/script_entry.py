"""One entry of a script: what a scripted model answers (docs/scripted_provider.md).

Keys, all optional: ``match consume_match text tool_calls input_tokens output_tokens
cache_read_tokens cache_write_tokens thinking stop_reason model provider blocks error``. Of our own:
``delay_ms`` before the first delta, ``chunk_chars`` and ``chunk_ms`` for the pace of streaming,
``cut_after_chars``, after which the connection breaks or the ``error`` comes, ``prefill_sent`` and
``no_usage``. A key that begins with ``_`` is a comment.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harn_tui.errors import ConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import ProviderErrorCategory

DEFAULT_CHUNK_CHARS = 24

_TEXT_BLOCKS: Final = frozenset({"output_text", "text"})

_COUNT_KEYS: Final = (
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "delay_ms",
    "chunk_ms",
    "chunk_chars",
    "cut_after_chars",
)
_TEXT_KEYS: Final = ("match", "text", "thinking", "stop_reason", "model", "provider")
_FLAG_KEYS: Final = ("consume_match", "prefill_sent", "no_usage")
_KNOWN_KEYS: Final = frozenset(
    {*_COUNT_KEYS, *_TEXT_KEYS, *_FLAG_KEYS, "tool_calls", "blocks", "error"}
)

_OTHER_CATEGORIES: Final = frozenset(
    {
        "schema_validation",
        "tool_error",
        "tool_rejected",
        "egress_blocked",
        "cancelled",
        "circuit_open",
    }
)
"""Categories of the reference that say nothing here but that a retry does not help."""


class ScriptEntryError(ValueError):
    """An entry that cannot be used; the message says which key and why."""


@dataclass(frozen=True, slots=True)
class ScriptedCall:
    """One tool call. ``arguments`` is JSON text, so that a script can hold a malformed one."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class ScriptedError:
    """The error that an entry raises.

    ``retry_after_s`` is ``None`` when none is asked for, ``status`` when no server answered.
    """

    category: ProviderErrorCategory
    message: str
    retry_after_s: float | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class ScriptEntry:
    """One answer. ``match`` is a glob, ``None`` for an entry that is played in its turn.

    ``keeps_ids`` is true when ``blocks`` were given: the calls then keep their own ids.
    ``has_usage`` is false for a server that reports none. ``takes_prefill`` tells whether a
    request's prefill is said to have been sent.
    """

    match: str | None = None
    consume_match: bool = False
    text: str = ""
    thinking: str = ""
    calls: tuple[ScriptedCall, ...] = ()
    keeps_ids: bool = False
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    stop_reason: str | None = None
    model: str | None = None
    error: ScriptedError | None = None
    delay_ms: int = 0
    chunk_ms: int = 0
    chunk_chars: int = DEFAULT_CHUNK_CHARS
    cut_after_chars: int | None = None
    has_usage: bool = True
    takes_prefill: bool = False


def read_script(path: Path) -> list[ScriptEntry]:
    """Return the entries of a JSON Lines file; blank lines are skipped.

    Raises ConfigError naming file and line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"Cannot read the script {path}: {error.strerror or error}.") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"The script {path} is not UTF-8: {error.reason}.") from None
    # Only LF ends a line: JSON strings may hold U+2028 and the like.
    lines = enumerate(text.split("\n"), start=1)
    return [_read_line(path, number, line) for number, line in lines if line.strip()]


def _read_line(path: Path, number: int, line: str) -> ScriptEntry:
    try:
        value: JsonValue = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"invalid JSON in {path} line {number}: {error}") from None
    try:
        if not isinstance(value, dict):
            raise ScriptEntryError("expected a JSON object")
        return parse_entry(value)
    except ScriptEntryError as error:
        raise ConfigError(f"invalid --llm-mock fixture in {path} line {number}: {error}") from None


def parse_entry(fields: Mapping[str, JsonValue]) -> ScriptEntry:
    """Return the entry that ``fields`` describe. Raises ScriptEntryError."""
    unknown = sorted(key for key in fields if key not in _KNOWN_KEYS and not key.startswith("_"))
    if unknown:
        known = ", ".join(sorted(_KNOWN_KEYS))
        raise ScriptEntryError(f"unknown key {unknown[0]!r}; known are {known}")
    counts = {key: _count(fields, key) for key in _COUNT_KEYS}
    texts = {key: _text(fields, key) for key in _TEXT_KEYS}
    flags = {key: _flag(fields, key) for key in _FLAG_KEYS}
    blocks = _list(fields, "blocks")
    is_told_by_blocks = bool(blocks) and not {"text", "tool_calls"} & set(fields)
    text, calls = _content(blocks) if is_told_by_blocks else (texts["text"] or "", _calls(fields))
    return ScriptEntry(
        match=texts["match"],
        consume_match=flags["consume_match"],
        text=text,
        thinking=texts["thinking"] or "",
        calls=calls,
        keeps_ids=bool(blocks),
        input_tokens=counts["input_tokens"],
        output_tokens=counts["output_tokens"],
        cache_read_tokens=counts["cache_read_tokens"] or 0,
        cache_write_tokens=counts["cache_write_tokens"] or 0,
        stop_reason=texts["stop_reason"],
        model=texts["model"],
        error=_error(fields.get("error")),
        delay_ms=counts["delay_ms"] or 0,
        chunk_ms=counts["chunk_ms"] or 0,
        chunk_chars=counts["chunk_chars"] or DEFAULT_CHUNK_CHARS,
        cut_after_chars=counts["cut_after_chars"],
        has_usage=not flags["no_usage"],
        takes_prefill=flags["prefill_sent"],
    )


def _content(blocks: list[JsonValue]) -> tuple[str, tuple[ScriptedCall, ...]]:
    """Return what ``blocks`` say and call; the other kinds of blocks hold nothing to play."""
    objects = [block for block in blocks if isinstance(block, dict)]
    texts = [_text(block, "text") for block in objects if block.get("type") in _TEXT_BLOCKS]
    calls = (_call(block) for block in objects if block.get("type") == "tool_call")
    return "".join(text or "" for text in texts), tuple(calls)


def _calls(fields: Mapping[str, JsonValue]) -> tuple[ScriptedCall, ...]:
    return tuple(_call(item) for item in _list(fields, "tool_calls"))


def _text(fields: Mapping[str, JsonValue], key: str) -> str | None:
    value = fields.get(key)
    if value is None or isinstance(value, str):
        return value
    raise ScriptEntryError(f"{key} must be a string")


def _count(fields: Mapping[str, JsonValue], key: str) -> int | None:
    value = fields.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ScriptEntryError(f"{key} must be an integer, zero or more")
    return value


def _flag(fields: Mapping[str, JsonValue], key: str) -> bool:
    value = fields.get(key)
    if value is None or isinstance(value, bool):
        return bool(value)
    raise ScriptEntryError(f"{key} must be true or false")


def _list(fields: Mapping[str, JsonValue], key: str) -> list[JsonValue]:
    value = fields.get(key)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise ScriptEntryError(f"{key} must be a list")


def _call(value: JsonValue) -> ScriptedCall:
    if not isinstance(value, dict):
        raise ScriptEntryError("each of tool_calls must be an object")
    arguments = value.get("arguments", value.get("args"))
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, dict | str):
        raise ScriptEntryError("arguments of a tool call must be an object (or raw JSON text)")
    return ScriptedCall(
        id=_text(value, "id") or "",
        name=_text(value, "name") or "unknown",
        arguments=arguments if isinstance(arguments, str) else _json_text(arguments),
    )


def _json_text(arguments: JsonObject) -> str:
    return json.dumps(arguments, ensure_ascii=False)


def _error(value: JsonValue) -> ScriptedError | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise ScriptEntryError("error must be an object")
    name = _text(value, "category") or ProviderErrorCategory.GENERIC.value
    if name not in {*ProviderErrorCategory, *_OTHER_CATEGORIES}:
        accepted = ", ".join((*ProviderErrorCategory, *sorted(_OTHER_CATEGORIES)))
        raise ScriptEntryError(f"unknown error category {name!r}; accepted are {accepted}")
    is_other = name in _OTHER_CATEGORIES
    retry_after_ms = _count(value, "retry_after_ms")
    return ScriptedError(
        category=ProviderErrorCategory.GENERIC if is_other else ProviderErrorCategory(name),
        message=_text(value, "message") or f"scripted {name} error",
        retry_after_s=None if retry_after_ms is None else retry_after_ms / 1000,
        status=_count(value, "status"),
    )
