"""Keeps the policies of an untrusted folder to what narrows those of the person."""

from harn_tui.config.key_paths import KeyPath
from harn_tui.config.merging import MergedLayers
from harn_tui.config.policy_shapes import ARGV_ONLY, SIDE_EFFECT_LEVELS
from harn_tui.config.schema import POLICY_TABLES
from harn_tui.json_types import JsonObject, JsonValue

_ADDED_LISTS: frozenset[KeyPath] = frozenset(
    {
        ("policy", "tool_arg_constraints"),
        ("approval", "auto_deny"),
        ("approval", "require_approval"),
        ("command_policy", "deny_patterns"),
    }
)
"""Each entry holds something back, so those of the folder join those of the person."""

_LIMITS: frozenset[KeyPath] = frozenset(
    {
        ("policy", "tools"),
        ("policy", "capabilities"),
        ("policy", "workspace_roots"),
        ("policy", "side_effect_level"),
        ("policy", "recursion_limit"),
        ("approval", "write_path_allowlist"),
        ("command_policy", "default_shell_mode"),
    }
)
"""Limits that count when the person has set none, or a wider one where that can be told."""


def keep_narrowing(values: JsonObject, merged: MergedLayers) -> list[KeyPath]:
    """Leave in the policy tables of ``values`` only what narrows ``merged``.

    Returns the paths of what was taken out. Keys that are in neither list above can widen
    something (``auto_approve``, what a tool is said to be, which commands are looked at).
    """
    ignored: list[KeyPath] = []
    for name in POLICY_TABLES:
        table = values.get(name)
        if not isinstance(table, dict):
            continue
        below = merged.values.get(name)
        mine = below if isinstance(below, dict) else {}
        for key in list(table):
            kept = _narrowed((name, key), mine.get(key), table[key])
            if kept is None:
                del table[key]
                ignored.append((name, key))
            elif kept == mine.get(key):
                if (name, key) not in _ADDED_LISTS and kept != table[key]:
                    ignored.append((name, key))
                del table[key]
            else:
                table[key] = kept
        if not table:
            del values[name]
    return ignored


def _narrowed(path: KeyPath, mine: JsonValue, theirs: JsonValue) -> JsonValue:
    """Return the value that counts, ``None`` when the folder's does not."""
    if path in _ADDED_LISTS and isinstance(theirs, list):
        known = mine if isinstance(mine, list) else []
        return [*known, *(item for item in theirs if item not in known)]
    if path not in _LIMITS:
        return None
    if path == ("command_policy", "default_shell_mode"):
        return ARGV_ONLY if theirs == ARGV_ONLY else None
    if mine is None:
        return theirs
    if path == ("policy", "side_effect_level"):
        return min(str(mine), str(theirs), key=SIDE_EFFECT_LEVELS.index)
    if path == ("policy", "recursion_limit") and isinstance(mine, int) and isinstance(theirs, int):
        return min(mine, theirs)
    return None
