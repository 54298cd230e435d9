"""Answers to permission requests, and the rules that they leave in files."""

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harn_tui.errors import UsageError
from harn_tui.events.host import Notice, PermissionDecision, PermissionRequest
from harn_tui.events.record import Event
from harn_tui.json_types import JsonObject
from harn_tui.kinds import Decision, DecisionScope, NoticeLevel, RulePlace, ToolKind
from harn_tui.loop.sub_agents.run_agent_tool import RUN_AGENT
from harn_tui.permissions.chosen_rule import ChosenRule
from harn_tui.permissions.rule_files import RuleFile, read_rules
from harn_tui.session.handle import SessionHandle
from harn_tui.tools.base import ToolContext
from harn_tui.tools.foreseen_change import ForeseenChange
from harn_tui.tools.write_file import WRITE_FILE
from tests.conformance.loop_driver import Reply, make_tool, until
from tests.unit.session.opened import open_scripted

RUN = make_tool("run_command", kind=ToolKind.EXECUTE)
ALWAYS = DecisionScope.ALWAYS


def command(text: str) -> Reply:
    return Reply("", calls=(("run_command", {"command": text}),))


def files_in(folder: Path) -> tuple[RuleFile, RuleFile]:
    return (
        RuleFile(RulePlace.USER, folder / "home" / "permissions.toml"),
        RuleFile(RulePlace.PROJECT, folder / "project" / ".harn" / "permissions.toml"),
    )


class Asked:
    """A stored session that runs commands, up to its first open request."""

    def __init__(self, session: SessionHandle) -> None:
        self.session = session
        self.events: list[Event] = []
        session.subscribe(lambda record: self.events.append(record.event))

    async def begin(self) -> str:
        await self.session.start()
        self.session.submit("go")
        return await self.next_request()

    async def next_request(self) -> str:
        await until(lambda: len(self.session.open_requests()) == 1)
        return self.session.open_requests()[0]

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if type(event) is kind]

    def warnings(self) -> list[str]:
        return [n.text for n in self.of(Notice) if n.level is NoticeLevel.WARNING]

    async def end(self) -> None:
        await self.session.wait_idle()
        await self.session.close()


def asked(folder: Path, *replies: Reply, **others: Any) -> Asked:
    others = {"rule_files": files_in(folder), **others}
    session, _ = open_scripted(folder / "s", [*replies, Reply("done")], tools=(RUN,), **others)
    return Asked(session)


async def test_a_request_tells_risks_and_the_rule_that_could_be_kept(tmp_path: Path) -> None:
    desk = asked(tmp_path, command("git commit -m x > log"), command("git push origin"))
    first = await desk.begin()
    desk.session.answer(first, Decision.DENY)
    await until(lambda: len(desk.of(PermissionRequest)) == 2)
    desk.session.answer(await desk.next_request(), Decision.DENY)
    await desk.end()
    one, two = desk.of(PermissionRequest)
    assert "write_intent" in one.risks
    assert "Risks" not in one.reason
    proposed = {"tool": "run_command", "pattern": "git push *", "argument": "command"}
    assert two.proposed_rule == proposed


async def test_a_request_tells_whether_a_sandbox_will_hold_the_command(tmp_path: Path) -> None:
    async def held() -> str:
        return "sandboxed, no network"

    async def broken() -> str:
        raise RuntimeError("no such thing")

    for number, confinement in enumerate((held, broken, None)):
        tools = (replace(RUN, confinement=confinement),)
        replies = [command("curl x"), Reply("done")]
        desk = Asked(open_scripted(tmp_path / f"s{number}", replies, tools=tools)[0])
        desk.session.answer(await desk.begin(), Decision.DENY)
        await desk.end()
        (request,) = desk.of(PermissionRequest)
        assert request.confinement == ("sandboxed, no network" if confinement is held else None)
        assert bool(desk.warnings()) is (confinement is broken)


