"""What Escape and Ctrl+C do on the screen of a live session, step by step up the ladder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harn_tui.console.actions import key_of
from harn_tui.console.ladder import LadderState, Step, interrupt, next_step
from harn_tui.console.ports import ConsoleSession
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.screens.answering import Answering
from harn_tui.console.screens.deciding import Deciding
from harn_tui.console.screens.quitting import Quitting, quitting_costs
from harn_tui.console.screens.reaching import Reaching
from harn_tui.console.screens.steering import Steering


@dataclass(frozen=True, slots=True)
class Surface:
    """What the ladder asks of the screen and has it do."""

    is_covered: Callable[[], bool]
    """Whether something that Escape closes lies over the transcript."""
    is_away: Callable[[], bool]
    """Whether the keys are in a dock, the queue or the panel."""
    has_selection: Callable[[], bool]
    drop_selection: Callable[[], bool]
    """Takes back what is selected in the transcript; false when nothing is."""
    copy_selection: Callable[[], object]
    close_popup: Callable[[], object]
    quit: Callable[[], object]
    confirm: Callable[[str, Callable[[], bool] | None], None]
    """Says something for a moment, and not longer than the second argument is true."""


class Climbing:
    """Takes the rung that fits what is on the screen."""

    def __init__(
        self,
        surface: Surface,
        prompt: Prompt,
        *,
        steering: Steering,
        deciding: Deciding,
        answering: Answering,
        reaching: Reaching,
        quitting: Quitting,
    ) -> None:
        self._surface = surface
        self._prompt = prompt
        self._steering = steering
        self._deciding = deciding
        self._answering = answering
        self._reaching = reaching
        self._quitting = quitting
        self._session: ConsoleSession | None = None
        self._queue_length: Callable[[], int] = lambda: 0

    def attach(self, session: ConsoleSession, queue_length: Callable[[], int]) -> None:
        """Take the session that is stopped; ``queue_length`` counts the lines that wait."""
        self._session, self._queue_length = session, queue_length

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the two keys call."""
        return {
            "escape": lambda: self._climb("escape"),
            "clear_or_quit": lambda: self._climb("ctrl+c"),
        }

    @property
    def _is_busy(self) -> bool:
        """Whether a run is active, or a command of the person."""
        session = self._session
        return session is not None and (
            session.is_running or session.prompt_sources.shell.is_running
        )

    def _climb(self, key: str) -> None:
        # Whatever the key does, what an earlier one told has passed.
        self._surface.confirm("", None)
        if key == "escape" and self._surface.drop_selection():
            return
        step = next_step(self._state(), key)
        if step is not Step.ARM_QUIT:
            self._quitting.disarm()
        self._steps()[step]()

    def _steps(self) -> dict[Step, Callable[[], object]]:
        return {
            Step.CLOSE_POPUP: self._surface.close_popup,
            Step.CANCEL_EDIT: self._cancel_edit,
            Step.FOCUS_PROMPT: self._prompt.focus,
            Step.COPY: self._copy_selection,
            Step.CLEAR_DRAFT: self._clear_draft,
            Step.KEEP_CALL: self._deciding.forget_reason,
            Step.INTERRUPT: self._interrupt,
            Step.ARM_QUIT: self._arm_quit,
            Step.QUIT: self._surface.quit,
            Step.NOTHING: self._prompt.focus,
        }

    def _state(self) -> LadderState:
        is_editing = self._steering.is_editing or self._reaching.is_addressing
        return LadderState(
            popup=self._surface.is_covered(),
            editing=is_editing or self._answering.is_writing,
            away=self._surface.is_away(),
            selection=bool(self._prompt.selected_text) or self._surface.has_selection(),
            draft=bool(self._prompt.text),
            quit_armed=self._quitting.is_armed,
            reason=self._deciding.awaits_reason,
            running=self._is_busy,
        )

    def _cancel_edit(self) -> None:
        if not self._answering.stop_writing() and not self._reaching.stop_addressing():
            self._steering.cancel_edit()

    def _clear_draft(self) -> None:
        comes_back = self._prompt.clear_draft()
        self._surface.confirm(f"Cleared. {key_of('undo')} brings it back.", comes_back)

    def _interrupt(self) -> None:
        """End the person's own commands; when there are none, stop the run."""
        session = self._session
        if session is not None and not session.prompt_sources.shell.stop():
            soft_stop = session.soft_stop
            interrupt(session, lambda text: self._surface.confirm(text, lambda: soft_stop.is_armed))
        self._prompt.focus()

    def _arm_quit(self) -> None:
        costs = quitting_costs(
            is_running=self._is_busy,
            queued=self._queue_length(),
            unsent=len(self._steering.early.lines),
        )
        self._quitting.arm(costs, lambda: not self._prompt.text)

    def _copy_selection(self) -> None:
        if self._prompt.selected_text:
            self._prompt.action_copy()
        else:
            self._surface.copy_selection()
