"""A session in which everything that others write is hostile, and what a screen must hold to."""

import io
import re
import unicodedata
from typing import Any

from rich.cells import cell_len
from rich.console import Console as RichConsole
from textual.screen import Screen

from harn_tui.events.agent import Plan, ToolCall, ToolCallUpdate
from harn_tui.events.host import LlmRetry, Notice, PermissionRequest, SessionStart, ToolOutput
from harn_tui.events.record import Event, UnknownEvent
from harn_tui.json_types import JsonObject
from harn_tui.kinds import (
    Boundary,
    NoticeLevel,
    OutputStream,
    ProviderErrorCategory,
    ToolCallStatus,
    ToolKind,
    WorkerEvent,
)
from tests.unit.console import review_scenes, scenes
from tests.unit.console.kept_rules import asks_with_rule
from tests.unit.console.stand_ins import (
    SESSION_ID,
    FakeAgent,
    FakePrompt,
    FakeResource,
    FakeSession,
)

PIECES = (
    "\x1b]0;owned\x07", "\x1b[2J\x1b[H", "\x1b[31m", "\x9b31m", "\x00", "\x7f", "\r", "\t", "\x85",
    "\u2028", "\u202e", "\u2066", "\u200b", "\u200d", "\ufeff", "\ud800", "\U000e0041",
    "e\u0301\u0302", "漢字", "👨\u200d👩\u200d👧", "🇩🇪", "☂\ufe0f", "[red]x[/red]",
    "[@click=app.quit]y[/]", "&#x1b;", "]8;;http://e.x\x07", "\u0301" * 20,
)  # fmt: skip
HOSTILE = " ".join(PIECES) + " " + "".join(PIECES)
LONG_LINE = ("漢\x1b[31mword\u202e" * 90_000)[:1_000_000]

_ACTING = {"Cc", "Cs", "Zl", "Zp"}
_CUT_JOIN = re.compile("\u200d ?[╭│╰]")
_BIDI = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def prepare(session: FakeSession, text: str) -> None:
    """Have the session offer ``text`` wherever it offers something."""
    session.models.provider_name = session.models.model = text
    session.agents.running = [FakeAgent(text, text, doing=text), FakeAgent("a", text)]
    session.queue.messages = [{"role": "user", "content": text}]
    sources = session.prompt_sources
    sources.paths = ("a.txt", text[:4_000], f"a/{text[:4_000]}")
    sources.offered_resources = (FakeResource(f"a:{text}", text, text),)
    sources.offered_prompts = (FakePrompt(f"a:{text}", text),)


def events(session: FakeSession, text: str) -> list[Event]:
    """Return a run that is at work, with ``text`` in every place that outsiders write."""
    details: JsonObject = {"path": text, "diff": f"@@ -1 +1 @@\n-{text}\n+{text}\n", "added": 1}
    steps: list[JsonObject] = [{"id": text, "content": text, "status": text}]
    worker: JsonObject = {"current_call": text, "last_line": text, "questions": [text]}
    return [
        SessionStart(SESSION_ID, text, text, text, text),
        *scenes.run_start(text),
        scenes.call_start(),
        LlmRetry(SESSION_ID, 1, 1, 0, ProviderErrorCategory.OVERLOADED, text),
        scenes.thought(text),
        scenes.text(text),
        scenes.call_end(),
        *scenes.compacted(),
        ToolCall(SESSION_ID, "t1", text, ToolKind.EXECUTE, ToolCallStatus.PENDING, {text: text}),
        scenes.tool_runs("t1", text),
        ToolOutput(SESSION_ID, "t1", text, OutputStream.STDOUT),
        scenes.tool_failed("t1", text, text),
        scenes.tool("t2", "read_file", ToolKind.READ, {"path": text}),
        scenes.tool_done("t2", "read_file", text, details={"path": text}),
        *review_scenes.changed("t3", details),
        scenes.tool("t5", "run_command", ToolKind.EXECUTE, {"command": text}),
        scenes.tool_runs("t5", "run_command"),
        ToolOutput(SESSION_ID, "t5", text, OutputStream.STDERR),
        Plan(SESSION_ID, {"schema_version": "harn.plan.v1", "title": text, "steps": [*steps]}),
        scenes.worker(text, text, WorkerEvent.SPAWNED, {}),
        scenes.worker(text, text, WorkerEvent.PROGRESSED, worker),
        UnknownEvent(text, SESSION_ID, {text: text}),
        Notice(SESSION_ID, NoticeLevel.ERROR, text),
        scenes.queued("f1", text),
        scenes.queued("f2", text, Boundary.AFTER_RUN),
        *asks_with_rule(session, 7, f"ls {text[:200]}"),
        PermissionRequest(
            SESSION_ID, "p8", "t5", text, text, text, text, {text: text}, [text], text
        ),
    ]


def question(text: str) -> Event:
    """Return a question of the model with ``text`` in it."""
    return scenes.question(options={text: text, "no": text}, text=text, default=text)


def failed_call(text: str) -> Event:
    """Return the end of the call that ran, with ``text`` as its error."""
    return ToolCallUpdate(
        SESSION_ID, "t5", "run_command", ToolCallStatus.FAILED, {"text": text}, error=text
    )


def assert_harmless(screen: Screen[Any], where: str) -> None:
    """Check each row of the screen: its characters, its width, the bytes that are written."""
    size = screen.size
    rich = RichConsole(
        file=io.StringIO(), force_terminal=True, color_system="truecolor", width=size.width
    )
    strips = screen._compositor.render_strips()
    assert len(strips) == size.height, where
    for row, strip in enumerate(strips):
        place = f"{where}, row {row}: {strip.text!r}"
        assert not {unicodedata.category(character) for character in strip.text} & _ACTING, place
        assert not set(strip.text) & _BIDI, place
        # A popup's edge can cut a joined character in two (docs/known-gaps.md, joined characters).
        is_cut = bool(_CUT_JOIN.search(strip.text))
        assert is_cut or strip.cell_length == size.width == cell_len(strip.text), place
        for sequence in strip.render(rich).split("\x1b")[1:]:
            assert sequence[0] in "[]\\", place
            assert sequence[0] != "]" or sequence.startswith("]8;"), place
