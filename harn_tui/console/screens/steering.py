"""A typed line on its way to the session: send, queue, edit, take back, send now.

Nothing that was typed is lost here: the prompt is emptied only after the session has taken the
line, and lines typed before the session is open wait in ``early``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from harn_tui.console.ports import Clock, SteeringPort
from harn_tui.console.prompt.draft import DraftSaver
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.queue_strip.rows import EARLY_PREFIX
from harn_tui.console.screens.early_lines import EarlyLines
from harn_tui.console.screens.injection_preview import InjectionPreview
from harn_tui.errors import HarnError
from harn_tui.feedback.item import AttachedImage
from harn_tui.kinds import Boundary, FeedbackState
from harn_tui.view.model import QueuedLine, SessionView


@dataclass(frozen=True, slots=True)
class _Edit:
    """A queued line in the prompt, and the draft that was there before."""

    feedback_id: str
    text: str
    draft: str


class Steering:
    """What the prompt's and the queue's keys do.

    ``tell`` shows a sentence to the person; ``redraw`` is called when the early lines changed;
    ``show`` opens a screen over the session's.
    """

    def __init__(
        self,
        prompt: Prompt,
        *,
        now_ms: Clock,
        tell: Callable[[str], None],
        redraw: Callable[[], None],
        show: Callable[[InjectionPreview], object],
    ) -> None:
        self.early = EarlyLines(now_ms)
        self.draft_saver: DraftSaver | None = None
        self._prompt = prompt
        self._tell = tell
        self._redraw = redraw
        self._show = show
        self._session: SteeringPort | None = None
        self._edit: _Edit | None = None
        self._has_no_session = False

    @property
    def is_editing(self) -> bool:
        """Whether a queued line is in the prompt."""
        return self._edit is not None

    def attach(
        self, session: SteeringPort, saver: DraftSaver, run: Callable[[str], object]
    ) -> None:
        """Take the session: restore its draft, submit what was typed before, ``run`` commands."""
        self._session = session
        draft = session.draft
        if draft and self._prompt.is_blank:
            self._prompt.put(draft)
        elif draft:
            self._prompt.past.add(draft)
        self.draft_saver = saver
        saver.change(self._prompt.kept_text)
        self._submit_early(session, run)

    def give_back_early_lines(self) -> None:
        """Put the early lines back into the prompt: there will be no session to take them."""
        lines = self.early.take_texts()
        if lines:
            self._prompt.put("\n".join([*lines, self._prompt.real_text]).rstrip("\n"))

    def text_changed(self) -> None:
        """Keep the draft; a queued line that is being edited is none."""
        if self.draft_saver is not None and self._edit is None:
            self.draft_saver.change(self._prompt.kept_text)

    def _images(self) -> tuple[AttachedImage, ...]:
        return self._prompt.tokens.images.images_in(self._prompt.text)

    def keep_given(self, text: str) -> None:
        """Keep ``text`` as an early line that nobody typed here."""
        self.early.keep_given(text)
        self._redraw()

    def refuse_lines(self) -> None:
        """There will be no session: lines stay in the prompt from now on."""
        self._has_no_session = True
        self.give_back_early_lines()

    def send(
        self, boundary: Boundary = Boundary.NEXT_PREFLIGHT, command: str | None = None
    ) -> None:
        """Send the prompt's text, or finish an edit. Raises HarnError; the text then stays.

        ``command`` is what the text runs that was typed before the session is open.
        """
        if self._edit is not None:
            self._finish_edit(self._edit, boundary)
        elif self._prompt.is_blank:
            self.resume()
        elif self._has_no_session:
            raise HarnError(
                "There is no session to send this to.", hint="Copy your text; Ctrl+Q leaves."
            )
        elif self._session is None:
            self.early.keep(self._prompt.real_text, boundary, command)
            self._prompt.take()
            self._redraw()
        else:
            text, images = self._prompt.real_text, self._images()
            self._session.submit(text, boundary, images=images)
            self._prompt.take()

    def resume(self) -> None:
        """Let a paused queue go on."""
        if self._session is not None and self._session.is_paused:
            self._session.resume_queue()

    def pause_or_resume(self) -> None:
        """Hold the queue back, or let it go on."""
        if self._session is None:
            return
        if self._session.is_paused:
            self._session.resume_queue()
        else:
            self._session.queue.pause()
        self._redraw()

    def preview(self) -> None:
        """Show what the next model call will add to the conversation."""
        if self._session is not None:
            messages = self._session.queue.preview()
            self._show(InjectionPreview(messages, self._session.is_paused))

    def move(self, line: QueuedLine | None, offset: int) -> None:
        """Move a queued line; early lines keep the order in which they were typed."""
        if line is not None and self._session is not None:
            self._session.queue.move(line.feedback_id, offset)

    def change_boundary(self, line: QueuedLine | None) -> None:
        """Let a queued line enter at another boundary."""
        if line is None or self._session is None or line.feedback_id.startswith(EARLY_PREFIX):
            return
        if not self._session.queue.change_boundary(line.feedback_id):
            self._tell("The line is already on its way to the model.")

    def edit(self, line: QueuedLine | None) -> None:
        """Hold a queued line and bring it into the prompt."""
        if line is None or self._edit is not None:
            return
        if line.feedback_id.startswith(EARLY_PREFIX):
            self._edit_early(line)
            return
        if self._session is None or not self._session.hold(line.feedback_id):
            self._tell("Too late to edit: the line is already on its way to the model.")
            return
        self._edit = _Edit(line.feedback_id, line.text, self._prompt.text)
        self._prompt.put(line.text)
        self._show_editing(on=True)

    def edit_newest(self, view: SessionView | None) -> None:
        """Take the newest line that can still be edited back into the prompt."""
        queue = [*(view.queue if view else []), *self.early.lines]
        states = {FeedbackState.QUEUED, FeedbackState.HELD, FeedbackState.UNDELIVERED}
        editable = [line for line in queue if line.state in states]
        self.edit(editable[-1] if editable else None)

    def cancel_edit(self) -> None:
        """Queue the edited line again as it was."""
        if self._edit is not None and self._session is not None:
            self._session.release(self._edit.feedback_id)
            self._leave_edit(self._edit.draft)

    def delete(self, line: QueuedLine | None) -> None:
        """Take a queued line back for good."""
        if line is None:
            return
        if line.feedback_id.startswith(EARLY_PREFIX):
            self.early.take_out(line)
            self._prompt.past.add(line.text)
            self._redraw()
        elif self._session is not None and self._session.withdraw(line.feedback_id):
            self._prompt.past.add(line.text)
        else:
            self._tell("Too late to delete: the line is already on its way to the model.")

    def send_line_now(self, line: QueuedLine | None) -> None:
        """Interrupt the run and deliver a queued line."""
        if line is None or line.feedback_id.startswith(EARLY_PREFIX) or self._session is None:
            return
        if not self._session.send_now(line.feedback_id):
            self._tell("The line is already on its way to the model.")

    def _edit_early(self, line: QueuedLine) -> None:
        self.early.take_out(line)
        draft = self._prompt.real_text
        self._prompt.put(f"{line.text}\n{draft}" if draft.strip() else line.text)
        self._redraw()

    def _submit_early(self, session: SteeringPort, run: Callable[[str], object]) -> None:
        while self.early.lines:
            line = self.early.lines[0]
            try:
                command = self.early.command_of(line)
                if command is None:
                    session.submit(line.text, line.boundary)
                else:
                    run(command)
            except HarnError as error:
                self._tell(str(error))
                self.give_back_early_lines()
                return
            self.early.take_out(line)

    def _finish_edit(self, edit: _Edit, boundary: Boundary) -> None:
        if self._session is None:
            return
        if self._prompt.is_blank:
            self._session.withdraw(edit.feedback_id)
            self._prompt.past.add(edit.text)
            self._leave_edit(edit.draft)
            return
        if not self._release(self._session, edit):
            self._edit = None
            self._show_editing(on=False)
            self._tell("The queued line is gone. Your text is here; Enter sends it as a new line.")
            return
        if boundary is Boundary.NOW:
            self._session.send_now(edit.feedback_id)
        self._leave_edit(edit.draft)

    def _release(self, session: SteeringPort, edit: _Edit) -> bool:
        """Queue the edited line again; images that this console knows nothing of stay with it."""
        text, images = self._prompt.real_text, self._images()
        if images or self._prompt.tokens.images.images_in(edit.text):
            return session.release(edit.feedback_id, text, images)
        return session.release(edit.feedback_id, text)

    def _leave_edit(self, draft: str) -> None:
        self._edit = None
        self._prompt.load_text(draft)
        self._prompt.move_cursor(self._prompt.document.end)
        self._show_editing(on=False)

    def _show_editing(self, *, on: bool) -> None:
        if on:
            keys = "Enter puts it back · Esc leaves it as it was"
            self._prompt.say_purpose("Editing a queued line", keys, "Esc leaves the line as it was")
        else:
            self._prompt.say_purpose()
        self._prompt.focus()
