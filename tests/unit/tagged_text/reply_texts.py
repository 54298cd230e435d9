"""Strategies for replies: well-formed ones, and text that is hostile to their grammar."""

from collections.abc import Sequence

from hypothesis import strategies as st

from harn_tui.json_types import JsonObject, JsonValue

TOOLS = ("read", "edit", "run")
SENTINEL = "##DONE##"

_FRAGMENTS = (
    "<tool_call>", "</tool_call>", "<assistant_prose>", "</assistant_prose>", "<user_response>",
    "</user_response>", "<done>", "</done>", "<think>", "</think>", "<|tool_call|>",
    "</|tool_call|>", '<tool_result id="1">', "</tool_result>", "<TOOL_CALL>", "<tool_call >",
    "<b>", "<", ">", "</", "<tool", "_call>", "[result of read]\n", "[end of read result]\n",
    SENTINEL, f"\n{SENTINEL}\n", "##DO", "NE##", "\n", "\n\n\n", "\r\n", " ", "```", "```json\n",
    "`", '{"mode": "ask_user"', '{ "mode" : "fast_execute", "a": {"b": "}"}}', "{", "}", "[", "]",
    "(", ")", "})", ":", ",", "=", "read(", 'read({ path: "a" })', "edit({ a: 1 })", "foo(1)",
    "run({ cmd: `x` })", "foo({ a: 1 })", "tool_code: ", "Hint: ", "- ", "<read({ a: 1 })>",
    "edit({ c: <<EOF\n", "\nEOF\n", "EOF", '"<<E\n', "E\n", '"', "'", "\\", "\\u{41}", "\\x4",
    "\\ud83d", "//", "/*", "*/", "a", "é😀", "text", "0x10", "1e3", "<<", "undefined", "x=1",
    '[{"id":"1","function":{"name":"read","arguments":"{}"}}]', "\u2028", "\x00", "\ufeff",
    "next_phase: x\n", "> ", "<thi", "nk>", "</assistant", "_prose>", "<do", "ne>", "load_skill(",
)  # fmt: skip

hostile_texts = st.lists(
    st.one_of(st.sampled_from(_FRAGMENTS), st.text(max_size=6)), max_size=14
).map("".join)
"""Pieces of the grammar and anything else, in any order."""


@st.composite
def cut_texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A hostile text, and the same text cut into pieces."""
    text = draw(hostile_texts)
    cuts = draw(st.lists(st.integers(0, len(text)), max_size=12))
    return text, cut(text, cuts)


def cut(text: str, cuts: Sequence[int]) -> list[str]:
    """Return ``text`` in pieces that end at ``cuts``."""
    edges = [0, *sorted(cuts), len(text)]
    return [text[start:end] for start, end in zip(edges, edges[1:], strict=False)]


_numbers = st.one_of(
    st.integers(-(10**20), 10**20), st.floats(allow_nan=False, allow_infinity=False)
)
_scalars: st.SearchStrategy[JsonValue] = st.one_of(
    st.none(), st.booleans(), _numbers, st.text(max_size=20), hostile_texts
)


def _containers(inner: st.SearchStrategy[JsonValue]) -> st.SearchStrategy[JsonValue]:
    lists: st.SearchStrategy[JsonValue] = st.lists(inner, max_size=4).map(list)
    objects: st.SearchStrategy[JsonValue] = st.dictionaries(
        st.text(max_size=8), inner, max_size=4
    ).map(dict)
    return st.one_of(lists, objects)


json_values: st.SearchStrategy[JsonValue] = st.recursive(_scalars, _containers, max_leaves=8)
json_objects: st.SearchStrategy[JsonObject] = st.dictionaries(
    st.text(max_size=8), json_values, max_size=4
)
