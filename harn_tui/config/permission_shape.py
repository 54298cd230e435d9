"""The shape of a section of ``[permissions]``, checked before any rule is built from it."""

from collections.abc import Mapping

from harn_tui.config.key_paths import KeyPath
from harn_tui.config.value_rules import Fault, ValueRule
from harn_tui.json_types import JsonValue

_ARGUMENT_KEYS = ("arg_key", "key")
_PATTERN_KEYS = ("patterns", "arg_patterns", "allow")

_SECTION = "a list of tool names or globs, or a table from tool name to matcher"
_MATCHER = "true, false, a glob, a list of globs, or a table {arg_key, patterns}"
_GLOBS = "a glob or a list of globs that is not empty"


def permission_section() -> ValueRule:
    """Return the rule for ``allow``, ``deny`` and ``ask`` (docs/tools.md 4.5)."""
    return ValueRule(_SECTION, _section_fault)


def _section_fault(section: JsonValue) -> Fault | None:
    if isinstance(section, list):
        return None if all(_is_glob(item) for item in section) else Fault((), _SECTION)
    if not isinstance(section, dict):
        return Fault((), _SECTION)
    faults = (_matcher_fault(glob, matcher) for glob, matcher in section.items())
    return next((fault for fault in faults if fault is not None), None)


def _matcher_fault(glob: str, matcher: JsonValue) -> Fault | None:
    if not glob:
        return Fault((glob,), "under a tool name or glob that is not empty")
    if isinstance(matcher, bool):
        return None
    if isinstance(matcher, dict):
        return _argument_fault((glob,), matcher)
    return None if _are_globs(matcher) else Fault((glob,), _MATCHER)


def _argument_fault(path: KeyPath, matcher: Mapping[str, JsonValue]) -> Fault | None:
    arguments = [key for key in _ARGUMENT_KEYS if key in matcher]
    patterns = [key for key in _PATTERN_KEYS if key in matcher]
    if len(arguments) != 1 or len(patterns) != 1 or len(matcher) != 2:
        return Fault(path, "a table of arg_key and patterns, and nothing else")
    if not _is_glob(matcher[arguments[0]]):
        return Fault((*path, arguments[0]), "the name of a parameter")
    if not _are_globs(matcher[patterns[0]]):
        return Fault((*path, patterns[0]), _GLOBS)
    return None


def _is_glob(value: JsonValue) -> bool:
    return isinstance(value, str) and bool(value)


def _are_globs(value: JsonValue) -> bool:
    items = value if isinstance(value, list) else [value]
    return bool(items) and all(_is_glob(item) for item in items)
