"""What a loop is given: its request, its options and its collaborators."""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.config.loop_options import LoopOptions
from harn_tui.feedback.attachments import FindAttachments
from harn_tui.feedback.host_messages import HostMessageQueue
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.feedback.session_end import SessionEndHooks
from harn_tui.json_types import JsonObject
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.daemon.wake import WakeSignal
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.loop.step_snapshots import StepSnapshots
from harn_tui.loop.sub_agents.child import ChildAgent
from harn_tui.loop.sub_agents.host import ChildHost
from harn_tui.loop.sub_agents.registry import SubAgents
from harn_tui.loop.tool_fixtures import ToolFixtures
from harn_tui.permissions.broker import Answer
from harn_tui.permissions.dynamic_permissions import DynamicPermissionStack
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.policy_set import PolicySet
from harn_tui.permissions.rule_trial import RuleTrial
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import ModelFacts, Provider
from harn_tui.skills.host_matching import AskHost as AskSkillHost
from harn_tui.skills.servers import SkillServers
from harn_tui.skills.skill_set import SkillSet
from harn_tui.skills.substitution import SkillContext
from harn_tui.tools.base import Tool
from harn_tui.tools.foreseen_change import ForeseenChange
from harn_tui.tools.output_blobs import OutputBlobs
from harn_tui.tools.registry import ToolRegistry
from harn_tui.tools.user_question import UserAnswer, UserQuestion
from harn_tui.transcripts.session_store import SessionStore


@dataclass(frozen=True, slots=True)
class LoopRequest:
    """What a run is asked to do.

    ``history`` is the conversation so far in neutral messages (docs/messages.md). ``feedback_id``
    names the queued line that ``prompt`` came from. ``calls_before`` keeps the numbers of calls
    unique over the runs of one session; ``skills_before`` and ``loaded_tools`` are those of the
    last run's result. ``takes_up_calls`` tells that the calls at the end of ``history`` without a
    result have not begun yet: the run begins with them.
    """

    prompt: str | None = None
    history: tuple[JsonObject, ...] = ()
    feedback_id: str | None = None
    calls_before: int = 0
    skills_before: tuple[str, ...] = ()
    loaded_tools: tuple[str, ...] = ()
    takes_up_calls: bool = False


@dataclass(frozen=True, slots=True)
class PermissionQuestion:
    """What a person is asked before a call runs."""

    request_id: str
    tool_call_id: str
    tool_name: str
    reason: str
    summary: str
    arguments: JsonObject
    source: str | None = None
    """Name of the nested loop that asks, ``None`` for the loop itself."""
    risks: tuple[str, ...] = ()
    """Labels of what the call's command could do."""
    origin: str | None = None
    """Where the rule or policy that asks was written, ``None`` when none named the call."""
    trial: RuleTrial | None = None
    """Tries out rules that would let the call through another time."""
    path_params: tuple[str, ...] = ()
    """The parameters that hold paths."""
    foresee: Callable[[], ForeseenChange] | None = None
    """Tells what the call would change; to be called in a thread. Raises ToolError."""
    confinement: str | None = None
    """Whether a sandbox will hold the call's command, in a few words."""


AskPermission = Callable[[PermissionQuestion], Awaitable[Answer]]
"""Called before the question is announced; what it returns is awaited after that."""

AskPerson = Callable[[UserQuestion], Awaitable[UserAnswer | None]]
"""Called before the question is announced; what it returns is awaited after that.

The answer is ``None`` when nobody is there to give one.
"""


def _default_jitter() -> float:
    return random.uniform(0.85, 1.15)


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """A loop's collaborators and options; immutable while it runs.

    ``policies`` narrow those of the loop around this one. ``protected_paths`` hold configuration
    and rules: touching them is always asked about. ``more_tools`` is asked before each turn for
    tools that come and go, such as those of MCP servers; the same tuple means that nothing has
    changed. ``skills`` are matched to what is asked; ``ask_skill_host`` answers for the strategies
    ``host`` and ``embedding``. ``skill_servers`` are the MCP servers that they may need, ``None``
    without any. ``has_native_tool_search`` tells that the model's server can search
    deferred tools itself. ``current_model`` is asked before each turn for the model
    to go on with, and for what is known of it by then; with ``None`` it never changes.
    ``wants_compaction`` is asked before each turn whether somebody wants the history compacted;
    asking takes the wish up.

    ``session_id`` empty means an anonymous run that nothing stores. ``sessions`` is the store
    that a session with an id is kept in between runs, ``None`` for a host that keeps its history
    elsewhere and gives it with each request. ``ask_permission`` ``None`` means nobody can be
    asked: such calls are denied. ``ask_person`` takes the questions of ``ask_user``, ``None`` where
    nobody can be asked. ``llm_log`` takes the lines of
    docs/llm_transcript.md. ``wake`` is a host's way to wake a daemon, ``None`` when no host
    is there. ``child_host`` opens the sessions of nested loops, ``None`` for such as are kept in
    memory. ``output_blobs`` keeps the results that are too long to be given whole, and is what
    ``read_output`` reads; with ``None`` only compaction shortens results.
    ``tool_fixtures`` are shared by the runs of a session, ``None`` for those that the options ask
    for. ``find_attachments`` finds what a person's line mentions, ``None`` where a mention is
    text like any other. ``snapshots`` takes those of the files, ``None`` where nobody does; nested
    loops have the same one. ``agents`` lists the nested loops of the whole session; ``worker`` is
    the nested loop that this one is, ``None`` for a root.
    """

    provider: Provider
    model: str
    tools: ToolRegistry
    session_id: str = ""
    cwd: Path = field(default_factory=Path.cwd)
    workspace_roots: tuple[Path, ...] = ()
    system: str | None = None
    options: LoopOptions = field(default_factory=LoopOptions)
    permissions: PermissionRules = field(default_factory=PermissionRules)
    policies: PolicySet | None = None
    dynamic_permissions: DynamicPermissionStack = field(default_factory=DynamicPermissionStack)
    protected_paths: tuple[Path, ...] = ()
    grants: SessionGrants = field(default_factory=SessionGrants)
    ask_permission: AskPermission | None = None
    ask_person: AskPerson | None = None
    more_tools: Callable[[], tuple[Tool, ...]] | None = None
    skills: SkillSet = field(default_factory=SkillSet)
    skill_context: SkillContext = field(default_factory=SkillContext)
    must_skills_be_signed: bool = False
    ask_skill_host: AskSkillHost | None = None
    skill_servers: SkillServers | None = None
    has_native_tool_search: bool = False
    current_model: Callable[[], ModelInUse] | None = None
    wants_compaction: Callable[[], bool] | None = None
    hooks: LifecycleHooks = field(default_factory=LifecycleHooks)
    callbacks: LoopCallbacks = field(default_factory=LoopCallbacks)
    sessions: SessionStore | None = None
    wake: WakeSignal | None = None
    find_attachments: FindAttachments | None = None
    feedback: FeedbackQueue = field(default_factory=FeedbackQueue)
    host_messages: HostMessageQueue = field(default_factory=HostMessageQueue)
    session_end: SessionEndHooks = field(default_factory=SessionEndHooks)
    llm_log: Callable[[str], None] | None = None
    model_facts: ModelFacts = field(default_factory=ModelFacts)
    parent_loop_id: str | None = None
    child_host: ChildHost | None = None
    output_blobs: OutputBlobs | None = None
    tool_fixtures: ToolFixtures | None = None
    snapshots: StepSnapshots | None = None
    agents: SubAgents = field(default_factory=SubAgents)
    worker: ChildAgent | None = None
    jitter: Callable[[], float] = _default_jitter
