"""Fold steps of events that are drawn as one row.

The rows of a run's end come before its ``loop_end``, or without one in logs of the reference;
each leaves the status behind, so that ``loop_end`` does not tell the same again.
"""

import json
from collections.abc import Callable
from typing import Any

from harn_tui.events.agent import (
    BudgetExhausted,
    DaemonWatchdogTripped,
    FsWatch,
    Handoff,
    LoopStuck,
    SkillActivated,
    SkillDeactivated,
    SkillScopeTools,
    ToolSearchQuery,
    ToolSearchResult,
)
from harn_tui.events.host import FilesRestored, FilesSnapshot, Notice
from harn_tui.events.record import UNREADABLE_TYPE, UnknownEvent
from harn_tui.kinds import BudgetKind, LoopStatus, NoticeLevel
from harn_tui.view.model import GenericBlock
from harn_tui.view.step import Step

_PAYLOAD_CHARS = 4_000
_MAX_WATCHED = 3


def _on_notice(step: Step, event: Notice) -> None:
    step.note(event.level, event.text)


def _on_files_snapshot(step: Step, event: FilesSnapshot) -> None:
    """Show nothing: what a step changed is told by its calls."""


def _on_files_restored(step: Step, event: FilesRestored) -> None:
    """Tell of the files alone: the conversation is rewound by a fork, and never by an undo."""
    number = event.restored
    count = "no file" if number == 0 else "1 file" if number == 1 else f"{number} files"
    done = "The last rewind of files was undone" if event.at_index is None else "Files rewound"
    kept = ", ".join(map(str, event.kept))
    how = "it is" if len(event.kept) == 1 else "they are"
    step.note(
        NoticeLevel.INFO,
        f"{done}: {count} brought back{f'; kept as {how}: {kept}' if kept else ''}",
    )


def _on_budget_exhausted(step: Step, event: BudgetExhausted) -> None:
    match event.reason:
        case BudgetKind.TOKENS:
            text = "The token budget of the run is used up"
        case BudgetKind.COST:
            text = "The money budget of the run is used up"
        case _:
            text = f"All {event.max_iterations} turns of the run are used"
    step.note(NoticeLevel.WARNING, text)
    step.view.last_status = LoopStatus.BUDGET_EXHAUSTED


def _on_stuck(step: Step, event: LoopStuck) -> None:
    step.note(
        NoticeLevel.WARNING,
        f"No tool call in {event.max_nudges + 1} turns; last words: {event.tail_excerpt}",
    )
    step.view.last_status = LoopStatus.STUCK


def _on_watchdog(step: Step, event: DaemonWatchdogTripped) -> None:
    seconds = event.elapsed_ms / 1000
    step.note(
        NoticeLevel.WARNING,
        f"The watchdog tripped after {event.attempts} idle checks in {seconds:.1f} s",
    )
    step.view.last_status = LoopStatus.WATCHDOG


def _on_skill_activated(step: Step, event: SkillActivated) -> None:
    step.note(NoticeLevel.INFO, f"Skill {event.skill_name} active: {event.reason}")


def _on_skill_deactivated(step: Step, event: SkillDeactivated) -> None:
    step.note(NoticeLevel.INFO, f"Skill {event.skill_name} no longer active")


def _on_skill_scope(step: Step, event: SkillScopeTools) -> None:
    tools = _names(event.allowed_tools)
    step.note(NoticeLevel.INFO, f"Skill {event.skill_name} narrows the tools to {tools}")


def _on_search_query(step: Step, event: ToolSearchQuery) -> None:
    step.note(NoticeLevel.INFO, f"Tool search ({event.mode}): {_compact(event.query)}")


def _on_search_result(step: Step, event: ToolSearchResult) -> None:
    found = _names(event.promoted) or "nothing new"
    step.note(NoticeLevel.INFO, f"Tool search found {found}")


def _on_handoff(step: Step, event: Handoff) -> None:
    target = event.handoff.get("target_persona_or_human")
    name = (target.get("label") or target.get("id")) if isinstance(target, dict) else None
    task = event.handoff.get("task") or event.artifact_id
    step.note(NoticeLevel.INFO, f"Handed over to {name or 'somebody'}: {task}")


def _on_fs_watch(step: Step, event: FsWatch) -> None:
    changes = [f"{_text(e, 'kind')} {_paths(e)}" for e in event.events[:_MAX_WATCHED]]
    rest = len(event.events) - len(changes)
    more = f" and {rest} more" if rest else ""
    step.note(NoticeLevel.INFO, f"Watched files changed: {'; '.join(changes)}{more}")


def _on_unknown(step: Step, event: UnknownEvent) -> None:
    title = (
        f"event {step.record_index} unreadable"
        if event.type == UNREADABLE_TYPE
        else f"event {event.type}"
    )
    payload = {k: v for k, v in event.payload.items() if k not in {"type", "session_id"}}
    step.add(GenericBlock(step.at_ms, title, _compact(payload)))


def _compact(value: object) -> str:
    try:
        text = json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "(nested too deeply to be shown)"
    return text if len(text) <= _PAYLOAD_CHARS else f"{text[:_PAYLOAD_CHARS]}…"


def _names(values: list[str]) -> str:
    """Join names from a log, which may hold other JSON than the names it should."""
    return ", ".join(map(str, values))


def _text(members: object, key: str) -> str:
    value = members.get(key) if isinstance(members, dict) else None
    return value if isinstance(value, str) else ""


def _paths(change: object) -> str:
    paths = change.get("relative_paths") if isinstance(change, dict) else None
    return _names(paths) if isinstance(paths, list) else "?"


ROW_STEPS: dict[type[Any], Callable[[Step, Any], None]] = {
    Notice: _on_notice,
    FilesSnapshot: _on_files_snapshot,
    FilesRestored: _on_files_restored,
    BudgetExhausted: _on_budget_exhausted,
    LoopStuck: _on_stuck,
    DaemonWatchdogTripped: _on_watchdog,
    SkillActivated: _on_skill_activated,
    SkillDeactivated: _on_skill_deactivated,
    SkillScopeTools: _on_skill_scope,
    ToolSearchQuery: _on_search_query,
    ToolSearchResult: _on_search_result,
    Handoff: _on_handoff,
    FsWatch: _on_fs_watch,
    UnknownEvent: _on_unknown,
}
