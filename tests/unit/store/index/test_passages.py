import json

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.events.record import EVENT_CLASSES
from harn_tui.json_types import JsonObject
from harn_tui.store.index.passages import (
    LONGEST_TEXT,
    LogPlace,
    PassageReader,
    text_at,
    tool_tag,
    words_of,
)

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
FIELDS = ("content", "text", "raw_input", "raw_output", "error", "status", "tool_name", "cost_usd",
          "parsing", "kind", "message", "reason", "level", "index", "emitted_at_ms")  # fmt: skip
EVENTS = st.dictionaries(st.sampled_from(FIELDS), VALUES).flatmap(
    lambda members: st.sampled_from([*EVENT_CLASSES, "strange", 7, None]).map(
        lambda kind: {**members, "type": kind}
    )
)


@given(st.lists(st.one_of(EVENTS.map(lambda e: json.dumps(e).encode()), st.binary(max_size=30))))
def test_lines_of_any_content_give_passages_in_order_with_their_places(lines: list[bytes]) -> None:
    data = b"".join(line.replace(b"\n", b" ") + b"\n" for line in lines)
    reader, offset, found = PassageReader(LogPlace()), 0, []
    for line in data.splitlines(keepends=True) if lines else ():
        found += reader.feed(line, 0, offset, len(line))
        offset += len(line)
        assert reader.place.offset <= offset
    found += reader.rest(b"", 0, offset)

    assert [passage.offset for passage in found] == sorted(passage.offset for passage in found)
    for passage in found:
        part = data[passage.offset : passage.offset + passage.length]
        assert passage.text == text_at(part.split(b"\n"))
        passage.text.encode()
        assert 0 <= passage.event_index < 2**63
        assert abs(passage.time_ms) < 2**63


def test_the_tag_of_a_tool_is_one_word_and_starts_as_that_of_its_start() -> None:
    assert tool_tag("Server__read file").isalnum()
    assert tool_tag("read_file").startswith(tool_tag("read"))
    assert tool_tag("READ") == tool_tag("read")
    assert tool_tag("a b") != tool_tag("ab")


def test_long_texts_are_cut() -> None:
    line = json.dumps({"type": "notice", "text": "word " * LONGEST_TEXT}).encode()
    (passage,) = PassageReader(LogPlace()).feed(line, 0, 0, len(line))

    assert len(passage.text) == LONGEST_TEXT


def test_files_are_those_that_a_call_names() -> None:
    patch = "*** Begin Patch\n*** Update File: src/a.py\n@@\n*** Add File: b.py\n+++ b/c.py\n"
    call: JsonObject = {
        "type": "tool_call",
        "tool_name": "apply_patch",
        "raw_input": {"patch": patch, "path": "d.py", "paths": ["e.py", {"x": "f.py"}], "n": 3},
    }

    assert words_of(call).files == ["src/a.py", "b.py", "c.py", "d.py", "e.py", "f.py"]


def test_what_is_being_parsed_is_no_text_yet() -> None:
    call: JsonObject = {
        "type": "tool_call",
        "tool_name": "run",
        "parsing": True,
        "raw_input": {"a": "b"},
    }

    assert words_of(call).text == []
