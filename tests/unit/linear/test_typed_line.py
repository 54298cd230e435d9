"""What a typed line means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.kinds import Boundary, Decision, DecisionScope
from harn_tui.linear.typed_line import (
    AnswerLine,
    Command,
    ModelLine,
    ReplyLine,
    SayLine,
    StrayAnswer,
    TypedLine,
    UnknownCommand,
    read_line,
)


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("fix the test\n", SayLine("fix the test")),
        ("/after then commit", SayLine("then commit", Boundary.AFTER_RUN)),
        ("/now stop that", SayLine("stop that", Boundary.NOW)),
        ("/stop", Command.STOP),
        ("/quit ", Command.QUIT),
        ("/nothing", UnknownCommand("nothing")),
        ("/stop it", UnknownCommand("stop")),
        ("/answer 2", ReplyLine("2")),
        ("/decline", Command.DECLINE),
        ("/compact", Command.COMPACT),
        ("/model", ModelLine("")),
        ("/model  local:qwen3 ", ModelLine("local:qwen3")),
        ("/after", UnknownCommand("after")),
        ("/usr/bin/env is missing", SayLine("/usr/bin/env is missing")),
        ("//stop", SayLine("/stop")),
        ("1", StrayAnswer("1")),
        ("1 more thing", SayLine("1 more thing")),
        ("   \n", None),
    ],
)
def test_a_line_without_a_question_is_a_request_or_a_command(line: str, meaning: TypedLine) -> None:
    assert read_line(line, is_asked=False) == meaning


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ("1", AnswerLine(Decision.ALLOW, DecisionScope.ONCE, None)),
        ("2", AnswerLine(Decision.ALLOW, DecisionScope.SESSION, None)),
        (
            "3 use the other file",
            AnswerLine(Decision.DENY, DecisionScope.ONCE, "use the other file"),
        ),
        ("4", SayLine("4")),
        ("10 files are too many", SayLine("10 files are too many")),
        ("yes", SayLine("yes")),
        ("/again", Command.AGAIN),
    ],
)
def test_while_a_question_waits_only_its_numbers_answer_it(line: str, meaning: TypedLine) -> None:
    assert read_line(line, is_asked=True) == meaning


@given(st.text(), st.booleans())
def test_no_line_is_lost_or_fails(line: str, is_asked: bool) -> None:
    meaning = read_line(line, is_asked=is_asked)
    assert (meaning is None) == (not line.strip())
    if isinstance(meaning, SayLine):
        assert meaning.text in line
