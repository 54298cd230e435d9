"""What the console asks of a session to go back in it. Every method but ``tell`` reads files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from harn_tui.session.rewind_scope import RewindScope
    from harn_tui.session.rewinding import PointChanges, RewindPreview, RewindResult
    from harn_tui.store.rewind_points import RewindPoint


class RewindPort(Protocol):
    """Goes back in one session; ``session.rewinding`` has the real one. All may raise HarnError."""

    def points(self) -> Sequence[tuple[RewindPoint, PointChanges]]:
        """Return the person's lines, oldest first, with what the agent changed for each."""
        ...

    def preview(self, index: int) -> RewindPreview:
        """Return what bringing the files back to an event would do."""
        ...

    def rewind(
        self, index: int, scope: RewindScope, *, with_yours: bool = False, draft: str = ""
    ) -> RewindResult:
        """Go back to an event; ``draft`` is what the new session's prompt holds."""
        ...

    def undo(self) -> RewindResult:
        """Undo the newest rewind of the files, or redo it."""
        ...

    def warnings(self) -> Sequence[str]:
        """Return what a person should know before files are brought back."""
        ...

    def tell(self, session_id: str, result: RewindResult) -> None:
        """Note in an open session what became of its files. Returns at once."""
        ...
