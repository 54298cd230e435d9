"""Images that people attach to lines: what is taken, kept, sent and sent again."""

import base64
import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest

from harn_tui.errors import AttachmentError
from harn_tui.events.host import LlmCallStart, Notice
from harn_tui.events.record import Record
from harn_tui.feedback.item import AttachedImage
from harn_tui.kinds import Boundary, LoopStatus
from harn_tui.providers.base import ModelFacts
from harn_tui.providers.wire_json import objects_of
from harn_tui.session.handle import SessionHandle
from harn_tui.session.image_file import MAX_IMAGE_BYTES, media_type_of
from harn_tui.store.feedback_journal import load_pending_feedback
from harn_tui.store.image_store import ImageStore
from harn_tui.store.log_reader import read_records
from harn_tui.view.fold import apply_all
from harn_tui.view.model import SessionView, UserBlock
from tests.conformance.loop_driver import Reply, Script
from tests.unit.session.opened import contents, open_scripted

PNG = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + bytes(range(256)) * 40
SHOWN = "What is on it?"


def open_with_images(folder: Path, *replies: Reply, **others: Any) -> tuple[SessionHandle, Script]:
    store = ImageStore(folder / "s" / "blobs")
    return open_scripted(folder / "s", replies, images=store, **others)


def kept(folder: Path) -> list[Path]:
    blobs = folder / "s" / "blobs"
    return sorted(blobs.iterdir()) if blobs.is_dir() else []


def png(folder: Path, data: bytes = PNG, name: str = "a.png") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


# What is taken --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("beginning", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"),
    ],
)
async def test_the_first_bytes_tell_the_type_whatever_the_name_says(
    tmp_path: Path, beginning: bytes, media_type: str
) -> None:
    session, _ = open_with_images(tmp_path)
    image = await session.images.attach(png(tmp_path, beginning + b"rest", "odd.txt"))
    assert (image.media_type, image.name) == (media_type, "odd.txt")
    assert [path.name for path in kept(tmp_path)] == [image.blob]
    assert kept(tmp_path)[0].read_bytes() == beginning + b"rest"
    await session.close()


@pytest.mark.parametrize(
    "data",
    [b"", b"\x89PNG", b"<svg/>", b"BM6", b"RIFF\x10\x00\x00\x00WAVE", b"\xff\xd8", b"GIF88a"],
)
def test_everything_else_is_no_image(data: bytes) -> None:
    assert media_type_of(data) is None


async def test_an_image_of_the_largest_size_is_taken_and_one_byte_more_is_not(
    tmp_path: Path,
) -> None:
    session, _ = open_with_images(tmp_path)
    largest = PNG.ljust(MAX_IMAGE_BYTES, b"\0")
    await session.images.attach(png(tmp_path, largest))
    with pytest.raises(AttachmentError, match="more than 5 MB"):
        await session.images.attach(png(tmp_path, largest + b"\0"))
    assert len(kept(tmp_path)) == 1
    await session.close()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("missing.png", "No such file"),
        ("folder", "is no file"),
        ("pipe", "is no file"),
        ("empty.png", "is empty"),
        ("text.png", "no image that can be sent"),
        ("a\0b.png", "no usable path"),
        ("x" * 5000, "too long"),
    ],
)
async def test_what_cannot_be_attached_says_why_and_leaves_nothing(
    tmp_path: Path, name: str, says: str
) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("hello")
    session, _ = open_with_images(tmp_path)
    with pytest.raises(AttachmentError) as caught:
        await session.images.attach(tmp_path / name)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 700
    assert kept(tmp_path) == []
    await session.close()


async def test_a_name_with_control_characters_reaches_neither_errors_nor_messages(
    tmp_path: Path,
) -> None:
    session, _ = open_with_images(tmp_path)
    image = await session.images.attach(png(tmp_path, name="a\x1b[31m.png"))
    assert image.name == "a [31m.png"
    with pytest.raises(AttachmentError) as caught:
        await session.images.attach(Path("no\x1b[31m.png"))
    assert "\x1b" not in str(caught.value)
    await session.close()


async def test_a_relative_path_is_below_the_folder_of_the_session(tmp_path: Path) -> None:
    session, _ = open_with_images(tmp_path)
    png(session.cwd)
    assert (await session.images.attach(Path("a.png"))).name == "a.png"
    await session.close()


async def test_the_same_image_is_kept_once(tmp_path: Path) -> None:
    session, _ = open_with_images(tmp_path)
    first = await session.images.attach(png(tmp_path))
    second = await session.images.attach(png(tmp_path, name="b.png"))
    assert first.blob == second.blob
    assert len(kept(tmp_path)) == 1
    await session.close()


async def test_a_folder_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    session, _ = open_with_images(tmp_path)
    (tmp_path / "s" / "blobs").write_text("in the way")
    with pytest.raises(AttachmentError, match="cannot be kept"):
        await session.images.attach(png(tmp_path))
    await session.close()


