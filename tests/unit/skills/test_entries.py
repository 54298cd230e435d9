import pytest

from harn_tui.errors import ConfigError
from harn_tui.skills.entries import skills_from_entries


async def hook() -> None:
    """Does nothing."""


def test_a_registry_and_a_list_of_entries_are_read() -> None:
    entry = {"name": "a1", "prompt": "Do.", "on-activate": hook, "user_invocable": False}
    registry = {"_type": "skill_registry", "skills": [entry]}
    for value in (registry, [entry]):
        (skill,), notices = skills_from_entries(value)
        assert (skill.name, skill.prompt, skill.on_activate) == ("a1", "Do.", hook)
        assert not skill.is_user_invocable
        assert notices == ()
    assert skills_from_entries(None) == ((), ())


def test_unknown_keys_are_notices_that_name_the_entry() -> None:
    _, notices = skills_from_entries([{"name": "a1"}, {"name": "b1", "colour": "red"}])
    assert notices == ("Entry 2 of the skills: `colour` is no key of a skill.",)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("deploy", "neither"),
        ({"skills": []}, "neither"),
        ([3], "Entry 1"),
        ([{"name": "a1"}, {}], "Entry 2"),
        ([{"name": "a1", "on_activate": "rm"}], "coroutine"),
        ([{"name": "a1", "user_invocable": 3}], "true or false"),
    ],
)
def test_anything_else_is_refused(value: object, part: str) -> None:
    with pytest.raises(ConfigError, match=part):
        skills_from_entries(value)
