import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from harn_tui.console.transcript.delta_reader import DeltaReader
from harn_tui.console.transcript.document import Document
from harn_tui.console.transcript.engines import Engines
from harn_tui.console.transcript.markdown_body import MarkdownBody
from harn_tui.console.transcript.markdown_table import fit_columns
from harn_tui.console.transcript.palette import Palette
from harn_tui.console.transcript.pen import Pen
from harn_tui.console.transcript.roles import Role
from harn_tui.view.model import AssistantBlock
from tests.unit.transcript.builders import assistant
from tests.unit.transcript.conftest import MakePen
from tests.unit.transcript.markdown_texts import odd_documents

WIDTHS = (12, 40, 120)


def drawn_rows(block: AssistantBlock, pen: Pen, body: MarkdownBody | None = None) -> list[str]:
    body = body or MarkdownBody(block)
    body.update()
    return [strip.text for unit in body.units for strip in unit.draw(pen).strips]


def styles_of(text: str, block: AssistantBlock, pen: Pen) -> set[str]:
    """The roles that ``text`` is drawn in, by the colours of the test palette."""
    body = MarkdownBody(block)
    body.update()
    colours = {pen.palette[role].color: role.value for role in Role}
    return {
        colours[segment.style.color]
        for unit in body.units
        for strip in unit.draw(pen).strips
        for segment in strip
        if text in segment.text and segment.style is not None
    }


@settings(max_examples=60)
@given(odd_documents, st.lists(st.integers(0, 5000), max_size=8), st.sampled_from(WIDTHS))
def test_a_streamed_answer_looks_as_one_that_came_whole(
    engines: Engines, palette: Palette, text: str, cuts: list[int], width: int
) -> None:
    pen = Pen(width, palette, engines)
    streamed = AssistantBlock(0, 1)
    body, start = MarkdownBody(streamed), 0
    for cut in [*sorted(cut for cut in cuts if cut < len(text)), len(text)]:
        streamed.parts.append(text[start:cut])
        body.update()
        start = cut
    streamed.is_open = False
    assert drawn_rows(streamed, pen, body) == drawn_rows(assistant(text), pen)


@settings(max_examples=80)
@given(odd_documents, st.sampled_from(WIDTHS))
def test_every_row_is_exactly_as_wide_as_the_window(
    engines: Engines, palette: Palette, text: str, width: int
) -> None:
    for loaded in (engines, Engines()):
        for row in drawn_rows(assistant(text), Pen(width, palette, loaded)):
            assert cell_len(row) == width


def test_headings_emphasis_code_and_links_have_their_roles(make_pen: MakePen) -> None:
    block = assistant("# Big\n\n### Small\n\nsome `code` and [name](https://e.x) and https://f.x.")
    pen = make_pen()
    assert styles_of("Big", block, pen) == {"heading"}
    assert styles_of("Small", block, pen) == {"subheading"}
    assert styles_of("code", block, pen) == {"inline-code"}
    assert styles_of("name", block, pen) == {"link"}
    assert styles_of("https://f.x", block, pen) == {"link"}


def test_links_are_terminal_links_without_the_full_stop_after_them(make_pen: MakePen) -> None:
    body = MarkdownBody(assistant("See https://e.x/a_b. And [x](javascript:alert(1))."))
    body.update()
    links = {
        segment.style.link
        for unit in body.units
        for strip in unit.draw(make_pen()).strips
        for segment in strip
        if segment.style is not None
    }
    assert links == {None, "https://e.x/a_b"}


def test_emphasis_is_bold_italic_and_struck(make_pen: MakePen) -> None:
    body = MarkdownBody(assistant("**b** *i* ~~s~~ ***both***"))
    body.update()
    looks = {
        segment.text: (segment.style.bold, segment.style.italic, segment.style.strike)
        for strip in body.units[0].draw(make_pen()).strips
        for segment in strip
        if segment.style is not None and segment.text.strip()
    }
    assert looks["b"] == (True, None, None)
    assert looks["i"] == (None, True, None)
    assert looks["s"] == (None, None, True)
    assert looks["both"] == (True, True, None)


def test_code_is_coloured_once_its_language_is_known(make_pen: MakePen) -> None:
    block = assistant("```python\nimport os  # why\n```\n")
    assert styles_of("import", block, make_pen()) == {"syntax-keyword"}
    assert styles_of("# why", block, make_pen()) == {"syntax-comment"}
    assert styles_of("import", block, make_pen(is_plain=True)) == {"code"}
    assert styles_of("x =", assistant("```nonsense\nx = 1\n```"), make_pen()) == {"code"}


def test_a_string_over_several_pieces_of_a_fence_keeps_its_colour(make_pen: MakePen) -> None:
    inside = "\n".join(f"words {number}" for number in range(18))
    block = assistant(f'```python\n"""\n{inside}\n"""\n```\n')
    assert styles_of("words 15", block, make_pen()) == {"syntax-string"}


