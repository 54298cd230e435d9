"""Grants for the rest of a session."""

import pytest

from harn_tui.json_types import JsonObject
from harn_tui.permissions.grants import SessionGrants, grant_rule


@pytest.mark.parametrize(
    ("tool", "arguments", "rule"),
    [
        ("run_command", {"command": "make test", "timeout_s": 5}, "run_command(make test)"),
        ("write_file", {"path": "./src//a.py", "content": "x"}, "write_file(src/a.py)"),
        ("edit_file", {"path": "a/../b", "old_text": "x"}, "edit_file(a/../b)"),
        ("mcp", {"path": "b", "a": 1}, 'mcp({"a":1,"path":"b"})'),
        ("run_command", {"command": 3}, 'run_command({"command":3})'),
    ],
)
def test_a_grant_is_as_narrow_as_its_tool_lets_it_be(
    tool: str, arguments: JsonObject, rule: str
) -> None:
    assert grant_rule(tool, arguments) == rule


def test_a_grant_covers_the_same_subject_and_no_other() -> None:
    grants = SessionGrants()
    rule = grants.remember("write_file", {"path": "a", "content": "1"})
    assert grants.rules == (rule,)
    assert grants.covers("write_file", {"path": "a", "content": "2"})
    assert grants.rule_for("write_file", {"path": "./a", "content": "2"}) == rule
    assert not grants.covers("write_file", {"path": "b", "content": "1"})
    assert not grants.covers("edit_file", {"path": "a"})
    assert not grants.covers("run_command", {"command": "a"})


def test_a_grant_for_a_command_does_not_cover_a_longer_one() -> None:
    grants = SessionGrants()
    grants.remember("run_command", {"command": "make"})
    assert not grants.covers("run_command", {"command": "make; rm x"})


def test_tools_10_31_grants_are_restored_from_their_text() -> None:
    first = SessionGrants()
    first.remember("run_command", {"command": "make"})
    assert SessionGrants(first.rules).covers("run_command", {"command": "make"})


def test_a_grant_can_be_taken_back_once() -> None:
    grants = SessionGrants()
    rule = grants.remember("run_command", {"command": "make"})
    assert grants.forget(rule)
    assert not grants.forget(rule)
    assert not grants.covers("run_command", {"command": "make"})
