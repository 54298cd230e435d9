import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import AttachmentError, ProviderError
from harn_tui.headless.exit_codes import exit_code
from harn_tui.headless.run import HeadlessOptions, HeadlessRun
from harn_tui.kinds import LoopStatus, ProviderErrorCategory, ToolKind
from harn_tui.store.image_store import ImageStore
from harn_tui.tools.base import Tool
from tests.conformance.loop_driver import Reply, make_tool
from tests.unit.session.opened import open_scripted

WRITE = make_tool("write", kind=ToolKind.EDIT)


async def _run(
    folder: Path,
    replies: Sequence[Reply],
    *,
    tools: tuple[Tool, ...] = (),
    loop: LoopOptions | None = None,
    **options: Any,
) -> int:
    session, _ = open_scripted(folder / "s", replies, tools=tools, options=loop)
    return await HeadlessRun(session, HeadlessOptions(**options)).run("go")


def _events(out: str) -> list[Any]:
    return [json.loads(line) for line in out.splitlines()]


async def test_reply_goes_to_stdout_and_progress_to_stderr(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = await _run(
        tmp_path,
        [Reply("look", calls=(("read", {}),)), Reply("the answer")],
        tools=(make_tool("read"),),
    )
    out, err = capsys.readouterr()
    assert (code, out) == (0, "look\nthe answer\n")
    assert "✓ " in err
    assert "read" in err


async def test_json_prints_exactly_the_lines_of_the_log_then_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await _run(tmp_path, [Reply("hello")], as_json=True) == 0
    out, err = capsys.readouterr()
    *lines, last = out.splitlines()
    log = (tmp_path / "s" / "event_log.jsonl").read_text(encoding="utf-8")
    assert lines == log.splitlines()
    assert json.loads(last)["type"] == "result"
    assert json.loads(last)["visible_text"] == "hello"
    assert err == ""


async def test_headless_denies_what_it_would_have_to_ask(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replies = [Reply("", calls=(("write", {}),)), Reply("could not")]
    assert await _run(tmp_path, replies, tools=(WRITE,), as_json=True) == 0
    events = _events(capsys.readouterr().out)
    (decision,) = [e for e in events if e["type"] == "permission_decision"]
    assert decision["decision"] == "deny"
    assert "--yes" in decision["note"]


async def test_a_refusal_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replies = [Reply("", calls=(("write", {}),)), Reply("could not")]
    assert await _run(tmp_path, replies, tools=(WRITE,)) == 0
    err = capsys.readouterr().err
    assert "refused: This call was refused: nobody can be asked" in err
    assert err.count("nobody can be asked") == 1


async def test_yes_approves_what_policy_would_ask_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replies = [Reply("", calls=(("write", {}),)), Reply("done")]
    code = await _run(tmp_path, replies, tools=(WRITE,), as_json=True, approves_all=True)
    result = _events(capsys.readouterr().out)[-1]
    assert (code, result["tools"]["successful"]) == (0, ["write"])


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("done", 0),
        ("idle", 0),
        ("error", 1),
        ("stuck", 3),
        ("budget_exhausted", 4),
        ("failed", 5),
        ("watchdog", 6),
        ("cancelled", 130),
    ],
)
def test_every_status_has_its_exit_code(status: str, code: int) -> None:
    assert exit_code(LoopStatus(status)) == code


def test_no_status_is_without_an_exit_code() -> None:
    assert all(isinstance(exit_code(status), int) for status in LoopStatus)


async def test_stuck_run_exits_with_three(tmp_path: Path) -> None:
    loop = LoopOptions(persistent=True, max_nudges=0)
    assert await _run(tmp_path, [Reply("hm")], loop=loop) == 3


async def test_failed_call_is_one_line_on_stderr_and_exit_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    error = ProviderError("The key was refused.", category=ProviderErrorCategory.AUTH)
    assert await _run(tmp_path, [Reply(error=error, accepts=False)], as_json=True) == 1
    assert capsys.readouterr().err == "The key was refused.\n"


async def test_cancelling_the_run_from_outside_exits_with_130(tmp_path: Path) -> None:
    waiting = asyncio.Event()

    async def forever() -> None:
        waiting.set()
        await asyncio.Event().wait()

    session, _ = open_scripted(tmp_path / "s", [Reply("half", midway=forever)])
    task = asyncio.create_task(HeadlessRun(session, HeadlessOptions()).run("go"))
    await waiting.wait()
    task.cancel()
    assert await task == 130


async def test_escape_sequences_of_a_model_do_not_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await _run(tmp_path, [Reply("\x1b]0;owned\x07 \x9b31m\u202etxt")])
    out = capsys.readouterr().out
    assert not any(c in out for c in "\x1b\x07\x9b\u202e")


async def test_images_go_with_the_prompt(tmp_path: Path) -> None:
    image = tmp_path / "a.png"
    image.write_bytes(b"\x89PNG\r\n\x1a\n")
    store = ImageStore(tmp_path / "s" / "blobs")
    session, script = open_scripted(tmp_path / "s", [Reply("a cat")], images=store)
    assert await HeadlessRun(session, HeadlessOptions()).run("go", [image, image]) == 0
    (message,) = script.requests[0].messages
    images = message["images"]
    assert isinstance(images, list)
    assert len(images) == 2


async def test_an_image_that_cannot_be_sent_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    store = ImageStore(tmp_path / "s" / "blobs")
    session, script = open_scripted(tmp_path / "s", [Reply("a cat")], images=store)
    with pytest.raises(AttachmentError, match="No such file"):
        await HeadlessRun(session, HeadlessOptions()).run("go", [tmp_path / "missing.png"])
    assert script.requests == []


@pytest.mark.parametrize(
    ("reply", "shown"),
    [
        ("all is well\n##DONE##", "all is well\n"),
        ("all is well\n\n<done>##DONE##</done>", "all is well\n"),
        ("<user_response>all is well</user_response>\n##DONE##", "all is well\n"),
        ("the marker is ##DONE## here\n##DONE##", "the marker is ##DONE## here\n"),
    ],
)
@pytest.mark.parametrize("tool_format", ["native", "text"])
async def test_loop_10_18_completion_marker_of_a_persistent_run_is_not_printed(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    reply: str,
    shown: str,
    tool_format: str,
) -> None:
    options = LoopOptions(persistent=True, tool_format=tool_format)
    assert await _run(tmp_path, [Reply(reply)], loop=options) == 0
    assert capsys.readouterr().out == shown


async def test_marker_is_ordinary_text_where_no_run_listens_to_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await _run(tmp_path, [Reply("one\n##DONE##")]) == 0
    assert capsys.readouterr().out == "one\n##DONE##\n"


async def test_text_held_back_before_a_call_is_printed_before_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replies = [Reply("look at #", calls=(("read", {}),)), Reply("ended ##\n##DONE##")]
    options = LoopOptions(persistent=True)
    assert await _run(tmp_path, replies, tools=(make_tool("read"),), loop=options) == 0
    assert capsys.readouterr().out == "look at #\nended ##\n"
