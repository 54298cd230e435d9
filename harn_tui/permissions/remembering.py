"""Remembers a person's answer for as long as they said: this call, the session, or always."""

from dataclasses import dataclass

from harn_tui.errors import ConfigError
from harn_tui.kinds import DecisionScope
from harn_tui.permissions.call_texts import COMMAND_KEY, PermissionCall
from harn_tui.permissions.globs import literal_glob
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.shell_command.inside import names
from harn_tui.permissions.shell_command.model import CommandLine

_WITH_SUBCOMMANDS = names(
    "git npm pnpm yarn bun cargo go docker podman kubectl uv poetry pip make just dotnet gradle "
    "mvn rake bundle composer terraform gh glab helm systemctl apt brew"
)


@dataclass(frozen=True, slots=True)
class GrantProposal:
    """A pattern that a person may grant instead of the very call, as narrow as can be told.

    They may edit it. ``argument`` is the parameter that it is about.
    """

    tool_name: str
    pattern: str
    argument: str


def proposed_grant(call: PermissionCall) -> GrantProposal | None:
    """Return a pattern for calls like ``call``, ``None`` when none can be told.

    Of a single command that is known this is its program with its subcommand (``git commit *``)
    or else exactly it; of a call with one path exactly that path.
    """
    lines = call.command_lines()
    if lines:
        pattern = _command_pattern(lines[0]) if len(lines) == 1 else None
        return None if pattern is None else GrantProposal(call.tool_name, pattern, COMMAND_KEY)
    paths = call.path_texts(call.path_params)
    if len(paths) == 1 and paths[0].text and paths[0].key in call.path_params:
        return GrantProposal(call.tool_name, literal_glob(paths[0].text), paths[0].key)
    return None


def remember(
    call: PermissionCall, scope: DecisionScope, grants: SessionGrants, *, pattern: str | None = None
) -> str | None:
    """Remember that ``call`` is allowed; return the rule, ``None`` for this once.

    ``pattern`` allows the calls that match it instead of exactly this one. What always holds
    does so at once in every loop of the session. Raises ConfigError for a pattern that cannot be
    used.
    """
    if scope is DecisionScope.ONCE:
        return None
    if pattern is None:
        return grants.remember(call.tool_name, call.arguments)
    is_always = scope is DecisionScope.ALWAYS
    grant = grants.hold_always if is_always else grants.remember_pattern
    try:
        return grant(call.tool_name, pattern)
    except ValueError as error:
        raise ConfigError(f"{pattern!r} is not a usable pattern: {error}.") from error


def _command_pattern(line: CommandLine) -> str | None:
    if not line.is_known or len(line.commands) != 1:
        return None
    command = line.commands[0]
    if command.assignments or any(found.writes_file for found in command.redirections):
        return literal_glob(line.source.strip())
    words = command.words
    has_subcommand = (
        command.program in _WITH_SUBCOMMANDS
        and len(words) > 1
        and all(word.is_fixed and " " not in word.text for word in words[:2])
        and not words[1].text.startswith("-")
    )
    if not has_subcommand:
        return literal_glob(line.source.strip())
    return f"{literal_glob(words[0].text)} {literal_glob(words[1].text)}{' *' if words[2:] else ''}"
