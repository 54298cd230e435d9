"""Opens a session: settings become collaborators, and a folder is locked for them.

Nothing below this floor knows where a provider, a tool or a folder came from.
"""

import os
import shutil
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from harn_tui.config.loader import LoadedConfiguration, load_configuration
from harn_tui.config.loop_options import NATIVE_TOOL_FORMAT, LoopOptions, loop_options
from harn_tui.config.schema import Configuration
from harn_tui.config.trust import is_trusted
from harn_tui.errors import SessionNotFoundError, UsageError
from harn_tui.events.host import PermissionDecision
from harn_tui.events.record import Record
from harn_tui.ids import new_session_id
from harn_tui.kinds import DecisionScope
from harn_tui.local_servers import answering_servers, offer
from harn_tui.loop.beginning_check import check_beginning
from harn_tui.loop.daemon.wake import WakeSignal
from harn_tui.loop.tool_fixtures import read_fixtures
from harn_tui.loop.validation import check_options, check_skills
from harn_tui.paths import config_directory, sessions_directory
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.workspace_roots import parse_roots
from harn_tui.providers.base import ProviderSettings
from harn_tui.providers.rate_limit import RateLimits
from harn_tui.session.child_sessions import ChildSessions
from harn_tui.session.handle import SessionHandle
from harn_tui.session.opened_files import OpenedFiles, SessionOrigin, open_files
from harn_tui.session.parts import RUN_LIBRARIES, SessionParts
from harn_tui.session.past import read_past
from harn_tui.store.history import check_version
from harn_tui.store.image_store import ImageStore
from harn_tui.store.lock import SessionLock
from harn_tui.store.log_reader import read_records
from harn_tui.store.session_folder import (
    SessionFolder,
    create_session_folder,
    find_session_folder,
)
from harn_tui.system_prompt import base_prompt
from harn_tui.wiring.builtin_services import wire_builtin_services
from harn_tui.wiring.hooks import wire_hooks
from harn_tui.wiring.kept_model import wire_session_provider
from harn_tui.wiring.last_session import last_session_of
from harn_tui.wiring.llm_log import open_llm_log
from harn_tui.wiring.mcp_servers import wire_servers
from harn_tui.wiring.model_desk import WiredModels, with_images
from harn_tui.wiring.permissions import WiredPermissions, wire_permissions
from harn_tui.wiring.provider import WiredProvider
from harn_tui.wiring.retention import wire_retention
from harn_tui.wiring.rewinding import wire_rewinding
from harn_tui.wiring.session_request import SessionRequest
from harn_tui.wiring.skills import WiredSkills, wire_skills
from harn_tui.wiring.snapshots import wire_snapshots
from harn_tui.wiring.tool_surface import check_tool_surface, late_tools_check
from harn_tui.wiring.tools import WiredTools, wire_tools


def open_session(request: SessionRequest) -> SessionHandle:
    """Return the session that ``request`` describes, its folder locked; not yet started.

    Reads files: call it in a thread when a screen is up. Raises ConfigError, UsageError,
    StoreError or SessionLockedError; nothing is left open or locked then.
    """
    if not request.cwd.is_dir():
        raise UsageError(f"There is no folder {request.cwd}.", hint="Give another --cwd.")
    loaded = load(request)
    with ExitStack() as on_failure:
        folder = _session_folder(request, on_failure)
        session = SessionHandle(_assemble(request, loaded, folder, on_failure))
        on_failure.pop_all()
    return session


def load(request: SessionRequest) -> LoadedConfiguration:
    """Return the configuration in force for ``request``."""
    directory = config_directory()
    return load_configuration(
        cwd=request.cwd,
        environment=os.environ,
        user_file=directory / "config.toml",
        config_file=request.config_file,
        overrides=request.overrides,
        is_folder_trusted=_is_trusted(request.cwd),
    )


def _is_trusted(cwd: Path) -> bool:
    return is_trusted(cwd, config_directory() / "trusted_folders")


def _greeting(
    request: SessionRequest, configuration: Configuration, settings: ProviderSettings
) -> str | None:
    """Tell whoever got the demo without asking for it which servers could be used instead."""
    is_chosen = request.provider is not None or configuration.provider is not None
    if settings.kind != "demo" or is_chosen:
        return None
    return offer(answering_servers())


def _session_folder(request: SessionRequest, on_failure: ExitStack) -> SessionFolder:
    """Return the folder to work in: a stored session's, or a new one's, which a failure removes."""
    directory = sessions_directory()
    session_id = request.session_id
    if session_id is None and request.continue_last:
        session_id = last_session_of(request.cwd, directory)
    if session_id is not None:
        with suppress(SessionNotFoundError):
            return find_session_folder(directory, session_id)
    folder = create_session_folder(directory, session_id or new_session_id())
    on_failure.callback(shutil.rmtree, folder.path, ignore_errors=True)
    return folder


