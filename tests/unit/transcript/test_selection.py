from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.console.transcript.block_source import fenced_code
from harn_tui.console.transcript.document import Document
from harn_tui.console.transcript.drawn_text import offset_at, row_texts
from harn_tui.console.transcript.engines import Engines
from harn_tui.console.transcript.loaded_engines import load_engines
from harn_tui.console.transcript.markdown_units import CodeUnit
from harn_tui.console.transcript.palette import Palette
from harn_tui.console.transcript.pen import Pen
from harn_tui.console.transcript.selection import (
    END,
    Place,
    Selection,
    selected_text,
    whole_blocks,
)
from harn_tui.kinds import ToolKind
from harn_tui.view.model import Block, UserBlock
from tests.unit.transcript.builders import NOW, assistant, thought, tool, user
from tests.unit.transcript.conftest import MakePen
from tests.unit.transcript.markdown_texts import documents, odd_documents

LETTERS = st.characters(
    codec="utf-8", categories=("L", "N", "P", "S", "Zs"), exclude_characters="\u00ad"
)
LINES = st.lists(st.text(LETTERS, max_size=80), min_size=1, max_size=10)


def document_of(pen: Pen, *blocks: Block) -> Document:
    document = Document(pen)
    document.attach(list(blocks))
    return document


def copied(document: Document, start: tuple[int, int, int], end: tuple[int, int, int]) -> str:
    return selected_text(document, Selection(Place(*start), Place(*end)))


MARKDOWN = documents | odd_documents


@settings(max_examples=80)
@given(text=MARKDOWN, width=st.integers(20, 80))
def test_a_whole_markdown_text_is_copied_as_its_source(text: str, width: int) -> None:
    document = document_of(Pen(width, Palette({}), Engines()), assistant(text))
    if document.open(0).units:
        assert selected_text(document, whole_blocks(0, 0)) == text


@settings(max_examples=150)
@given(text=MARKDOWN, engines=st.sampled_from([Engines(), load_engines()]))
def test_all_of_a_markdown_text_selected_row_by_row_gives_its_source(
    text: str, engines: Engines
) -> None:
    document = document_of(Pen(40, Palette({}), engines), assistant(text))
    units = document.open(0).units
    if not units:
        return
    rows = row_texts(document.drawn(0, len(units) - 1))
    end = (0, len(units) - 1, max((row.end for row in rows), default=0))
    if all(isinstance(unit, CodeUnit) for unit in units):
        assert all(line in text for line in copied(document, (0, 0, 0), end).split("\n"))
    else:
        wanted = text[min(u.start for u in units) : max(u.end for u in units)]
        assert copied(document, (0, 0, 0), end).strip("\n") == wanted.strip("\n")


@settings(max_examples=60)
@given(lines=LINES, width=st.integers(20, 90), data=st.data())
def test_any_stretch_of_a_persons_text_is_copied_without_its_wraps(
    lines: list[str], width: int, data: st.DataObject
) -> None:
    text = "\n".join(lines)
    document = document_of(
        Pen(width, Palette({}), Engines()), UserBlock(NOW, text, starts_run=True)
    )
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    if len(lines) > 16 or not text:
        return
    got = copied(document, (0, 0, start), (0, 0, end))
    assert got.rstrip() == text[start:end].rstrip()


@settings(max_examples=40)
@given(lines=LINES, narrow=st.integers(20, 40), data=st.data())
def test_a_place_is_the_same_character_at_every_width(
    lines: list[str], narrow: int, data: st.DataObject
) -> None:
    text = "\n".join(lines)
    document = document_of(
        Pen(narrow, Palette({}), Engines()), UserBlock(NOW, text, starts_run=True)
    )
    drawn = document.drawn(0, 0)
    rows = row_texts(drawn)
    row = data.draw(st.sampled_from(rows))
    x = data.draw(st.integers(0, narrow))
    offset = offset_at(drawn, row.row, x)
    assert row.start <= offset <= row.end
    assert text[offset : row.end] == row.text[offset - row.start :]


def test_tabs_and_long_lines_come_whole(make_pen: MakePen) -> None:
    text = "\tindented\n" + "x" * 5000 + "\nend"
    document = document_of(make_pen(), user(text))
    assert copied(document, (0, 0, 0), (0, 0, END)) == text


