"""The MCP servers that skills need: bound when a skill comes into use, released when it leaves.

A server that cannot be bound does not stop the skill (docs/skills.md, servers).
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
    state.skills_with_servers.add(skill.skill_id)
    for server in skill.requires_mcp:
        fault = (
            await servers.bind(server, _holder(state, skill))
            if servers is not None
            else "no MCP server is configured"
        )
        note = {"name": skill.skill_id, "server": server}
        if not fault:
            note_skill(state, TranscriptEventKind.SKILL_MCP_BOUND, {**note})
            continue
        note_skill(state, TranscriptEventKind.SKILL_MCP_BIND_FAILED, {**note, "error": fault})
        text = f"The skill {skill.skill_id} needs the MCP server {server}: {fault}."
        emit(Notice(state.session_id, NoticeLevel.WARNING, text))


def release_servers(servers: SkillServers | None, state: LoopState, skill: Skill) -> None:
    """Release what ``skill`` needed, unless the model has loaded it as well."""
    if servers is None or skill in state.skills.loaded:
        return
    state.skills_with_servers.discard(skill.skill_id)
    for server in skill.requires_mcp:
        servers.release(server, _holder(state, skill))
        note_skill(
            state,
            TranscriptEventKind.SKILL_MCP_UNBOUND,
            {"name": skill.skill_id, "server": server},
        )


def _holder(state: LoopState, skill: Skill) -> str:
    return f"{state.session_id}/{skill.skill_id}"
