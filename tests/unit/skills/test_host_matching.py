import pytest

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.skills.host_matching import Selection, select_skills
from harn_tui.skills.match_options import SkillMatchOptions
from harn_tui.skills.skill import Skill
from tests.unit.skills.builders import DEPLOY, TESTING

HIDDEN = Skill("hidden", description="x", is_model_invocable=False)
HOST = SkillMatchOptions(strategy="host", top_n=3)


async def select(reply: JsonValue, options: SkillMatchOptions = HOST) -> Selection:
    async def ask(question: JsonObject) -> JsonValue:
        return reply

    return await select_skills("deploy", [DEPLOY, TESTING, HIDDEN], options, ask_host=ask)


@pytest.mark.parametrize(
    "reply",
    [
        [{"name": "testing"}],
        {"matches": [{"name": "testing"}]},
        {"skills": [{"name": "testing"}]},
        {"result": {"matches": [{"name": "testing"}]}},
        ["testing"],
    ],
)
async def test_a_host_may_answer_in_any_of_the_known_forms(reply: JsonValue) -> None:
    selection = await select(reply)
    assert selection.strategy == "host"
    (match,) = selection.matches
    assert (match.skill.name, match.score, match.reason) == ("testing", 1.0, "host match")


async def test_the_host_is_asked_with_all_that_it_needs() -> None:
    asked: list[JsonObject] = []

    async def ask(question: JsonObject) -> JsonValue:
        asked.append(question)
        return []

    await select_skills("deploy", [DEPLOY, HIDDEN], HOST, working_files=("a.py",), ask_host=ask)
    assert asked == [
        {
            "strategy": "host",
            "prompt": "deploy",
            "working_files": ["a.py"],
            "candidates": [
                {
                    "name": "deploy",
                    "description": DEPLOY.description,
                    "when_to_use": DEPLOY.when_to_use,
                    "paths": ["infra/**"],
                }
            ],
        }
    ]


async def test_tools_odd_18_a_host_cannot_activate_unknown_or_disabled_skills() -> None:
    selection = await select([{"name": "nobody"}, {"name": "hidden"}, {"name": "deploy"}])
    assert [match.skill.name for match in selection.matches] == ["deploy"]


async def test_tools_odd_18_scores_of_a_host_must_be_positive_numbers() -> None:
    huge = 10**400
    wrong: list[JsonValue] = [0, -1, "9", None, True, float("nan"), float("inf"), huge]
    selection = await select([{"name": "deploy", "score": score} for score in wrong])
    assert selection.matches == ()


async def test_matches_of_a_host_are_sorted_unique_and_at_most_top_n() -> None:
    reply: list[JsonValue] = [
        {"name": "testing", "score": 1, "reason": "because"},
        {"name": "deploy", "score": 2},
        {"name": "deploy", "score": 9},
    ]
    selection = await select(reply)
    assert [(m.skill.name, m.score) for m in selection.matches] == [("deploy", 2), ("testing", 1)]
    one = await select(reply, SkillMatchOptions(strategy="embedding", top_n=1))
    assert [m.skill.name for m in one.matches] == ["deploy"]


async def test_without_a_host_metadata_decides_and_says_so() -> None:
    selection = await select_skills("deploy it", [DEPLOY], HOST)
    assert (selection.strategy, len(selection.matches)) == ("metadata", 1)
    assert "No host" in (selection.warning or "")


@pytest.mark.parametrize("reply", ["text", 3, {"other": []}, None])
async def test_an_answer_that_cannot_be_read_leaves_it_to_metadata(reply: JsonValue) -> None:
    selection = await select(reply)
    assert (selection.strategy, len(selection.matches)) == ("metadata", 1)
    assert "cannot be read" in (selection.warning or "")


async def test_a_host_that_fails_leaves_it_to_metadata() -> None:
    async def ask(question: JsonObject) -> JsonValue:
        raise ConnectionError("gone")

    selection = await select_skills("deploy it", [DEPLOY], HOST, ask_host=ask)
    assert (selection.strategy, len(selection.matches)) == ("metadata", 1)
    assert "failed" in (selection.warning or "")