async def test_always_writes_the_proposed_rule_and_asks_no_more(tmp_path: Path) -> None:
    desk = asked(tmp_path, command("git push origin"), command("git push --force"))
    assert desk.session.answer(await desk.begin(), Decision.ALLOW, ALWAYS)
    await desk.end()
    (decision,) = desk.of(PermissionDecision)
    assert (decision.scope, decision.rule) == (ALWAYS, "run_command matches git push *")
    (kept,) = read_rules(files_in(tmp_path)[0], cwd=tmp_path).allow
    assert kept.patterns == ("git push *",)


async def test_always_with_an_edited_rule_goes_where_it_was_said(tmp_path: Path) -> None:
    desk = asked(tmp_path, command("git push origin"), command("git log"))
    rule = ChosenRule("git *", RulePlace.PROJECT)
    assert desk.session.answer(await desk.begin(), Decision.ALLOW, ALWAYS, rule=rule)
    await desk.end()
    user, project = (read_rules(file, cwd=tmp_path).allow for file in files_in(tmp_path))
    assert user == ()
    assert [kept.patterns for kept in project] == [("git *",)]
    assert len(desk.of(PermissionRequest)) == 1


@pytest.mark.parametrize(
    ("decision", "scope", "rule", "says"),
    [
        (Decision.ALLOW, ALWAYS, ChosenRule("git pull *"), "does not match"),
        (Decision.ALLOW, ALWAYS, ChosenRule("**/a/" * 8), "usable glob"),
        (Decision.ALLOW, DecisionScope.ONCE, ChosenRule("git *"), "always holds"),
        (Decision.DENY, ALWAYS, ChosenRule("git *"), "always holds"),
        (Decision.ALLOW, ALWAYS, ChosenRule("git *", RulePlace.PROJECT), "trusted"),
    ],
)
async def test_an_answer_with_a_wrong_rule_is_refused_and_the_call_still_waits(
    tmp_path: Path, decision: Decision, scope: DecisionScope, rule: ChosenRule, says: str
) -> None:
    desk = asked(tmp_path, command("git push origin"), rule_files=files_in(tmp_path)[:1])
    request_id = await desk.begin()
    with pytest.raises(UsageError, match=says):
        desk.session.answer(request_id, decision, scope, rule=rule)
    assert desk.session.open_requests() == (request_id,)
    assert desk.session.answer(request_id, Decision.DENY)
    await desk.end()
    assert not files_in(tmp_path)[0].path.exists()


async def test_always_without_a_rule_needs_one_that_can_be_proposed(tmp_path: Path) -> None:
    desk = asked(tmp_path, command("git add . && git commit"))
    request_id = await desk.begin()
    with pytest.raises(UsageError, match="pattern is needed"):
        desk.session.answer(request_id, Decision.ALLOW, ALWAYS)
    rule = ChosenRule("git *")
    assert desk.session.answer(request_id, Decision.ALLOW, ALWAYS, rule=rule)
    await desk.end()