def test_output_is_copied_without_what_it_does_to_a_terminal(make_pen: MakePen) -> None:
    document = document_of(make_pen(), tool(result="\x1b[31mred\x1b[0m\n10 %\r100 %\n\ta\tb"))
    document.toggle_fold(0)
    assert copied(document, (0, 1, 0), (0, 1, END)) == "red\n100 %\n\ta\tb"


def test_code_alone_is_copied_without_its_fence_and_with_text_with_it(make_pen: MakePen) -> None:
    text = "First:\n\n```python\nx = 1\n\ty = 2\n```\n\nThen."
    document = document_of(make_pen(), assistant(text))
    assert copied(document, (0, 1, 0), (0, 1, END)) == "x = 1\n\ty = 2"
    assert copied(document, (0, 0, 0), (0, 1, END)) == "First:\n\n```python\nx = 1\n\ty = 2\n```"


def test_a_part_of_a_paragraph_is_copied_as_it_reads(make_pen: MakePen) -> None:
    document = document_of(make_pen(24), assistant("Some **bold words** and `code` that wrap."))
    assert copied(document, (0, 0, 5), (0, 0, 26)) == "bold words and code t"


def test_of_a_table_whole_rows_of_the_source_are_copied(make_pen: MakePen) -> None:
    document = document_of(make_pen(), assistant("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n"))
    drawn = document.drawn(0, 0)
    first = offset_at(drawn, 2, 5)
    last = offset_at(drawn, 3, 4)
    assert copied(document, (0, 0, first), (0, 0, last)) == "| 1 | 2 |\n| 3 | 4 |"


def test_lines_of_a_change_come_without_numbers_and_signs(make_pen: MakePen) -> None:
    diff = "--- a\n+++ b\n@@ -1,2 +1,2 @@\n def f():\n-\treturn 1\n+\treturn 2\n"
    block = tool("edit_file", kind=ToolKind.EDIT, details={"diff": diff})
    document = document_of(make_pen(), block)
    assert copied(document, (0, 1, 0), (0, 1, END)) == "def f():\n\treturn 1\n\treturn 2"


def test_over_several_blocks_each_gives_what_is_seen_of_it(make_pen: MakePen) -> None:
    document = document_of(
        make_pen(),
        user("Please look."),
        thought("secret"),
        tool("read_file", kind=ToolKind.READ, arguments={"path": "a.txt"}, result="one\ntwo"),
        assistant("It says *one*."),
    )
    assert selected_text(document, whole_blocks(0, 3)) == (
        "Please look.\n\nread a.txt\n\nIt says *one*."
    )
    document.toggle_fold(2)
    assert "read a.txt\none\ntwo" in selected_text(document, whole_blocks(3, 0))


def test_remarks_of_ours_are_left_out(make_pen: MakePen) -> None:
    text = "\n".join(f"line {number}" for number in range(40))
    document = document_of(make_pen(), user(text))
    last = len(document.open(0).units) - 1
    assert "more lines" not in copied(document, (0, 0, 1), (0, last, END))


def test_the_row_of_a_call_is_copied_as_words(make_pen: MakePen) -> None:
    block = tool(arguments={"command": "make test"}, details={"exit_code": 2})
    document = document_of(make_pen(), block)
    assert copied(document, (0, 0, 0), (0, 0, END)) == "ran make test, exit 2"


@settings(max_examples=80)
@given(
    lines=st.lists(
        st.text("ab \t`#>-|", max_size=12).map(lambda line: line.rstrip("\t ")),
        min_size=1,
        max_size=30,
    ),
    prefix=st.sampled_from(["", "> ", "  "]),
)
def test_the_code_of_a_fence_is_copied_character_by_character(
    lines: list[str], prefix: str
) -> None:
    code = "\n".join(lines)
    opening = "~~~~" if prefix == "" else f"{prefix}~~~~"
    if prefix == "  ":
        text = "- item\n\n" + "\n".join(f"  {line}" for line in ["~~~~", *lines, "~~~~"])
        lines_are_in = all(line and not line[0].isspace() for line in lines)
    else:
        text = "\n".join([f"{opening}sh", *(prefix + line for line in lines), f"{prefix}~~~~"])
        lines_are_in = prefix == "" or "\t" not in code
    if lines_are_in:
        assert fenced_code(text) == [code]
