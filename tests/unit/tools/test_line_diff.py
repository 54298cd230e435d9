"""Unified diffs."""

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.tools import line_diff
from harn_tui.tools.line_diff import diff_lines

TEXT = st.lists(st.sampled_from(["a", "b", "c\r", "", "d\x0b"]), max_size=40).map("\n".join)


def apply_diff(old: str, diff: str) -> str:
    """Apply a unified diff strictly: every context and removed line must be where it says."""
    source = line_diff._split(old)
    result: list[str] = []
    position = 0
    lines = line_diff._split(diff)[2:]
    for index, line in enumerate(lines):
        if line.startswith("\\"):
            continue
        if line.startswith("@@"):
            start = int(line.split()[1][1:].split(",")[0])
            count = line.split()[1].partition(",")[2]
            start -= 0 if count == "0" else 1
            result += source[position:start]
            position = start
            continue
        has_no_end = index + 1 < len(lines) and lines[index + 1].startswith("\\")
        text = line[1:].removesuffix("\n") if has_no_end else line[1:]
        if line[0] in " -":
            assert source[position] == text
            position += 1
        if line[0] in " +":
            result.append(text)
    return "".join(result + source[position:])


@given(TEXT, TEXT)
def test_a_diff_turns_the_old_text_into_the_new(old: str, new: str) -> None:
    diff = diff_lines(old, new, "x")
    assert not diff.cut
    assert apply_diff(old, diff.text) == new
    body = diff.text.split("\n")[2:]
    assert diff.added == sum(line.startswith("+") for line in body)
    assert diff.removed == sum(line.startswith("-") for line in body)
    assert (diff.text == "") == (old == new)


def test_far_changes_get_hunks_of_their_own() -> None:
    lines = [f"{n}\n" for n in range(40)]
    changed = [*lines]
    changed[3] = "x\n"
    changed[8] = "y\n"
    changed[30] = "z\n"
    diff = diff_lines("".join(lines), "".join(changed), "x").text
    assert [line for line in diff.split("\n") if line.startswith("@@")] == [
        "@@ -1,12 +1,12 @@",
        "@@ -28,7 +28,7 @@",
    ]


def test_a_missing_last_line_end_is_marked() -> None:
    diff = diff_lines("a", "a\n", "x").text
    assert diff.endswith("-a\n\\ No newline at end of file\n+a\n")


def test_two_large_different_texts_are_compared_as_one_block() -> None:
    old = "".join(f"old {n}\n" for n in range(3000))
    new = "".join(f"new {n}\n" for n in range(3000))
    diff = diff_lines(f"same\n{old}same\n", f"same\n{new}same\n", "x")
    assert (diff.added, diff.removed) == (3000, 3000)
    assert diff.text.count("@@ -1,3002 +1,3002 @@") == 1


def test_the_text_of_a_very_large_diff_is_cut_and_its_counts_are_whole() -> None:
    diff = diff_lines("", "x" * 99 + "\n" + "y\n" * 500_000, "x")
    assert diff.cut
    assert diff.added == 500_001
    assert len(diff.text) <= line_diff._MAX_DIFF_CHARACTERS
