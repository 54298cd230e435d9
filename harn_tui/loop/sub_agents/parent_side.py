"""Speaks in the parent's session while a nested loop runs.

Inside the nested loop its own sink is on top of the stack and would hear what is emitted for the
parent. So the parent's surroundings are kept when the tool starts, and used for whatever the
parent is to be told of.
"""

from contextvars import copy_context

from harn_tui.events.record import Event
from harn_tui.kinds import OutputStream
from harn_tui.sinks.emit import emit
from harn_tui.tools.base import ToolContext


class ParentSide:
    """The session and the tool call that a nested loop works for. Make it outside that loop."""

    def __init__(self, tool: ToolContext) -> None:
        self.session_id = tool.session_id
        self.tool_call_id = tool.tool_call_id
        self._on_output = tool.on_output
        self._surroundings = copy_context()

    def tell(self, event: Event) -> None:
        """Emit an event of the parent's session."""
        # A copy, since what is emitted may lead to more, and a context is entered once at a time.
        self._surroundings.copy().run(emit, event)

    def say(self, line: str) -> None:
        """Add a line to the live output of the call."""
        self._surroundings.copy().run(self._on_output, f"{line}\n", OutputStream.STDOUT)
