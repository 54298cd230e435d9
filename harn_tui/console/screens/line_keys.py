"""What the keys for lines do: for the one in the prompt and for those that are queued."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.console.screens.steering import Steering
from harn_tui.kinds import Boundary
from harn_tui.view.model import SessionView


def prompt_commands(
    prompt: Prompt, send: Callable[[Boundary], object]
) -> dict[str, Callable[[], object]]:
    """Return what each action of the prompt calls; ``send`` takes its line to a boundary."""
    return {
        "send": partial(send, Boundary.NEXT_PREFLIGHT),
        "newline": prompt.break_line,
        "send_after_run": partial(send, Boundary.AFTER_RUN),
        "send_now": partial(send, Boundary.NOW),
        "undo": prompt.undo_edit,
        "history_back": prompt.recall.back,
        "history_forward": prompt.recall.forward,
    }


def queue_commands(
    steering: Steering, strip: QueueStrip, view: Callable[[], SessionView | None]
) -> dict[str, Callable[[], object]]:
    """Return what each action for queued lines calls; ``view`` returns the session as shown."""
    return {
        "edit_last": lambda: steering.edit_newest(view()),
        "focus_queue": strip.enter,
        "resume_queue": steering.pause_or_resume,
        "preview_queue": steering.preview,
        "queue_sooner": lambda: steering.move(strip.selected, -1),
        "queue_later": lambda: steering.move(strip.selected, 1),
        "queue_boundary": lambda: steering.change_boundary(strip.selected),
        "queue_up": partial(strip.move_selection, -1),
        "queue_down": partial(strip.move_selection, 1),
        "queue_edit": lambda: steering.edit(strip.selected),
        "queue_delete": lambda: steering.delete(strip.selected),
        "queue_send_now": lambda: steering.send_line_now(strip.selected),
    }