def _assemble(
    request: SessionRequest,
    loaded: LoadedConfiguration,
    folder: SessionFolder,
    on_failure: ExitStack,
) -> SessionParts:
    configuration = loaded.configuration
    storage = _open_storage(request, configuration, folder, on_failure)
    wired, opened, session_id = storage.wired, storage.opened, folder.session_id
    trusts_folder = _is_trusted(request.cwd)
    builtins = wire_builtin_services(configuration, request.cwd, folder, opened.feedback)
    tools = wire_tools(request, configuration, builtins, is_trusted=trusts_folder)
    skills = wire_skills(request.cwd, is_trusted=trusts_folder)
    options = _options(request, configuration, tools, skills)
    system = _system(request, configuration, skills, tools)
    permissions = wire_permissions(configuration, request.cwd, is_trusted=trusts_folder)
    return SessionParts(
        session_id=session_id,
        cwd=request.cwd,
        first_model=storage.model_desk.first,
        images=storage.images,
        tools=tools.tools,
        workspace_roots=_workspace_roots(request.cwd, configuration.workspace_roots),
        system=system,
        options=options,
        permissions=permissions.rules,
        policies=permissions.policies,
        protected_paths=permissions.protected,
        rule_files=permissions.files,
        recorder=opened.recorder,
        mcp_servers=wire_servers(configuration, request.cwd, session_id, tools.tools.names),
        mcp_tool_names=tools.mcp_names,
        check_tools=late_tools_check(tools.tools, configuration, system),
        skills=skills.skills,
        must_skills_be_signed=skills.must_be_signed,
        model_desk=storage.model_desk,
        libraries=(*RUN_LIBRARIES, *wired.libraries),
        discover_context_window=wired.discover_context_window,
        llm_log=open_llm_log(os.environ, on_failure),
        wake=WakeSignal() if request.is_attended else None,
        hooks=wire_hooks(configuration.hooks, request.cwd),
        greeting=_greeting(request, configuration, wired.settings),
        warnings=_warnings(loaded, wired, tools, skills, permissions, opened),
        files=opened.files,
        past=read_past(folder, storage.records, asks_again=_asks_again(request, options)),
        grants=SessionGrants(_granted_rules(storage.records)),
        feedback=opened.feedback,
        commands=builtins.commands,
        command_jobs=builtins.jobs,
        housekeeping=wire_retention(configuration.sessions, configuration.snapshots),
        snapshots=wire_snapshots(configuration.snapshots, request.cwd, session_id, builtins.jobs),
        rewinding=wire_rewinding(folder.event_log, configuration.snapshots),
        output_blobs=builtins.commands.blobs,
        tool_fixtures=read_fixtures(options, request.cwd),
        command_loads=builtins.commands.loads,
        child_host=ChildSessions(folder.path.parent),
    )


@dataclass(frozen=True, slots=True)
class _Storage:
    """The open files of a session, and the model that what they hold is for."""

    records: list[Record]
    wired: WiredProvider
    opened: OpenedFiles
    images: ImageStore
    model_desk: WiredModels


def _open_storage(
    request: SessionRequest,
    configuration: Configuration,
    folder: SessionFolder,
    on_failure: ExitStack,
) -> _Storage:
    """Lock the session's folder, read its log, choose its model, open its files for writing.

    Raises StoreError for the log of a newer program, before anything is written.
    """
    lock = SessionLock(folder.lock_file)
    on_failure.callback(lock.release)
    records = list(read_records(folder.event_log)) if folder.event_log.exists() else []
    check_version(folder.session_id, records)
    limits = RateLimits(os.environ)
    wired = wire_session_provider(request, configuration, records, limits)
    next_index = max((record.index for record in records), default=-1) + 1
    origin = SessionOrigin(request.cwd, wired.settings.model, wired.settings.name)
    opened = open_files(folder, lock, origin, next_index=next_index)
    on_failure.callback(opened.abandon)
    images = ImageStore(folder.blobs)
    provider = with_images(wired, images.read)
    desk = WiredModels(configuration, wired, provider, limits=limits, read_image=images.read)
    return _Storage(records, wired, opened, images, desk)


def _options(
    request: SessionRequest, configuration: Configuration, tools: WiredTools, skills: WiredSkills
) -> LoopOptions:
    """Return the loop's options, checked against what the session has. Raises LoopConfigError."""
    options = loop_options(configuration.loop)
    check_options(options, tools.tools.names)
    check_beginning(options, request.cwd)
    check_skills(options, skills.skills)
    return options


def _system(
    request: SessionRequest, configuration: Configuration, skills: WiredSkills, tools: WiredTools
) -> str:
    """Return the system prompt: the configured or the built-in one, then the project's own.

    Checked for tools that it names and that there are not.
    """
    prompt = configuration.system or base_prompt(request.cwd)
    system = f"{prompt}\n\n{skills.instructions}" if skills.instructions else prompt
    check_tool_surface(tools.tools, configuration, system)
    return system


def _workspace_roots(cwd: Path, configured: Sequence[str]) -> tuple[Path, ...]:
    """Return the folders to work in, the working folder by default. Raises ConfigError."""
    return parse_roots("permissions.workspace_roots", list(configured), cwd) or (cwd.resolve(),)


def _asks_again(request: SessionRequest, options: LoopOptions) -> bool:
    """Whether an approval that was open is asked for again: calls in text have no results."""
    return request.is_attended and options.tool_format == NATIVE_TOOL_FORMAT


def _warnings(
    *parts: LoadedConfiguration
    | WiredProvider
    | WiredTools
    | WiredSkills
    | WiredPermissions
    | OpenedFiles,
) -> tuple[str, ...]:
    return tuple(warning for part in parts for warning in part.warnings)


def _granted_rules(records: Sequence[Record]) -> list[str]:
    """Return what was granted for the session; what always holds is in its file, or gone."""
    decisions = [r.event for r in records if isinstance(r.event, PermissionDecision)]
    return [
        decision.rule
        for decision in decisions
        if decision.rule is not None and decision.scope is not DecisionScope.ALWAYS
    ]
