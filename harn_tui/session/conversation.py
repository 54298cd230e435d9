"""What an open session's next run starts from, folded from its own events as they happen.

Resume folds the same events from the log, so a restarted session continues with exactly what it
would have continued with.
"""

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.events.host import LlmCallStart, MessageRecorded
from harn_tui.events.record import Record
from harn_tui.ids import tool_call_event_id
from harn_tui.json_types import JsonObject
from harn_tui.kinds import PERSON_COMMAND
from harn_tui.session.parts import SessionPast
from harn_tui.store.history import MessageFold
from harn_tui.store.in_use import fold_in_use
from harn_tui.store.kept_model import last_model
from harn_tui.store.waiting_calls import may_begin_again


class Conversation:
    """What the next run starts from."""

    def __init__(self, past: SessionPast) -> None:
        self._history = MessageFold(past.messages, last_model(past.records))
        self.calls = past.calls
        """Model calls made so far in this session."""
        self._in_use = fold_in_use(past.records)
        self._begun: set[str] = set()

    @property
    def messages(self) -> tuple[JsonObject, ...]:
        """The history, oldest first."""
        return tuple(self._history.messages)

    @property
    def skills(self) -> tuple[str, ...]:
        """The skills that the last run had in use."""
        return self._in_use.skills

    @property
    def loaded_tools(self) -> tuple[str, ...]:
        """The tools that searches have loaded."""
        return self._in_use.loaded_tools

    @property
    def has_waiting_calls(self) -> bool:
        """Whether calls of the last reply have no result, and none of these has begun."""
        return not self._begun and bool(self._history.resumed().open_at_end())

    def take(self, record: Record) -> None:
        """Fold one live record."""
        event = record.event
        self._history.take(event)
        self._in_use.take(event)
        match event:
            case LlmCallStart():
                self.calls = event.call
            case ToolCallUpdate(tool_call_id=call) if event.tool_name != PERSON_COMMAND:
                if not may_begin_again(event):
                    self._begun.add(call)
            case MessageRecorded(message={"role": "tool", "tool_call_id": str(call)}):
                self._begun.discard(tool_call_event_id(call))
            case MessageRecorded(message={"role": "assistant"}):
                self._begun.clear()
