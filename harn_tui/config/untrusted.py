"""Takes out of a project's own configuration what an untrusted folder may not decide."""

from copy import deepcopy

from harn_tui.config.key_paths import KeyPath, dotted
from harn_tui.config.loop_options import LOOP_OPTIONS
from harn_tui.config.merging import MergedLayers
from harn_tui.config.sources import Layer
from harn_tui.config.trust import TRUST_HINT
from harn_tui.config.untrusted_policies import keep_narrowing
from harn_tui.json_types import JsonObject, JsonValue

_HARMLESS_LOOP_OPTIONS = frozenset(
    {
        "profile",
        "persistent",
        "max_iterations",
        "max_nudges",
        "max_parse_failures",
        "exit_when_verified",
        "verification_tools",
        "tool_retries",
        "tool_backoff_ms",
        "tool_format",
        "native_tool_fallback",
        "max_parallel_tools",
        "llm_retries",
        "llm_backoff_ms",
        "schema_retries",
        "loop_detect_warn",
        "loop_detect_block",
        "loop_detect_skip",
        "stop_after_successful_tools",
        "require_successful_tools",
        "max_tokens",
        "temperature",
        "thinking_budget_tokens",
    }
)
"""Options that run nothing, touch no file, spend nothing beyond the person's limits and put no
words into the conversation. Every other one, new ones included, waits for trust."""

_WITHHELD: tuple[KeyPath, ...] = (
    ("providers",),
    ("provider",),
    ("permissions", "allow"),
    ("permissions", "workspace_roots"),
    ("tools",),
    ("system",),
    ("hooks",),
    ("mcp_servers",),
    ("sandbox",),
    ("fetch",),
    ("sessions",),
    ("snapshots",),
    # Keys that mean something else could make a person allow what they wanted to refuse.
    ("keys",),
    *(("loop", name) for name in LOOP_OPTIONS if name not in _HARMLESS_LOOP_OPTIONS),
)

_ADD_ONLY: tuple[KeyPath, ...] = (("permissions", "deny"), ("permissions", "ask"))
"""Sections that may only add to what stands below: replacing a deny list would lift it."""


def add_untrusted(layer: Layer, merged: MergedLayers) -> str | None:
    """Lay the harmless part of ``layer`` over ``merged``.

    Returns a warning that names what was left out and how to trust the folder, ``None`` when
    nothing was.
    """
    values = deepcopy(layer.values)
    ignored = [path for path in _WITHHELD if _take(values, path)]
    for path in _ADD_ONLY:
        ignored += _keep_only_additions(values, merged, path)
    ignored += keep_narrowing(values, merged)
    merged.add(Layer(layer.source, values))
    if not ignored:
        return None
    keys = ", ".join(dotted(path) for path in ignored)
    verb = "is" if len(ignored) == 1 else "are"
    place = layer.source.place(ignored[0] if len(ignored) == 1 else ())
    return f"In {place}: {keys} {verb} ignored, because this folder is not trusted. {TRUST_HINT}"


def _take(values: JsonObject, path: KeyPath) -> bool:
    *tables, last = path
    table: JsonValue = values
    for key in tables:
        table = table.get(key) if isinstance(table, dict) else None
    if not isinstance(table, dict) or last not in table:
        return False
    del table[last]
    return True


def _keep_only_additions(values: JsonObject, merged: MergedLayers, path: KeyPath) -> list[KeyPath]:
    """Make the section at ``path`` of ``values`` a table of rules that ``merged`` does not have.

    Returns the paths of rules that would have replaced another.
    """
    section = _section(values, path)
    if section is None:
        return []
    merged.list_to_table(path)
    below = _section(merged.values, path) or {}
    added = {glob: matcher for glob, matcher in section.items() if glob not in below}
    table, last = path
    permissions = values[table]
    if isinstance(permissions, dict):
        permissions[last] = added
    return [(*path, glob) for glob in section if glob in below and section[glob] != below[glob]]


def _section(values: JsonObject, path: KeyPath) -> JsonObject | None:
    table, last = path
    permissions = values.get(table)
    section = permissions.get(last) if isinstance(permissions, dict) else None
    if isinstance(section, list):
        return {str(name): True for name in section}
    return section if isinstance(section, dict) else None
