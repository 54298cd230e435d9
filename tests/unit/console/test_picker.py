import threading
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static

from harn_tui.console.actions import actions_of
from harn_tui.console.app import HarnApp
from harn_tui.console.panels.rows import RowList
from harn_tui.console.picker.choice_list import ChoiceList
from harn_tui.console.picker.foot import Foot
from harn_tui.console.picker.narrowing import Narrowing
from harn_tui.console.picker.preview import preview_content
from harn_tui.console.picker.rows import SessionRows, age_words
from harn_tui.console.picker.screen import PickerScreen
from harn_tui.console.themes import DARK_THEME
from harn_tui.errors import SessionLockedError, StoreError
from harn_tui.kinds import LoopStatus
from harn_tui.store.index.search import SearchHit, SearchResult
from harn_tui.store.index.session_rows import SessionList
from harn_tui.store.last_words import LastWords
from harn_tui.store.listing import SessionSummary
from harn_tui.store.session_folder import SessionFolder
from tests.unit.console.stand_ins import START_MS
from tests.unit.console.test_actions import spy_on

HERE = "/home/me/paging"
HOUR_MS = 3_600_000


def session(
    session_id: str,
    title: str | None,
    hours: int,
    cwd: str = HERE,
    status: LoopStatus | None = LoopStatus.DONE,
) -> SessionSummary:
    return SessionSummary(
        SessionFolder(session_id, Path(session_id)),
        session_id,
        START_MS - hours * HOUR_MS,
        title=title,
        model="claude-sonnet-5",
        cwd=cwd,
        record_count=412,
        last_status=status,
        turns=hours + 1,
        cost_usd=0.02 * hours,
    )


SESSIONS = (
    session("0199-aaaa", "Fix the last page of the listing", 1),
    replace(session("0199-bbbb", "Watch the build", 2, "/home/me/build", None), owner_pid=4242),
    session("0199-cccc", "Add retries to the uploader", 30, "/home/me/uploader", LoopStatus.STUCK),
    replace(session("0199-dddd", "mender: mend it", 31), worker_name="mender"),
    session("0199-eeee", None, 200),
    replace(
        session("0199-ffff", "hostile \x1b[31m title [bold]x[/bold]\n\u202e", 3_000),
        problems=("The end of the log cannot be read.",),
    ),
)
WORDS = (
    LastWords("Fix the last page of the listing, please", True, False, False),
    LastWords("I look at the paging code.", False, False, False),
    LastWords("read_file\nsrc/paging.py", False, True, False),
    LastWords("run_command\n2 failed", False, True, True),
    LastWords("The division rounds down; \x1b[31mI mend it.", False, False, False),
)


class FakeStore:
    """Sessions in memory; what is asked of it is noted."""

    def __init__(self, sessions: Sequence[SessionSummary] = SESSIONS) -> None:
        self.all = list(sessions)
        self.queries: list[str] = []
        self.notice: str | None = None
        self.failure: StoreError | None = None
        self.may_read = threading.Event()
        self.may_read.set()

    def sessions(self) -> SessionList:
        return SessionList(list(self.all), self.notice)

    def read_logs(
        self, on_progress: Callable[[int, int], object], is_stopped: Callable[[], bool]
    ) -> None:
        on_progress(3, 12)
        while not self.may_read.wait(0.005):
            if is_stopped():
                return
        on_progress(12, 12)

    def fork(self, folder: Path) -> str:
        if self.failure is not None:
            raise self.failure
        return f"fork-of-{folder.name}"

    def search(self, text: str) -> SearchResult:
        self.queries.append(text)
        if not text.strip():
            return SearchResult([])
        excerpt = "…the division rounds down, so \x1b[1mthe last page is lost…"
        hits = [
            SearchHit(self.all[0], 37, 2, START_MS - HOUR_MS, excerpt),
            SearchHit(self.all[2], 120, 9, START_MS - 30 * HOUR_MS, "def page(number):"),
        ]
        return SearchResult(
            hits, ("is:odd is not known; there is is:error.",) if "odd" in text else ()
        )

    def last_words(self, session: SessionSummary, count: int) -> list[LastWords]:
        return list(WORDS[-count:])

    def rename(self, session: SessionSummary, title: str) -> None:
        if self.failure is not None:
            raise self.failure
        place = self.all.index(session)
        self.all[place] = replace(session, title=title)

    def delete(self, session: SessionSummary) -> list[str]:
        if self.failure is not None:
            raise self.failure
        self.all.remove(session)
        return [session.session_id]


