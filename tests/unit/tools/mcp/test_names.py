"""What a model calls the tools of MCP servers."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.tools.mcp.names import NAME_LIMIT, assign_names

PROVIDERS_TAKE = re.compile(r"[A-Za-z0-9_-]{1,64}")
tool_names = st.lists(st.text(alphabet="ab._ -é", max_size=70) | st.text(max_size=90), max_size=8)


@given(tool_names, st.sets(st.sampled_from(["git__a", "git__b", "git__a_", "git___"])))
def test_tools_odd_38_names_are_sanitised_reversible_and_never_collide(
    tools: list[str], taken: set[str]
) -> None:
    assigned = assign_names("git", tools, taken)
    assert all(PROVIDERS_TAKE.fullmatch(name) for name in assigned)
    assert all(name.startswith("git__") for name in assigned)
    assert sorted(assigned.values()) == sorted(set(tools) - {""})
    assert not taken & set(assigned)


@given(tool_names)
def test_tools_odd_38_names_do_not_depend_on_the_order_of_the_list(tools: list[str]) -> None:
    assert assign_names("git", tools) == assign_names("git", reversed(tools))


@given(tool_names.filter(lambda tools: "log" not in tools))
def test_a_name_that_is_fine_stays_whatever_else_there_is(tools: list[str]) -> None:
    assert assign_names("git", [*tools, "log"])["git__log"] == "log"


def test_characters_that_providers_refuse_become_underscores() -> None:
    assert assign_names("git", ["log.show", "größe"]) == {
        "git__log_show": "log.show",
        "git__gr__e": "größe",
    }


def test_names_that_would_come_out_alike_are_told_apart_and_the_exact_one_wins() -> None:
    assigned = {own: name for name, own in assign_names("git", ["a.b", "a_b", "a b"]).items()}
    assert assigned["a_b"] == "git__a_b"
    assert re.fullmatch(r"git__a_b_[0-9a-f]{8}", assigned["a.b"])
    assert re.fullmatch(r"git__a_b_[0-9a-f]{8}", assigned["a b"])


def test_a_name_that_another_tool_has_is_marked() -> None:
    (name,) = assign_names("git", ["log"], {"git__log"})
    assert re.fullmatch(r"git__log_[0-9a-f]{8}", name)


@pytest.mark.parametrize("length", [59, 60, 200])
def test_a_long_name_is_cut_and_marked(length: int) -> None:
    (name,) = assign_names("git", ["x" * length])
    assert len(name) <= NAME_LIMIT
    assert (name == f"git__{'x' * length}") == (length == 59)
