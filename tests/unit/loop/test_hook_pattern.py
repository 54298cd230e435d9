"""Patterns of hooks, whatever they are matched with."""

import math
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import LoopConfigError
from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.loop.hook_pattern import compile_hook_pattern
from harn_tui.loop.regex_guard import has_nested_repeat

HUGE = 10**5000  # Python refuses to write it out

keys = st.sampled_from(["event", "turn", "tool", "name", "text", "failed", "session", "id"])
payloads: st.SearchStrategy[JsonObject] = st.dictionaries(
    keys,
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)
paths = st.lists(keys, min_size=1, max_size=3).map(".".join)
operands = st.sampled_from(["", "x", "'x'", '"x"', "3", "true", "null", "^a|b$", "[", "(a+)+", "."])
comparisons = st.builds(
    "{}{}{}".format, paths, st.sampled_from([" == ", " != ", " =~ ", "==", "="]), operands
)
patterns = comparisons | paths | st.sampled_from(["*", "", "*_file", "[a-"]) | st.text(max_size=12)


@given(pattern=patterns, payload=payloads)
def test_a_pattern_is_refused_at_once_or_never_fails(pattern: str, payload: JsonObject) -> None:
    try:
        is_for = compile_hook_pattern(pattern)
    except LoopConfigError as error:
        refusal = error.message
    else:
        refusal = repr(pattern)
        assert isinstance(is_for(payload), bool)
    assert repr(pattern) in refusal


@given(path=paths, operand=operands, payload=payloads)
def test_equal_and_unequal_are_opposites(path: str, operand: str, payload: JsonObject) -> None:
    try:
        is_equal = compile_hook_pattern(f"{path} == {operand}")
    except LoopConfigError:
        with pytest.raises(LoopConfigError):
            compile_hook_pattern(f"{path} != {operand}")
        return
    assert is_equal(payload) is not compile_hook_pattern(f"{path} != {operand}")(payload)


@pytest.mark.parametrize("value", [HUGE, math.nan, math.inf, [[["deep"]]], "\ud800"], ids=range(5))
def test_odd_values_match_nothing_and_break_nothing(value: JsonValue) -> None:
    for pattern in ("turn.text =~ ^x$", "turn.text == x", "turn.text == 1"):
        assert compile_hook_pattern(pattern)({"turn": {"text": value}}) is False


@pytest.mark.parametrize(
    "expression",
    [
        "(a+)+",
        "(a*)*",
        "(?:a+)+?",
        "(?P<n>a+)*",
        "((a+))+",
        "(a+b)+",
        "(a{2,})*",
        "(a{1,99})+",
        "(a+){50}",
        "(a+|b)*",
        "x(?i:\\w+\\s)*y",
        "([^)]+)*",
        "(\\(a+)*",
        "(a(?#not + counted)b*)*",
        "(b{,})*",
    ],
)
def test_a_repeat_inside_a_repeat_is_found(expression: str) -> None:
    re.compile(expression)
    assert has_nested_repeat(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "a+b+c*",
        "(ab)+",
        "(a|b)*",
        "(a+)",
        "(a+)?",
        "(\\d{1,3}\\.){3}\\d{1,3}",
        "([0-9a-f]{40}\\s)+",
        "(a?b)+",
        "(\\w++\\s)*",
        "(?>\\w+\\s)*",
        "(a+)*+",
        "(\\+)*",
        "([+*])*",
        "([]+])*",
        "(?#(a+ b+)x",
        "(?i)(ab)+",
        "a{}b{,3}(c{,3})*",
        "(?P<n>a)(?P=n)+",
        "(?<=a)(?!b)c+",
    ],
)
def test_ordinary_expressions_are_left_alone(expression: str) -> None:
    re.compile(expression)
    assert not has_nested_repeat(expression)


@given(st.text(alphabet="ab()[]{}*+?|\\^.,0123:<>P=#", max_size=40))
def test_looking_for_nested_repeats_never_fails(expression: str) -> None:
    assert isinstance(has_nested_repeat(expression), bool)


@pytest.mark.parametrize("piece", ["(a)", "[a]", "a+", "\\(", "(?#a)", "a{2,3}"])
def test_a_long_expression_is_looked_through_in_time_that_grows_with_its_length(piece: str) -> None:
    started = time.process_time()
    assert not has_nested_repeat(piece * 20_000)
    assert time.process_time() - started < 5
