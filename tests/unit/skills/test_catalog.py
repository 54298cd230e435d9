import random

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.skills.catalog import render_catalog
from harn_tui.skills.skill import Skill

MANY = [Skill(f"skill{number}", "ns", short=f"does {number}") for number in range(20)]


def test_ids_are_whole_and_sorted() -> None:
    skills = [Skill("b1", short="second"), Skill("z1", "acme", short="first")]
    assert render_catalog(skills) == "- acme/z1: first\n- b1: second"


def test_the_catalog_is_the_same_in_any_order_and_says_what_it_leaves_out() -> None:
    shuffled = random.Random(1).sample(MANY, len(MANY))
    text = render_catalog(MANY, 160)
    assert text == render_catalog(shuffled, 160)
    assert len(text.encode()) <= 160
    assert "more skills are not listed" in text
    listed = text.count("- ns/")
    assert f"({len(MANY) - listed} more" in text


def test_skills_for_people_only_are_not_listed() -> None:
    assert render_catalog([Skill("a1", is_model_invocable=False)]) == ""


def test_a_description_stands_in_for_a_missing_short_and_takes_one_line() -> None:
    text = render_catalog([Skill("a1", description="One\n\ntwo " + "x" * 300)])
    assert text.startswith("- a1: One two")
    assert "\n" not in text
    assert len(text) < 200


@given(st.lists(st.text(max_size=50), max_size=8), st.integers(0, 400))
def test_the_budget_is_never_exceeded(shorts: list[str], budget: int) -> None:
    skills = [Skill(f"a{number}", short=short) for number, short in enumerate(shorts)]
    assert len(render_catalog(skills, budget).encode("utf-8", "surrogatepass")) <= budget
