import os
import sqlite3
import stat
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harn_tui.events.agent import TurnEnd
from harn_tui.events.codec import encode_record
from harn_tui.events.host import LlmCallEnd, LoopEnd, LoopStart
from harn_tui.events.record import Event
from harn_tui.kinds import LoopStatus
from harn_tui.store.index import database, text_update
from harn_tui.store.index.database import INDEX_VERSION
from harn_tui.store.index.passages import LONGEST_LINE_BYTES, LogPlace, PassageReader
from harn_tui.store.listing import list_sessions
from harn_tui.store.lock import SessionLock
from harn_tui.store.log_reader import read_records
from harn_tui.store.state_file import SessionState, save_state
from tests.unit.store.index.stored import NOON_MS, Stored, asked, result, said, start, turn
from tests.unit.store.log_building import numbered


def a_session(name: str) -> list[Event]:
    return [
        start(name),
        asked(name, f"request of {name}"),
        LoopStart(name, "l"),
        turn(name),
        said(name, "first "),
        said(name, "second"),
        LlmCallEnd(name, 1, {}, cost_usd=0.25),
        result(name, "read_file", "apples"),
        TurnEnd(name, 1, {}),
        LoopEnd(name, "l", LoopStatus.DONE, "done", 1, {}),
    ]


def listed(stored: Stored) -> list[str]:
    found = stored.index.sessions()
    assert found.notice is None
    return [summary.session_id for summary in found.summaries]


def test_the_index_lists_what_the_logs_list(stored: Stored) -> None:
    for number in range(5):
        name = f"s{number}"
        stored.add(name, a_session(name), start_ms=NOON_MS + number)
    expected = list_sessions(stored.directory)

    assert stored.index.sessions().summaries == expected
    assert stored.index.sessions().summaries == expected


