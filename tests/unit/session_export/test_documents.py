import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harn_tui.errors import StoreError
from harn_tui.events.agent import AgentMessageChunk, Plan, ToolCall, ToolCallUpdate
from harn_tui.events.codec import encode_record
from harn_tui.events.host import LlmCallStart, MessageRecorded, SessionStart, UserMessage
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import HostMessageMode, ToolCallStatus, ToolKind
from harn_tui.session_export.exported import load_exported
from harn_tui.session_export.html_page import html_page
from harn_tui.session_export.json_lines import json_lines
from harn_tui.session_export.markdown import markdown
from harn_tui.session_import.import_session import import_session
from harn_tui.store.log_reader import read_records
from tests.unit.session_export.sessions import DEMO, exported, recorded

HOSTILE = "</script><script>alert(1)</script><!--\u2028\x1b[2J @data@ ```\n````x & \"'"
NODE = shutil.which("node")
PLAYED = Path(__file__).parent / "play_page.js"
PIXEL = b"\x89PNG\r\n\x1a\n"
PIXEL_SHA = "4c4b6a3be1314ab86138bef4314dde022e600960d8689a2c8f8631802d20dab6"


def _hostile_events() -> list[Event]:
    return [
        SessionStart("s1", HOSTILE, HOSTILE, "p", "native"),
        UserMessage("s1", HOSTILE, HostMessageMode.WAIT_FOR_COMPLETION),
        LlmCallStart("s1", 1, 0, "m", 1, 1),
        AgentMessageChunk("s1", HOSTILE),
        Plan("s1", {"steps": "not a list"}),
        ToolCall(
            "s1", "tool-1", HOSTILE, ToolKind.EXECUTE, ToolCallStatus.PENDING, {HOSTILE: HOSTILE}
        ),
        ToolCallUpdate(
            "s1", "tool-1", HOSTILE, ToolCallStatus.FAILED, raw_output={"text": HOSTILE},
            error=HOSTILE,
        ),
    ]  # fmt: skip


