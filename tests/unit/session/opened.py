"""Opens stored sessions on scripted replies, without the composition root."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from harn_tui.config.loop_options import LoopOptions
from harn_tui.events.host import PermissionDecision
from harn_tui.feedback.queue import FeedbackQueue
from harn_tui.loop.model_in_use import ModelInUse
from harn_tui.permissions.grants import SessionGrants
from harn_tui.permissions.rules import PermissionRules
from harn_tui.providers.base import ModelFacts
from harn_tui.session.files import SessionFiles
from harn_tui.session.handle import SessionHandle
from harn_tui.session.parts import SessionParts
from harn_tui.session.past import read_past
from harn_tui.sinks.line_writer import LineWriter
from harn_tui.sinks.recorder import Recorder
from harn_tui.store.feedback_journal import FeedbackJournal
from harn_tui.store.lock import SessionLock
from harn_tui.store.log_reader import read_records
from harn_tui.store.session_folder import SessionFolder
from harn_tui.store.state_file import load_state
from harn_tui.tools.base import Tool
from harn_tui.tools.registry import ToolRegistry
from tests.conformance.loop_driver import Reply, Script


def open_scripted(
    folder: Path,
    replies: Sequence[Reply],
    *,
    tools: tuple[Tool, ...] = (),
    options: LoopOptions | None = None,
    asks_again: bool = False,
    **others: Any,
) -> tuple[SessionHandle, Script]:
    """Return a session stored in ``folder``, taken up if it was stored before, and its script.

    ``others`` replace further collaborators by their name in ``SessionParts``; ``provider``,
    ``model_facts``, ``has_native_tool_search`` and ``base_url`` are those of its model.
    """
    folder.mkdir(exist_ok=True)
    files = SessionFolder("stored", folder)
    records = list(read_records(files.event_log)) if files.event_log.exists() else []
    journal = FeedbackJournal(files.feedback_journal)
    script = Script(replies)
    parts = SessionParts(
        session_id="stored",
        cwd=folder,
        first_model=ModelInUse(
            others.pop("provider", script),
            "test-model",
            others.pop("model_facts", ModelFacts(context_window=1000)),
            others.pop("has_native_tool_search", False),
            others.pop("base_url", None),
        ),
        tools=ToolRegistry(tools),
        workspace_roots=(folder,),
        system="",
        options=options or LoopOptions(),
        permissions=PermissionRules(),
        recorder=Recorder("stored", LineWriter(files.event_log), first_index=len(records)),
        files=SessionFiles(
            files, SessionLock(files.lock_file), journal, load_state(files.state_file)[0]
        ),
        past=read_past(files, records, asks_again=asks_again),
        grants=SessionGrants(
            record.event.rule
            for record in records
            if isinstance(record.event, PermissionDecision) and record.event.rule is not None
        ),
        feedback=FeedbackQueue(on_change=journal.append, on_reorder=journal.append_order),
    )
    return SessionHandle(replace(parts, **others)), script


def contents(script: Script, request: int) -> list[Any]:
    """Return the message contents of the given request."""
    return [message["content"] for message in script.requests[request].messages]
