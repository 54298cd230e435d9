"""The MCP servers that skills need: bound when a skill comes into use, released when it leaves.

A server that cannot be bound does not stop the skill (docs/skills.md, servers). It is released
all the same: one that failed is offered once it starts by itself, as long as it is held.
"""

from harn_tui.events.host import Notice
from harn_tui.kinds import NoticeLevel
from harn_tui.loop.state import LoopState
from harn_tui.loop.transcript_notes import note_skill
from harn_tui.sinks.emit import emit
from harn_tui.skills.servers import SkillServers
from harn_tui.skills.skill import Skill
from harn_tui.transcripts.transcript_event import TranscriptEventKind


async def bind_servers(servers: SkillServers | None, state: LoopState, skill: Skill) -> None:
    """Bind what ``skill`` needs, once in a run."""
    if skill.skill_id in state.skills_with_servers:
        return
    bound = state.skills_with_servers[skill.skill_id] = {}
    for server in skill.requires_mcp:
        bound[server] = False  # held from here on, whatever becomes of it
        fault = (
            await servers.bind(server, _holder(state, skill.skill_id))
            if servers is not None
            else "no MCP server is configured"
        )
        note = {"name": skill.skill_id, "server": server}
        if not fault:
            bound[server] = True
            note_skill(state, TranscriptEventKind.SKILL_MCP_BOUND, {**note})
            continue
        note_skill(state, TranscriptEventKind.SKILL_MCP_BIND_FAILED, {**note, "error": fault})
        text = f"The skill {skill.skill_id} needs the MCP server {server}: {fault}."
        emit(Notice(state.session_id, NoticeLevel.WARNING, text))


def release_servers(servers: SkillServers | None, state: LoopState, skill: Skill) -> None:
    """Release what ``skill`` needed, unless the model has loaded it as well."""
    if skill not in state.skills.loaded:
        _release(servers, state, skill.skill_id)


def release_all_servers(servers: SkillServers | None, state: LoopState) -> None:
    """Release what the skills of a run needed whose session nobody goes on with."""
    for skill_id in tuple(state.skills_with_servers):
        _release(servers, state, skill_id)


def _release(servers: SkillServers | None, state: LoopState, skill_id: str) -> None:
    for server, is_bound in state.skills_with_servers.pop(skill_id, {}).items():
        if servers is not None:
            servers.release(server, _holder(state, skill_id))
        if is_bound:
            note = {"name": skill_id, "server": server}
            note_skill(state, TranscriptEventKind.SKILL_MCP_UNBOUND, {**note})


def _holder(state: LoopState, skill_id: str) -> str:
    return f"{state.session_id}/{skill_id}"