async def test_a_session_that_nothing_stores_takes_no_images(tmp_path: Path) -> None:
    session, _ = open_scripted(tmp_path / "s", ())
    with pytest.raises(AttachmentError, match="not stored"):
        await session.images.attach(png(tmp_path))
    await session.close()


async def test_a_model_that_reads_text_only_is_refused_before_anything_happens(
    tmp_path: Path,
) -> None:
    facts = ModelFacts(context_window=1000, takes_images=False)
    session, script = open_with_images(tmp_path, Reply("hello"), model_facts=facts)
    await session.start()
    with pytest.raises(AttachmentError, match="test-model takes no images"):
        await session.images.attach(png(tmp_path))
    with pytest.raises(AttachmentError, match="test-model takes no images"):
        session.submit(SHOWN, images=(AttachedImage("0" * 64, "image/png", "a.png"),))
    assert not session.is_running
    assert (kept(tmp_path), script.requests) == ([], [])
    session.submit(SHOWN)
    await session.wait_idle()
    assert contents(script, 0) == [SHOWN]
    await session.close()


# What becomes of it ---------------------------------------------------------------------------


async def test_the_message_names_the_image_and_the_log_stays_small(tmp_path: Path) -> None:
    session, script = open_with_images(tmp_path, Reply("a cat"))
    await session.start()
    image = await session.images.attach(png(tmp_path))
    session.submit(SHOWN, images=(image,))
    await session.wait_idle()
    await session.close()
    (message,) = script.requests[0].messages
    assert message["content"] == SHOWN
    size = {"width": 640, "height": 480, "bytes": len(PNG)}
    assert message["images"] == [
        {"blob": image.blob, "media_type": "image/png", "name": "a.png", **size}
    ]
    for name in ("event_log.jsonl", "feedback.jsonl"):
        written = (tmp_path / "s" / name).read_text()
        assert image.blob in written
        assert base64.b64encode(PNG).decode()[:64] not in written


async def test_a_resumed_session_sends_the_same_messages_again(tmp_path: Path) -> None:
    session, script = open_with_images(tmp_path, Reply("a cat"))
    await session.start()
    session.submit(SHOWN, images=(await session.images.attach(png(tmp_path)),))
    await session.wait_idle()
    await session.close()
    sent = list(script.requests[0].messages)
    again, script = open_with_images(tmp_path, Reply("yes"))
    await again.start()
    again.submit("Sure?")
    await again.wait_idle()
    await again.close()
    assert list(script.requests[0].messages)[: len(sent)] == sent


async def test_a_line_steered_into_a_run_takes_its_image_along(tmp_path: Path) -> None:
    session, script = open_with_images(tmp_path, Reply("one"), Reply("two"))
    await session.start()
    image = await session.images.attach(png(tmp_path))

    def steer(record: Record) -> None:
        if isinstance(record.event, LlmCallStart) and record.event.call == 1:
            session.submit(SHOWN, Boundary.NEXT_PREFLIGHT, images=(image,))

    session.subscribe(steer)
    session.submit("go")
    result = await session.wait_idle()
    assert result is not None
    assert result.status is LoopStatus.DONE
    last = script.requests[1].messages[-1]
    assert SHOWN in str(last["content"])
    assert last["images"] == [image.as_json()]
    await session.close()


async def test_a_line_that_waited_over_a_restart_still_has_its_image(tmp_path: Path) -> None:
    session, _ = open_with_images(tmp_path)
    await session.start()
    image = await session.images.attach(png(tmp_path))
    session.submit("left waiting", images=(image,), kind="note")
    await session.close()
    (waiting,) = load_pending_feedback(tmp_path / "s" / "feedback.jsonl").items
    assert waiting.images == (image,)
    again, script = open_with_images(tmp_path, Reply("fine"))
    await again.start()
    again.submit("go")
    await again.wait_idle()
    assert [message.get("images") for message in script.requests[0].messages] == [
        None,
        [image.as_json()],
    ]
    await again.close()


async def test_an_edited_line_keeps_its_image(tmp_path: Path) -> None:
    session, script = open_with_images(tmp_path, Reply("fine"))
    await session.start()
    image = await session.images.attach(png(tmp_path))
    feedback_id = session.submit("frist", images=(image,), kind="note")
    assert session.hold(feedback_id)
    assert session.release(feedback_id, "first")
    session.submit("go")
    await session.wait_idle()
    last = script.requests[0].messages[-1]
    assert "first" in str(last["content"])
    assert last["images"] == [image.as_json()]
    await session.close()


@pytest.mark.parametrize(
    "images", ['"x"', "[1]", '[{"blob": "x"}]', '[{"blob": 1, "media_type": "", "name": ""}]', "3"]
)
def test_images_of_a_journal_that_make_no_sense_are_counted_as_unreadable(
    tmp_path: Path, images: str
) -> None:
    line = {
        "feedback_id": "f",
        "session_id": "s",
        "kind": "user",
        "content": "c",
        "boundary": "next_preflight",
        "state": "queued",
        "queued_at_ms": 1,
    }
    path = tmp_path / "feedback.jsonl"
    path.write_text(json.dumps(line) + "\n" + json.dumps({**line, "images": json.loads(images)}))
    found = load_pending_feedback(path)
    assert found.unreadable_lines == 1
    assert [item.images for item in found.items] == [()]


