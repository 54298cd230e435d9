"""The effects of the keys on the screen on which a person goes back in a session."""

from collections.abc import Callable
from dataclasses import dataclass, field

from textual.containers import VerticalScroll
from textual.pilot import Pilot

from harn_tui.console.screens.rewind import RewindScreen
from harn_tui.session.rewind_scope import RewindScope
from harn_tui.session.rewinding import RewindPreview
from tests.unit.console.conftest import Console
from tests.unit.console.key_effects.effect import Effect
from tests.unit.console.test_rewind import DIFF, FILES, POINTS, FakeRewinding, open_rewind, text

LAST = len(POINTS) - 1


class LongRewinding(FakeRewinding):
    """Its differences are longer than any screen."""

    def preview(self, index: int) -> RewindPreview:
        super().preview(index)
        return RewindPreview(FILES, DIFF + "+a line\n" * 200, "")


@dataclass
class OpenRewind:
    """A rewind over a console in which no run is active."""

    console: Console
    screen: RewindScreen = field(init=False)
    rewinding: LongRewinding = field(init=False)

    @property
    def pilot(self) -> Pilot[int]:
        return self.console.pilot

    @property
    def place(self) -> int:
        """The row of the chosen line; the newest one is at the top."""
        chosen = self.screen.chosen
        assert chosen is not None
        return [point for point, _ in reversed(POINTS)].index(chosen)

    @property
    def preview(self) -> VerticalScroll:
        return self.screen.query_one("#rewind-preview", VerticalScroll)


async def _afresh(rewind: OpenRewind, *keys: str) -> int:
    """Open the screen anew, and press ``keys`` there; return where the cursor is then."""
    console = rewind.console
    while console.app.screen is not console.screen:
        console.app.screen.dismiss(None)
        await console.pilot.pause()
    rewind.rewinding = LongRewinding()
    console.session.rewinding = rewind.rewinding
    rewind.screen = await open_rewind(console, rewind.rewinding)
    await console.pilot.press(*keys)
    return rewind.place


async def _scrolled(rewind: OpenRewind, *keys: str) -> float:
    await _afresh(rewind)
    await rewind.console.until(lambda: rewind.preview.max_scroll_y > 0)
    await rewind.pilot.press(*keys)
    await rewind.pilot.pause()
    return rewind.preview.scroll_offset.y


def _goes(where: Callable[[int], int], *keys: str) -> Effect[OpenRewind]:
    return Effect(lambda r: _afresh(r, *keys), lambda r, was: r.place == where(was))


def _scrolls(step: int, *keys: str) -> Effect[OpenRewind]:
    return Effect(
        lambda r: _scrolled(r, *keys),
        lambda r, was: (r.preview.scroll_offset.y - was) * step > 0,
    )


def _is_left(rewind: OpenRewind) -> bool:
    return rewind.console.app.screen is rewind.console.screen


REWIND: dict[str, Effect[OpenRewind]] = {
    "rewind_up": _goes(lambda was: was - 1, "pagedown"),
    "rewind_down": _goes(lambda was: was + 1),
    "rewind_page_up": _goes(lambda _: 0, "pagedown"),
    "rewind_page_down": _goes(lambda _: LAST),
    "rewind_diff_up": _scrolls(-1, "shift+down", "shift+down"),
    "rewind_diff_down": _scrolls(1),
    "rewind_scope": Effect(_afresh, lambda r, _: "conversation only" in text(r.screen, "heading")),
    "rewind_yours": Effect(_afresh, lambda r, _: "with yours" in text(r.screen, "heading")),
    "rewind_go": Effect(
        _afresh,
        lambda r, _: (
            _is_left(r)
            and r.rewinding.done == [("rewind", 9, RewindScope.BOTH, False, POINTS[LAST][0].text)]
        ),
    ),
    "rewind_undo": Effect(_afresh, lambda r, _: _is_left(r) and r.rewinding.done == [("undo",)]),
    "rewind_close": Effect(_afresh, lambda r, _: _is_left(r) and not r.rewinding.done),
}
