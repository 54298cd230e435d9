"""Keys that edit act among the characters that were typed around them, however fast they come."""

from collections.abc import Callable

import pytest
from textual import events
from textual.app import App, ComposeResult
from textual.widget import Widget
from textual.widgets import Input, TextArea

from harn_tui.console.find.bar import FindLine
from harn_tui.console.keys_in_order import InputLine
from harn_tui.console.prompt.prompt import Prompt
from harn_tui.console.review.comment_editor import _Editor


class Box(App[None]):
    def __init__(self, make: Callable[[], Widget]) -> None:
        super().__init__()
        self._make = make

    def get_css_variables(self) -> dict[str, str]:
        ours = dict.fromkeys(("line", "muted", "faint"), "white")
        return super().get_css_variables() | ours

    def compose(self) -> ComposeResult:
        yield self._make()


@pytest.mark.parametrize("make", [Prompt, FindLine, _Editor, InputLine])
async def test_keys_that_arrive_together_act_one_after_the_other(
    make: Callable[[], Widget],
) -> None:
    app = Box(make)
    async with app.run_test() as pilot:
        (box,) = app.screen.children
        box.can_focus = True
        box.focus()
        await pilot.pause()
        for key in ("a", "b", "backspace", "c", "left", "d", "ctrl+u", "e"):
            character = key if len(key) == 1 else None
            app.post_message(events.Key(key, character))
        await pilot.pause()
        assert isinstance(box, Input | TextArea)
        assert (box.value if isinstance(box, Input) else box.text) == "ec"
