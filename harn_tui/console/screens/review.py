"""The screen of a review: what the tools changed, hunk by hunk, and what a person thinks of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from textual import events
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from harn_tui.console.actions import REVIEW_SCOPES, bindings_for, key_of
from harn_tui.console.breakpoints import SHORT_ROWS
from harn_tui.console.key_hints import key_hints
from harn_tui.console.plain_text import one_line
from harn_tui.console.review.changes import Review, ReviewHunk
from harn_tui.console.review.comment_editor import CommentEditor
from harn_tui.console.review.diff_view import DiffView
from harn_tui.console.review.feedback_preview import FeedbackPreview
from harn_tui.console.review.feedback_text import Feedback, compile_feedback
from harn_tui.console.review.verdicts import HunkDecision, Verdicts
from harn_tui.console.screens.performing import PerformingScreen
from harn_tui.errors import HarnError

SPLIT_COLUMNS = 120
"""From here on old and new stand side by side."""

_NO_EFFECT = "Verdicts change nothing on disk: they are for the model, once you send them."
_KEYS = (
    ("review_accept", "accept"),
    ("review_reject", "reject"),
    ("review_comment", "comment"),
    ("review_send", "send"),
    ("review_close", "back"),
    ("help", "keys"),
    ("review_next", "next"),
    ("review_clear", "take back"),
    ("review_layout", "layout"),
)
"""What the last row names, as far as it fits: the most important first."""


class ReviewScreen(PerformingScreen):
    """Heading, changes, what the keys do. It stays in step with the session below it.

    ``when`` says when the model would read a message sent now. ``send`` queues it and is ``None``
    for a recorded session; it may raise HarnError.
    """

    SCOPES = REVIEW_SCOPES
    BINDINGS = bindings_for("help", "palette", "next_theme", "suspend", "quit")
    DEFAULT_CSS = """
    ReviewScreen #review-heading {
        height: 1; padding: 0 1; background: $primary 20%; text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    ReviewScreen #review-notes {
        height: 2; padding: 0 1; color: $muted; background: $surface; text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    ReviewScreen.-short #review-notes { height: 1; }
    """

    def __init__(
        self,
        review: Review,
        verdicts: Verdicts,
        *,
        when: Callable[[], str],
        send: Callable[[str], object] | None,
        first_hunk: int = 0,
    ) -> None:
        super().__init__()
        self._review = review
        self._verdicts = verdicts
        self._when = when
        self._send = send
        self._first_hunk = first_hunk
        self._chosen_layout: bool | None = None
        self._waiting = 0
        self._diff = DiffView(verdicts, self._draw_words)

    def compose(self) -> ComposeResult:
        """Compose the screen from top to bottom."""
        yield Static(id="review-heading", markup=False)
        yield self._diff
        yield Static(id="review-notes", markup=False)

    def on_mount(self) -> None:
        """Show the hunk that the review was opened for, once the window has its size."""
        self._diff.focus()
        self.call_after_refresh(self._go_to_first)

    def _go_to_first(self) -> None:
        self._diff.go_to(self._first_hunk)

    def on_resize(self, event: events.Resize) -> None:
        """Take the layout that fits the width."""
        self._lay_out(event.size.width)

    def commands(self) -> Mapping[str, Callable[[], object]]:
        """Return what each action of this screen calls."""
        diff = self._diff
        return {
            "review_next": partial(diff.step_hunk, 1),
            "review_previous": partial(diff.step_hunk, -1),
            "review_next_file": partial(diff.step_file, 1),
            "review_previous_file": partial(diff.step_file, -1),
            "review_accept": partial(self._decide, HunkDecision.ACCEPTED),
            "review_reject": partial(self._decide, HunkDecision.REJECTED),
            "review_comment": self._comment,
            "review_clear": self._clear,
            "review_send": self._preview,
            "review_layout": self._toggle_layout,
            "review_up": partial(diff.scroll_rows, -1),
            "review_down": partial(diff.scroll_rows, 1),
            "review_page_up": partial(diff.scroll_pages, -1),
            "review_page_down": partial(diff.scroll_pages, 1),
            "review_first": partial(diff.go_to, 0),
            "review_last": lambda: diff.go_to(len(self._review.hunks) - 1),
            "review_left": partial(diff.scroll_sideways, -1),
            "review_right": partial(diff.scroll_sideways, 1),
            "review_close": self.dismiss,
            **{name: partial(self._app_action, f"{action}") for name, action in _APP_ACTIONS},
            "quit": self.app.exit,
        }

    def take(self, review: Review) -> None:
        """Show what has been changed by now; verdicts and the current hunk stay."""
        self._review = review
        self._lay_out(self.size.width)

    def say_waiting(self, count: int) -> None:
        """Say that ``count`` calls wait for an answer, which is given on the screen below."""
        if count != self._waiting:
            self._waiting = count
            self._draw_words()

    @property
    def current(self) -> ReviewHunk | None:
        """The hunk that the keys act on."""
        place = self._diff.current
        return None if place is None else self._review.hunks[place]

    @property
    def diff(self) -> DiffView:
        """The changes."""
        return self._diff

    def _lay_out(self, width: int) -> None:
        is_wide = width >= SPLIT_COLUMNS
        is_split = is_wide if self._chosen_layout is None else self._chosen_layout
        self._diff.show(self._review, is_split=is_split)

    def _toggle_layout(self) -> None:
        self._chosen_layout = not self._diff.is_split
        self._lay_out(self.size.width)

    def _decide(self, decision: HunkDecision) -> None:
        hunk = self.current
        if hunk is not None:
            self._verdicts.decide(hunk.key, decision)
            self._diff.step_hunk(1)

    def _clear(self) -> None:
        hunk = self.current
        if hunk is not None:
            self._verdicts.clear(hunk.key)
            self._redraw()

    def _comment(self) -> None:
        hunk = self.current
        if hunk is None:
            return

        def take(text: str | None) -> None:
            if text is not None:
                self._verdicts.comment(hunk.key, text)
                self._redraw()

        title = f"{one_line(hunk.path)}, {hunk.range}"
        self.app.push_screen(CommentEditor(title, self._verdicts.of(hunk.key).comment), take)

    def _preview(self) -> None:
        feedback = compile_feedback(self._review.hunks, self._verdicts)
        if self._send is None:
            self._tell("This is a recorded session: there is no model to tell.")
        elif feedback is None:
            self._tell("Nothing to tell the model: no hunk is newly rejected or commented.")
        else:
            preview = FeedbackPreview(feedback.text, self._when())
            self.app.push_screen(preview, partial(self._submit, feedback, self._send))

    def _submit(
        self, feedback: Feedback, send: Callable[[str], object], is_wanted: bool | None
    ) -> None:
        if not is_wanted:
            return
        try:
            send(feedback.text)
        except HarnError as error:
            self.app.notify(str(error), severity="error", markup=False)
            return
        self._verdicts.mark_sent(feedback.keys)
        self._redraw()
        self._tell(f"The review was queued; the model reads it {self._when()}.")

    def _tell(self, text: str) -> None:
        self.app.notify(text, markup=False)

    def _redraw(self) -> None:
        self._diff.refresh()
        self._draw_words()

    def _draw_words(self) -> None:
        if not self.is_mounted:
            return
        self.query_one("#review-heading", Static).update(self._heading())
        first = Content.styled(f"{self._waiting_words()}{_NO_EFFECT}", "$muted")
        keys = key_hints(_KEYS, self.size.width - 2)
        # On a short screen there is one row, for what is urgent.
        rows = [first, keys] if self.size.height >= SHORT_ROWS or self._waiting else [keys]
        self.query_one("#review-notes", Static).update(Content("\n").join(rows))

    def _waiting_words(self) -> str:
        if not self._waiting:
            return ""
        calls = "1 call waits" if self._waiting == 1 else f"{self._waiting} calls wait"
        return f"{calls} for your answer: {key_of('review_close')} goes there. "

    def _heading(self) -> Content:
        hunks = self._review.hunks
        place = "" if self._diff.current is None else f"{self._diff.current + 1} of "
        counts = [f"hunk {place}{len(hunks)}" if hunks else "no hunk"]
        verdicts = [self._verdicts.of(hunk.key) for hunk in hunks]
        for decision in HunkDecision:
            count = sum(verdict.decision is decision for verdict in verdicts)
            counts += [f"{count} {decision.value}"] if count else []
        commented = sum(bool(verdict.comment) for verdict in verdicts)
        counts += [f"{commented} commented"] if commented else []
        counts += [f"{self._review.hidden:,} not shown"] if self._review.hidden else []
        return Content.assemble(("Review of changes", "bold"), f"  {' · '.join(counts)}")


_APP_ACTIONS = (
    ("help", "show_help"),
    ("palette", "command_palette"),
    ("next_theme", "next_theme"),
    ("suspend", "suspend_process"),
)
