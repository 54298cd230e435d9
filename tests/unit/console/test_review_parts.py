"""The parts of a review without a screen: hunks, pairs of lines, words, verdicts, the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.console.review.changes import (
    MAX_LINES,
    Edit,
    HunkKey,
    Review,
    edits_of,
    find_hunk,
    gather,
)
from harn_tui.console.review.feedback_text import MAX_QUOTED_LINES, compile_feedback
from harn_tui.console.review.hunks import MAX_HUNK_LINES, parse_hunks
from harn_tui.console.review.pairing import side_by_side
from harn_tui.console.review.rows import ReviewRows, RowKind
from harn_tui.console.review.verdicts import HunkDecision, Verdict, Verdicts
from harn_tui.console.review.words import MAX_COMPARED_WORDS, changed_words
from harn_tui.events.record import Record
from harn_tui.json_types import JsonObject
from harn_tui.tools.write_file import change_details
from harn_tui.view.fold import apply
from harn_tui.view.model import SessionView
from tests.unit.console import review_scenes, scenes

LINES = st.lists(st.sampled_from(["a", "b b", "  c", "", "d\r", "-- x", "++ y", "@@ -1 +1 @@"]))
TEXTS = st.builds(
    lambda lines, end: "\n".join(lines) + end, LINES.filter(bool), st.sampled_from(["", "\n"])
)


def diff_of(old: str | None, new: str, path: str = "a.py") -> str:
    return str(change_details(None if old is None else old.encode(), new.encode(), path)["diff"])


def edit(diff: str, path: str = "a.py", block: int = 0, **more: object) -> Edit:
    return Edit(block, 0, "edit_file", path, diff, **more)  # type: ignore[arg-type]


def view_of(*events: object) -> SessionView:
    view = SessionView()
    for index, event in enumerate([scenes.session_start(), *scenes.run_start(), *events]):
        apply(view, Record(index, 1000 + index, None, event))  # type: ignore[arg-type]
    return view


def three_edits() -> Review:
    return gather(edits_of(view_of(*review_scenes.three_edits())))


@given(TEXTS, TEXTS)
def test_numbers_and_texts_of_the_lines_are_those_of_the_two_files(old: str, new: str) -> None:
    details = change_details(old.encode(), new.encode(), "a.py")
    hunks = parse_hunks(str(details["diff"]))
    before, after = old.split("\n"), new.split("\n")
    for hunk in hunks:
        for line in hunk.lines:
            if line.sign != "+":
                assert before[line.old - 1].removesuffix("\r") == line.text.removesuffix("\r")
            if line.sign != "-":
                assert after[line.new - 1].removesuffix("\r") == line.text.removesuffix("\r")
    assert sum(len(hunk.added) for hunk in hunks) == details["added"]
    assert sum(len(hunk.removed) for hunk in hunks) == details["removed"]


@given(st.text(alphabet="@-+ 1,\n\\ab", max_size=200) | st.text(max_size=100))
def test_any_text_is_read_without_an_error(text: str) -> None:
    for hunk in parse_hunks(f"@@ -1,3 +1,4 @@\n{text}"):
        assert len(hunk.lines) <= MAX_HUNK_LINES
        assert side_by_side(hunk.lines)


def test_cut_diff_gives_what_there_is() -> None:
    (hunk,) = parse_hunks("--- a\n+++ a\n@@ -1,9 +1,9 @@\n one\n-two\n")
    assert [(line.sign, line.text) for line in hunk.lines] == [(" ", "one"), ("-", "two")]
    assert (hunk.old_count, hunk.new_count) == (2, 1)


def test_line_ends_are_shown_only_where_they_differ() -> None:
    (all_the_same,) = parse_hunks(diff_of("a\r\nb\r\n", "a\r\nc\r\n"))
    assert [line.text for line in all_the_same.lines] == ["a", "b", "c"]
    (changed,) = parse_hunks(diff_of("a\n", "a\r\n"))
    assert [line.text for line in changed.lines] == ["a", "a\r"]


def test_hunk_without_end_of_line_says_so() -> None:
    (hunk,) = parse_hunks(diff_of("a", "a\n"))
    assert [(line.sign, line.lacks_newline) for line in hunk.lines] == [("-", True), ("+", False)]


def test_long_hunk_is_cut_and_the_rest_counted() -> None:
    count = MAX_HUNK_LINES + 5
    (hunk,) = parse_hunks(f"@@ -0,0 +1,{count} @@\n" + "+x\n" * count)
    assert (len(hunk.lines), hunk.hidden, hunk.new_count) == (MAX_HUNK_LINES, 5, count)


@given(TEXTS, TEXTS)
def test_side_by_side_every_line_stands_once_and_in_order(old: str, new: str) -> None:
    for hunk in parse_hunks(diff_of(old, new)):
        rows = side_by_side(hunk.lines)
        lefts = [row.left for row in rows if row.left is not None]
        rights = [row.right for row in rows if row.right is not None]
        assert lefts == [n for n, line in enumerate(hunk.lines) if line.sign != "+"]
        assert rights == [n for n, line in enumerate(hunk.lines) if line.sign != "-"]


def test_replaced_line_stands_beside_its_new_version() -> None:
    (hunk,) = parse_hunks(diff_of("return total // size\n", "# up\nreturn -(-total // size)\n"))
    assert [(row.left, row.right, row.is_alike) for row in side_by_side(hunk.lines)] == [
        (None, 1, False),
        (0, 2, True),
    ]


@given(st.text(alphabet="ab .\t", max_size=60), st.text(alphabet="ab .\t", max_size=60))
def test_without_the_changed_words_both_lines_are_the_same(old: str, new: str) -> None:
    gone, come = changed_words(old, new)

    def rest(text: str, spans: tuple[tuple[int, int], ...]) -> str:
        kept, position = "", 0
        for start, end in spans:
            assert position <= start < end
            kept, position = kept + text[position:start], end
        return kept + text[position:]

    assert rest(old, gone) == rest(new, come)


def test_only_the_words_that_differ_are_stressed() -> None:
    gone, come = changed_words("size = 20  # rows", "size = 50  # rows")
    assert (gone, come) == (((7, 9),), ((7, 9),))


def test_many_words_are_not_compared_one_by_one() -> None:
    old = " ".join("ab" for _ in range(MAX_COMPARED_WORDS))
    gone, _ = changed_words(f"x {old} y", f"x {old.replace('a', 'c')} y")
    assert gone == ((2, 2 + len(old)),)


def test_hunks_of_a_file_come_in_the_order_of_its_edits() -> None:
    review = three_edits()
    assert [file.path for file in review.files] == ["docs/notes.md", "src/paging.py"]
    assert [(file.sign, file.added, file.removed) for file in review.files] == [
        ("A", 3, 0),
        ("M", 4, 3),
    ]
    assert [(hunk.edit, hunk.range) for hunk in review.files[1].hunks] == [
        (1, "line 3"),
        (1, "lines 18-19"),
        (2, "line 7"),
    ]


def test_renamed_file_keeps_the_hunks_of_its_old_name() -> None:
    old = edit(diff_of("a\n", "b\n"), "old.py")
    new = edit(diff_of("b\n", "c\n"), "new.py", block=1, renamed_from="old.py")
    (file,) = gather([old, new]).files
    assert [hunk.path for hunk in file.hunks] == ["new.py", "new.py"]
    assert file.notes == ("renamed from old.py",)


def test_change_without_a_diff_is_named() -> None:
    (file,) = gather([edit("", is_cut=True)]).files
    assert file.notes == ("edit_file: no diff, too large or not text",)
    assert file.hunks == ()


def test_removed_lines_are_told_by_where_they_stood() -> None:
    (file,) = gather([edit(diff_of("a\nb\nc\n", "a\nc\n"))]).files
    assert file.hunks[0].range == "1 line removed at line 2"


def test_diffs_beyond_the_bound_are_counted_and_said() -> None:
    big = f"@@ -0,0 +1,{MAX_HUNK_LINES} @@\n" + "+x\n" * MAX_HUNK_LINES
    count = MAX_LINES // MAX_HUNK_LINES + 2
    review = gather(edit(big, block=block) for block in range(count))
    assert review.hidden == 2
    assert review.files[0].notes == ("2 more hunks are not shown",)
    assert len(review.hunks) == count - 2


@pytest.mark.parametrize("is_split", [False, True])
def test_every_row_is_found_by_its_number(is_split: bool) -> None:
    review = three_edits()
    rows = ReviewRows(review, is_split=is_split)
    places = [rows.at(row) for row in range(rows.count)]
    kinds = [place.kind for place in places if place is not None]
    assert len(kinds) == rows.count
    assert kinds.count(RowKind.FILE) == len(review.files)
    lines = sum(len(h.rows) if is_split else len(h.hunk.lines) for h in review.hunks)
    assert kinds.count(RowKind.LINE) == lines
    for number in range(len(review.hunks)):
        first, height = rows.span(number)
        assert [place.hunk for place in places[first : first + height] if place] == (
            [number] * height
        )
        assert rows.hunk_from(first + height - 1) == number
    assert rows.at(rows.count) is None
    assert rows.hunk_from(rows.count) is None


def test_hunk_is_found_by_call_and_by_file() -> None:
    review = three_edits()
    assert find_hunk(review, None, "src/paging.py") == 1
    assert find_hunk(review, review.hunks[3].key.block, None) == 3
    assert find_hunk(review, 999, None) is None


def test_changed_verdict_is_told_again_and_an_unchanged_one_is_not() -> None:
    verdicts, key = Verdicts(), HunkKey(1, 0, 0)
    verdicts.decide(key, HunkDecision.REJECTED)
    verdicts.mark_sent([key])
    verdicts.decide(key, HunkDecision.REJECTED)
    assert verdicts.of(key).is_sent
    verdicts.comment(key, " too slow ")
    assert verdicts.of(key) == Verdict(HunkDecision.REJECTED, "too slow")
    verdicts.clear(key)
    assert verdicts.of(key).is_none


def test_text_names_file_range_edit_and_comment_of_each_hunk() -> None:
    review, verdicts = three_edits(), Verdicts()
    notes, size, last, found = (hunk.key for hunk in review.hunks)
    verdicts.decide(notes, HunkDecision.ACCEPTED)
    verdicts.decide(size, HunkDecision.REJECTED)
    verdicts.decide(last, HunkDecision.REJECTED)
    verdicts.comment(last, "wrong for 0\nand slow")
    verdicts.comment(found, "no need")
    feedback = compile_feedback(review.hunks, verdicts)
    assert feedback is not None
    assert feedback.keys == (notes, size, last, found)
    heading, first, second, third = feedback.text.split("\n\n")
    assert "2 rejected, 2 commented, 1 accepted" in heading
    assert first.split("\n") == [
        "1. src/paging.py, line 3, edit 1 of 2: REJECTED. Undo this change or do it another way",
        "       -PAGE_SIZE = 20",
        "       +PAGE_SIZE = 50",
    ]
    assert second.split("\n")[:3] == [
        (
            "2. src/paging.py, lines 18-19, edit 1 of 2: REJECTED. Undo this change or do it"
            " another way, because:"
        ),
        "   > wrong for 0",
        "   > and slow",
    ]
    assert third.startswith("3. src/paging.py, line 7, edit 2 of 2: COMMENT:\n   > no need\n")


def test_accepting_alone_and_what_was_sent_need_no_text() -> None:
    review, verdicts = three_edits(), Verdicts()
    verdicts.decide(review.hunks[0].key, HunkDecision.ACCEPTED)
    assert compile_feedback(review.hunks, verdicts) is None
    verdicts.decide(review.hunks[1].key, HunkDecision.REJECTED)
    feedback = compile_feedback(review.hunks, verdicts)
    assert feedback is not None
    verdicts.mark_sent(feedback.keys)
    assert compile_feedback(review.hunks, verdicts) is None


@given(st.dictionaries(st.integers(0, 3), st.tuples(st.booleans(), st.text(max_size=30))))
def test_every_hunk_that_needs_an_answer_is_told_once(said: dict[int, tuple[bool, str]]) -> None:
    review, verdicts = three_edits(), Verdicts()
    for place, (is_rejected, comment) in said.items():
        if is_rejected:
            verdicts.decide(review.hunks[place].key, HunkDecision.REJECTED)
        verdicts.comment(review.hunks[place].key, comment)
    told = [p for p, (is_rejected, comment) in said.items() if is_rejected or comment.strip()]
    feedback = compile_feedback(review.hunks, verdicts)
    assert (feedback is None) == (not told)
    if feedback is not None:
        assert set(feedback.keys) == {review.hunks[place].key for place in told}
        for place in told:
            hunk = review.hunks[place]
            assert feedback.text.count(f"{hunk.path}, {hunk.range}") == 1


def test_quoted_lines_are_bounded() -> None:
    diff = "@@ -0,0 +1,40 @@\n" + f"+{'x' * 5000}\n" * 40
    review, verdicts = gather([edit(diff)]), Verdicts()
    verdicts.decide(review.hunks[0].key, HunkDecision.REJECTED)
    feedback = compile_feedback(review.hunks, verdicts)
    assert feedback is not None
    assert f"… {40 - MAX_QUOTED_LINES} more lines" in feedback.text
    assert len(feedback.text) < 3000


def test_paths_of_odd_tools_do_no_harm() -> None:
    details: JsonObject = {"files": [{"path": 3, "diff": "x"}, "no", {"path": "a", "diff": 7}]}
    view = view_of(*review_scenes.changed("e1", details))
    assert [file.path for file in gather(edits_of(view)).files] == ["a"]