class Picker:
    """A running picker and the means to look at it."""

    def __init__(self, screen: PickerScreen, app: HarnApp, pilot: Pilot[int]) -> None:
        self.screen = screen
        self.app = app
        self.pilot = pilot

    @property
    def source(self) -> RowList | None:
        return self.screen.query_one(ChoiceList).source

    @property
    def rows(self) -> list[str]:
        source = self.source
        count = 0 if source is None else source.count()
        return ["".join(run.text for run in source.row(n, 76)) for n in range(count)]  # type: ignore[union-attr]

    @property
    def foot(self) -> str:
        return self.screen.query_one(Foot).render().plain

    @property
    def preview(self) -> str:
        return str(self.screen.query_one("#preview", Static).render())

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            await self.pilot.pause(0.005)

    async def type(self, text: str) -> None:
        await self.pilot.press(*text)
        await self.until(lambda: self.screen.query_one(Input).value.endswith(text))

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()


@asynccontextmanager
async def open_picker(
    store: FakeStore | None = None, size: tuple[int, int] = (80, 24), *, waits: bool = True
) -> AsyncIterator[Picker]:
    screen = PickerScreen(store or FakeStore(), HERE, lambda: START_MS)
    app = HarnApp(screen, screen.open, theme_name=DARK_THEME)
    async with app.run_test(size=size) as pilot:
        picker = Picker(screen, app, pilot)
        if waits:
            await picker.until(lambda: screen.is_loaded)
        yield picker


def titles(picker: Picker) -> list[str]:
    return [row.strip().split("  ")[0] for row in picker.rows]


def test_a_session_that_waits_for_an_approval_can_be_told_from_the_others() -> None:
    asking = replace(session("0199-gggg", "Tidy up", 0, status=None), open_request="write_file: x")
    row = "".join(run.text for run in SessionRows([asking], HERE, START_MS).row(0, 76))
    assert row.startswith(" ? Tidy up")
    preview = preview_content(asking, None, [], 10).plain
    assert "waits for your approval" in preview
    assert "? write_file: x" in preview
    assert "1 turn ·" in preview


async def test_sessions_of_this_folder_come_first_and_those_of_agents_not_at_all() -> None:
    async with open_picker() as picker:
        assert titles(picker) == [
            "✓ Fix the last page of the listing",
            "✓ (no request yet)",
            "! hostile ␛[31m title [bold]x[/bold] ⟨202E⟩",
            "● Watch the build",
            "✗ Add retries to the uploader",
        ]
        assert "uploader" in picker.rows[4]
        assert "\x1b" not in "".join(picker.rows)


async def test_typing_narrows_by_title_folder_and_id_with_gaps() -> None:
    async with open_picker() as picker:
        await picker.type("upl")
        await picker.until(lambda: titles(picker) == ["✗ Add retries to the uploader"])
        await picker.press("escape")
        await picker.type("ftlp")
        await picker.until(lambda: titles(picker) == ["✓ Fix the last page of the listing"])
        await picker.press("escape")
        await picker.type("xyzzy")
        await picker.until(lambda: picker.rows == [])
        await picker.press("enter")
        assert picker.app.is_running


async def test_tab_shows_this_folder_alone() -> None:
    async with open_picker() as picker:
        await picker.press("tab")
        await picker.until(lambda: len(picker.rows) == 3)
        assert "this folder" in picker.foot
        await picker.press("tab")
        await picker.until(lambda: len(picker.rows) == 5)


async def test_enter_chooses_the_row_under_the_cursor() -> None:
    async with open_picker() as picker:
        await picker.press("down", "down", "down", "enter")

    assert picker.screen.choice is not None
    assert picker.screen.choice.session.session_id == "0199-bbbb"
    assert not picker.screen.choice.replays


async def test_escape_clears_what_is_typed_then_leaves_without_a_choice() -> None:
    async with open_picker() as picker:
        await picker.type("fix")
        await picker.press("escape")
        assert picker.screen.query_one(Input).value == ""
        assert picker.app.is_running
        await picker.press("escape")
    assert picker.screen.choice is None


@pytest.mark.parametrize("keys", [["ctrl+f"], ["slash"]])
async def test_searching_shows_places_and_replays_from_one(keys: list[str]) -> None:
    store = FakeStore()
    async with open_picker(store) as picker:
        await picker.press(*keys)
        await picker.type("page")
        await picker.until(lambda: len(picker.rows) == 4)
        assert "event 37" in picker.rows[0]
        assert "rounds down" in picker.rows[1]
        assert "\x1b" not in "".join(picker.rows)
        await picker.press("down")
        await picker.until(lambda: "event 120 · turn 9" in picker.preview)
        await picker.press("ctrl+r")

    assert store.queries[-1] == "page"
    choice = picker.screen.choice
    assert choice is not None
    assert (choice.session.session_id, choice.replays, choice.event_index) == (
        "0199-cccc",
        True,
        120,
    )


async def test_what_was_typed_is_searched_and_narrows_again() -> None:
    store = FakeStore()
    async with open_picker(store) as picker:
        await picker.type("fix")
        await picker.press("ctrl+f")
        await picker.until(lambda: "fix" in store.queries)
        await picker.press("ctrl+f")
        await picker.until(lambda: titles(picker) == ["✓ Fix the last page of the listing"])


