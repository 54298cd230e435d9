"""Images in a real terminal: attached by path, sent to the model, shown live and in a replay."""

import base64
import struct
import zlib

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int) -> bytes:
    """Return a grey picture."""
    rows = zlib.compress((b"\0" + b"\x80" * width) * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", rows)
        + _chunk(b"IEND", b"")
    )


def test_images_by_path_mention_and_command_reach_the_model_and_are_shown(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("two pictures"), Reply.text("one more"))
    shot, icon = png(64, 48), png(16, 16)
    (desk.folder / "my shot.png").write_bytes(shot)
    (desk.folder / "icon.png").write_bytes(icon)
    (desk.folder / "fake.png").write_text("no picture")
    console = desk.console(server)
    console.type("/image fake.png")
    console.wait_for("/image fake.png")
    console.press("enter")
    console.wait_for("no image that can be sent")
    console.press("ctrl+c")
    console.type("compare ")
    console.paste(f"'{desk.folder / 'my shot.png'}'")
    console.wait_for("[image #1, 64×48 PNG]")
    console.submit(" and @icon.png")
    console.wait_for("two pictures")
    console.wait_for("▣ my shot.png · 64×48 PNG")
    console.wait_for("▣ icon.png · 16×16 PNG")
    body = server.requests[0].text()
    assert base64.b64encode(shot).decode() in body
    assert base64.b64encode(icon).decode() in body
    console.press("ctrl+q")
    assert console.wait_exit() == 0
    replay = desk.open("replay", desk.sessions()[0].name)
    replay.wait_for("Replay")
    replay.press("end")
    replay.wait_for("▣ my shot.png · 64×48 PNG")
    replay.wait_for("▣ icon.png · 16×16 PNG")
