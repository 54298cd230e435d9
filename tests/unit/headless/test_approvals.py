"""Control lines that keep a rule for good."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from harn_tui.events.host import PermissionRequest
from harn_tui.events.record import Record
from harn_tui.headless.run import HeadlessOptions, HeadlessRun
from harn_tui.kinds import RulePlace, ToolKind
from harn_tui.permissions.rule_files import RuleFile, read_rules
from tests.conformance.loop_driver import Reply, make_tool
from tests.unit.session.opened import open_scripted

RUN = make_tool("run_command", kind=ToolKind.EXECUTE)


async def run_answering(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *answers: dict[str, Any]
) -> RuleFile:
    """Run one command that asks, answered by lines in turn; return the file of rules."""
    file = RuleFile(RulePlace.USER, folder / "permissions.toml")
    replies = [Reply("", calls=(("run_command", {"command": "git push origin"}),)), Reply("end")]
    session, _ = open_scripted(folder / "s", replies, tools=(RUN,), rule_files=(file,))
    reader, writer = os.pipe()

    def answer(record: Record) -> None:
        if isinstance(record.event, PermissionRequest):
            for members in answers:
                line = {"type": "permission_decision", "request_id": record.event.request_id}
                os.write(writer, json.dumps(line | members).encode() + b"\n")

    session.subscribe(answer)
    with os.fdopen(reader) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        try:
            options = HeadlessOptions(as_json=True, reads_control=True)
            assert await HeadlessRun(session, options).run("go") == 0
        finally:
            os.close(writer)
    return file


async def test_a_line_keeps_the_rule_that_it_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    always = {"decision": "allow", "scope": "always", "rule": "git *"}
    file = await run_answering(tmp_path, monkeypatch, always)
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (decision,) = [event for event in events if event["type"] == "permission_decision"]
    assert (decision["scope"], decision["rule"]) == ("always", "run_command matches git *")
    (kept,) = read_rules(file, cwd=tmp_path).allow
    assert kept.patterns == ("git *",)


async def test_a_line_with_a_wrong_rule_is_reported_and_the_next_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"decision": "allow", "scope": "always", "rule": "git pull *"}
    nowhere = {**wrong, "rule": "git *", "place": "project"}
    file = await run_answering(tmp_path, monkeypatch, wrong, nowhere, {"decision": "deny"})
    said = capsys.readouterr().err
    assert "control line skipped: It does not match this call" in said
    assert "control line skipped: What a project allows counts only when" in said
    assert not file.path.exists()
