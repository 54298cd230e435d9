"""What Escape and ctrl+c do, by what is on the screen: one table, first matching rung wins.

A run is stopped in two steps when a tool call is running: first after the call, then at once,
with the processes of the call ended and named in its output.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from harn_tui.console.ports import ConsoleSession


class Rung(StrEnum):
    """A state of the screen, from the innermost to the outermost."""

    POPUP = "popup"
    EDITING = "editing"
    AWAY = "away"
    REASON = "reason"
    SELECTION = "selection"
    DRAFT = "draft"
    QUIT_ARMED = "quit_armed"
    RUNNING = "running"
    IDLE = "idle"


class Step(StrEnum):
    """What is done."""

    CLOSE_POPUP = "close_popup"
    CANCEL_EDIT = "cancel_edit"
    FOCUS_PROMPT = "focus_prompt"
    COPY = "copy"
    CLEAR_DRAFT = "clear_draft"
    KEEP_CALL = "keep_call"
    INTERRUPT = "interrupt"
    ARM_QUIT = "arm_quit"
    QUIT = "quit"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class LadderState:
    """What the ladder looks at; each field is one rung, ``idle`` is what is left."""

    popup: bool = False
    editing: bool = False
    away: bool = False
    reason: bool = False
    selection: bool = False
    draft: bool = False
    quit_armed: bool = False
    running: bool = False


TABLE: dict[tuple[Rung, str], Step] = {
    (Rung.POPUP, "escape"): Step.CLOSE_POPUP,
    (Rung.EDITING, "escape"): Step.CANCEL_EDIT,
    (Rung.AWAY, "escape"): Step.FOCUS_PROMPT,
    (Rung.REASON, "escape"): Step.KEEP_CALL,
    (Rung.RUNNING, "escape"): Step.INTERRUPT,
    (Rung.IDLE, "escape"): Step.NOTHING,
    (Rung.POPUP, "ctrl+c"): Step.CLOSE_POPUP,
    (Rung.SELECTION, "ctrl+c"): Step.COPY,
    (Rung.EDITING, "ctrl+c"): Step.CANCEL_EDIT,
    (Rung.DRAFT, "ctrl+c"): Step.CLEAR_DRAFT,
    (Rung.QUIT_ARMED, "ctrl+c"): Step.QUIT,
    (Rung.RUNNING, "ctrl+c"): Step.INTERRUPT,
    (Rung.IDLE, "ctrl+c"): Step.ARM_QUIT,
}
"""A pair that is missing means that the rung does not take the key: the next one is asked."""


def interrupt(session: ConsoleSession, confirm: Callable[[str], None]) -> None:
    """Stop when the call that runs has ended; asked again, or when none runs, stop at once.

    ``confirm`` tells the person what the first step keeps and what the second would do.
    """
    if session.soft_stop.arm():
        confirm("Stopping when this call ends; its result is kept. Esc again cancels it now.")
    else:
        session.interrupt()


def next_step(state: LadderState, key: str) -> Step:
    """Return what ``key`` does in ``state``."""
    for rung in Rung:
        holds = rung is Rung.IDLE or getattr(state, rung.value)
        if holds and (rung, key) in TABLE:
            return TABLE[rung, key]
    return Step.NOTHING
