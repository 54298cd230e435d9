from hypothesis import given
from hypothesis import strategies as st

from harn_tui.skills.activity import RESTORED_REASON, SkillActivity
from harn_tui.skills.changes import (
    SkillActivated,
    SkillChange,
    SkillDeactivated,
    SkillScoped,
    SkillsMatched,
)
from harn_tui.skills.host_matching import Selection
from harn_tui.skills.match_options import SkillMatchOptions
from harn_tui.skills.matching import SkillMatch
from harn_tui.skills.saved_skills import SavedSkills, saved_skills
from harn_tui.skills.scope import ToolScope, tool_scope
from harn_tui.skills.skill import Skill
from harn_tui.skills.skill_set import SkillSet
from harn_tui.skills.substitution import SkillContext
from tests.unit.skills.builders import DEPLOY, TESTING, skill_set

REASSESSING = SkillMatchOptions(is_sticky=False)
PAINT = Skill("paint", description="Paint the shed", allowed_tools=("brush",))


def told(changes: tuple[SkillChange, ...]) -> list[str]:
    """The changes in their order, in a few letters each."""
    words = []
    for change in changes:
        match change:
            case SkillsMatched():
                words.append(f"matched {len(change.candidates)}")
            case SkillDeactivated():
                words.append(f"- {change.skill.name}")
            case SkillActivated():
                words.append(f"+ {change.skill.name}")
            case SkillScoped():
                words.append(f"scope {change.skill.name}")
    return words


async def test_the_first_turn_matches_and_activates() -> None:
    activity = SkillActivity(skill_set(), working_files=("infra/x",))
    assert activity.must_match(0)
    selection, changes = await activity.match("deploy the service", 0)
    assert selection.strategy == "metadata"
    assert told(changes) == ["matched 1", "+ deploy", "scope deploy"]
    matched, activated, scoped = changes
    assert isinstance(matched, SkillsMatched)
    assert (matched.is_reassessment, matched.working_files) == (False, ("infra/x",))
    assert isinstance(activated, SkillActivated)
    assert activated.reason.startswith("3 keyword hit(s); prompt mentions 'deploy'")
    assert isinstance(scoped, SkillScoped)
    assert scoped.allowed_tools == ("read_file", "namespace:cloud")


def test_skills_that_stay_are_matched_once() -> None:
    activity = SkillActivity(skill_set())
    assert [activity.must_match(turn) for turn in range(3)] == [True, False, False]
    reassessing = SkillActivity(skill_set(), REASSESSING)
    assert [reassessing.must_match(turn) for turn in range(3)] == [True, True, True]
    assert not SkillActivity(SkillSet()).must_match(0)


async def test_a_reassessment_first_ends_skills_and_then_begins_others() -> None:
    activity = SkillActivity(skill_set(DEPLOY, PAINT), REASSESSING)
    await activity.match("deploy", 0)
    _, changes = await activity.match("paint the shed", 1)
    assert told(changes) == ["matched 1", "- deploy", "+ paint", "scope paint"]
    assert [skill.name for skill in activity.active] == ["paint"]


async def test_the_same_skills_again_change_nothing() -> None:
    activity = SkillActivity(skill_set(), REASSESSING)
    await activity.match("deploy", 0)
    _, changes = await activity.match("deploy again", 1)
    assert told(changes) == ["matched 1"]


async def test_a_prompt_that_fits_nothing_ends_all_skills() -> None:
    activity = SkillActivity(skill_set(), REASSESSING)
    await activity.match("deploy", 0)
    _, changes = await activity.match("hello", 1)
    assert told(changes) == ["matched 0", "- deploy"]
    assert activity.prompt_block() == ""
    assert activity.scope().is_open


async def test_a_skill_that_must_be_signed_and_is_not_stays_inactive() -> None:
    unsigned = Skill("deploy", description="deploy it", must_be_signed=True)
    _, changes = await SkillActivity(skill_set(unsigned)).match("deploy", 0)
    assert told(changes) == ["matched 0"]
    _, changes = await SkillActivity(skill_set(), must_be_signed=True).match("deploy", 0)
    assert told(changes) == ["matched 0"]


async def test_tools_odd_41_a_restored_skill_is_activated_like_any_other() -> None:
    activity = SkillActivity(skill_set())
    changes = activity.restore(SavedSkills(active=("deploy", "vanished")))
    assert told(changes) == ["+ deploy", "scope deploy"]
    activated = changes[0]
    assert isinstance(activated, SkillActivated)
    assert activated.reason == RESTORED_REASON
    assert not activity.must_match(0)


def test_restored_skills_are_matched_anew_unless_they_stay() -> None:
    activity = SkillActivity(skill_set(), REASSESSING)
    activity.restore(SavedSkills(active=("deploy",)))
    assert activity.must_match(0)


