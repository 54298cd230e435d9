"""Arguments while they stream in: tools 3.2, 3.3, 3.4 and 9.5, corrected by ODD-25."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.loop.argument_preview import ArgumentPreview, Preview, read_partial
from tests.conformance.loop_driver import Reply, make_tool, run_loop

RAW = None


def shown(*fragments: str) -> Preview | None:
    """Return the preview of a buffer that arrived at once."""
    return ArgumentPreview().add("".join(fragments), now_ms=0)


@pytest.mark.parametrize(
    ("buffer", "value"),
    [
        ("{", {}),
        ("[", []),
        ('{"a', {}),
        ('{"a":"x"', {"a": "x"}),
        ('{"a":"x",', {"a": "x"}),
        ('{"a":"x","b', {"a": "x"}),
        ('{"a":1', {"a": 1}),
        ('{"a":12,', {"a": 12}),
        ('{"a":true,"b":"c"', {"a": True, "b": "c"}),
        ('{"a":[true', {"a": [True]}),
        ('{"a":[true,', {"a": [True]}),
        ('{"a":[true, fal', {"a": [True]}),
        ('{"a":[1, 2', {"a": [1, 2]}),
        ('{"a": [{"k": "v"', {"a": [{"k": "v"}]}),
        ('{"a":{}', {"a": {}}),
        ('{"a":[', {"a": []}),
        ('  {"a":1', {"a": 1}),
        ('{"a":"x"} extra', {"a": "x"}),
        ('{"items":[1, 2', {"items": [1, 2]}),
        ('{"path": "x"}', {"path": "x"}),
    ],
)
def test_tools_3_4_the_beginning_of_json_is_a_value(buffer: str, value: object) -> None:
    assert shown(buffer) == Preview(value=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("buffer", "value"),
    [
        ('{"a"', {}),
        ('{"a":', {}),
        ('{"a":"x', {"a": "x"}),
        ('{"a":"x","b"', {"a": "x"}),
        ('{"a":"x","b":', {"a": "x"}),
        ('{"a":"x","b":"y', {"a": "x", "b": "y"}),
        ('{"a":-', {}),
        ('{"a":1.', {}),
        ('{"a":1e', {}),
        ('{"a":true', {"a": True}),
        ('{"a":tru', {}),
        ('{"a":true,', {"a": True}),
        ('{"a":"q\\', {"a": "q"}),
        ('{"path":"fo', {"path": "fo"}),
        ('{"path":', {}),
        ('{"a":"\\ud83d', {"a": ""}),
        ('{"a":"one\ntwo', {"a": "one\ntwo"}),
        ('{\n "a":"one\n\ttwo\\', {"a": "one\n\ttwo"}),
    ],
)
def test_tools_odd_25_what_the_reference_gives_up_on_is_a_value_too(
    buffer: str, value: object
) -> None:
    assert shown(buffer) == Preview(value=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "buffer",
    ["nul", "tru", '"abc', "}", "]", "{]", "{\"a\":'x'", "{a:1", "chunk0 chunk1 ", '{"a":NaN'],
)
def test_tools_3_4_what_is_no_json_stays_text(buffer: str) -> None:
    assert shown(buffer) == Preview(raw=buffer)


@pytest.mark.parametrize("buffer", ["", " ", "\n\t "])
def test_tools_3_4_blank_text_shows_nothing(buffer: str) -> None:
    preview = ArgumentPreview()
    assert preview.add(buffer, now_ms=0) is None
    assert preview.finish() is None


def test_tools_3_2_the_first_delta_shows_at_once_and_others_after_50_ms() -> None:
    preview = ArgumentPreview()
    came = [
        preview.add(fragment, now_ms) is not None
        for fragment, now_ms in (('{"a":"', 0), ("b", 10), ("c", 40), ("d", 60))
    ]
    assert came == [True, False, False, True]


def test_tools_3_2_blank_text_begins_the_window() -> None:
    preview = ArgumentPreview()
    assert preview.add("  ", now_ms=0) is None
    assert preview.add('{"a":1', now_ms=20) is None
    assert preview.add("}", now_ms=50) == Preview(value={"a": 1})


def test_tools_odd_25_the_rest_is_shown_at_the_end() -> None:
    preview = ArgumentPreview()
    preview.add('{"a":"b', now_ms=0)
    assert preview.add('c"}', now_ms=1) is None
    assert preview.finish() == Preview(value={"a": "bc"})
    assert preview.finish() is None


def test_tools_odd_25_a_number_that_is_being_written_is_not_taken_back() -> None:
    preview = ArgumentPreview()
    steps = [preview.add(part, now_ms) for part, now_ms in (('{"a":1', 0), (".", 50), ("5", 100))]
    assert steps == [Preview(value={"a": 1}), None, Preview(value={"a": 1.5})]


def test_tools_odd_25_what_is_no_json_any_more_stays_text() -> None:
    preview = ArgumentPreview()
    steps = [preview.add(part, now_ms) for part, now_ms in (("{", 0), ("a:", 50), ('"x"}', 100))]
    assert steps == [Preview(value={}), Preview(raw="{a:"), Preview(raw='{a:"x"}')]


def test_the_same_value_is_not_shown_twice() -> None:
    preview = ArgumentPreview()
    assert preview.add('{"a":1', now_ms=0) == Preview(value={"a": 1})
    assert preview.add(', "b', now_ms=50) is None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=12,
)


def says_at_least(value: Any, shown: Any) -> bool:
    if isinstance(shown, dict):
        return isinstance(value, dict) and all(
            key in value and says_at_least(value[key], part) for key, part in shown.items()
        )
    if isinstance(shown, list):
        return isinstance(value, list) and all(
            index < len(value) and says_at_least(value[index], part)
            for index, part in enumerate(shown)
        )
    if isinstance(shown, str):
        return isinstance(value, str) and value.startswith(shown)
    if isinstance(shown, int | float) and not isinstance(shown, bool):
        return isinstance(value, int | float)
    return bool(value == shown)


@given(
    arguments=st.dictionaries(st.text(max_size=5), JSON, max_size=5),
    cuts=st.lists(st.integers(1, 7), min_size=1, max_size=40),
    is_ascii=st.booleans(),
)
def test_tools_odd_25_previews_of_any_arguments_only_ever_say_more(
    arguments: dict[str, object], cuts: list[int], is_ascii: bool
) -> None:
    text = json.dumps(arguments, ensure_ascii=is_ascii)
    preview = ArgumentPreview()
    shown: list[Any] = []
    at = now_ms = number = 0
    while at < len(text):
        size = cuts[number % len(cuts)]
        found = preview.add(text[at : at + size], now_ms)
        at, now_ms, number = at + size, now_ms + 50, number + 1
        if found is not None:
            assert found.raw is None
            shown.append(found.value)
    last = preview.finish()
    if last is not None:
        shown.append(last.value)
    assert shown[-1] == arguments
    for earlier, later in zip(shown, shown[1:], strict=False):
        assert says_at_least(later, earlier)
        assert later != earlier


@given(st.text(max_size=60), st.integers(0, 59))
def test_any_text_is_read_or_left_and_never_fails(text: str, cut: int) -> None:
    value = read_partial(text[:cut])
    assert value is None or isinstance(value, dict | list)


async def test_tools_2_5_row_3_the_last_of_a_calls_updates_before_it_runs_has_all_of_it() -> None:
    run = await run_loop(
        Reply("", calls=(("read", {"path": "a"}), ("read", {"path": "b"}))),
        Reply("ok"),
        tools=(make_tool("read"),),
    )
    for call, wanted in zip(run.of("tool_call"), ("a", "b"), strict=True):
        pending = [
            update
            for update in run.of("tool_call_update")
            if update.tool_call_id == call.tool_call_id and update.status == "pending"
        ]
        assert call.raw_input == {}
        assert pending[-1].raw_input == {"path": wanted}
        assert all(u.raw_input is None or u.raw_input_partial is None for u in pending)
