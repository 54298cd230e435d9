"""Sessions of other programs come in, are resumed, and go out again, by the command line."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import harn_tui

REPOSITORY = Path(__file__).parents[2]
SOURCES = REPOSITORY / "tests" / "data" / "imports"
RECORDED = REPOSITORY / "sessions" / "real-model-turn.jsonl"


def _run(desk: Desk, *arguments: str) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        harn_tui(*arguments),
        env=desk.environment(),
        cwd=desk.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return done


def test_imported_session_is_resumed_with_its_whole_history(
    desk: Desk, server: StreamingServer
) -> None:
    done = _run(desk, "sessions", "import", str(SOURCES / "codex_old.jsonl"), "--json")
    session_id = json.loads(done.stdout)["session_id"]
    server.enqueue(Reply.text("Still main."))
    again = _run(
        desk, "run", "--base-url", server.base_url, "--model", "m", "--session", session_id, "sure?"
    )
    assert again.returncode == 0, again.stderr
    sent = [m for m in server.requests[-1].messages if m["role"] != "system"]
    assert [m["role"] for m in sent] == ["user", "assistant", "tool", "assistant", "user"]
    assert sent[1]["tool_calls"][0]["function"]["name"] == "git"
    assert sent[2]["content"] == "On branch main\n"
    assert sent[4]["content"] == "sure?"


def test_import_says_what_was_kept_and_what_to_do_next(desk: Desk) -> None:
    done = _run(desk, "sessions", "import", str(SOURCES / "claude_code.jsonl"))
    assert "Imported claude_code.jsonl (a Claude Code session)" in done.stdout
    assert "1 progress" in done.stdout
    assert "harn-tui replay " in done.stdout
    assert len(desk.sessions()) == 1


@pytest.mark.parametrize("name", ["out.md", "out.html", "out.jsonl", "out.svg", "out.cast"])
def test_session_is_exported_in_the_format_of_the_ending(desk: Desk, name: str) -> None:
    done = _run(desk, "sessions", "export", str(RECORDED), "--to", name, "--size", "60x12")
    assert done.returncode == 0, done.stderr
    assert "Gardeners" in (desk.folder / name).read_text(encoding="utf-8")
    assert "redacted" in done.stdout
    again = _run(desk, "sessions", "export", str(RECORDED), "--to", name)
    assert again.returncode == 2
    assert "--force" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("import", "nowhere.jsonl"), 1, "no file"),
        (("import", "/etc/hostname"), 1, "--as"),
        (("export", "nobody", "--format", "markdown"), 2, "nobody"),
        (("export", str(RECORDED)), 2, "--format"),
        (("export", str(RECORDED), "--to", "x.svg", "--size", "9x9"), 2, "100x30"),
        (("export", str(RECORDED), "--to", "x.svg", "--at", "999"), 2, "0 to 13"),
        (("export", str(RECORDED), "--to", "x.svg", "--theme", "none"), 2, "harn-light"),
        (("export", str(RECORDED), "--to", "x.md", "--at", "1"), 2, "svg"),
        (("export", str(RECORDED), "--to", "no/folder/x.md"), 1, "cannot be written"),
        (("export", str(RECORDED), "--format", "test"), 2, "--to"),
        (("compare", str(RECORDED), "nobody"), 2, "nobody"),
    ],
)
def test_mistakes_are_one_line_with_what_to_do(
    desk: Desk, arguments: tuple[str, ...], code: int, says: str
) -> None:
    done = _run(desk, "sessions", *arguments)
    assert done.returncode == code
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_exported_lines_come_back_as_the_same_session(desk: Desk) -> None:
    exported = _run(desk, "sessions", "export", str(RECORDED), "--format", "json")
    (desk.folder / "copy.jsonl").write_text(exported.stdout, encoding="utf-8")
    done = _run(desk, "sessions", "import", "copy.jsonl", "--json")
    report = json.loads(done.stdout)
    assert report["kind"] == "export"
    compared = _run(desk, "sessions", "compare", str(RECORDED), report["session_id"], "--json")
    assert json.loads(compared.stdout)["same"] is True


def test_comparison_is_told_in_words(desk: Desk) -> None:
    demo = REPOSITORY / "sessions" / "demo-tools-approval-feedback.jsonl"
    done = _run(desk, "sessions", "compare", str(RECORDED), str(demo))
    assert "They part in turn 1: what was asked." in done.stdout
