import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject
from harn_tui.providers.surrogates import SurrogateJoiner, without_lone_surrogates
from harn_tui.providers.tool_arguments import tool_call_from_text


@pytest.mark.parametrize(
    ("raw", "arguments"),
    [
        ("", {}),
        ("  \n", {}),
        ("{}", {}),
        ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}),
        (' {"a": 1} ', {"a": 1}),
        ('{"text": "line one\nline two\ttab"}', {"text": "line one\nline two\ttab"}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"a": "\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        ('{"a": "\\ud83d"}', {"a": "\ufffd"}),
    ],
)
def test_arguments_that_can_be_read(raw: str, arguments: JsonObject) -> None:
    call = tool_call_from_text("id", "tool", raw)
    assert call.arguments == arguments
    assert call.parse_error is None


@pytest.mark.parametrize(
    "raw",
    [
        '{"a": 1}{"b": 2}',
        '{"a": 1} extra',
        '{"a": 1',
        '{"a": "x',
        "[1]",
        '"text"',
        "null",
        "12",
        "{'a': 1}",
        '{"a": NaN}',
        '{"a": -Infinity}',
        "[" * 100_000,
    ],
)
def test_loop_10_20_broken_arguments_are_reported_and_never_become_empty(raw: str) -> None:
    call = tool_call_from_text("id", "tool", raw)
    assert call.arguments is None
    assert call.parse_error
    assert call.raw_arguments == raw


@given(st.text(max_size=200))
def test_any_text_gives_either_arguments_or_a_reason(raw: str) -> None:
    call = tool_call_from_text("id", "tool", raw)
    assert (call.arguments is None) == (call.parse_error is not None)
    call.raw_arguments.encode()


units = st.text(st.characters(categories=["L", "N", "So", "Cs"]), max_size=40)


@given(units, st.lists(st.integers(0, 40), max_size=6).map(sorted))
def test_text_cut_between_surrogate_halves_is_joined_again(text: str, cuts: list[int]) -> None:
    halves = text.encode("utf-16-le", "surrogatepass")
    units_of_text = [
        halves[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(halves), 2)
    ]
    edges = [0, *(min(cut, len(units_of_text)) for cut in cuts), len(units_of_text)]
    joiner = SurrogateJoiner()
    joined = "".join(
        joiner.push("".join(units_of_text[start:stop]))
        for start, stop in zip(edges, edges[1:], strict=False)
    )
    joined += joiner.flush()
    assert joined == without_lone_surrogates(text)
    joined.encode()
