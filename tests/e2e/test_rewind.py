"""Going back in the real program: files, conversation, and nothing of the person's lost."""

import json
import subprocess

from tests.e2e.conftest import Desk
from tests.support.reply_script import Reply, ToolCall
from tests.support.streaming_server import StreamingServer
from tests.support.terminal import harn_tui
from tests.unit.snapshots.desk_of_files import contents_of
from tests.unit.snapshots.test_snapshot_store import git

ALLOWED = ("--set", "permissions.allow={write_file=true,run_command=true}")


def _repository(desk: Desk) -> None:
    """Make the folder a repository with staged, stashed and changed files, and a hook."""
    git(desk.folder, "init", "-q")
    for name in ("app.py", "mine.py", "stashed.py"):
        (desk.folder / name).write_text("one\n")
    git(desk.folder, "add", ".")
    git(desk.folder, "commit", "-qm", "first")
    (desk.folder / "stashed.py").write_text("two\n")
    git(desk.folder, "stash")
    (desk.folder / "staged.py").write_text("staged\n")
    git(desk.folder, "add", "staged.py")


def _two_requests(server: StreamingServer) -> None:
    command = "sed -i s/one/ONE/ app.py && mkdir -p out && echo made > out/made.txt"
    server.enqueue(
        Reply.tools(ToolCall("write_file", {"path": "new.txt", "content": "new\n"})),
        Reply.tools(ToolCall("run_command", {"command": command})),
        Reply.text("the first is done"),
    )
    server.enqueue(
        Reply.tools(ToolCall("run_command", {"command": "rm new.txt; echo 2 >> app.py"})),
        Reply.text("the second is done"),
    )


def _run(desk: Desk, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        harn_tui(*arguments), env=desk.environment(), cwd=desk.folder, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_rewinding_brings_back_files_and_the_line_and_keeps_what_is_the_persons(
    desk: Desk, server: StreamingServer
) -> None:
    _repository(desk)
    repository, start = contents_of(desk.folder / ".git"), contents_of(desk.folder)
    _two_requests(server)
    console = desk.console(server, *ALLOWED)
    console.submit("make the first change")
    console.wait_for("the first is done")
    console.submit("make the second change")
    console.wait_for("the second is done")
    (desk.folder / "mine.py").write_text("my own edit\n")
    origin = desk.sessions()[-1]
    log = (origin / "event_log.jsonl").read_bytes()

    console.press("alt+u")
    console.wait_for("Rewind to before a line of yours")
    console.wait_for("make the second change")
    console.wait_for("in 3 files")
    console.press("down")
    console.wait_for("kept that you changed")
    console.wait_for("cannot be undone")
    console.press("enter")
    console.wait_for("Forked from session")
    console.wait_for("Files rewound: ")
    console.wait_until_gone("Rewind to before a line of yours")
    console.wait_for("make the first change")

    expected = start | {b"mine.py": (False, b"my own edit\n")}
    assert contents_of(desk.folder) == expected
    assert contents_of(desk.folder / ".git") == repository
    forks = [folder for folder in desk.sessions() if folder != origin]
    assert len(forks) == 1
    # Closing the old session adds nothing to what was said there.
    assert (origin / "event_log.jsonl").read_bytes() == log

    server.enqueue(Reply.text("gone another way"))
    console.press("enter")
    console.wait_for("gone another way")
    said = [m["content"] for m in server.requests[-1].messages if m["role"] != "system"]
    assert said == ["make the first change"]

    console.submit("/undo-the-rewind-of-files")
    console.wait_for("The last rewind of files was undone")
    assert (desk.folder / "out" / "made.txt").read_text() == "made\n"
    assert (desk.folder / "app.py").read_text() == "ONE\n2\n"
    assert (desk.folder / "mine.py").read_text() == "my own edit\n"
    assert contents_of(desk.folder / ".git") == repository
    console.press("ctrl+q")
    assert console.wait_exit() == 0


def test_a_recorded_session_is_rewound_from_its_replay_and_the_command_line(
    desk: Desk, server: StreamingServer
) -> None:
    (desk.folder / "app.py").write_text("one\n")
    _two_requests(server)
    for words in ("make the first change", "make the second change"):
        done = _run(
            desk, "run", "--base-url", server.base_url, "--yes", "--session", "origin", words
        )
        assert done.returncode == 0, done.stderr
    listed = _run(desk, "sessions", "rewind", "origin", "--json").stdout.splitlines()
    first, second = (json.loads(line) for line in listed)
    assert (first["text"], first["files"], second["files"]) == ("make the first change", 3, 2)

    dry = _run(desk, "sessions", "rewind", "origin", "--at", str(second["at"]), "--dry-run")
    assert dry.stdout.splitlines() == ["changed  app.py", "created  new.txt"]
    assert not (desk.folder / "new.txt").exists()

    done = _run(desk, "sessions", "rewind", "last", "--at", str(second["at"]), "--files-only")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Undo it with: harn-tui sessions rewind origin --undo" in done.stdout.splitlines()
    assert (desk.folder / "new.txt").exists()
    assert len(desk.sessions()) == 1

    replay = desk.open("replay", "origin", "--at", str(first["at"]))
    replay.wait_for(f" {first['at'] + 1}/{len(desk.events())} · ")
    replay.press("alt+u")
    replay.wait_for(f"where the replay stands (event {first['at']})")
    replay.wait_for("brought back:")
    replay.press("enter")
    replay.wait_for("Go on with")
    replay.wait_until_gone("where the replay stands")
    replay.press("q")
    assert replay.wait_exit() == 0
    assert contents_of(desk.folder) == {b"app.py": (False, b"one\n")}
    assert len(desk.sessions()) == 2

    undone = _run(desk, "sessions", "rewind", "origin", "--undo")
    assert undone.returncode == 0, undone.stderr
    assert (desk.folder / "app.py").read_text() == "ONE\n"
    assert _run(desk, "sessions", "fork", "origin", "--files").returncode == 2


def test_switched_off_there_are_no_snapshots_and_the_reason_is_told(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(
        Reply.tools(ToolCall("write_file", {"path": "a", "content": "1"})), Reply.text("done")
    )
    off = ("--set", "snapshots.enabled=false")
    _run(desk, "run", "--base-url", server.base_url, "--yes", *off, "--session", "origin", "go")
    assert "files_snapshot" not in desk.types()
    assert not (desk.home / "harn-tui" / "snapshots").exists()
    done = _run(desk, "sessions", "rewind", "origin", "--at", "0")
    assert done.returncode == 2
    assert "no snapshots" in done.stderr


def test_a_replay_needs_no_configuration_until_it_goes_back(
    desk: Desk, server: StreamingServer
) -> None:
    server.enqueue(Reply.text("done"))
    done = _run(desk, "run", "--base-url", server.base_url, "--session", "origin", "go")
    assert done.returncode == 0, done.stderr
    configuration = desk.folder / ".harn" / "config.toml"
    configuration.parent.mkdir(exist_ok=True)
    configuration.write_text("[snapshots]\nenabled = 7\n")

    replay = desk.open("replay", "origin", "--at", "0", columns=160)
    replay.wait_for(f" 1/{len(desk.events())} · ")
    replay.wait_for("snapshots.enabled")  # how the console looks is not known either
    configuration.write_text("[snapshots]\nkeep_days = false\n")
    replay.press("alt+u")
    replay.wait_for("snapshots.keep_days")
    configuration.write_text("")
    replay.press("alt+u")
    replay.wait_for("where the replay stands (event 0)")
    replay.press("ctrl+q")
    assert replay.wait_exit() == 0
