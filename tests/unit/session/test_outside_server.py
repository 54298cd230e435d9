"""Lines that other processes bring to an open session, and what else comes down its socket."""

import asyncio
import os
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from harn_tui.errors import HarnError, UsageError
from harn_tui.ids import new_feedback_id
from harn_tui.kinds import Boundary, LoopStatus
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from harn_tui.session import outside_server
from harn_tui.session.handle import SessionHandle
from harn_tui.session.outside_server import PLACES, OutsideServer
from harn_tui.store import session_socket
from harn_tui.store.feedback_journal import load_pending_feedback
from harn_tui.store.history import delivered_feedback_ids
from harn_tui.store.log_reader import read_records
from harn_tui.store.outside_delivery import Delivery, Kept, ask_owner, bring_line
from harn_tui.store.outside_request import (
    LONGEST_REQUEST,
    OutsideLine,
    OutsideReply,
    OutsideRequest,
    OutsideTitle,
    Place,
    decode_reply,
    encode_request,
)
from harn_tui.store.session_folder import SessionFolder
from harn_tui.store.session_socket import SOCKET_NAME, connect_to_session
from harn_tui.store.state_file import load_state
from tests.conformance.agent_driver import ScriptByTask, start
from tests.conformance.loop_driver import Reply, until
from tests.unit.session.opened import contents, open_scripted
from tests.unit.session.test_handle import WRAPPED, _forever


def line(text: str, boundary: Boundary = Boundary.NEXT_PREFLIGHT, **more: Any) -> OutsideLine:
    return OutsideLine(new_feedback_id(), text, boundary, **more)


async def started(session: SessionHandle) -> SessionHandle:
    """Return the session when it can be talked to."""
    await session.start()
    assert session.services.outside is not None
    await session.services.outside.is_listening.wait()
    return session


async def bring(folder: Path, wanted: OutsideLine) -> Delivery:
    return await asyncio.to_thread(bring_line, SessionFolder("stored", folder), wanted)


async def raw(folder: Path, data: bytes) -> OutsideReply:
    """Return what the owner says to ``data``, after which nothing more comes."""

    def talk() -> OutsideReply:
        with connect_to_session(folder, 10.0) as connection:
            with suppress(OSError):  # it may have answered and gone
                connection.sendall(data)
                connection.shutdown(socket.SHUT_WR)
            return decode_reply(connection.makefile("rb").readline())

    return await asyncio.to_thread(talk)


async def test_a_line_takes_the_way_of_a_typed_one(tmp_path: Path) -> None:
    """To the next call, after the run, now, and to a session that has nothing to do."""
    folder = tmp_path / "s"
    places: list[Place | None] = []
    words = {
        "steer": Boundary.NEXT_PREFLIGHT,
        "later": Boundary.AFTER_RUN,
        "stop that": Boundary.NOW,
    }

    replies = [Reply("a", midway=_forever), Reply("b"), Reply("c")]
    session, script = open_scripted(folder, replies)
    await started(session)
    places.append((await bring(folder, line("go"))).place)
    await until(lambda: len(script.requests) == 1)
    for text, boundary in words.items():
        places.append((await bring(folder, line(text, boundary))).place)
    await until(lambda: len(script.requests) == 3 and not session.is_running)

    assert places == [Place.NEW_RUN, Place.NEXT_CALL, Place.AFTER_RUN, Place.NOW]
    sent = contents(script, 2)
    for text in ("go", "steer", "later", "stop that"):
        assert sum(text in str(content) for content in sent) == 1
    assert WRAPPED.format("steer") in sent
    records = list(read_records(folder / "event_log.jsonl"))
    assert len(delivered_feedback_ids(records)) == 4
    await session.close()
    assert not (folder / SOCKET_NAME).exists()
    assert load_pending_feedback(folder / "feedback.jsonl").items == ()


async def test_a_paused_queue_keeps_the_line_waiting(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [Reply("a")])
    await started(session)
    session.queue.pause()
    assert (await bring(tmp_path / "s", line("wait"))).place is Place.PAUSED
    assert not script.requests
    session.resume_queue()
    await session.wait_idle()
    assert contents(script, 0) == ["wait"]
    await session.close()