def test_only_a_session_that_changed_is_read_again(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [stored.add(name, a_session(name)) for name in ("one", "two", "three")]
    listed(stored)
    read: list[str] = []
    opened = Path.open

    def note(path: Path, *arguments: object, **options: object) -> object:
        read.append(path.parent.name)
        return opened(path, *arguments, **options)  # type: ignore[call-overload]

    stored.append(folders[1], [asked("two", "more")], first=10)
    monkeypatch.setattr(Path, "open", note)

    assert set(listed(stored)) == {"one", "two", "three"}
    assert set(read) <= {"two"}


def test_a_change_of_any_file_of_a_session_is_seen(stored: Stored) -> None:
    folder = stored.add("one", a_session("one"))
    listed(stored)

    save_state(folder.state_file, SessionState(title="a name"))
    assert stored.index.sessions().summaries[0].title == "a name"

    rotated = folder.event_log.with_name("event_log-000001.jsonl")
    rotated.write_bytes(b"")
    listed(stored)
    with rotated.open("a") as file:
        file.write(
            '{"index":10,"emitted_at_ms":9,"frame_depth":null,"type":"x","session_id":"one"}\n'
        )
    assert stored.index.sessions().summaries[0].record_count == 11

    with SessionLock(folder.lock_file):
        assert stored.index.sessions().summaries[0].owner_pid == os.getpid()
    assert stored.index.sessions().summaries[0].owner_pid is None


def test_a_session_that_is_gone_is_gone_from_the_index(stored: Stored) -> None:
    folder = stored.add("one", a_session("one"))
    stored.add("two", a_session("two"))
    assert len(stored.places("apples")) == 2

    folder.path.rename(stored.directory.parent / "elsewhere")

    assert stored.places("apples") == [("two", 7)]
    assert listed(stored) == ["two"]


def test_turns_and_costs_are_known_once_a_log_has_been_read(stored: Stored) -> None:
    folder = stored.add("one", a_session("one"))
    summary = stored.index.sessions().summaries[0]
    assert (summary.turns, summary.cost_usd) == (None, None)

    stored.index.update()
    stored.append(folder, [turn("one", 2), LlmCallEnd("one", 2, {}, cost_usd=0.5)], first=10)
    stored.index.update()

    summary = stored.index.sessions().summaries[0]
    assert (summary.turns, summary.cost_usd) == (2, 0.75)


def test_a_log_is_read_on_from_where_it_was_left_and_never_twice(stored: Stored) -> None:
    folder = stored.add("one", a_session("one")[:6])
    assert stored.places('"first second"') == [("one", 4)]

    stored.append(folder, [said("one", " third"), *a_session("one")[6:]], first=6)

    assert stored.places('"first second third"') == [("one", 4)]
    assert stored.places("first") == [("one", 4)]
    assert stored.places("request") == [("one", None), ("one", 1)]
    assert stored.places("apples") == [("one", 8)]


@pytest.mark.parametrize("step", [1, 7, 40])
def test_a_log_read_in_pieces_of_any_size_gives_the_passages_of_the_whole(step: int) -> None:
    data = "".join(f"{encode_record(r)}\n" for r in numbered(a_session("one"))).encode()
    lines = data.splitlines(keepends=True)

    def read(place: LogPlace, end: int) -> tuple[list[object], LogPlace, list[object]]:
        """Return the final passages, the place, and the passages that are not final."""
        reader, offset, final = PassageReader(place), 0, list[object]()
        torn = b""
        for line in lines:
            if offset >= place.offset and offset + len(line) <= end:
                final += reader.feed(line, 0, offset, len(line))
            elif place.offset <= offset < end:
                torn = data[offset:end]
                break
            offset += len(line)
        reached = reader.place
        return final, reached, list(reader.rest(torn, 0, offset))

    whole, _, rest = read(LogPlace(), len(data))
    place, found, last = LogPlace(), list[object](), list[object]()
    for end in range(0, len(data) + step, step):
        more, place, last = read(place, min(end, len(data)))
        found += [passage for passage in more if passage.offset < place.offset]  # type: ignore[attr-defined]

    assert found + last == whole + rest


def test_a_log_that_was_replaced_is_read_from_its_start(stored: Stored) -> None:
    folder = stored.add("one", a_session("one"))
    assert stored.places("apples") == [("one", 7)]
    lines = folder.event_log.read_text().replace("apples", "cherries")
    new = folder.event_log.with_name("new")
    new.write_text(lines)
    new.replace(folder.event_log)

    assert stored.places("apples") == []
    assert stored.places("cherries") == [("one", 7)]


def test_a_log_that_became_shorter_is_read_from_its_start(stored: Stored) -> None:
    folder = stored.add("one", a_session("one"))
    assert stored.places("apples") == [("one", 7)]
    with folder.event_log.open("r+b") as file:
        file.truncate(file.seek(0, 2) // 2)

    assert stored.places("apples") == []
    assert stored.places("request") == [("one", None), ("one", 1)]


def test_rotated_files_are_one_log(stored: Stored) -> None:
    folder = stored.add("one", a_session("one"))
    stored.index.update()
    folder.event_log.rename(folder.event_log.with_name("event_log-000001.jsonl"))
    stored.append(folder, [start("one"), asked("one", "pears")], first=0)

    assert stored.places("apples") == [("one", 7)]
    assert stored.places("pears") == [("one", None), ("one", 1)]


def test_a_large_log_is_read_in_parts(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_update, "_BYTES_A_WRITE", 200)
    stored.add("one", a_session("one"))

    assert stored.places('"first second"') == [("one", 4)]
    assert stored.places("apples") == [("one", 7)]


def test_a_line_of_fifty_megabytes_is_passed_over_in_bounded_memory(stored: Stored) -> None:
    folder = stored.add("one", a_session("one"))
    with folder.event_log.open("ab") as file:
        file.write(b'{"index":10,"emitted_at_ms":1,"frame_depth":null,"type":"notice","x":"')
        for _ in range(50):
            file.write(b"a" * 1_000_000)
        file.write(b'"}\n')
    stored.append(folder, [asked("one", "pears")], first=11)
    tracemalloc.start()
    try:
        assert stored.places("pears") == [("one", 11)]
        assert tracemalloc.get_traced_memory()[1] < 4 * LONGEST_LINE_BYTES
    finally:
        tracemalloc.stop()


def test_odd_lines_are_passed_over_and_indices_agree_with_the_reader(stored: Stored) -> None:
    folder = stored.add("one", a_session("one"))
    odd: list[bytes] = [
        b"\x00\x01\xff not json",
        b"",
        b"[1]",
        b'{"type":7,"session_id":[],"index":"x"}',
        b'{"index":-4,"emitted_at_ms":"soon","type":"user_message","content":{"a":["kiwi"]}}',
        b'{"index":99999999999999999999999,"type":"strange","text":"mango"}\r',
        b"{" * 5_000,
        b'{"index":3,"emitted_at_ms":1,"frame_depth":null,"type":"user_message","session_id":"b","content":"plum","mode":"finish_step"}',
    ]
    with folder.event_log.open("ab") as file:
        file.write(b"\n".join(odd) + b"\n")

    assert [hit.event_index for hit in stored.search("plum").hits] == [3]
    assert stored.places("mango") != []
    (kiwi,) = stored.search("kiwi").hits
    shown = next(r for r in read_records(folder.event_log) if "kiwi" in encode_record(r))
    assert kiwi.event_index == shown.index


def test_the_index_is_for_the_user_alone(stored: Stored) -> None:
    stored.add("one", a_session("one"))
    stored.index.update()

    for path in stored.path.parent.glob("index.sqlite*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def _other_version(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version={INDEX_VERSION + 1}")


def _foreign_tables(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE sessions (a)")


def _lost_table(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE passages")


def _damaged_middle(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    path.write_bytes(data)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"this is no database" * 500),
        lambda path: path.write_bytes(path.read_bytes()[:5_000]),
        _damaged_middle,
        _other_version,
        _foreign_tables,
        _lost_table,
    ],
    ids=["gone", "empty", "text", "cut", "damaged", "version", "foreign", "table"],
)
def test_an_index_that_cannot_be_used_is_made_anew(
    stored: Stored, damage: Callable[[Path], object]
) -> None:
    stored.add("one", a_session("one"))
    assert stored.places("apples") == [("one", 7)]
    for suffix in ("-wal", "-shm"):
        stored.path.with_name(stored.path.name + suffix).unlink(missing_ok=True)

    damage(stored.path)

    assert listed(stored) == ["one"]
    assert stored.places("apples") == [("one", 7)]


def test_an_index_that_cannot_be_written_is_told_and_the_logs_are_listed(stored: Stored) -> None:
    stored.add("one", a_session("one"))
    stored.path.mkdir()

    found = stored.index.sessions()

    assert [summary.session_id for summary in found.summaries] == ["one"]
    assert found.notice is not None
    assert "The logs themselves were read instead" in found.notice


def test_a_locked_index_is_told_and_the_logs_are_listed(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stored.add("one", a_session("one"))
    listed(stored)
    stored.append(folder, [asked("one", "more")], first=10)
    monkeypatch.setattr(database, "_WAIT_S", 0.01)
    blocker = sqlite3.connect(stored.path, isolation_level=None)
    try:
        blocker.execute("BEGIN IMMEDIATE")

        found = stored.index.sessions()
    finally:
        blocker.close()

    assert [summary.record_count for summary in found.summaries] == [11]
    assert "locked" in str(found.notice)


def test_several_may_list_and_read_at_the_same_time(stored: Stored) -> None:
    for number in range(20):
        stored.add(f"s{number}", a_session(f"s{number}"))

    with ThreadPoolExecutor(6) as threads:
        found = list(threads.map(lambda _: stored.search("apples"), range(12)))

    assert all(len(result.hits) == 20 for result in found)
    assert len(stored.search("apples").hits) == 20


def test_making_it_anew_reads_everything_and_tells_how_far_it_is(stored: Stored) -> None:
    for name in ("one", "two"):
        stored.add(name, a_session(name))
    steps: list[tuple[int, int]] = []

    stored.index.rebuild(on_progress=lambda done, total: steps.append((done, total)))

    assert steps == [(0, 2), (1, 2), (2, 2)]
    assert len(stored.places("apples")) == 2


def test_an_update_can_be_stopped_and_goes_on_later(stored: Stored) -> None:
    for name in ("one", "two"):
        stored.add(name, a_session(name))
    stored.index.update(is_stopped=lambda: True)
    assert stored.index.sessions().summaries[0].turns is None

    assert len(stored.places("apples")) == 2


def test_words_of_passages_that_are_gone_are_dropped_in_time(
    stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_update, "_MOST_ORPHANS", 3)
    folder = stored.add("one", a_session("one")[:6])
    for number in range(10):
        stored.append(folder, [said("one", f" w{number}")], first=6 + number)
        assert stored.places(f"w{number}") == [("one", 4)]

    with sqlite3.connect(stored.path) as connection:
        assert connection.execute("SELECT next_passage FROM counters").fetchone()[0] < 15


def test_to_list_where_nothing_was_ever_stored_makes_no_files(stored: Stored) -> None:
    assert stored.index.sessions().summaries == []
    assert list(stored.path.parent.iterdir()) == []
