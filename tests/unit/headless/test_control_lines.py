import pytest

from harn_tui.headless.control_lines import (
    AnswerLine,
    CancelLine,
    CompactLine,
    ControlLineError,
    DecisionLine,
    FeedbackLine,
    ModelLine,
    ResumeLine,
    UserMessageLine,
    parse_control_line,
)
from harn_tui.kinds import Decision, DecisionScope, HostMessageMode, RulePlace
from harn_tui.permissions.chosen_rule import ChosenRule


def test_feedback_line() -> None:
    line = parse_control_line('{"type":"feedback","kind":"user","content":"use tabs"}')
    assert line == FeedbackLine("user", "use tabs")


def test_feedback_kind_defaults_to_the_persons_own_words() -> None:
    assert parse_control_line('{"type":"feedback","content":"x"}') == FeedbackLine("user", "x")


@pytest.mark.parametrize(
    ("mode", "parsed"),
    [
        ("interrupt", HostMessageMode.INTERRUPT_IMMEDIATE),
        ("finish_step", HostMessageMode.FINISH_STEP),
        ("anything else", HostMessageMode.WAIT_FOR_COMPLETION),
    ],
)
def test_user_message_modes(mode: str, parsed: HostMessageMode) -> None:
    line = parse_control_line(f'{{"type":"user_message","mode":"{mode}","content":"x"}}')
    assert line == UserMessageLine("x", parsed)


def test_decision_with_scope_and_note() -> None:
    line = parse_control_line(
        '{"type":"permission_decision","request_id":"r","decision":"deny","scope":"session",'
        '"note":"no"}'
    )
    assert line == DecisionLine("r", Decision.DENY, DecisionScope.SESSION, "no")


def test_decision_is_for_once_unless_it_says_more() -> None:
    line = parse_control_line('{"type":"permission_decision","request_id":"r","decision":"allow"}')
    assert line == DecisionLine("r", Decision.ALLOW, DecisionScope.ONCE, None)


@pytest.mark.parametrize(
    ("members", "given"),
    [
        ('"answer":"2"', "2"),
        ('"answer":""', ""),
        ('"answers":["Red","Blue"]', ("Red", "Blue")),
        ('"decline":true', None),
    ],
)
def test_answer_is_a_text_a_list_or_declined(
    members: str, given: str | tuple[str, ...] | None
) -> None:
    line = parse_control_line(f'{{"type":"answer","question_id":"q",{members}}}')
    assert line == AnswerLine("q", given)


def test_decision_that_always_holds_may_give_its_rule() -> None:
    start = '{"type":"permission_decision","request_id":"r","decision":"allow","scope":"always"'
    always = DecisionScope.ALWAYS
    assert parse_control_line(start + "}") == DecisionLine("r", Decision.ALLOW, always, None)
    line = parse_control_line(start + ',"rule":"git *","place":"project"}')
    rule = ChosenRule("git *", RulePlace.PROJECT)
    assert line == DecisionLine("r", Decision.ALLOW, always, None, rule)
    line = parse_control_line(start + ',"rule":"git *"}')
    assert line == DecisionLine("r", Decision.ALLOW, always, None, ChosenRule("git *"))


def test_resume() -> None:
    assert parse_control_line('{"type":"resume"}') == ResumeLine()
    assert parse_control_line('{"type":"compact"}') == CompactLine()
    assert parse_control_line('{"type":"model","name":"a:b"}') == ModelLine("a:b")


def test_cancel() -> None:
    assert parse_control_line('{"type":"cancel"}') == CancelLine()


def test_lines_for_one_agent_name_it() -> None:
    feedback = parse_control_line('{"type":"feedback","agent":"worker_1","content":"use tabs"}')
    assert feedback == FeedbackLine("user", "use tabs", "worker_1")
    assert parse_control_line('{"type":"cancel","agent":"worker_1"}') == CancelLine("worker_1")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nonsense", "not JSON"),
        ("[1]", "not a JSON object"),
        ("[" * 100_000, "not JSON"),
        ('{"type":"explode"}', "unknown type 'explode'"),
        ('{"type":"answer","answer":"x"}', "`question_id` is missing"),
        ('{"type":"answer","question_id":"q"}', "give one of `answer`"),
        ('{"type":"answer","question_id":"q","answer":7}', "give one of `answer`"),
        ('{"type":"answer","question_id":"q","answers":"x"}', "give one of `answer`"),
        ('{"type":"answer","question_id":"q","answers":["x",1]}', "a list of texts"),
        ('{"type":"answer","question_id":"q","decline":false}', "give one of `answer`"),
        ('{"type":"answer","question_id":"q","answer":"x","decline":true}', "give one of"),
        ('{"type":"feedback"}', "`content` is missing"),
        ('{"type":"feedback","content":7}', "`content` is missing or not text"),
        ('{"type":"feedback","agent":7,"content":"x"}', "`agent` is missing or not text"),
        ('{"type":"feedback","agent":"w","kind":"hint","content":"x"}', "leave `kind` out"),
        ('{"type":"cancel","agent":""}', "`agent` is missing or not text"),
        ('{"type":"permission_decision","request_id":"r","decision":"maybe"}', "maybe"),
        ('{"type":"permission_decision","decision":"allow"}', "`request_id` is missing"),
        (
            '{"type":"permission_decision","request_id":"r","decision":"allow","rule":["x"]}',
            "`rule` is missing or not text",
        ),
        (
            '{"type":"permission_decision","decision":"allow","request_id":"r","rule":"x","place":"y"}',
            "`place` is user or project",
        ),
        (
            '{"type":"permission_decision","request_id":"r","decision":"allow","place":"user"}',
            "`place` goes with a `rule`",
        ),
        (
            '{"type":"permission_decision","request_id":"r","decision":"allow","note":1}',
            "`note` is not text",
        ),
    ],
)
def test_malformed_lines_say_what_is_wrong(line: str, says: str) -> None:
    with pytest.raises(ControlLineError, match=says.replace("(", r"\(")):
        parse_control_line(line)