async def test_a_line_that_comes_twice_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    session, script = open_scripted(folder, [Reply("a"), Reply("b")])
    await started(session)
    wanted = line("once")
    assert (await bring(folder, wanted)).place is Place.NEW_RUN
    await session.wait_idle()
    assert (await bring(folder, wanted)).place is Place.KNOWN
    assert len(script.requests) == 1
    await session.close()


async def test_a_line_whose_owner_died_before_it_answered_is_not_kept_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "s"
    session, script = open_scripted(folder, [Reply("a")])
    await started(session)
    wanted = line("once")

    def answer_gets_lost(*_: object) -> bytes:
        raise OSError("gone")

    monkeypatch.setattr(outside_server, "encode_reply", answer_gets_lost)
    assert (await bring(folder, wanted)) == Delivery(place=Place.KNOWN)
    await session.wait_idle()
    await session.close()
    assert contents(script, 0) == ["once"]
    assert load_pending_feedback(folder / "feedback.jsonl").items == ()


async def test_a_line_that_the_owner_takes_after_it_was_kept_is_one_line(tmp_path: Path) -> None:
    """A sender that waited in vain keeps the line; its owner, awake again, takes it."""
    folder = tmp_path / "s"
    session, script = open_scripted(folder, [Reply("a")])
    await started(session)
    wanted = line("once")
    (folder / SOCKET_NAME).rename(folder / "moved.sock")
    assert await bring(folder, wanted) == Delivery(kept=Kept.UNHEARD)
    (folder / "moved.sock").rename(folder / SOCKET_NAME)
    await asyncio.to_thread(ask_owner, SessionFolder("stored", folder), wanted)
    await session.wait_idle()
    await session.close()
    assert contents(script, 0) == ["once"]
    assert load_pending_feedback(folder / "feedback.jsonl").items == ()


async def test_without_a_socket_the_line_goes_with_the_next_opening(tmp_path: Path) -> None:
    """The socket removed, in the way of a folder, or that of a process that has died."""
    folder = tmp_path / "s"
    session, _ = open_scripted(folder, [])
    await started(session)
    (folder / SOCKET_NAME).unlink()
    assert await bring(folder, line("first")) == Delivery(kept=Kept.UNHEARD)
    with pytest.raises(HarnError, match="an agent is at work only while"):
        await bring(folder, line("for one", agent="worker_1"))
    await session.close()  # nothing was said in it, and yet it is not thrown away

    (folder / SOCKET_NAME).mkdir()
    session, _ = open_scripted(folder, [])
    await session.start()
    assert await bring(folder, line("second")) == Delivery(kept=Kept.UNHEARD)
    await session.close()
    (folder / SOCKET_NAME).rmdir()

    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(folder / SOCKET_NAME))
    assert await bring(folder, line("third")) == Delivery(kept=Kept.CLOSED)
    session, script = open_scripted(folder, [Reply("a")])
    await started(session)
    session.resume_queue()
    await session.wait_idle()
    assert contents(script, 0) == ["first", WRAPPED.format("second"), WRAPPED.format("third")]
    await session.close()


