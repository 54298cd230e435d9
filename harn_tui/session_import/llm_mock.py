"""Reads the replies of a model that were recorded to be played again (docs/scripted_provider.md).

They hold the model's side alone: what it was asked stands at best in a pattern, and results are
not there. So each entry is a turn of its own whose calls have no results.
"""

from collections.abc import Iterable

from harn_tui.json_types import JsonObject
from harn_tui.kinds import NoticeLevel
from harn_tui.session_import.draft import SessionDraft
from harn_tui.session_import.source_file import BadLine, SourceLine
from harn_tui.session_import.source_values import (
    arguments_of,
    blocks_text,
    count_of,
    object_of,
    objects_of,
    text_of,
)

_TEXT_BLOCKS = frozenset({"output_text", "text"})


def read_llm_mock(lines: Iterable[SourceLine | BadLine], draft: SessionDraft) -> None:
    """Build a session from the entries."""
    for line in lines:
        if isinstance(line, BadLine):
            draft.bad_line(line)
        else:
            _take(line.members, draft)
    draft.finish()


def _take(entry: JsonObject, draft: SessionDraft) -> None:
    draft.close_reply()
    draft.model = text_of(entry.get("model")) or draft.model
    draft.provider = text_of(entry.get("provider")) or draft.provider
    pattern = text_of(entry.get("match"))
    if pattern:
        draft.request(pattern)
    draft.think(text_of(entry.get("thinking")))
    draft.say(_text(entry))
    for call in _calls(entry):
        given = call.get("arguments", call.get("args"))
        draft.call(text_of(call.get("id")), text_of(call.get("name")), arguments_of(given))
    draft.usage(
        sent=count_of(entry.get("input_tokens")),
        received=count_of(entry.get("output_tokens")),
        cache_read=count_of(entry.get("cache_read_tokens")),
        cache_write=count_of(entry.get("cache_write_tokens")),
    )
    if draft.reply is not None and text_of(entry.get("stop_reason")):
        draft.reply.stop_reason = text_of(entry.get("stop_reason"))
    error = object_of(entry.get("error"))
    if error:
        category, message = text_of(error.get("category")), text_of(error.get("message"))
        draft.notice(NoticeLevel.ERROR, f"The model call failed ({category}): {message}")


def _text(entry: JsonObject) -> str:
    blocks = [b for b in objects_of(entry.get("blocks")) if b.get("type") in _TEXT_BLOCKS]
    return text_of(entry.get("text")) or "".join(blocks_text(block) for block in blocks)


def _calls(entry: JsonObject) -> list[JsonObject]:
    given = objects_of(entry.get("tool_calls"))
    blocks = objects_of(entry.get("blocks"))
    return given or [block for block in blocks if block.get("type") == "tool_call"]
