"""Going back in a session, on the screen: what is shown, what keys do, what is never done."""

import threading
from collections.abc import Sequence

import pytest
from textual.widgets import Static

from harn_tui.console.actions import REWIND_SCOPES, actions_of
from harn_tui.console.screens.rewind import RewindScreen
from harn_tui.console.screens.rewinding import ReplayedPlace
from harn_tui.console.transcript.clock_time import clock_time
from harn_tui.errors import ConfigError, SnapshotError
from harn_tui.session.rewind_scope import RewindScope
from harn_tui.session.rewinding import PointChanges, PreviewedFile, RewindPreview, RewindResult
from harn_tui.store.rewind_points import RewindPoint
from tests.unit.console import scenes
from tests.unit.console.conftest import Console, OpenConsole
from tests.unit.console.stand_ins import FakeSession
from tests.unit.console.test_actions import spy_on
from tests.unit.console.test_replay import open_replay

POINTS = [
    (RewindPoint(None, 0, 3, 1_000, "the very first"), PointChanges()),
    (RewindPoint(3, 4, 9, 2_000, "add a parser"), PointChanges(2, 10, 3)),
    (RewindPoint(9, 10, None, 3_000, "fix \x1b[31mit"), PointChanges(1, 1, 0)),
]
FILES = (
    PreviewedFile("src/parser.py", "changed", is_yours=False, is_yours_alone=False),
    PreviewedFile("new\nname", "deleted", is_yours=False, is_yours_alone=False),
    PreviewedFile("both.py", "changed", is_yours=True, is_yours_alone=False),
    PreviewedFile("mine.py", "deleted", is_yours=True, is_yours_alone=True),
)
DIFF = "diff --git a/src/parser.py b/src/parser.py\n@@ -1 +1 @@\n-now\n+then \x1b[2J\n"