# The store ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "..", "../event_log.jsonl", "0" * 63, "A" * 64, "0" * 64])
def test_only_a_name_of_its_own_is_read_from_the_store(tmp_path: Path, name: str) -> None:
    (tmp_path / "event_log.jsonl").write_text("{}")
    store = ImageStore(tmp_path / "blobs")
    store.keep(PNG)
    assert store.read(name) is None


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    store = ImageStore(tmp_path / "blobs")
    assert store.read(store.keep(PNG)) == PNG


# What the words of a line mention -------------------------------------------------------------


async def test_a_mentioned_image_goes_with_its_line_and_stands_in_the_log(tmp_path: Path) -> None:
    session, script = open_with_images(tmp_path, Reply("a cat"))
    png(tmp_path / "s", name="a cat.txt")
    await session.start()
    session.submit('Look at @"a cat.txt"')
    await session.wait_idle()
    await session.close()
    (message,) = script.requests[0].messages
    assert message["content"] == 'Look at @"a cat.txt"'
    (image,) = objects_of(message["images"])
    assert (image["name"], image["width"]) == ("a cat.txt", 640)
    view = SessionView()
    apply_all(view, read_records(tmp_path / "s" / "event_log.jsonl"))
    shown = [block for block in view.blocks if isinstance(block, UserBlock)]
    assert [[one.words for one in block.images] for block in shown] == [
        ["a cat.txt · 640×480 PNG · 10 KB"]
    ]


async def test_a_mentioned_image_joins_those_that_were_attached(tmp_path: Path) -> None:
    session, script = open_with_images(tmp_path, Reply("two cats"))
    png(tmp_path / "s", name="b.png")
    await session.start()
    image = await session.images.attach(png(tmp_path))
    session.submit("Compare with @b.png", images=(image,))
    await session.wait_idle()
    await session.close()
    (message,) = script.requests[0].messages
    assert [one["name"] for one in objects_of(message["images"])] == ["a.png", "b.png"]


@pytest.mark.parametrize(
    ("facts", "size", "says"),
    [
        (ModelFacts(context_window=1000, takes_images=False), 100, "takes no images"),
        (None, MAX_IMAGE_BYTES, "more than 5 MB"),
    ],
)
async def test_a_mentioned_image_that_cannot_go_is_told_and_the_line_is_sent(
    tmp_path: Path, facts: ModelFacts | None, size: int, says: str
) -> None:
    others = {"model_facts": facts} if facts else {}
    session, script = open_with_images(tmp_path, Reply("hello"), **others)
    png(tmp_path / "s", PNG + bytes(size))
    await session.start()
    session.submit("Look at @a.png")
    await session.wait_idle()
    await session.close()
    (message,) = script.requests[0].messages
    assert "images" not in message
    records = read_records(tmp_path / "s" / "event_log.jsonl")
    told = [record.event.text for record in records if isinstance(record.event, Notice)]
    assert [says in text and text.startswith("Not attached: @a.png.") for text in told] == [True]


async def test_an_image_outside_of_the_workspace_is_not_read(tmp_path: Path) -> None:
    session, script = open_with_images(tmp_path, Reply("hello"))
    png(tmp_path, name="outside.png")
    await session.start()
    session.submit("Look at @../outside.png")
    await session.wait_idle()
    await session.close()
    assert "images" not in script.requests[0].messages[0]


async def test_an_image_that_is_gone_at_sending_is_told_and_nothing_is_sent(
    tmp_path: Path,
) -> None:
    session, script = open_with_images(tmp_path, Reply("hello"))
    await session.start()
    image = await session.images.attach(png(tmp_path))
    for file in kept(tmp_path):
        file.unlink()
    with pytest.raises(AttachmentError, match="a.png is gone"):
        session.submit(SHOWN, images=(image,))
    await session.close()
    assert script.requests == []


async def test_an_edited_line_goes_with_the_images_that_are_left(tmp_path: Path) -> None:
    session, script = open_with_images(tmp_path, Reply("one"))
    await session.start()
    first = await session.images.attach(png(tmp_path))
    second = await session.images.attach(png(tmp_path, PNG + b"2", "b.png"))
    session.queue.pause()
    feedback_id = session.submit("Both", images=(first, second))
    session.queue.pause()
    assert session.hold(feedback_id)
    assert session.release(feedback_id, "One", (second,))
    session.resume_queue()
    await session.wait_idle()
    await session.close()
    (message,) = script.requests[0].messages
    assert message["content"] == "One"
    assert [one["name"] for one in objects_of(message["images"])] == ["b.png"]