async def test_a_rule_that_cannot_be_written_holds_for_the_session_and_is_told(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("not a folder")
    nowhere = RuleFile(RulePlace.USER, tmp_path / "file" / "permissions.toml")
    desk = asked(
        tmp_path, command("git push origin"), command("git push again"), rule_files=(nowhere,)
    )
    assert desk.session.answer(await desk.begin(), Decision.ALLOW, ALWAYS)
    await desk.end()
    (decision,) = desk.of(PermissionDecision)
    assert decision.scope is DecisionScope.SESSION
    assert decision.rule == "run_command matches git push *"
    (warning,) = desk.warnings()
    assert "was not kept" in warning
    assert "cannot be written" in warning


async def test_always_for_a_nested_loop_is_kept_and_holds_in_its_parent_too(
    tmp_path: Path,
) -> None:
    replies = [
        Reply("", calls=(("run_agent", {"task": "push it", "name": "pusher"}),)),
        command("git push origin"),
        Reply("pushed"),
        command("git push again"),
        Reply("done"),
    ]
    session, _ = open_scripted(
        tmp_path / "s", replies, tools=(RUN, RUN_AGENT), rule_files=files_in(tmp_path)
    )
    desk = Asked(session)
    assert session.answer(await desk.begin(), Decision.ALLOW, ALWAYS)
    await desk.end()
    (request,) = desk.of(PermissionRequest)
    assert (request.source, request.proposed_rule["pattern"]) == ("pusher", "git push *")
    (decision,) = desk.of(PermissionDecision)
    assert (decision.scope, decision.rule) == (ALWAYS, "run_command matches git push *")
    assert len(read_rules(files_in(tmp_path)[0], cwd=tmp_path).allow) == 1


async def test_a_rule_of_a_nested_loop_that_cannot_be_written_is_told_at_the_root(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").write_text("not a folder")
    nowhere = RuleFile(RulePlace.USER, tmp_path / "file" / "permissions.toml")
    replies = [
        Reply("", calls=(("run_agent", {"task": "push it", "name": "pusher"}),)),
        command("git push origin"),
        Reply("pushed"),
        Reply("done"),
    ]
    session, _ = open_scripted(
        tmp_path / "s", replies, tools=(RUN, RUN_AGENT), rule_files=(nowhere,)
    )
    desk = Asked(session)
    assert session.answer(await desk.begin(), Decision.ALLOW, ALWAYS)
    await desk.end()
    (warning,) = desk.warnings()
    assert "was not kept" in warning


def write(path: str, content: str) -> Reply:
    return Reply("", calls=(("write_file", {"content": content, "path": path}),))


async def test_what_a_write_would_replace_is_told_while_it_waits(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    (tmp_path / "s" / "a.txt").write_text("one\ntwo\n")
    replies = [write("a.txt", "two\n"), Reply("done")]
    session, _ = open_scripted(tmp_path / "s", replies, tools=(WRITE_FILE,))
    desk = Asked(session)
    request = await desk.begin()
    approvals = session.approvals
    assert approvals.foresees(request)
    told = await approvals.foresee(request)
    assert told is not None
    assert (told.path, told.added, told.removed) == ("a.txt", 0, 1)
    assert approvals.path_params(request) == ("path",)
    assert approvals.granted_parameter(request) == "path"
    session.answer(request, Decision.DENY)
    await desk.end()
    assert not approvals.foresees(request)


async def test_a_tool_that_fails_to_foresee_is_asked_about_all_the_same(tmp_path: Path) -> None:
    threads: list[int] = []

    def fail(_arguments: JsonObject, _context: ToolContext) -> ForeseenChange:
        threads.append(threading.get_ident())
        raise RuntimeError("secret")

    tool = replace(WRITE_FILE, foresee=fail)
    session, _ = open_scripted(tmp_path / "s", [write("a", "b"), Reply("done")], tools=(tool,))
    desk = Asked(session)
    request = await desk.begin()
    told = await session.approvals.foresee(request)
    assert told == ForeseenChange(problem="the tool failed to tell.")
    assert threads
    assert threading.get_ident() not in threads
    session.answer(request, Decision.ALLOW)
    await desk.end()
    assert (tmp_path / "s" / "a").read_text() == "b"


async def test_a_command_has_nothing_foreseen_and_is_granted_by_its_line(tmp_path: Path) -> None:
    desk = asked(tmp_path, command("make"))
    request = await desk.begin()
    assert not desk.session.approvals.foresees(request)
    assert await desk.session.approvals.foresee(request) is None
    assert desk.session.approvals.granted_parameter(request) == "command"
    desk.session.answer(request, Decision.DENY)
    await desk.end()


async def test_what_a_write_would_replace_is_told_again_when_the_session_is_taken_up(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "a.txt").write_text("one\ntwo\n")
    replies = [write("a.txt", "two\n"), Reply("done")]
    session, _ = open_scripted(folder, replies, tools=(WRITE_FILE,))
    await Asked(session).begin()
    await session.close(leaves_approvals=True)

    (folder / "a.txt").write_text("only\n")
    again, _ = open_scripted(folder, [Reply("done")], tools=(WRITE_FILE,), asks_again=True)
    desk = Asked(again)
    await again.start()
    told = await again.approvals.foresee(request := await desk.next_request())
    assert told is not None
    assert (told.added, told.removed) == (1, 1)
    assert again.approvals.path_params(request) == ("path",)
    again.answer(request, Decision.ALLOW)
    await desk.end()
    assert (folder / "a.txt").read_text() == "two\n"
