"""Reads run records of harn: the task, the stages with what they said, tools, nested runs.

A record may lack any field. What the stages' transcripts tell becomes turns; a stage without one
becomes one turn of its visible text. Everything else is kept as events of its own.
"""

from harn_tui.events.agent import WorkerUpdate
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.kinds import LoopStatus, NoticeLevel, WorkerEvent
from harn_tui.session_import.chat_messages import ChatMessages
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.source_values import (
    cost_of,
    count_of,
    list_of,
    object_of,
    objects_of,
    text_of,
    time_ms_of,
)

_TOLD = frozenset({"_type", "task", "stages", "transcript", "child_runs", "tool_recordings"})
_FAILED = frozenset({"failed", "error", "cancelled"})
_WORKER_ENDS = {
    "completed": WorkerEvent.COMPLETED,
    "failed": WorkerEvent.FAILED,
    "cancelled": WorkerEvent.CANCELLED,
}


def read_run_record(document: JsonValue, draft: SessionDraft) -> None:
    """Build the session that the record tells of."""
    record = object_of(document)
    draft.log.set_time(time_ms_of(record.get("started_at")))
    draft.cwd = text_of(object_of(record.get("execution")).get("cwd"))
    models = list_of(object_of(record.get("usage")).get("models"))
    draft.model = next((m for m in models if isinstance(m, str)), "")
    draft.provider = "harn"
    name = text_of(record.get("workflow_name"))
    draft.title = name or None
    draft.request(text_of(record.get("task")) or f"Run {text_of(record.get('id'))}")
    has_own = _take_transcript(object_of(record.get("transcript")), draft)
    for stage in objects_of(record.get("stages")):
        _take_stage(stage, draft, has_transcript=has_own)
    _take_tools(objects_of(record.get("tool_recordings")), draft)
    for child in objects_of(record.get("child_runs")):
        _take_child(child, draft)
    _take_usage(object_of(record.get("usage")), draft)
    draft.log.set_time(time_ms_of(record.get("finished_at")))
    status = text_of(record.get("status"))
    draft.end_run(LoopStatus.FAILED if status in _FAILED else LoopStatus.DONE, status or "ended")
    for key, value in record.items():
        if key not in _TOLD and value not in (None, [], {}):
            draft.generic(key, value if isinstance(value, dict) else {"value": value})
    draft.finish()


def _take_transcript(transcript: JsonObject, draft: SessionDraft) -> bool:
    """Take the messages; return whether there were any."""
    messages = objects_of(transcript.get("messages"))
    chat = ChatMessages(draft)
    for message in messages:
        role = text_of(message.get("role"))
        if role == "assistant":
            chat.take_assistant(message)
        elif role in {"tool", "tool_result"}:
            chat.take_result(message)
        elif role == "user":
            draft.context("user", text_of(message.get("content")))
        else:
            draft.generic(f"message.{role}", message)
    return bool(messages)


def _take_stage(stage: JsonObject, draft: SessionDraft, *, has_transcript: bool) -> None:
    draft.log.set_time(time_ms_of(stage.get("started_at")))
    draft.close_reply()
    name = text_of(stage.get("node_id")) or text_of(stage.get("id"))
    status, outcome = text_of(stage.get("status")), text_of(stage.get("outcome"))
    level = NoticeLevel.WARNING if status in _FAILED else NoticeLevel.INFO
    draft.notice(level, f"Stage {name}: {status} {outcome}".rstrip())
    if not has_transcript and not _take_transcript(object_of(stage.get("transcript")), draft):
        draft.think(text_of(stage.get("private_reasoning")))
        draft.say(text_of(stage.get("visible_text")))
        _take_usage(object_of(stage.get("usage")), draft)
    draft.log.set_time(time_ms_of(stage.get("finished_at")))
    draft.close_reply()
    draft.generic("stage", {k: v for k, v in stage.items() if k != "transcript"})


def _take_tools(recordings: list[JsonObject], draft: SessionDraft) -> None:
    """Recordings know a call's result, and of its arguments a hash only."""
    for recording in recordings:
        draft.log.set_time(time_ms_of(recording.get("timestamp")))
        call_id = text_of(recording.get("tool_use_id")).removeprefix("tool-")
        given: JsonObject = {"args_hash": recording.get("args_hash")}
        draft.close_reply()
        draft.call(call_id, text_of(recording.get("tool_name")), given)
        draft.result(
            None,
            recording.get("result"),
            failed=recording.get("is_rejected") is True,
            duration_ms=count_of(recording.get("duration_ms")),
        )
    draft.close_reply()


def _take_child(child: JsonObject, draft: SessionDraft) -> None:
    ending = _WORKER_ENDS.get(text_of(child.get("status")), WorkerEvent.COMPLETED)
    for time, event in (("started_at", WorkerEvent.SPAWNED), ("finished_at", ending)):
        draft.log.set_time(time_ms_of(child.get(time)))
        draft.event(
            WorkerUpdate(
                draft.session_id,
                text_of(child.get("worker_id")),
                text_of(child.get("worker_name")),
                text_of(child.get("task")),
                "sub_agent",
                event.value,
                event.status,
                child if event is ending else {},
            )
        )


def _take_usage(usage: JsonObject, draft: SessionDraft) -> None:
    if usage:
        draft.usage(
            sent=count_of(usage.get("input_tokens")),
            received=count_of(usage.get("output_tokens")),
            cost_usd=cost_of(usage.get("total_cost")),
        )
