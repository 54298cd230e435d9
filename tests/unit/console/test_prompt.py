import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from harn_tui.console.prompt.draft import IDLE_SECONDS, DraftSaver
from harn_tui.console.prompt.history import MAX_ENTRIES, PromptHistory
from harn_tui.console.prompt.history_entry import HistoryEntry
from harn_tui.console.prompt.pastes import PasteFolder
from harn_tui.console.queue_strip.strip import QueueStrip
from harn_tui.kinds import Boundary
from tests.unit.console import scenes
from tests.unit.console.conftest import OpenConsole
from tests.unit.console.stand_ins import FakeScheduler, FakeSession

BIG = "\n".join(f"line {number}" for number in range(1, 49))


async def test_enter_sends_and_empties_the_prompt(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.press(*"hi", "enter")

        assert console.session.asked("submit") == [("hi", Boundary.NEXT_PREFLIGHT)]
        assert console.prompt.text == ""


@pytest.mark.parametrize(
    ("key", "boundary"),
    [
        ("alt+enter", Boundary.AFTER_RUN),
        ("ctrl+s", Boundary.NOW),
        ("ctrl+enter", Boundary.NOW),
    ],
)
async def test_other_send_keys_choose_the_boundary(
    open_console: OpenConsole, key: str, boundary: Boundary
) -> None:
    async with open_console() as console:
        await console.press("x", key)
        assert console.session.asked("submit") == [("x", boundary)]


@pytest.mark.parametrize("key", ["ctrl+j", "shift+enter"])
async def test_new_line_keys_send_nothing(open_console: OpenConsole, key: str) -> None:
    async with open_console() as console:
        await console.press("a", key, "b")

        assert console.prompt.text == "a\nb"
        assert console.session.asked("submit") == []


async def test_enter_after_a_backslash_is_a_new_line(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.type("one\\")
        await console.press("enter", "2", "enter")

        assert console.session.asked("submit") == [("one\n2", Boundary.NEXT_PREFLIGHT)]


async def test_what_the_session_refuses_stays_in_the_prompt(open_console: OpenConsole) -> None:
    async with open_console() as console:
        console.session.refuses.add("submit")
        await console.type("precious [red]text")
        await console.press("enter")

        assert console.prompt.text == "precious [red]text"
        notes = list(console.app._notifications)
        assert [note.message for note in notes] == ["The disk is full. Free some space."]
        assert not notes[0].markup


async def test_the_draft_is_restored_at_the_start(open_console: OpenConsole) -> None:
    def with_draft(session: FakeSession) -> None:
        session.draft = "half a thought"

    async with open_console(prepare=with_draft) as console:
        assert console.prompt.text == "half a thought"
        assert console.session.asked("save_draft") == []


async def test_up_goes_through_sent_lines_and_down_brings_the_draft_back(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.press(*"one", "enter", *"two", "enter", *"draft")

        await console.press("up")
        assert console.prompt.text == "two"
        await console.press("up")
        assert console.prompt.text == "one"
        await console.press("up")
        assert console.prompt.text == "one"
        await console.press("down", "down")
        assert console.prompt.text == "draft"


async def test_up_inside_a_text_moves_the_cursor_first(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.press(*"sent", "enter")
        await console.type("first\nsecond")

        await console.press("up")
        assert console.prompt.text == "first\nsecond"
        assert console.prompt.cursor_location[0] == 0

        await console.press("up")
        assert console.prompt.text == "sent"


async def test_lines_of_the_resumed_session_are_in_the_history(open_console: OpenConsole) -> None:
    past = [scenes.session_start(), *scenes.run_start("from last week"), scenes.run_end()]
    async with open_console(*past) as console:
        await console.press("up")
        assert console.prompt.text == "from last week"


async def test_a_big_paste_is_a_token_and_its_real_text_is_sent(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.type("see ")
        console.prompt.post_message(events.Paste(BIG))
        await console.until(lambda: "paste" in console.prompt.text)
        assert console.prompt.text == "see [paste #1, 48 lines]"

        await console.press("enter")
        assert console.session.asked("submit") == [(f"see {BIG}", Boundary.NEXT_PREFLIGHT)]


async def test_a_paste_of_a_megabyte_is_one_short_row(open_console: OpenConsole) -> None:
    text = "x" * 1_000_000
    async with open_console() as console:
        console.prompt.post_message(events.Paste(text))
        await console.until(lambda: bool(console.prompt.text))

        assert console.prompt.text == "[paste #1, 1 line]"
        assert console.prompt.size.height == 1
        await console.press("enter")
        assert console.session.asked("submit") == [(text, Boundary.NEXT_PREFLIGHT)]


async def test_a_small_paste_is_plain_text_with_line_feeds(open_console: OpenConsole) -> None:
    async with open_console() as console:
        console.prompt.post_message(events.Paste("a\r\nb\rc"))
        await console.until(lambda: bool(console.prompt.text))
        assert console.prompt.text == "a\nb\nc"


async def test_a_token_is_deleted_as_a_whole(open_console: OpenConsole) -> None:
    async with open_console() as console:
        console.prompt.post_message(events.Paste(BIG))
        await console.until(lambda: bool(console.prompt.text))
        await console.press("backspace")
        assert console.prompt.text == ""

        await console.press("alt+z", "home", "delete")
        assert console.prompt.text == ""


async def test_the_cursor_passes_a_token_in_one_step(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.type("a")
        console.prompt.post_message(events.Paste(BIG))
        await console.until(lambda: "paste" in console.prompt.text)
        end = console.prompt.cursor_location[1]

        await console.press("left")
        assert console.prompt.cursor_location == (0, 1)
        await console.press("right")
        assert console.prompt.cursor_location == (0, end)
        await console.press("shift+left", "x")
        assert console.prompt.text == "ax"


async def test_up_brings_lines_that_begin_like_the_draft(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.press(*"fix it", "enter", *"look", "enter", *"fi")
        await console.press("up")
        assert console.prompt.text == "fix it"
        await console.press("down")
        assert console.prompt.text == "fi"


async def test_a_pasted_line_comes_back_folded_and_is_sent_in_full(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        console.prompt.post_message(events.Paste(BIG))
        await console.until(lambda: bool(console.prompt.text))
        await console.press("enter", "up")
        assert console.prompt.text == "[paste #1, 48 lines]"
        await console.press("enter")
        assert [text for text, _ in console.session.asked("submit")] == [BIG, BIG]


async def test_the_prompt_grows_to_a_third_of_the_screen_and_no_further(
    open_console: OpenConsole,
) -> None:
    async with open_console(size=(80, 30)) as console:
        assert console.prompt.outer_size.height == 3
        await console.type("\n".join("abc"))
        await console.until(lambda: console.prompt.outer_size.height == 5)

        await console.type("\n" * 40)
        await console.until(lambda: console.prompt.outer_size.height > 5)
        assert console.prompt.outer_size.height <= 11


@pytest.mark.parametrize("key", ["alt+y", "alt+n", "alt+a", "alt+d", "alt+t", "alt+g"])
async def test_chords_never_type_their_letter(open_console: OpenConsole, key: str) -> None:
    async with open_console() as console:
        await console.type("text")
        console.prompt.post_message(events.Key(key, key[-1]))
        await console.pilot.pause()
        assert console.prompt.text == "text"


async def test_empty_enter_resumes_a_paused_queue_and_sends_no_empty_line(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        console.session.is_paused = True
        await console.emit(scenes.queued("f1", "later"))
        await console.press("enter")

        assert console.session.asked("resume_queue") == [()]
        assert console.session.asked("submit") == []


async def test_empty_enter_does_nothing_while_the_queue_is_not_paused(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.press("enter", " ", "enter")
        assert console.session.calls == [("start",)]


async def test_the_focus_is_in_the_prompt_after_everything(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.emit(scenes.queued("f1", "one"))
        await console.press("alt+q")
        assert console.get(QueueStrip).has_focus

        await console.press("d")

        assert console.session.asked("withdraw") == [("f1",)]
        assert console.prompt.has_focus


def lines_back(history: PromptHistory, typed: str = "", prefix: str = "") -> list[str]:
    """Walk to the oldest line and return what came, in order."""
    found = []
    while (entry := history.back(typed, prefix)) is not None:
        found.append(typed := entry.text)
    return found


def test_history_has_each_line_once_at_its_newest_place_and_no_blank_ones() -> None:
    assert lines_back(PromptHistory(["a", "b", " ", "c", "a"])) == ["a", "c", "b"]


def test_history_goes_through_lines_that_begin_like_what_is_typed() -> None:
    history = PromptHistory(["fix it", "look", "fix that", "find"])
    assert lines_back(history, "fix", "fix") == ["fix that", "fix it"]


def test_history_goes_through_all_lines_when_none_begins_so() -> None:
    assert lines_back(PromptHistory(["a", "b"]), "new thought", "new thought") == ["b", "a"]


def test_history_is_bounded() -> None:
    history = PromptHistory(map(str, range(MAX_ENTRIES + 5)))
    assert len(history.entries) == MAX_ENTRIES
    assert history.entries[0].text == "5"


def test_older_lines_that_come_late_do_not_end_a_walk() -> None:
    history = PromptHistory(["newest"])
    assert history.back("my draft") == HistoryEntry("newest")
    history.seed([HistoryEntry("oldest")])
    assert history.forward("newest") == HistoryEntry("my draft")
    assert lines_back(history, "my draft") == ["newest", "oldest"]


def test_an_older_line_that_was_changed_stays_changed_until_a_line_is_sent() -> None:
    history = PromptHistory(["a", "b"])
    assert history.back("draft") == HistoryEntry("b")
    assert history.back("b, but better") == HistoryEntry("a")
    assert history.forward("a") == HistoryEntry("b, but better")
    assert history.forward("b, but better") == HistoryEntry("draft")
    assert history.back("draft") == HistoryEntry("b, but better")
    history.add("other")
    assert lines_back(history) == ["draft", "other", "b", "a"]


def test_a_draft_that_waits_while_an_older_line_is_sent_is_the_next_one_back() -> None:
    history = PromptHistory(["old"])
    history.back("half a thought")
    history.add("old")
    assert lines_back(history) == ["half a thought", "old"]


def test_pastes_come_back_with_their_entry_and_other_numbers() -> None:
    folder = PasteFolder()
    folder.fold("x" * 2000)
    text = folder.adopt("see [paste #1, 48 lines]", {1: BIG})
    assert text == "see [paste #2, 48 lines]"
    assert folder.expand(text) == f"see {BIG}"
    assert folder.adopt(text, {2: BIG}) == text


@given(st.lists(st.text(min_size=1).filter(str.strip)), st.text())
def test_history_walks_back_and_forth_to_the_same_draft(entries: list[str], draft: str) -> None:
    history = PromptHistory(entries)
    typed, steps = draft, 0
    while (entry := history.back(typed)) is not None:
        typed, steps = entry.text, steps + 1
    for _ in range(steps):
        newer = history.forward(typed)
        assert newer is not None
        typed = newer.text
    assert typed == draft
    assert history.forward(typed) is None


@given(st.lists(st.text(max_size=2000), max_size=5), st.text(alphabet="ab #[]\n"))
def test_pastes_expand_to_what_was_pasted(pastes: list[str], between: str) -> None:
    folder = PasteFolder()
    shown = between.join(folder.fold(text) for text in pastes)
    assert folder.expand(shown) == between.join(pastes)


def test_a_token_that_stands_for_nothing_is_sent_as_typed() -> None:
    assert PasteFolder().expand("[paste #7, 3 lines]") == "[paste #7, 3 lines]"


def test_a_draft_is_saved_once_when_typing_rests() -> None:
    saved: list[str] = []
    scheduler = FakeScheduler()
    saver = DraftSaver(saved.append, scheduler)
    for text in ("h", "ha", "hal", "half"):
        saver.change(text)
        scheduler.advance(0.1)
    assert saved == []
    scheduler.advance(IDLE_SECONDS)
    assert saved == ["half"]
    scheduler.advance(10)
    assert saved == ["half"]


def test_a_cleared_draft_is_saved_at_once() -> None:
    saved: list[str] = []
    saver = DraftSaver(saved.append, FakeScheduler(), saved="old")
    saver.change("")
    assert saved == [""]