async def test_what_is_wrong_with_a_query_is_told() -> None:
    async with open_picker() as picker:
        await picker.type("/is:odd")
        await picker.until(lambda: "is:odd is not known" in picker.foot)


async def test_the_preview_shows_facts_and_the_last_words() -> None:
    async with open_picker() as picker:
        await picker.until(lambda: "I mend it." in picker.preview)
        assert "412 events" in picker.preview
        assert "\x1b" not in picker.preview
        await picker.press("down", "down")
        await picker.until(lambda: "The end of the log cannot be read." in picker.preview)
        await picker.press("down")
        await picker.until(lambda: "open in process 4242" in picker.preview)


async def test_deleting_asks_for_a_second_press() -> None:
    store = FakeStore()
    async with open_picker(store) as picker:
        await picker.press("alt+d", "down", "alt+d")
        assert len(store.all) == 6
        assert "Alt+d again" in picker.foot
        await picker.press("alt+d")
        await picker.until(lambda: "In the trash: (no request yet)" in picker.foot)
        assert len(picker.rows) == 4


async def test_what_cannot_be_deleted_is_told() -> None:
    store = FakeStore()
    store.failure = SessionLockedError("The session is open in process 7.")
    async with open_picker(store) as picker:
        await picker.press("alt+d", "alt+d")
        await picker.until(lambda: "open in process 7" in picker.foot)
        assert len(picker.rows) == 5


async def test_a_session_is_renamed() -> None:
    async with open_picker() as picker:
        await picker.press("down", "alt+n")
        await picker.until(lambda: picker.app.screen is not picker.screen)
        await picker.pilot.press(*"pears", "enter")
        await picker.until(lambda: "✓ pears" in titles(picker))
        await picker.press("alt+n")
        await picker.until(lambda: picker.app.screen is not picker.screen)
        await picker.press("escape")
        assert picker.app.screen is picker.screen
        assert picker.screen.query_one(ChoiceList).cursor == 1


async def test_the_reading_of_logs_is_shown_and_ends_with_the_screen() -> None:
    store = FakeStore()
    store.may_read.clear()
    async with open_picker(store, size=(120, 30), waits=False) as picker:
        await picker.until(lambda: "reading logs: 3 of 12" in picker.foot)
        await picker.press("enter")
    assert picker.screen.choice is not None


async def test_no_sessions_and_a_notice_are_told() -> None:
    store = FakeStore(())
    store.notice = "The index is locked."
    async with open_picker(store) as picker:
        await picker.until(lambda: "The index is locked." in picker.foot)
        await picker.press("enter", "alt+d", "alt+n", "ctrl+r", "up", "pagedown")
        assert picker.app.is_running


async def test_the_picker_performs_every_action_of_its_scopes() -> None:
    async with open_picker() as picker:
        own = {action.id for action in actions_of(*picker.screen.SCOPES)}
        shared = {"help", "palette", "settings", "choose_theme", "next_theme", "suspend", "quit"}
        assert set(picker.screen.commands()) == own | shared


async def test_every_key_of_the_picker_performs_its_action(monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_picker() as picker:
        performed = spy_on(picker.screen, monkeypatch)
        for action in actions_of(*picker.screen.SCOPES):
            for key in action.keys:
                performed.clear()
                await picker.pilot.press(key)
                assert (key, performed) == (key, [action.id])


def test_narrowing_a_thousand_sessions_keeps_the_newest_of_the_best_first() -> None:
    sessions = [session(f"id-{n}", f"request {n} of many", n) for n in range(1_000)]
    narrowing = Narrowing(sessions, HERE)

    assert [s.session_id for s in narrowing.find("77", is_here_only=False)][:3] == [
        "id-77",
        "id-177",
        "id-277",
    ]
    assert len(narrowing.find("", is_here_only=True)) == 1_000
    assert narrowing.find("q" * 50, is_here_only=False) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-5, "now"), (59, "now"), (60, "1m"), (7_200, "2h"), (86_400 * 6, "6d"), (86_400 * 60, "8w"),
     (86_400 * 90, "3mo"), (86_400 * 800, "2y"), (10**14, "999mo")],
)  # fmt: skip
def test_an_age_is_short(seconds: int, words: str) -> None:
    assert age_words(seconds * 1_000) == words


@pytest.mark.parametrize(
    ("keys", "wanted"),
    [(("down", "enter"), "0199-eeee"), (("w", "a", "t", "c", "h", "enter"), "0199-bbbb")],
)
async def test_keys_that_come_all_at_once_act_in_their_order(
    keys: tuple[str, ...], wanted: str
) -> None:
    async with open_picker() as picker:
        for key in keys:
            picker.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await picker.until(lambda: picker.screen.choice is not None)
        choice = picker.screen.choice
        assert choice is not None
        assert choice.session.session_id == wanted
