"""What a session is made of; the composition root builds one of these."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.config.loop_options import LoopOptions
from harn_tui.events.record import Record
from harn_tui.feedback.host_messages import HostMessageQueue
from harn_tui.feedback.item import FeedbackItem
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.feedback.session_end import SessionEndHooks
from harn_tui.json_types import JsonObject
from harn_tui.loop.callbacks import LoopCallbacks
from harn_tui.loop.daemon.wake import WakeSignal
from harn_tui.loop.lifecycle_hooks import LifecycleHooks
from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.loop.sub_agents.host import ChildHost
from harn_tui.loop.sub_agents.registry import SubAgents
from harn_tui.loop.tool_fixtures import ToolFixtures
from harn_tui.permissions.broker import PermissionBroker
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.policy_set import PolicySet
from harn_tui.permissions.rule_files import RuleFile
from harn_tui.permissions.rules import PermissionRules
from harn_tui.session.file_snapshots import FileSnapshots
from harn_tui.session.files import SessionFiles
from harn_tui.session.housekeeping import Housekeeping
from harn_tui.session.late_tools import CheckTools
from harn_tui.session.model_offers import ModelDesk
from harn_tui.session.questions import OpenQuestions
from harn_tui.session.rewinding import Rewinding
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.sinks.recorder import Recorder
from harn_tui.skills.skill_set import SkillSet
from harn_tui.store.image_store import ImageStore
from harn_tui.store.lost_requests import OpenRequest
from harn_tui.tools.command_jobs import CommandJobs
from harn_tui.tools.command_loads import CommandLoads
from harn_tui.tools.mcp.servers import McpServers
from harn_tui.tools.output_blobs import OutputBlobs
from harn_tui.tools.registry import ToolRegistry
from harn_tui.tools.running_command import CommandServices

RUN_LIBRARIES = ("harn_tui.loop.run", "jsonschema_rs", "pydantic_core")
"""What every run needs: the loop, checks of arguments, and a look at those that stream in."""


@dataclass(frozen=True, slots=True)
class SessionPast:
    """What an earlier process left of a session; empty for a new one.

    ``messages`` is the model-facing history, its open calls answered but for those that wait.
    ``waiting`` are the lines that were queued and never delivered. ``calls`` is the number of
    model calls made. ``lost_requests`` are the approvals and questions that were open when the
    process ended and are not asked again. ``has_waiting_calls`` tells that the calls at the end of
    ``messages`` without a result waited for a person then: they are taken up.
    """

    records: Sequence[Record] = ()
    messages: tuple[JsonObject, ...] = ()
    waiting: tuple[FeedbackItem, ...] = ()
    calls: int = 0
    lost_requests: tuple[OpenRequest, ...] = ()
    has_waiting_calls: bool = False


@dataclass(frozen=True, slots=True)
class SessionParts:
    """A session's collaborators. ``files`` is ``None`` for a session that nothing stores.

    ``first_model`` is the one in use when the session was opened; the session closes its provider.
    """

    session_id: str
    cwd: Path
    first_model: ModelInUse
    tools: ToolRegistry
    workspace_roots: tuple[Path, ...]
    system: str
    options: LoopOptions
    permissions: PermissionRules
    recorder: Recorder
    policies: PolicySet | None = None
    protected_paths: tuple[Path, ...] = ()
    greeting: str | None = None
    """What a new session tells the person first."""
    warnings: tuple[str, ...] = ()
    """What every opening of the session tells the person."""
    model_desk: ModelDesk | None = None
    """Who finds other models, ``None`` where the model cannot be changed."""
    discover_context_window: Callable[[], Awaitable[int | None]] | None = None
    """Asks the server for the window where the model's facts do not tell it."""
    libraries: Sequence[str] = RUN_LIBRARIES
    """Modules that a run imports late: each is there before the first run begins."""
    mcp_servers: McpServers | None = None
    mcp_tool_names: frozenset[str] | None = None
    """The only tools of MCP servers to offer, ``None`` for all of them."""
    check_tools: CheckTools | None = None
    """Looks at the tools of MCP servers when they come or change, ``None`` for nobody."""
    skills: SkillSet = field(default_factory=SkillSet)
    must_skills_be_signed: bool = False
    hooks: LifecycleHooks = field(default_factory=LifecycleHooks)
    callbacks: LoopCallbacks = field(default_factory=LoopCallbacks)
    host_messages: HostMessageQueue = field(default_factory=HostMessageQueue)
    llm_log: LineWriter | None = None
    """Where the model's side is logged, ``None`` when nobody asked for it."""
    wake: WakeSignal | None = None
    """How a front end wakes a daemon, ``None`` when the one there is cannot."""
    files: SessionFiles | None = None
    images: ImageStore | None = None
    """Where images that go with lines are kept, ``None`` where none can be sent."""
    past: SessionPast = field(default_factory=SessionPast)
    rule_files: tuple[RuleFile, ...] = ()
    """The files whose rules count here and which can take more; the first one by default."""
    grants: SessionGrants = field(default_factory=SessionGrants)
    broker: PermissionBroker = field(default_factory=PermissionBroker)
    questions: OpenQuestions = field(default_factory=OpenQuestions)
    commands: CommandServices = field(default_factory=CommandServices)
    """What the person's own commands run with."""
    command_jobs: CommandJobs | None = None
    """The long-running commands; they end with each run."""
    output_blobs: OutputBlobs | None = None
    """Where long results of tools are kept, ``None`` when only compaction shortens them."""
    tool_fixtures: ToolFixtures | None = None
    """The recorded results of tools, ``None`` when none are recorded or replayed."""
    command_loads: CommandLoads = field(default_factory=CommandLoads)
    feedback: FeedbackQueue = field(default_factory=FeedbackQueue)
    session_end: SessionEndHooks = field(default_factory=SessionEndHooks)
    agents: SubAgents = field(default_factory=SubAgents)
    """The nested loops that are at work."""
    housekeeping: Housekeeping | None = None
    """What is done once, some time after the session was opened."""
    snapshots: FileSnapshots | None = None
    """What snapshots the files, ``None`` when nobody does."""
    rewinding: Rewinding | None = None
    """What goes back in the session, ``None`` for one that nothing stores."""
    child_host: ChildHost | None = None
    """Where nested loops have their sessions, ``None`` for in memory alone."""
