from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.events.agent import AgentMessageChunk, ToolCall, ToolCallUpdate
from harn_tui.events.host import LlmCallStart, MessageRecorded, ToolOutput
from harn_tui.events.record import Event, UnknownEvent
from harn_tui.kinds import OutputStream, ToolCallStatus, ToolKind
from harn_tui.logs import REDACTED
from harn_tui.session_export.html_page import html_page
from harn_tui.session_export.json_lines import json_lines
from harn_tui.session_export.markdown import markdown
from harn_tui.session_export.redaction import Redactor
from harn_tui.session_export.saved_test import write_saved_test
from tests.unit.session_export.sessions import exported
from tests.unit.store.log_building import numbered

SECRET = "sk-abcdefghijklmnop1234"
ENVIRONMENT = {"GARDEN_API_KEY": "hunter2hunter2", "EDITOR": "vi"}
EVENTS: list[Event] = [
    LlmCallStart("s1", 1, 0, "m", 1, 1),
    AgentMessageChunk("s1", "The key is sk-abcdefg"),
    AgentMessageChunk("s1", "hijklmnop1234, keep it."),
    ToolCall("s1", "tool-1", "run", ToolKind.EXECUTE, ToolCallStatus.PENDING, {"k": [SECRET]}),
    ToolCallUpdate(
        "s1", "tool-1", "run", ToolCallStatus.PENDING, raw_input_partial='{"k": ["sk-abcdefgh'
    ),
    ToolOutput("s1", "tool-1", "hunter2", OutputStream.STDOUT),
    ToolOutput("s1", "tool-1", "hunter2\n", OutputStream.STDOUT),
    MessageRecorded("s1", {"role": "assistant", "content": f'Bearer {SECRET}"\\n'}),
    UnknownEvent("odd", "s1", {"type": "odd", "session_id": "s1", SECRET: {"deep": SECRET}}),
]


def test_secrets_leave_no_exported_form(tmp_path: Path) -> None:
    session = exported(EVENTS, tmp_path, ENVIRONMENT)
    write_saved_test(session, tmp_path / "saved")
    written = [path.read_text(encoding="utf-8") for path in (tmp_path / "saved").iterdir()]
    for text in (markdown(session), html_page(session), "".join(json_lines(session)), *written):
        assert "abcdefg" not in text
        assert "hunter2" not in text


def test_secret_that_came_in_pieces_is_replaced_once_where_it_began() -> None:
    records = Redactor({}).records(numbered(EVENTS[:3]))
    texts = [r.event.content for r in records if isinstance(r.event, AgentMessageChunk)]
    assert texts == [f"The key is {REDACTED}, keep it.", ""]


def test_what_holds_no_secret_stays_as_it_is() -> None:
    plain = numbered([AgentMessageChunk("s1", "no"), AgentMessageChunk("s1", "thing here")])
    assert Redactor(ENVIRONMENT).records(plain) == plain


@given(cuts=st.lists(st.integers(0, len(SECRET)), max_size=4))
def test_secret_is_found_however_it_was_cut(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(SECRET)]
    pieces = [SECRET[a:b] for a, b in zip(places, places[1:], strict=False)]
    events = [ToolOutput("s1", "t", piece, OutputStream.STDOUT) for piece in pieces]
    records = Redactor({}).records(numbered(events))
    joined = "".join(r.event.chunk for r in records if isinstance(r.event, ToolOutput))
    assert joined == REDACTED
