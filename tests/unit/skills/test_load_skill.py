import json

import pytest

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.skills.load_skill import answer_load_skill, load_skill_tool
from harn_tui.skills.signatures import are_signatures_required
from harn_tui.skills.skill import Provenance, Skill
from harn_tui.skills.skill_set import SkillSet
from harn_tui.skills.substitution import SkillContext
from tests.unit.skills.builders import DEPLOY, skill_set

SIGNED = Provenance(is_signed=True, is_trusted=True, signer_fingerprint="abc")
STRANGER = Provenance(is_signed=True, is_trusted=False, signer_fingerprint="xyz")


def error_of(arguments: JsonObject, skills: SkillSet, *, must_be_signed: bool = False) -> JsonValue:
    answer = answer_load_skill(arguments, skills, SkillContext(), must_be_signed=must_be_signed)
    assert not answer.is_ok
    body = json.loads(answer.text)
    assert set(body) == {"error", "skill", "message"}
    assert body["error"] == answer.error
    assert "\n" in answer.text  # pretty, so that a model reads it with ease
    error: JsonValue = body["error"]
    return error


def test_the_tool_is_offered_only_when_there_are_skills() -> None:
    assert load_skill_tool(SkillSet()) is None
    tool = load_skill_tool(skill_set(DEPLOY))
    assert tool is not None
    assert tool.name == "load_skill"
    assert "- deploy: Ship it" in tool.description
    assert tool.parameters["required"] == ["name"]


def test_loading_a_skill_gives_its_body_with_placeholders_filled_in() -> None:
    skill = Skill("a1", "acme", prompt="In ${HARN_SESSION_ID}.")
    answer = answer_load_skill({"name": " a1 "}, skill_set(skill), SkillContext("s1"))
    assert (answer.text, answer.is_ok, answer.skill) == ("In s1.", True, skill)


def test_a_body_that_looks_like_an_error_is_none() -> None:
    skill = Skill("a1", prompt='{"error": "an example"}')
    assert answer_load_skill({"name": "a1"}, skill_set(skill), SkillContext()).is_ok


@pytest.mark.parametrize(
    "arguments",
    [{}, {"name": ""}, {"name": 3}, {"name": "a1", "require_signature": "yes"}, {"nam": "a1"}],
)
def test_arguments_of_the_wrong_kind_are_refused(arguments: JsonObject) -> None:
    assert error_of(arguments, skill_set()) == "invalid_arguments"


def test_every_reason_against_loading_has_its_code() -> None:
    hidden = Skill("hidden", is_model_invocable=False)
    twice = [Skill("two", "a"), Skill("two", "b")]
    assert error_of({"name": "x"}, SkillSet()) == "skill_registry_unavailable"
    assert error_of({"name": "x"}, skill_set()) == "skill_not_found"
    assert error_of({"name": "two"}, skill_set(*twice)) == "skill_not_found"
    assert error_of({"name": "hidden"}, skill_set(hidden)) == "skill_model_invocation_disabled"


@pytest.mark.parametrize(
    ("skill", "arguments", "must_be_signed", "error"),
    [
        (Skill("a1"), {}, False, None),
        (Skill("a1"), {"require_signature": True}, False, "UnsignedSkillError"),
        (Skill("a1"), {}, True, "UnsignedSkillError"),
        (Skill("a1", must_be_signed=True), {}, False, "UnsignedSkillError"),
        (Skill("a1", trusted_signers=("abc",)), {}, False, "UnsignedSkillError"),
        (Skill("a1", must_be_signed=True, provenance=STRANGER), {}, False, "UntrustedSignerError"),
        (
            Skill("a1", trusted_signers=("other",), provenance=SIGNED),
            {},
            False,
            "UntrustedSignerError",
        ),
        (Skill("a1", trusted_signers=("abc",), provenance=SIGNED), {}, True, None),
        (Skill("a1", provenance=STRANGER), {}, False, None),
    ],
)
def test_a_signature_is_checked_wherever_one_is_demanded(
    skill: Skill, arguments: JsonObject, must_be_signed: bool, error: str | None
) -> None:
    answer = answer_load_skill(
        {"name": "a1", **arguments}, skill_set(skill), SkillContext(), must_be_signed=must_be_signed
    )
    assert answer.error == error


def test_who_vouches_is_noted_also_for_a_skill_that_was_refused() -> None:
    skill = Skill("a1", must_be_signed=True, provenance=STRANGER)
    answer = answer_load_skill({"name": "a1"}, skill_set(skill), SkillContext())
    assert answer.note == {
        "skill_id": "a1",
        "signer_fingerprint": "xyz",
        "signed": True,
        "trusted": False,
    }
    assert answer_load_skill({"name": "zz"}, skill_set(skill), SkillContext()).note is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("true", True), ("YES ", True), ("0", False), ("", False), ("on", False)],
)
def test_the_environment_can_demand_signatures(value: str, expected: bool) -> None:
    assert are_signatures_required({"HARN_REQUIRE_SIGNED_SKILLS": value}) is expected