@pytest.mark.parametrize("name", ["counter", "id"])
async def test_an_agent_at_work_hears_its_line_alone(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "s"
    is_told = asyncio.Event()

    async def until_told() -> None:
        await is_told.wait()

    script = ScriptByTask(
        {
            "go": [Reply(calls=(start("count", name="counter"),)), Reply("end")],
            "count": [Reply("three", midway=until_told), Reply("four")],
        }
    )
    session, _ = open_scripted(folder, [], tools=(RUN_AGENT,), provider=script)
    await started(session)
    session.submit("go")
    await until(lambda: bool(session.agents.running))
    agent = session.agents.running[0].worker_id if name == "id" else name
    assert await bring(folder, line("only apples", agent=agent)) == Delivery(place=Place.AGENT)
    with pytest.raises(HarnError, match="No agent nobody is at work"):
        await bring(folder, line("only apples", agent="nobody"))
    is_told.set()
    await session.wait_idle()
    await session.close()
    assert "only apples" in str(script.requests_of("count")[-1].messages)
    assert "only apples" not in str([request.messages for request in script.requests_of("go")])


async def test_a_session_that_is_being_closed_keeps_the_line(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    kept: list[Delivery] = []

    async def closing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            kept.append(await bring(folder, line("too late")))

    session, script = open_scripted(folder, [Reply("a", midway=closing)])
    await started(session)
    session.submit("go")
    await until(lambda: len(script.requests) == 1)
    await asyncio.sleep(0)
    await session.close()
    assert kept == [Delivery(kept=Kept.UNHEARD)]
    (item,) = load_pending_feedback(folder / "feedback.jsonl").items
    assert item.content == "too late"


async def test_a_title_is_changed_by_who_has_the_session_open(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    session, _ = open_scripted(folder, [Reply("a")])
    await started(session)
    session.submit("go")
    await session.wait_idle()
    files = SessionFolder("stored", folder)
    reply = await asyncio.to_thread(ask_owner, files, OutsideTitle("another\ntitle"))
    assert reply == OutsideReply()
    assert session.kept.title == "another title"
    blank = await raw(folder, b'{"type":"title","title":"  "}\n')
    assert "no text as `title`" in str(blank.problem)
    await session.close()
    assert load_state(files.state_file)[0].title == "another title"


GARBAGE = {
    "nothing": (b"", "cut off"),
    "no end": (b'{"type":"feedback"', "cut off"),
    "binary": (bytes(range(256)) + b"\n", "is no JSON"),
    "deep": (b"[" * 100_000 + b"\n", "is no JSON"),
    "list": (b"[]\n", "is no JSON object"),
    "type": (b'{"type":"rm -rf"}\n', "unknown type 'rm -rf'"),
    "no id": (b'{"type":"feedback","content":"x"}\n', "no text as `feedback_id`"),
    "wild id": (b'{"type":"feedback","feedback_id":"../x","content":"x"}\n', "that is none"),
    "blank": (encode_request(line("x")).replace(b'"x"', b'"  "'), "no text as `content`"),
    "boundary": (encode_request(line("x")).replace(b"next_preflight", b"soon"), "`boundary`"),
    "agent": (encode_request(line("x", agent="worker_7")), "No agent worker_7 is at work"),
    "other agent": (encode_request(line("x")).replace(b"}", b',"agent":7}'), "`agent`"),
}


async def test_garbage_is_refused_in_words_and_changes_nothing(tmp_path: Path) -> None:
    session, script = open_scripted(tmp_path / "s", [])
    await started(session)
    for data, words in GARBAGE.values():
        reply = await raw(tmp_path / "s", data)
        assert words in str(reply.problem)
        assert reply.place is None
    assert not session.is_running
    assert not script.requests
    assert (tmp_path / "s" / "feedback.jsonl").read_bytes() == b""
    await session.close()


async def hang_up(*writers: asyncio.StreamWriter) -> None:
    """Close connections that the other side may have cut off already."""
    for writer in writers:
        writer.close()
    await asyncio.gather(*(writer.wait_closed() for writer in writers), return_exceptions=True)


class Heard:
    """A server that only notes what it heard."""

    def __init__(self, folder: Path, **more: Any) -> None:
        self.requests: list[OutsideRequest] = []
        self.server = OutsideServer(folder, self.take, **more)

    def take(self, request: OutsideRequest) -> OutsideReply:
        self.requests.append(request)
        return OutsideReply(Place.NEXT_CALL)


@pytest.fixture
async def heard(tmp_path: Path) -> AsyncIterator[Heard]:
    heard = Heard(tmp_path, client_s=1.0)
    heard.server.start()
    await heard.server.is_listening.wait()
    yield heard
    await heard.server.stop()
    assert not (tmp_path / SOCKET_NAME).exists()
    assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []


async def test_a_line_of_10_mb_is_refused_at_both_ends(heard: Heard, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="longer than 1,000,000 bytes"):
        await bring(tmp_path, line("x" * 10_000_000))

    reader, writer = await asyncio.open_unix_connection(tmp_path / SOCKET_NAME)
    writer.write(b"x" * 10_000_000)
    try:
        answer = await reader.readline()
    except ConnectionError:  # closed while we still wrote
        answer = b""
    await hang_up(writer)
    assert answer == b"" or f"{LONGEST_REQUEST:,}" in str(decode_reply(answer).problem)
    assert (await bring(tmp_path, line("small"))).place is Place.NEXT_CALL
    assert len(heard.requests) == 1


async def test_100_clients_are_all_heard_beside_those_that_never_speak_or_read(
    heard: Heard, tmp_path: Path
) -> None:
    path = str(tmp_path / SOCKET_NAME)
    silent = [await asyncio.open_unix_connection(path) for _ in range(PLACES)]
    deaf = [await asyncio.open_unix_connection(path) for _ in range(PLACES)]
    for number, (_, writer) in enumerate(deaf):
        writer.write(encode_request(line(f"deaf {number}")))
    await until(lambda: len(heard.requests) == PLACES)  # who was silent has lost the place

    # One after another in a few threads: the places suffice, nobody waits in vain.
    gate = asyncio.Semaphore(PLACES)

    async def one(number: int) -> Place | None:
        async with gate:
            return (await bring(tmp_path, line(f"line {number}"))).place

    places = await asyncio.gather(*(one(number) for number in range(100)))
    assert places == [Place.NEXT_CALL] * 100
    assert len(heard.requests) == PLACES + 100
    await hang_up(*(writer for _, writer in (*silent, *deaf)))


async def test_one_too_many_is_sent_away_and_keeps_its_line(
    heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outside_server, "MOST_TALKS", 1)
    _, silent = await asyncio.open_unix_connection(tmp_path / SOCKET_NAME)
    await until(lambda: len(heard.server._talks) == 1)
    assert await bring(tmp_path, line("kept")) == Delivery(kept=Kept.CLOSED)
    await hang_up(silent)


async def test_another_users_process_is_refused_in_both_directions(
    heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = encode_request(line("x"))
    monkeypatch.setattr(outside_server, "is_same_user", lambda _: False)
    assert "another user" in str((await raw(tmp_path, wanted)).problem)
    monkeypatch.undo()
    monkeypatch.setattr(os, "geteuid", lambda: 4_242)
    with pytest.raises(PermissionError):
        await raw(tmp_path, wanted)
    assert heard.requests == []


async def test_the_socket_is_the_users_alone(heard: Heard, tmp_path: Path) -> None:
    assert stat.S_IMODE((tmp_path / SOCKET_NAME).lstat().st_mode) == 0o600
    assert heard.server.is_listening.is_set()


async def test_a_path_that_no_address_has_room_for_is_heard_all_the_same(tmp_path: Path) -> None:
    folder = tmp_path / ("long-" * 30)
    folder.mkdir()
    heard = Heard(folder)
    for _ in range(2):  # the second one finds what a dead process would leave
        heard.server.start()
        await heard.server.is_listening.wait()
        assert (await bring(folder, line("hello"))).place is Place.NEXT_CALL
        await heard.server.stop()
        with (
            socket.socket(socket.AF_UNIX) as dead,
            session_socket._short_address(folder / SOCKET_NAME) as address,
        ):
            dead.bind(address)
    assert len(heard.requests) == 2


async def test_a_server_can_be_stopped_at_any_moment(tmp_path: Path) -> None:
    for turns in range(12):
        heard = Heard(tmp_path)
        heard.server.start()
        for _ in range(turns):
            await asyncio.sleep(0.001)
        await heard.server.stop()
        assert not (tmp_path / SOCKET_NAME).exists()
    never_started = Heard(tmp_path)
    await never_started.server.stop()


async def test_a_line_from_outside_ends_no_run_badly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What goes wrong inside is told to who asked, and the session goes on."""
    session, _ = open_scripted(tmp_path / "s", [Reply("a")])
    await started(session)
    monkeypatch.setattr(session, "kept", None)  # a bug, as it were
    reply = await raw(tmp_path / "s", b'{"type":"title","title":"x"}\n')
    assert "failed inside" in str(reply.problem)
    assert (await bring(tmp_path / "s", line("go"))).place is Place.NEW_RUN
    result = await session.wait_idle()
    assert result is not None
    assert result.status is LoopStatus.DONE
    await session.close()
