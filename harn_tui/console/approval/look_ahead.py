"""What is known of the call that the dock shows beyond its arguments, and when more is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget
from textual.worker import Worker

from harn_tui.console.approval.answer_words import covered_words
from harn_tui.console.approval.detail import USUAL_PATHS, describe_call

if TYPE_CHECKING:
    from harn_tui.console.asking_ports import ApprovalsPort
    from harn_tui.json_types import JsonValue
    from harn_tui.tools.foreseen_change import ForeseenChange
    from harn_tui.view.pending import PendingPermission


class LookAhead:
    """Has the change of one call foreseen at a time.

    ``owner`` is the widget that the work ends with; ``tell`` is called when the change is known.
    """

    def __init__(self, owner: Widget, tell: Callable[[], None]) -> None:
        self._owner = owner
        self._tell = tell
        self._approvals: ApprovalsPort | None = None
        self._change: ForeseenChange | None = None
        self._worker: Worker[None] | None = None

    def attach(self, approvals: ApprovalsPort) -> None:
        """Take what tells more of the calls that ask."""
        self._approvals = approvals

    def begin(self, request_id: str) -> None:
        """Look at the call of this request instead of another one."""
        self.stop()
        approvals = self._approvals
        if approvals is not None and approvals.foresees(request_id):

            async def look() -> None:
                self._change = await approvals.foresee(request_id)
                self._worker = None
                self._tell()

            self._worker = self._owner.run_worker(look)

    def stop(self) -> None:
        """Look no more, and forget what was seen."""
        self._change = None
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None

    def describe(self, pending: PendingPermission, arguments: JsonValue) -> Content:
        """Return the call in full, with what is known by now."""
        return describe_call(
            pending.tool_name,
            arguments,
            pending.summary,
            path_params=self._path_params(pending.request_id),
            change=self._change,
            is_looking=self._worker is not None,
        )

    def covered_by_session(self, pending: PendingPermission) -> str:
        """Return in words what a grant for the session would cover."""
        known = self._approvals
        return covered_words(None if known is None else known.granted_parameter(pending.request_id))

    def _path_params(self, request_id: str) -> tuple[str, ...]:
        told = () if self._approvals is None else self._approvals.path_params(request_id)
        return told or USUAL_PATHS
