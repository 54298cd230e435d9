"""Edits the rule that an approval would keep for good, and shows what it would have allowed.

A modal screen that a person opens; Enter keeps the rule and allows the call, Escape goes back
without an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Input, Static

from harn_tui.console.approval.earlier_calls import one_call
from harn_tui.console.approval.guard import ARMING_MS, AnswerGuard
from harn_tui.console.breakpoints import SHORT_ROWS
from harn_tui.console.keys_in_order import InputLine
from harn_tui.console.plain_text import one_line, revealed
from harn_tui.console.ports import Clock
from harn_tui.console.screens.popup import Popup
from harn_tui.json_types import JsonObject
from harn_tui.kinds import RulePlace
from harn_tui.permissions.chosen_rule import ChosenRule

if TYPE_CHECKING:
    from harn_tui.permissions.rule_files import RuleFile
    from harn_tui.permissions.rule_trial import RuleTrial

SHOWN_CALLS = 3
_NO_CONTROLS = r"[^\x00-\x1f\x7f-\x9f]*"
_PLACES = {RulePlace.USER: "all folders", RulePlace.PROJECT: "this project"}


class RuleEditor(Popup[ChosenRule | None]):
    """Gives the rule, ``None`` when it was closed.

    ``earlier`` are the arguments of the session's calls of the same tool, newest first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+c", "close", "Close", show=False, priority=True),
        Binding("tab,shift+tab", "other_place", "Other place", show=False, priority=True),
        Binding("pageup", "scroll_call(-1)", "Scroll the call", show=False),
        Binding("pagedown", "scroll_call(1)", "Scroll the call", show=False),
    ]

    SCOPED_CSS = False
    DEFAULT_CSS = """
    RuleEditor { align: center middle; background: $background 70%; }
    RuleEditor #rule-box {
        width: 90; max-width: 100%; height: auto; max-height: 100%; padding: 0 1;
        background: $surface; border: heavy $warning; border-title-color: $warning;
        border-title-style: bold; border-subtitle-color: $faint; overflow: hidden;
    }
    RuleEditor #rule-box.-armed {
        border-subtitle-color: $warning; border-subtitle-style: bold;
    }
    RuleEditor Static { height: auto; }
    RuleEditor #rule-call-place { height: auto; max-height: 6; scrollbar-size: 0 1; }
    RuleEditor .rule-label { color: $muted; }
    RuleEditor Input, RuleEditor Input:focus {
        height: 1; border: none; padding: 0 1; background: $panel;
    }
    RuleEditor .-spaced { margin: 1 0 0 0; }
    RuleEditor.-short .-spaced { margin: 0; }
    RuleEditor.-short .rule-label { display: none; }
    RuleEditor.-short #rule-call-place { max-height: 2; }
    """

    def __init__(
        self,
        trial: RuleTrial,
        files: Sequence[RuleFile],
        earlier: Sequence[JsonObject],
        *,
        title: str,
        call: Content,
        now_ms: Clock,
    ) -> None:
        super().__init__()
        self.VERTICAL_BREAKPOINTS = [(0, "-short"), (SHORT_ROWS, "-tall")]
        self._trial = trial
        self._files = files
        self._earlier = earlier
        self._title = title
        self._call = call
        self._guard = AnswerGuard(now_ms)
        self._place = len(files) - 1
        proposal = trial.proposal
        pattern = "" if proposal is None else proposal.pattern
        self._is_shown_whole = _is_plain(pattern)
        self._first = pattern if self._is_shown_whole else ""

    def compose(self) -> ComposeResult:
        """Compose call, pattern, what is wrong with it, place, and earlier calls."""
        with Vertical(id="rule-box") as box:
            box.border_title = Content(self._title)
            box.border_subtitle = Content("Enter keeps and allows · Esc back")
            with VerticalScroll(id="rule-call-place", can_focus=False):
                yield Static(self._call, id="rule-call", markup=False)
            yield Static(self._label(), classes="rule-label -spaced", markup=False)
            yield InputLine(
                self._first, restrict=_NO_CONTROLS, id="rule-pattern", select_on_focus=False
            )
            yield Static(id="rule-verdict", markup=False)
            yield Static(id="rule-place", classes="-spaced", markup=False)
            yield Static(id="rule-earlier", classes="-spaced", markup=False)

    def on_mount(self) -> None:
        """Begin the delay before which Enter does not count; its hint lights up at the end."""
        self._guard.rearm()
        self._light_up_later()
        self.query_one(Input).focus()
        self._show_place()
        self._show_pattern(self._first)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Try the pattern out."""
        message.stop()
        self._show_pattern(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Give the rule, unless it cannot be given or the key is not meant for it."""
        message.stop()
        if self._problem(message.value) is None and self._guard.accepts("enter"):
            self.dismiss(ChosenRule(message.value, self._files[self._place].place))

    def on_paste(self, event: events.Paste) -> None:
        """Keep pasted text from the screen below."""
        event.stop()

    def action_close(self) -> None:
        """Give none."""
        self.dismiss(None)

    def action_scroll_call(self, pages: int) -> None:
        """Scroll a call that is too long to be seen at once."""
        place = self.query_one("#rule-call-place", VerticalScroll)
        place.scroll_relative(y=pages * max(1, place.size.height), animate=False)

    def action_other_place(self) -> None:
        """Keep the rule in the other file."""
        self._place = (self._place + 1) % len(self._files)
        self._show_place()

    def _light_up_later(self) -> None:
        self.set_timer(ARMING_MS / 1000 + 0.02, self._light_up)

    def _light_up(self) -> None:
        if self._guard.is_armed:
            self.query_one("#rule-box").add_class("-armed").refresh()
        else:
            # The timer's clock may be ahead of the guard's, and a timer fires only once.
            self._light_up_later()

    def _label(self) -> str:
        argument = self._trial.argument
        what = f"whose {one_line(revealed(argument))} matches" if argument else "that match"
        note = "" if self._is_shown_whole else " (what was proposed cannot be shown here)"
        return f"Allow calls {what}{note}   * any text   ? one character"

    def _problem(self, pattern: str) -> str | None:
        if not _is_plain(pattern):
            return f"It has characters that cannot be seen: {revealed(pattern)}"
        return self._trial.problem(pattern)

    def _show_pattern(self, pattern: str) -> None:
        problem = self._problem(pattern)
        verdict = self.query_one("#rule-verdict", Static)
        if problem is None:
            verdict.update(Content.styled("✓ It lets this call through.", "$success"))
        else:
            verdict.update(Content.styled(f"✗ {problem}", "$error"))
        self.run_worker(self._try_out(pattern), exclusive=True, group="try out")

    async def _try_out(self, pattern: str) -> None:
        """Show which earlier calls the pattern would have allowed; newer keys end this."""
        earlier = self.query_one("#rule-earlier", Static)
        if not self._earlier or self._trial.call.inner_paths:
            earlier.update(Content.styled("No earlier calls to try it on.", "$muted"))
            return
        allowed = await asyncio.to_thread(self._trial.allowed_by, pattern, self._earlier)
        earlier.update(self._allowed(allowed))

    def _allowed(self, allowed: Sequence[JsonObject]) -> Content:
        count = f"It would have allowed {len(allowed)} of {len(self._earlier)} earlier calls"
        rows = [one_call(arguments, self._trial.argument) for arguments in allowed[:SHOWN_CALLS]]
        more = len(allowed) - len(rows)
        lines = [
            Content.styled(f"{count}{':' if rows else '.'}", "$muted"),
            *(
                Content(f"  {row}").truncate(max(20, self.size.width - 8), ellipsis=True)
                for row in rows
            ),
            *([Content.styled(f"  and {more} more", "$muted")] if more else []),
        ]
        return Content("\n").join(lines)

    def _show_place(self) -> None:
        parts: list[Content | tuple[str, str]] = [("Kept for  ", "$muted")]
        for number, file in enumerate(self._files):
            is_chosen = number == self._place
            mark, style = ("●", "bold $accent") if is_chosen else ("○", "$muted")
            parts.append((f"{mark} {_PLACES[file.place]}  ", style))
        if len(self._files) > 1:
            parts.append(("Tab changes it", "$muted"))
        else:
            parts.append(("a trusted folder can keep rules of its own", "$muted"))
        path = revealed(_short(self._files[self._place].path))
        parts.append((f"\n{path}", "$muted"))
        self.query_one("#rule-place", Static).update(Content.assemble(*parts))


def _is_plain(text: str) -> bool:
    """Whether every character of ``text`` can be seen in a field of one line."""
    return "\n" not in text and revealed(text) == text


def _short(path: Path) -> str:
    home = Path.home()
    return f"~/{path.relative_to(home)}" if path.is_relative_to(home) else str(path)