class FakeRewinding:
    """Answers from lists; ``calls`` has what was asked for."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []
        self.told: list[RewindResult] = []
        self.error: SnapshotError | None = None

    def points(self) -> list[tuple[RewindPoint, PointChanges]]:
        return POINTS

    def preview(self, index: int) -> RewindPreview:
        self.calls.append(("preview", index))
        if index == -1:
            raise SnapshotError("The snapshots of these files are not there any more.")
        return RewindPreview(FILES, DIFF, "diff --git a/both.py b/both.py\n-of both\n")

    def rewind(
        self, index: int, scope: RewindScope, *, with_yours: bool = False, draft: str = ""
    ) -> RewindResult:
        if self.error is not None:
            raise self.error
        self.calls.append(("rewind", index, scope, with_yours, draft))
        fork_id = "fork" if scope.has_conversation else None
        files = ("src/parser.py",) if scope.has_files else ()
        kept = (("mine.py", "yours"),) if scope.has_files else ()
        return RewindResult(fork_id, files, kept, "a", "b", index, has_files=scope.has_files)

    def undo(self) -> RewindResult:
        self.calls.append(("undo",))
        return RewindResult(None, ("src/parser.py",), (), "b", "a", None, has_files=True)

    def warnings(self) -> Sequence[str]:
        return ["Another session is open in process 7 and may change files now."]

    def tell(self, session_id: str, result: RewindResult) -> None:
        self.told.append(result)

    @property
    def done(self) -> list[tuple[object, ...]]:
        return [call for call in self.calls if call[0] != "preview"]


@pytest.fixture
def rewinding() -> FakeRewinding:
    return FakeRewinding()


async def open_rewind(console: Console, rewinding: FakeRewinding) -> RewindScreen:
    await console.press("alt+u")
    await console.until(lambda: isinstance(console.app.screen, RewindScreen))
    screen = console.app.screen
    assert isinstance(screen, RewindScreen)
    await console.until(lambda: ("preview", 9) in rewinding.calls)
    await console.until(lambda: "src/parser.py" in text(screen))
    return screen


def told(console: Console) -> str:
    return "\n".join(notification.message for notification in console.app._notifications)


def text(screen: RewindScreen, widget: str = "text") -> str:
    return str(screen.query_one(f"#rewind-{widget}", Static).render())


def use(rewinding: FakeRewinding) -> "dict[str, object]":
    def prepare(session: FakeSession) -> None:
        session.rewinding = rewinding

    return {"prepare": prepare, "size": (120, 40)}


async def test_every_key_of_the_screen_performs_its_action(
    open_console: OpenConsole, rewinding: FakeRewinding, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_console(**use(rewinding)) as console:
        screen = await open_rewind(console, rewinding)
        own = {"help", "palette", "next_theme", "suspend", "quit"}
        actions = actions_of(*REWIND_SCOPES)
        assert set(screen.commands()) - own == {action.id for action in actions}
        performed = spy_on(screen, monkeypatch)
        for action in actions:
            for key in action.keys:
                performed.clear()
                await console.pilot.press(key)
                assert (key, performed) == (key, [action.id])


async def test_lines_files_warnings_and_differences_are_shown_without_control_characters(
    open_console: OpenConsole, rewinding: FakeRewinding
) -> None:
    async with open_console(**use(rewinding)) as console:
        screen = await open_rewind(console, rewinding)
        assert screen.chosen == POINTS[2][0], "the newest line comes first"
        preview = text(screen)
        assert "2 files brought back:" in preview
        assert "− new name" in preview
        assert "2 files kept that you changed:" in preview
        assert "both.py (you and the agent)" in preview
        assert "+then" in preview
        assert "of both" not in preview
        assert "\x1b" not in preview
        foot = text(screen, "foot")
        assert "process 7" in foot
        assert "cannot be undone" in foot
        rows = [screen._list.render_line(y).text for y in range(3)]
        assert "+1 −0 in 1 file" in rows[0]
        assert "+10 −3 in 2 files" in rows[1]
        assert "no files" in rows[2]
        assert not any("\x1b" in row for row in rows)


async def test_with_yours_takes_what_both_changed_and_never_what_is_yours_alone(
    open_console: OpenConsole, rewinding: FakeRewinding
) -> None:
    async with open_console(**use(rewinding)) as console:
        screen = await open_rewind(console, rewinding)
        await console.pilot.press("y")
        preview = text(screen)
        assert "3 files brought back:" in preview
        assert "1 file kept that you changed:" in preview
        assert "of both" in preview
        await console.pilot.press("tab", "tab", "enter")
        await console.until(lambda: not isinstance(console.app.screen, RewindScreen))
        assert rewinding.done == [("rewind", 9, RewindScope.FILES, True, "fix \x1b[31mit")]


async def test_files_alone_stay_in_the_session_and_the_line_goes_into_the_prompt(
    open_console: OpenConsole, rewinding: FakeRewinding
) -> None:
    async with open_console(**use(rewinding)) as console:
        screen = await open_rewind(console, rewinding)
        await console.pilot.press("down", "s", "s")
        assert "files only" in text(screen, "heading")
        await console.pilot.press("enter")
        await console.until(lambda: not isinstance(console.app.screen, RewindScreen))
        assert rewinding.done == [("rewind", 3, RewindScope.FILES, False, "add a parser")]
        assert [result.at_index for result in rewinding.told] == [3]
        assert console.prompt.text == "add a parser"


async def test_a_draft_is_not_lost_to_the_old_line(
    open_console: OpenConsole, rewinding: FakeRewinding
) -> None:
    async with open_console(**use(rewinding)) as console:
        await console.type("a thought")
        await open_rewind(console, rewinding)
        await console.pilot.press("s", "s", "enter")
        await console.until(lambda: bool(rewinding.told))
        assert console.prompt.text == "a thought"


async def test_while_a_run_is_active_nothing_is_rewound(
    open_console: OpenConsole, rewinding: FakeRewinding
) -> None:
    async with open_console(**use(rewinding)) as console:
        console.session.is_running = True
        screen = await open_rewind(console, rewinding)
        assert "A run is active" in text(screen, "foot")
        await console.pilot.press("enter", "u")
        await console.pilot.pause()
        assert rewinding.done == []
        assert console.app.screen is screen


async def test_before_the_first_line_there_is_no_conversation_and_failures_are_told(
    open_console: OpenConsole, rewinding: FakeRewinding
) -> None:
    async with open_console(**use(rewinding)) as console:
        screen = await open_rewind(console, rewinding)
        await console.pilot.press("down", "down")
        await console.until(lambda: "not there any more" in text(screen))
        await console.pilot.press("tab")
        assert text(screen) == "The files stay as they are."
        await console.pilot.press("tab")
        assert "not there any more" in text(screen), "said again where files are concerned again"
        await console.pilot.press("tab", "enter")
        await console.pilot.pause()
        assert rewinding.done == []
        rewinding.error = SnapshotError("The disk is full.")
        await console.pilot.press("up", "enter")
        await console.until(
            lambda: any("disk is full" in n.message for n in console.app._notifications)
        )
        assert console.app.screen is screen, "what could not be done can be tried again"


async def test_undo_is_offered_and_leaving_changes_nothing(
    open_console: OpenConsole, rewinding: FakeRewinding
) -> None:
    async with open_console(**use(rewinding)) as console:
        await open_rewind(console, rewinding)
        await console.pilot.press("escape")
        await console.until(lambda: console.app.screen is console.screen)
        assert rewinding.done == []
        await open_rewind(console, rewinding)
        await console.pilot.press("u")
        await console.until(lambda: bool(rewinding.told))
        assert rewinding.done == [("undo",)]
        assert "The conversation stays" in told(console)
        console.screen.action_perform("undo_rewind")
        await console.until(lambda: len(rewinding.told) == 2)


async def test_what_goes_back_in_a_replay_is_made_in_a_thread_when_it_is_wanted(
    rewinding: FakeRewinding,
) -> None:
    made: list[threading.Thread] = []

    def make() -> FakeRewinding:
        made.append(threading.current_thread())
        if len(made) == 1:
            raise ConfigError("The configuration is broken.")
        return rewinding

    async with open_replay(scenes.run_start()) as (screen, pilot):
        screen.rewinder.use(make, ReplayedPlace(lambda: screen.shown_record, lambda _: None))
        assert not made
        await pilot.press("alt+u")
        while not screen.app._notifications:
            await pilot.pause(0.005)
        assert [n.message for n in screen.app._notifications] == ["The configuration is broken."]
        for _ in range(2):
            await pilot.press("alt+u")
            while not isinstance(screen.app.screen, RewindScreen):
                await pilot.pause(0.005)
            await pilot.press("escape")
        assert len(made) == 2, "kept once it is there"
        assert threading.main_thread() not in made


async def test_a_session_that_nothing_stores_says_so(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.press("alt+u")
        await console.until(lambda: bool(console.app._notifications))
        assert console.app.screen is console.screen


@pytest.mark.parametrize("size", [(80, 24), (100, 30)])
async def test_a_replay_goes_back_to_where_it_stands(
    rewinding: FakeRewinding, size: tuple[int, int]
) -> None:
    forks: list[str] = []
    async with open_replay(scenes.run_start(), size=size) as (screen, pilot):
        screen.rewinder.use(
            lambda: rewinding, ReplayedPlace(lambda: screen.shown_record, forks.append)
        )
        await pilot.press("right", "right", "alt+u")
        while not isinstance(screen.app.screen, RewindScreen):
            await pilot.pause(0.005)
        while ("preview", 1) not in rewinding.calls:
            await pilot.pause(0.005)
        record = screen.shown_record
        assert record is not None
        row = screen.app.screen._list.render_line(0).text
        when = clock_time(record.emitted_at_ms)
        assert row.rstrip() == f" {when}  where the replay stands (event 1)"
        await pilot.press("enter")
        while not forks:
            await pilot.pause(0.005)
        assert rewinding.done == [("rewind", 1, RewindScope.BOTH, False, "")]
        assert forks == ["fork"]
