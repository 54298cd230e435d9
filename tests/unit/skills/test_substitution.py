from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.skills.skill import Skill
from harn_tui.skills.substitution import SkillContext, filled_body

CONTEXT = SkillContext("session-1", {"REGION": "eu", "TRICK": "$1 ${REGION}"})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Deploy $ARGUMENTS now", "Deploy api blue now"),
        ("$1 then $2", "api then blue"),
        ("$3 and $12", "$3 and $12"),
        ("$0", "$0"),
        ("${HARN_SKILL_DIR}/run.sh", "/skills/deploy/run.sh"),
        ("${HARN_SESSION_ID}", "session-1"),
        ("${REGION} ${UNSET}", "eu ${UNSET}"),
        ("costs $$5, $$ARGUMENTS", "costs $5, $ARGUMENTS"),
        ("$ARGUMENTSX $ $x ${} ${1}", "$ARGUMENTSX $ $x ${} ${1}"),
        ("größe $1 – 日本", "größe api – 日本"),
        ("${TRICK}", "$1 ${REGION}"),
    ],
)
def test_placeholders_are_filled_in_once(body: str, expected: str) -> None:
    skill = Skill("deploy", prompt=body, directory=Path("/skills/deploy"))
    assert filled_body(skill, CONTEXT, ["api", "blue"]) == expected


def test_what_a_skill_has_not_stays_as_written() -> None:
    body = "${HARN_SKILL_DIR} ${HARN_SESSION_ID} ${HOME}"
    assert filled_body(Skill("a1", prompt=body), SkillContext()) == body


@given(st.text(), st.lists(st.text(max_size=5), max_size=3))
def test_a_body_without_dollars_is_left_alone(body: str, arguments: list[str]) -> None:
    plain = body.replace("$", "")
    assert filled_body(Skill("a1", prompt=plain), CONTEXT, arguments) == plain


@given(st.text())
def test_doubled_dollars_bring_any_text_through(text: str) -> None:
    doubled = text.replace("$", "$$")
    assert filled_body(Skill("a1", prompt=doubled), CONTEXT, ["x"]) == text


def test_a_number_of_absurd_length_is_no_place_of_an_argument() -> None:
    body = "$" + "9" * 10_000
    assert filled_body(Skill("a1", prompt=body), CONTEXT, ["x"]) == body