def test_before_the_engine_is_there_markdown_is_shown_as_it_was_written(
    make_pen: MakePen,
) -> None:
    rows = drawn_rows(assistant("# Title with **stars**"), make_pen(is_plain=True))
    assert rows[0].strip() == "# Title with **stars**"


def test_nested_lists_are_indented_below_their_text(make_pen: MakePen) -> None:
    rows = drawn_rows(assistant("1. one\n   - two\n     three\n2. four\n"), make_pen())
    assert [row.rstrip() for row in rows] == [
        "   1. one",
        "      ◦ two",
        "        three",
        "   2. four",
    ]


def test_quotes_have_a_bar_on_every_row(make_pen: MakePen) -> None:
    rows = drawn_rows(assistant("> one\n>\n> two\n"), make_pen())
    assert [row.rstrip() for row in rows] == ["   ▎ one", "   ▎", "   ▎ two"]


def test_tables_are_aligned(make_pen: MakePen) -> None:
    text = "| name | n |\n|:---|---:|\n| a | 1 |\n| long name | 200 |\n"
    rows = drawn_rows(assistant(text), make_pen())
    assert [row.rstrip() for row in rows] == [
        "   name      │   n",
        "   ──────────┼────",
        "   a         │   1",
        "   long name │ 200",
    ]


def test_cells_of_a_wide_table_wrap(make_pen: MakePen) -> None:
    text = "| a | b |\n|---|---|\n| short | " + "many words " * 10 + "|\n"
    rows = drawn_rows(assistant(text), make_pen(40))
    assert len(rows) > 4
    assert all("│" in row or "┼" in row for row in rows)


def test_a_table_with_more_columns_than_fit_shows_its_source(make_pen: MakePen) -> None:
    line = "|" + "abcdef|" * 30
    rows = drawn_rows(assistant(f"{line}\n{'|' + '---|' * 30}\n{line}\n"), make_pen(40))
    shown = "".join(row.strip() for row in rows)
    assert shown.count("abcdef") == 60


@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.integers(40, 120))
def test_columns_fit_where_they_can(widths: list[int], room: int) -> None:
    columns = fit_columns(widths, room, 3)
    assert sum(columns) + 3 * (len(columns) - 1) <= max(room, 7 * len(columns))
    assert all(column <= max(1, width) for column, width in zip(columns, widths, strict=True))


def test_a_link_target_that_comes_late_makes_a_link(make_pen: MakePen) -> None:
    block = AssistantBlock(0, 1, ["see [it] here\n\nmore\n\n"])
    body = MarkdownBody(block)
    body.update()
    pen = make_pen()
    assert "[it]" in body.units[0].draw(pen).strips[0].text
    block.parts.append("[it]: https://e.x\n\nend\n\n")
    assert body.update() == 0
    assert "see it here" in body.units[0].draw(pen).strips[0].text


def test_entities_cannot_smuggle_control_characters(make_pen: MakePen) -> None:
    (row,) = drawn_rows(assistant("a&#x202e;b&#27;c&#13;d"), make_pen())
    assert "\u202e" not in row
    assert "\x1b" not in row
    assert "\r" not in row


def test_html_breaks_in_cells_begin_a_row(make_pen: MakePen) -> None:
    rows = drawn_rows(assistant("| a |\n|---|\n| x<br>y |\n"), make_pen())
    assert [row.strip() for row in rows[2:]] == ["x", "y"]


def test_an_interrupted_answer_says_so(make_pen: MakePen) -> None:
    block = AssistantBlock(0, 1, ["half an ans"], is_open=False, interrupted=True)
    assert [row.strip() for row in drawn_rows(block, make_pen())] == ["half an ans", "interrupted"]


def test_only_closed_units_survive_an_update(make_pen: MakePen) -> None:
    block = AssistantBlock(0, 1, ["one\n\ntwo"])
    document = Document(make_pen())
    document.attach([block])
    before = document.open(0).units.copy()
    block.parts.append(" and more\n\nthree")
    document.update([0])
    after = document.open(0).units
    assert after[0] is before[0]
    assert len(after) == 3


@pytest.mark.parametrize("collapse_after", range(5))
def test_deltas_are_read_once_even_when_the_parts_are_joined_meanwhile(
    collapse_after: int,
) -> None:
    block, reader, seen = AssistantBlock(0, 1), DeltaReader(), ""
    for number in range(5):
        block.parts.append(f"part {number} ")
        if number == collapse_after:
            assert block.text
        seen += reader.read(block.parts) or ""
    assert seen == block.text
    assert reader.read(block.parts) == ""


def test_text_that_was_replaced_is_read_again() -> None:
    reader = DeltaReader()
    assert reader.read(["long text"]) == "long text"
    assert reader.read(["new"]) is None


def test_an_answer_that_was_replaced_is_drawn_again(make_pen: MakePen) -> None:
    block = AssistantBlock(0, 1, ["first version of it\n\n"])
    body = MarkdownBody(block)
    body.update()
    block.parts[:] = ["second"]
    assert [row.strip() for row in drawn_rows(block, make_pen(), body)] == ["second"]