def test_a_session_whose_skills_are_gone_matches_again() -> None:
    activity = SkillActivity(skill_set())
    assert activity.restore(SavedSkills(active=("vanished",))) == ()
    assert activity.must_match(0)


async def test_tools_odd_41_matched_and_loaded_skills_are_both_kept() -> None:
    activity = SkillActivity(skill_set(DEPLOY, PAINT))
    await activity.match("deploy", 0)
    assert activity.load({"name": "paint"}).is_ok
    names = activity.saved().as_names()
    again = SkillActivity(skill_set(DEPLOY, PAINT))
    again.restore(saved_skills(names))
    assert again.saved() == activity.saved() == SavedSkills(("deploy",), ("paint",))
    assert again.scope() == activity.scope()


async def test_a_loaded_skill_widens_the_scope_and_stays_through_a_reassessment() -> None:
    activity = SkillActivity(skill_set(DEPLOY, PAINT), REASSESSING)
    await activity.match("deploy", 0)
    before = activity.scope()
    activity.load({"name": "paint"})
    assert not before.allows("brush")
    assert activity.scope().allows("brush")
    await activity.match("hello", 1)
    assert activity.scope().entries == ("brush",)


def test_a_refused_skill_is_not_loaded() -> None:
    activity = SkillActivity(skill_set())
    assert not activity.load({"name": "paint"}).is_ok
    assert activity.loaded == ()


async def test_the_prompt_tells_of_each_active_skill() -> None:
    activity = SkillActivity(
        skill_set(
            Skill(
                "deploy",
                "ops",
                description="Deploy it",
                when_to_use="Often",
                prompt="In ${HARN_SESSION_ID}.",
                allowed_tools=("run",),
            ),
            Skill("testing", prompt="Test."),
        ),
        SkillMatchOptions(top_n=2),
        context=SkillContext("s1"),
    )
    await activity.match("deploy and testing", 0)
    assert activity.prompt_block() == (
        "## Active skills\n\n"
        "### ops/deploy\n\nDeploy it\nWhen to use: Often\nTools: run\n\nIn s1.\n\n"
        "### testing\n\nTest."
    )


# Scope --------------------------------------------------------------------------------------


def scope_of(*allowed: tuple[str, ...]) -> ToolScope:
    skills = [Skill(f"s{n}", allowed_tools=tools) for n, tools in enumerate(allowed)]
    return tool_scope(skills, system_tools=("ledger", "find_tools"))


def test_the_scope_is_all_that_any_skill_allows() -> None:
    scope = scope_of(("read_file",), ("namespace:cloud", "read_file"), ())
    assert scope.allows("read_file")
    assert scope.allows("start_vm", "cloud")
    assert not scope.allows("start_vm", "clouds")
    assert not scope.allows("start_vm")
    assert not scope.allows("write_file")


def test_a_star_or_no_lists_at_all_narrow_nothing() -> None:
    assert scope_of((), ()).allows("anything")
    assert scope_of(("read_file",), ("*",)).is_open
    assert scope_of().is_open


def test_tools_odd_16_system_tools_stay_visible_in_any_scope() -> None:
    scope = scope_of(("read_file",))
    for name in ("load_skill", "__harn_tool_search", "ledger", "find_tools"):
        assert scope.allows(name)


def test_tools_odd_16_a_call_outside_the_scope_is_refused_in_words() -> None:
    refusal = scope_of(("read_file",)).refusal("write_file")
    assert "'write_file'" in refusal
    assert "read_file" in refusal


SOME_SKILLS = st.lists(
    st.builds(
        lambda number, tools: Skill(f"s{number}", allowed_tools=tuple(tools)),
        st.integers(0, 5),
        st.lists(st.sampled_from(["a", "b", "namespace:n", "*"]), max_size=2),
    ),
    max_size=4,
)


@given(SOME_SKILLS, SOME_SKILLS)
def test_active_skills_are_what_the_last_selection_said(
    first: list[Skill], second: list[Skill]
) -> None:
    activity = SkillActivity(SkillSet([*first, *second]))
    seen: set[str] = set()
    for iteration, skills in enumerate((first, second)):
        unique = list({skill.skill_id: skill for skill in skills}.values())
        matches = tuple(SkillMatch(skill, 1.0, "why") for skill in unique)
        for change in activity.adopt(Selection(matches, "host"), iteration):
            if isinstance(change, SkillActivated):
                assert change.skill.skill_id not in seen
                seen.add(change.skill.skill_id)
            elif isinstance(change, SkillDeactivated):
                seen.remove(change.skill.skill_id)
        assert seen == {skill.skill_id for skill in activity.active}
        assert list(activity.active) == unique


def test_testing_has_no_list_and_so_adds_nothing_to_a_scope() -> None:
    assert tool_scope([DEPLOY, TESTING]).entries == DEPLOY.allowed_tools