class _Elements(HTMLParser):
    """The tags of a page, and what stands in its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data


def _elements(page: str) -> _Elements:
    elements = _Elements()
    elements.feed(page)
    return elements


def test_no_text_of_a_session_can_end_the_script_that_it_stands_in(tmp_path: Path) -> None:
    hostile = exported(_hostile_events(), tmp_path)
    page = html_page(hostile)
    elements, plain = _elements(page), _elements(html_page(recorded()))
    assert [tag for tag, _ in elements.tags] == [tag for tag, _ in plain.tags]
    data = json.loads(elements.scripts[0])
    assert data["events"][3]["content"].startswith("</script><script>alert(1)")
    assert elements.scripts[1] == plain.scripts[1]
    assert "\x1b" not in page


def test_page_asks_nothing_of_the_network_and_runs_its_own_script_only() -> None:
    page = html_page(recorded())
    elements = _elements(page)
    for _, attributes in elements.tags:
        assert not {"src", "href", "action", "style"} & attributes.keys()
    policy = next(a["content"] for t, a in elements.tags if "content" in a and "http-equiv" in a)
    assert policy is not None
    assert policy.startswith("default-src 'none'; script-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(
        r"url\(|@import|fetch\(|XMLHttp|innerHTML", page.split('<script id="data"')[0]
    )
    assert not re.search(r"fetch\(|XMLHttp|innerHTML|document\.write", elements.scripts[1])


@pytest.mark.skipif(NODE is None, reason="node plays the page; it is not installed")
def test_player_steps_seeks_and_comes_to_the_same_end(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(html_page(recorded()), encoding="utf-8")
    played = json.loads(
        subprocess.run(
            [str(NODE), str(PLAYED), str(page)], capture_output=True, check=True, text=True
        ).stdout
    )
    assert played["first"] == ""
    assert played["five"].startswith("5/")
    assert played["back"] == played["tool"] - 1
    assert played["atEndAgain"]
    assert played["theme"] == "light"
    assert "Show me around this folder" in played["all"]
    assert "steered" in played["classes"]


@pytest.mark.skipif(NODE is None, reason="node plays the page; it is not installed")
def test_player_survives_hostile_and_odd_events(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    hostile = exported(_hostile_events(), tmp_path)
    page.write_text(html_page(hostile), encoding="utf-8")
    result = subprocess.run(
        [str(NODE), str(PLAYED), str(page)], capture_output=True, check=True, text=True
    )
    assert "alert(1)" in json.loads(result.stdout)["all"]


def test_images_of_messages_are_in_the_page(tmp_path: Path) -> None:
    (tmp_path / "s1" / "blobs").mkdir(parents=True)
    (tmp_path / "s1" / "blobs" / PIXEL_SHA).write_bytes(PIXEL)
    image: JsonObject = {"blob": PIXEL_SHA, "media_type": "image/png", "name": "bed.png"}
    message = MessageRecorded("s1", {"role": "user", "content": "look", "images": [image]})
    data = json.loads(_elements(html_page(exported([message], tmp_path))).scripts[0])
    assert data["images"][PIXEL_SHA].startswith("data:image/png;base64,")


def test_markdown_tells_requests_steering_tools_and_files() -> None:
    text = markdown(recorded())
    assert text.startswith("# Show me around this folder\n")
    assert "## Request\n\n> Show me around this folder" in text
    assert "**Steered:**\n\n> Keep the notes short, please" in text
    assert "```diff\n" in text
    assert "- `harn-demo-notes.md` +8 -0" in text
    assert "Secrets that were found are replaced" in text


def test_no_text_ends_the_fence_that_it_stands_in(tmp_path: Path) -> None:
    text = markdown(exported(_hostile_events(), tmp_path))
    assert "\x1b" not in text
    opened = [line for line in text.split("\n") if re.fullmatch(r"`{5,}", line)]
    assert len(opened) == 2
    assert text.split("\n")[0].startswith(r"# \</script\>")


def test_exported_lines_are_a_header_and_the_log_byte_for_byte() -> None:
    header, *lines = "".join(json_lines(recorded())).splitlines()
    assert json.loads(header)["format"] == "harn-tui-session"
    assert json.loads(header)["session"]["title"] == "Show me around this folder"
    assert lines == DEMO.read_text(encoding="utf-8").splitlines()


def test_exported_session_is_imported_with_its_files(tmp_path: Path) -> None:
    (tmp_path / "s1" / "blobs").mkdir(parents=True)
    (tmp_path / "s1" / "blobs" / PIXEL_SHA).write_bytes(PIXEL)
    session = exported([UserMessage("s1", "hi", HostMessageMode.FINISH_STEP)], tmp_path)
    copy = tmp_path / "copy.jsonl"
    copy.write_text("".join(json_lines(session)), encoding="utf-8")
    report = import_session(copy, tmp_path / "other")
    folder = tmp_path / "other" / report.session_id
    assert (folder / "blobs" / PIXEL_SHA).read_bytes() == PIXEL
    assert report.title == "hi"
    records = list(read_records(folder / "event_log.jsonl"))
    assert records[0].emitted_at_ms == session.records[0].emitted_at_ms


def test_attached_file_with_a_secret_or_of_too_many_bytes_stays(tmp_path: Path) -> None:
    blobs = tmp_path / "s1" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / ("a" * 64)).write_bytes(b"token sk-abcdefghijklmnop1234")
    (blobs / ("b" * 64)).write_bytes(b"x" * 5_000_001)
    session = exported([UserMessage("s1", "hi", HostMessageMode.FINISH_STEP)], tmp_path)
    assert session.blobs == {}
    assert session.blobs_left_out == {
        "a" * 64: "holds a secret",
        "b" * 64: "too large (5,000,001 bytes)",
    }


def test_empty_log_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    with pytest.raises(StoreError, match="holds no record"):
        load_exported(str(tmp_path / "empty.jsonl"), tmp_path)


def test_records_are_as_they_were() -> None:
    lines = [encode_record(record) for record in recorded().records]
    assert lines == DEMO.read_text(encoding="utf-8").splitlines()
