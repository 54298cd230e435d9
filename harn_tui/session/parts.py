"""What a session is made of; the composition root builds one of these."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from harn_tui.config.loop_options import LoopOptions
from harn_tui.events.record import Record
from harn_tui.feedback.item import FeedbackItem
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.feedback.session_end import SessionEndHooks
from harn_tui.json_types import JsonObject
from harn_tui.permissions.broker import PermissionBroker
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import ModelFacts, Provider
from harn_tui.session.files import SessionFiles
from harn_tui.sinks.recorder import Recorder
from harn_tui.tools.registry import ToolRegistry


@dataclass(frozen=True, slots=True)
class SessionPast:
    """What an earlier process left of a session; empty for a new one.

    ``messages`` is the model-facing history, its open calls answered. ``waiting`` are the lines
    that were queued and never delivered. ``calls`` is the number of model calls made.
    """

    records: Sequence[Record] = ()
    messages: tuple[JsonObject, ...] = ()
    waiting: tuple[FeedbackItem, ...] = ()
    calls: int = 0


@dataclass(frozen=True, slots=True)
class SessionParts:
    """A session's collaborators. ``files`` is ``None`` for a session that nothing stores."""

    session_id: str
    cwd: Path
    provider: Provider
    model: str
    model_facts: ModelFacts
    tools: ToolRegistry
    workspace_roots: tuple[Path, ...]
    system: str
    options: LoopOptions
    permissions: PermissionRules
    recorder: Recorder
    greeting: str | None = None
    """What a new session tells the person first."""
    files: SessionFiles | None = None
    past: SessionPast = field(default_factory=SessionPast)
    grants: SessionGrants = field(default_factory=SessionGrants)
    broker: PermissionBroker = field(default_factory=PermissionBroker)
    feedback: FeedbackQueue = field(default_factory=FeedbackQueue)
    session_end: SessionEndHooks = field(default_factory=SessionEndHooks)
