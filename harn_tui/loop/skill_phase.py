"""Phase 1, skills: which of them are active, and what the events say of it (docs/skills.md)."""

import json
from collections.abc import Iterable

from harn_tui.errors import ToolError
from harn_tui.events.agent import SkillActivated as SkillActivatedEvent
from harn_tui.events.agent import SkillDeactivated as SkillDeactivatedEvent
from harn_tui.events.agent import SkillScopeTools
from harn_tui.events.host import Notice
from harn_tui.json_types import JsonObject
from harn_tui.kinds import NoticeLevel, ToolErrorCategory, ToolKind
from harn_tui.loop.config import LoopConfig
from harn_tui.loop.hook_call import call_hook
from harn_tui.loop.skill_servers import bind_servers, release_servers
from harn_tui.loop.state import LoopState
from harn_tui.loop.transcript_notes import note_skill
from harn_tui.loop.turn_callback import FEEDBACK_KIND
from harn_tui.sinks.emit import aemit, emit
from harn_tui.skills.activity import SkillActivity
from harn_tui.skills.changes import (
    SkillActivated,
    SkillChange,
    SkillDeactivated,
    SkillScoped,
    SkillsMatched,
)
from harn_tui.skills.load_skill import load_skill_tool
from harn_tui.skills.query_text import latest_request
from harn_tui.skills.saved_skills import saved_skills
from harn_tui.skills.skill import Skill, SkillHook
from harn_tui.skills.skill_set import SkillSet
from harn_tui.tools.base import Tool, ToolAnnotations, ToolContext, ToolResult
from harn_tui.transcripts.transcript_event import TranscriptEventKind


async def restore_skills(config: LoopConfig, state: LoopState, saved: Iterable[str]) -> None:
    """Take up the skills that the session had in use."""
    await _announce(config, state, state.skills.restore(saved_skills(saved)))


async def match_skills(config: LoopConfig, state: LoopState, iteration: int) -> None:
    """Match skills to what was asked last, when it is time to (docs/skills.md, matching)."""
    for skill in state.skills.loaded:
        await bind_servers(config.skill_servers, state, skill)
    if not state.skills.must_match(iteration):
        return
    request = latest_request([*state.messages, *_prompt(state)], {FEEDBACK_KIND})
    selection, changes = await state.skills.match(request, iteration, config.ask_skill_host)
    if selection.warning is not None:
        emit(Notice(state.session_id, NoticeLevel.WARNING, selection.warning))
    await _announce(config, state, changes)


def _prompt(state: LoopState) -> list[JsonObject]:
    """Return the request that starts the run while no call has carried it yet."""
    return [] if state.prompt is None else [state.prompt[1]]


def chosen_skills(config: LoopConfig) -> SkillSet:
    """Return the skills that the options leave."""
    names = config.options.skills
    if not names:
        return config.skills
    return SkillSet(skill for skill in config.skills if {skill.skill_id, skill.name} & set(names))


def skill_tool(activity: SkillActivity, skills: SkillSet) -> Tool | None:
    """Return the tool ``load_skill``, ``None`` when there are no skills."""
    described = load_skill_tool(skills)
    if described is None:
        return None

    async def load(arguments: JsonObject, context: ToolContext) -> ToolResult:
        answer = activity.load(arguments)
        if not answer.is_ok:
            raise ToolError(answer.text, category=ToolErrorCategory.SCHEMA_VALIDATION)
        return ToolResult(answer.text, details={"skill": answer.note})

    return Tool(
        name=described.name,
        description=described.description,
        parameters=described.parameters,
        annotations=ToolAnnotations(kind=ToolKind.THINK),
        run=load,
        summarize=lambda arguments: f"load skill {json.dumps(arguments.get('name'))}",
        is_output_bounded=True,
        is_of_runtime=True,
    )


async def _announce(config: LoopConfig, state: LoopState, changes: Iterable[SkillChange]) -> None:
    """Emit each change; bind or release servers, and run the hook, of a skill that came or went.

    Raises HarnError when a hook fails.
    """
    session_id = state.session_id
    for change in changes:
        match change:
            case SkillsMatched():
                note_skill(state, TranscriptEventKind.SKILL_MATCHED, _matched(change))
            case SkillActivated(skill, iteration, reason):
                note_skill(
                    state,
                    TranscriptEventKind.SKILL_ACTIVATED,
                    {"name": skill.skill_id, "iteration": iteration, "reason": reason},
                )
                await aemit(SkillActivatedEvent(session_id, skill.skill_id, iteration, reason))
                if not skill.allowed_tools:
                    await _take_up(config, state, skill)
            case SkillDeactivated(skill, iteration):
                note_skill(
                    state,
                    TranscriptEventKind.SKILL_DEACTIVATED,
                    {"name": skill.skill_id, "iteration": iteration},
                )
                await aemit(SkillDeactivatedEvent(session_id, skill.skill_id, iteration))
                release_servers(config.skill_servers, state, skill)
                await _call("on_deactivate", skill, skill.on_deactivate)
            case SkillScoped(skill, allowed):
                note_skill(
                    state,
                    TranscriptEventKind.SKILL_SCOPE_TOOLS,
                    {"name": skill.skill_id, "allowed_tools": list(allowed)},
                )
                await aemit(SkillScopeTools(session_id, skill.skill_id, list(allowed)))
                # Its activation stands just before; the hook finds the whole of it told.
                await _take_up(config, state, skill)


async def _take_up(config: LoopConfig, state: LoopState, skill: Skill) -> None:
    await bind_servers(config.skill_servers, state, skill)
    await _call("on_activate", skill, skill.on_activate)


async def _call(name: str, skill: Skill, hook: SkillHook | None) -> None:
    """Run a hook of ``skill``, if it has one. Raises HarnError that names it when it fails."""
    if hook is not None:
        await call_hook(lambda _: hook(), {}, f"{name} of the skill {skill.skill_id}")


def _matched(change: SkillsMatched) -> JsonObject:
    return {
        "strategy": change.strategy,
        "iteration": change.iteration,
        "reassess": change.is_reassessment,
        "candidates": [
            {"name": match.skill.skill_id, "score": match.score, "reason": match.reason}
            for match in change.candidates
        ],
        "working_files": list(change.working_files),
    }
