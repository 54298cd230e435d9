"""Lines that are remembered from one start to the next."""

import multiprocessing
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.widgets import Input, OptionList

from harn_tui.console.prompt.history import MAX_ENTRIES, PromptHistory
from harn_tui.console.prompt.history_entry import HistoryEntry
from harn_tui.console.prompt.history_file import (
    MAX_ENTRY_BYTES,
    MAX_FILE_BYTES,
    HistoryFile,
    StoredHistory,
    history_path,
)
from harn_tui.console.prompt.history_keeper import HistoryKeeper
from harn_tui.console.prompt.history_matches import matching
from harn_tui.console.screens.history_search import HistorySearch
from harn_tui.errors import StoreError
from harn_tui.paths import data_directory
from tests.unit.console.conftest import Console, OpenConsole


def entries(*texts: str) -> tuple[HistoryEntry, ...]:
    return tuple(map(HistoryEntry, texts))


def file_of(tmp_path: Path) -> HistoryFile:
    return HistoryFile(tmp_path / "kept" / "lines.jsonl")


def test_what_is_appended_is_loaded_with_its_pastes_and_each_text_once(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    pasted = HistoryEntry("see [paste #3, 2 lines]", {3: "a\nb"})
    for entry in (*entries("one", "two\nlines"), pasted, *entries("one")):
        file.append(entry)
    assert file.load() == StoredHistory((HistoryEntry("two\nlines"), pasted, HistoryEntry("one")))
    assert file.path.stat().st_mode & 0o777 == 0o600
    assert file.path.parent.stat().st_mode & 0o777 == 0o700


def test_there_is_nothing_where_nothing_was_kept(tmp_path: Path) -> None:
    assert file_of(tmp_path).load() == StoredHistory()


@given(text=st.text().filter(str.strip))
def test_any_text_is_kept_in_one_line(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = HistoryFile(tmp_path_factory.mktemp("history") / "lines.jsonl")
    file.append(HistoryEntry(text))
    assert file.path.read_bytes().count(b"\n") == 1
    expected = text.encode("utf-8", "replace").decode()
    assert file.load().entries == entries(expected)


def test_each_project_has_a_file_of_its_own(tmp_path: Path) -> None:
    paths = {
        history_path(tmp_path, Path(place))
        for place in ("/", "/a/b", "/a b", "/c/b", "/" + "ü" * 300)
    }
    assert len(paths) == 5
    assert all(path.parent == tmp_path and len(path.name) < 100 for path in paths)


BAD_LINES = [
    b"{",
    b"[]",
    b'{"text": 1}',
    b'{"text": "x", "pastes": []}',
    b'{"text": "x", "pastes": {"one": "y"}}',
    b'{"text": "x", "pastes": {"1": 2}}',
    b"\xff\xfe",
    b"\x00" * 50,
    b"[" * 100_000,
]


@pytest.mark.parametrize("bad", BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_damaged_line_is_left_out_once_and_kept_beside(tmp_path: Path, bad: bytes) -> None:
    file = file_of(tmp_path)
    file.append(HistoryEntry("before"))
    with file.path.open("ab") as opened:
        opened.write(bad + b"\n")
    file.append(HistoryEntry("after"))
    assert file.load() == StoredHistory(entries("before", "after"), damaged_lines=1)
    assert file.load() == StoredHistory(entries("before", "after"))
    assert bad in file.path.with_suffix(".damaged").read_bytes()


def test_half_a_line_costs_itself_alone(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    file.append(HistoryEntry("whole"))
    with file.path.open("ab") as opened:
        opened.write(b'{"text": "stopped he')
    file.append(HistoryEntry("next"))
    assert file.load().entries == entries("whole", "next")


def test_a_file_that_grew_too_large_keeps_its_newest_lines(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    size = MAX_ENTRY_BYTES - 100
    for number in range(MAX_FILE_BYTES // size + 2):
        file.append(HistoryEntry(f"{number}" + "x" * (size - 20)))
    assert file.path.stat().st_size < MAX_FILE_BYTES
    kept = [entry.text.rstrip("x") for entry in file.load().entries]
    assert kept[-1] == str(MAX_FILE_BYTES // size + 1)
    assert kept == sorted(kept, key=int)
    assert list(file.path.parent.iterdir()) == [file.path]


def test_only_so_many_lines_are_loaded(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    file.path.parent.mkdir()
    lines = (f'{{"text": "{number}"}}\n' for number in range(MAX_ENTRIES + 7))
    file.path.write_text("".join(lines))
    loaded = file.load().entries
    assert (len(loaded), loaded[0].text) == (MAX_ENTRIES, "7")


def test_a_line_that_is_too_large_is_not_written(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    file.append(HistoryEntry("x" * MAX_ENTRY_BYTES))
    assert file.load() == StoredHistory()


@pytest.mark.parametrize("room", [0, 5])
def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path, room: int) -> None:
    file_of(tmp_path).append(HistoryEntry("kept"))

    def write_part(descriptor: int, data: bytes) -> int:
        return os.write(descriptor, data[:room])

    full = HistoryFile(file_of(tmp_path).path, write_part)
    with pytest.raises(StoreError, match="No space left"):
        full.append(HistoryEntry("no room for this"))
    assert file_of(tmp_path).load() == StoredHistory(entries("kept"))


def _make_directory(path: Path) -> None:
    path.mkdir(parents=True)


def _make_pipe(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)


def _make_loop(path: Path) -> None:
    path.parent.mkdir()
    path.symlink_to(path)


@pytest.mark.parametrize("make", [_make_directory, _make_pipe, _make_loop])
def test_what_is_no_file_is_refused_in_words(tmp_path: Path, make: object) -> None:
    file = file_of(tmp_path)
    assert callable(make)
    make(file.path)
    with pytest.raises(StoreError, match="history of the prompt"):
        file.load()
    with pytest.raises(StoreError, match="history of the prompt"):
        file.append(HistoryEntry("x"))


def _append_many(path: Path, who: str, count: int) -> None:
    file = HistoryFile(path)
    for number in range(count):
        file.append(HistoryEntry(f"{who}{number}"))
        if number % 20 == 0:
            with file._locked() as descriptor:
                file._rewrite(descriptor)


def test_two_consoles_write_at_once_and_lose_nothing(tmp_path: Path) -> None:
    file = file_of(tmp_path)
    file.path.parent.mkdir()
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=_append_many, args=(file.path, who, 100)) for who in ("a", "b")
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    texts = [entry.text for entry in file.load().entries]
    assert [text for text in texts if text[0] == "a"] == [f"a{n}" for n in range(100)]
    assert [text for text in texts if text[0] == "b"] == [f"b{n}" for n in range(100)]


def test_a_console_that_read_the_damage_of_another_one_keeps_the_copy_of_it(
    tmp_path: Path,
) -> None:
    file = file_of(tmp_path)
    file.append(HistoryEntry("before"))
    with file.path.open("ab") as opened:
        opened.write(b"half a li\n")

    class SlowFile(HistoryFile):
        """Another console mends the file between the reading and the mending of this one."""

        @contextmanager
        def _locked(self) -> Iterator[int]:
            file_of(tmp_path).load()
            with super()._locked() as descriptor:
                yield descriptor

    assert SlowFile(file.path).load() == StoredHistory(entries("before"), damaged_lines=1)
    assert b"half a li" in file.path.with_suffix(".damaged").read_bytes()
    assert file.load() == StoredHistory(entries("before"))


class FailingStore:
    """A disk on which nothing works."""

    def __init__(self) -> None:
        self.attempts = 0

    def load(self) -> StoredHistory:
        raise StoreError("unreadable")

    def append(self, entry: HistoryEntry) -> None:
        self.attempts += 1
        raise StoreError("full")


async def test_what_goes_wrong_is_told_once_and_stops_nothing() -> None:
    told: list[str] = []
    history, store = PromptHistory(), FailingStore()
    keeper = HistoryKeeper(history, told.append)

    async def find() -> FailingStore:
        return store

    keeper.open(find)
    history.add("one")
    history.add("two")
    await keeper.close()
    assert (told, store.attempts) == (["unreadable"], 2)
    assert history.entries == [*entries("one", "two")]


class SlowStore:
    """A disk that answers when it is let; lines added meanwhile wait for it."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.kept: list[str] = []

    def load(self) -> StoredHistory:
        assert self.gate.wait(20)
        return StoredHistory(entries("older"))

    def append(self, entry: HistoryEntry) -> None:
        self.kept.append(entry.text)


async def test_lines_typed_before_the_file_is_read_are_newer_and_kept() -> None:
    history, store = PromptHistory(), SlowStore()
    keeper = HistoryKeeper(history, lambda text: None)

    async def find() -> SlowStore:
        return store

    keeper.open(find)
    history.add("newer")
    store.gate.set()
    await keeper.close()
    assert [entry.text for entry in history.entries] == ["older", "newer"]
    assert store.kept == ["newer"]


def test_every_word_must_be_in_a_line_and_a_capital_makes_case_count() -> None:
    lines = entries("fix the Parser", "fix the tests", "parse this")
    assert [e.text for e in matching(lines, "fix pars")] == ["fix the Parser"]
    assert [e.text for e in matching(lines, "")] == [
        "parse this",
        "fix the tests",
        "fix the Parser",
    ]
    assert [e.text for e in matching(lines, "Pars")] == ["fix the Parser"]
    assert matching(lines, "nowhere") == []


async def search(console: Console) -> HistorySearch:
    await console.press("ctrl+r")
    await console.until(lambda: isinstance(console.app.screen, HistorySearch))
    screen = console.app.screen
    assert isinstance(screen, HistorySearch)
    await console.until(lambda: screen.query_one(Input).has_focus)
    return screen


async def test_a_line_of_an_earlier_start_is_found_and_the_draft_is_the_next_back(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.type("look at [the] parser")
        await console.press("enter")
    async with open_console() as console:
        await console.until(lambda: bool(console.prompt.past.entries))
        await console.type("half a thought")
        await search(console)
        await console.press(*"pars", "enter")
        await console.until(lambda: console.app.screen is console.screen)
        assert console.prompt.text == "look at [the] parser"
        assert console.session.asked("submit") == []
        await console.press("up")
        assert console.prompt.text == "half a thought"


async def test_the_search_moves_closes_and_says_when_there_is_nothing(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        await console.press(*"one", "enter", *"two", "enter", *"draft")
        screen = await search(console)
        await console.press("ctrl+r")
        assert screen.query_one(OptionList).highlighted == 1
        await console.press("up")
        assert screen.query_one(OptionList).highlighted == 0
        await console.press(*"zzz", "enter")
        assert console.app.screen is screen
        await console.press("escape")
        await console.until(lambda: console.app.screen is console.screen)
        assert console.prompt.text == "draft"
        assert console.prompt.has_focus


@pytest.mark.parametrize("last", ["enter", "tab"])
async def test_keys_that_come_at_once_choose_what_was_typed_for_and_close_one_screen(
    open_console: OpenConsole, last: str
) -> None:
    async with open_console() as console:
        await console.press(*"parse", "enter", *"test", "enter")
        await search(console)
        for key in (*"paxx", "backspace", "backspace", last, last):
            character = key if len(key) == 1 else None
            console.app.post_message(events.Key(key, character))
        await console.until(lambda: not isinstance(console.app.screen, HistorySearch))
        await console.until(lambda: bool(console.prompt.text))
        assert console.app.screen is console.screen
        assert console.prompt.text == "parse"


async def test_a_cleared_draft_is_there_at_the_next_start(open_console: OpenConsole) -> None:
    async with open_console() as console:
        await console.type("cleared by mistake")
        await console.press("ctrl+c")
        assert console.prompt.text == ""
    async with open_console() as console:
        await console.until(lambda: bool(console.prompt.past.entries))
        await console.press("up")
        assert console.prompt.text == "cleared by mistake"


async def test_a_history_that_cannot_be_read_is_told_and_the_console_works(
    open_console: OpenConsole,
) -> None:
    async with open_console() as console:
        project = console.session.cwd
    path = history_path(data_directory() / "prompt_history", project)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.mkdir()
    async with open_console() as console:
        await console.until(lambda: bool(console.app._notifications))
        await console.press(*"one", "enter", *"two", "enter", "up", "up")
        assert console.prompt.text == "one"
        assert len(console.app._notifications) == 1
