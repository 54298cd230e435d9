"""A call of the ``ledger`` tool, which the loop answers itself.

It has the events of any other call, so that a person sees it; policy, permission and hooks have
no say, because it changes nothing outside the run (docs/loop.md, task ledger).
"""

from harn_tui.events.agent import ToolCallUpdate
from harn_tui.ids import tool_call_event_id
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    LEDGER_TOOL_NAME,
    ExecutorKind,
    ToolCallStatus,
    ToolErrorCategory,
    ToolKind,
)
from harn_tui.loop.call_announcement import announce_call
from harn_tui.loop.ledger import LedgerReply
from harn_tui.loop.state import LoopState
from harn_tui.providers.base import ToolCallRequest
from harn_tui.sinks.emit import aemit, emit


class LedgerCallRun:
    """One ledger call of a turn, with the steps of any call."""

    is_concurrent = False

    def __init__(self, state: LoopState, call: ToolCallRequest) -> None:
        self.call = call
        self._state = state
        self._event_id = tool_call_event_id(call.id)
        self._reply: LedgerReply | None = None

    @property
    def has_ended(self) -> bool:
        """Whether the call's terminal event is out."""
        return self._reply is not None

    @property
    def is_ok(self) -> bool:
        """Whether the ledger took the call."""
        return self._reply is not None and self._reply.ok

    @property
    def answer(self) -> str:
        """What the model reads; empty before the call has ended."""
        return self._reply.text if self._reply else ""

    def announce(self, *, is_known: bool = False) -> None:
        """Emit the call with its whole arguments."""
        announce_call(self._state.session_id, self.call, ToolKind.THINK, is_known=is_known)

    async def admit(self) -> bool:
        """Nothing keeps a ledger call from running but arguments that cannot be read."""
        if self.call.arguments is not None:
            return True
        problem = self.call.parse_error or "the arguments are not a JSON object"
        await self._end(LedgerReply(f"ledger error: {problem}", ok=False))
        return False

    async def execute(self) -> None:
        """Apply the call and count it."""
        reply = self._state.ledger.apply(self.call.arguments or {})
        if reply.ok:
            self._state.has_acted = True
            self._state.use_tool(LEDGER_TOOL_NAME)
            self._state.tools_successful.append(LEDGER_TOOL_NAME)
        elif reply.is_rejected:
            self._state.reject_tool(LEDGER_TOOL_NAME)
        await self._end(reply)

    def fail_interrupted(self) -> None:
        """Emit the end of a call that a cancellation kept from starting."""
        emit(
            self._update(
                ToolCallStatus.FAILED, error="interrupted", category=ToolErrorCategory.CANCELLED
            )
        )

    async def _end(self, reply: LedgerReply) -> None:
        self._reply = reply
        if reply.ok:
            output: JsonObject = {"text": reply.text, "tool_use_id": self.call.id}
            output["details"] = {"ledger": self._state.ledger.as_json()}
            await aemit(self._update(ToolCallStatus.COMPLETED, raw_output=output))
            return
        category = (
            ToolErrorCategory.PERMISSION_DENIED
            if reply.is_rejected
            else ToolErrorCategory.SCHEMA_VALIDATION
        )
        await aemit(self._update(ToolCallStatus.FAILED, error=reply.text, category=category))

    def _update(
        self,
        status: ToolCallStatus,
        *,
        raw_output: JsonObject | None = None,
        error: str | None = None,
        category: ToolErrorCategory | None = None,
    ) -> ToolCallUpdate:
        return ToolCallUpdate(
            session_id=self._state.session_id,
            tool_call_id=self._event_id,
            tool_name=LEDGER_TOOL_NAME,
            status=status,
            raw_output=raw_output,
            error=error,
            error_category=category,
            executor={"kind": ExecutorKind.HARN_BUILTIN.value} if raw_output else None,
        )
