"""Lines of a server's output, whatever pieces they come in."""

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.tools.mcp.host.message_lines import MessageLines, OverlongLine

pieces = st.lists(st.binary(max_size=12) | st.sampled_from([b"\n", b"\r\n", b"ab\n"]), max_size=12)


def cut(lines: MessageLines, data: list[bytes]) -> list[bytes | OverlongLine]:
    return [line for piece in data for line in lines.feed(piece)]


@given(pieces)
def test_lines_are_the_same_however_the_bytes_are_cut(data: list[bytes]) -> None:
    whole = b"".join(data)
    expected = [line.removesuffix(b"\r") for line in whole.split(b"\n")[:-1]]
    assert cut(MessageLines(1000), data) == expected
    assert cut(MessageLines(1000), [whole]) == expected


@given(pieces, st.integers(0, 6))
def test_a_line_that_is_too_long_is_dropped_and_the_next_one_is_not(
    data: list[bytes], most_bytes: int
) -> None:
    lines = b"".join(data).split(b"\n")[:-1]
    found = cut(MessageLines(most_bytes), data)
    assert [isinstance(line, OverlongLine) for line in found] == [
        len(line) > most_bytes for line in lines
    ]
    for line, kept in zip(lines, found, strict=True):
        if isinstance(kept, OverlongLine):
            assert line.startswith(kept.head)
            assert line.endswith(kept.tail)
            assert kept.tail
        else:
            assert kept == line.removesuffix(b"\r")


def test_of_a_line_that_is_too_long_both_ends_are_kept() -> None:
    lines = MessageLines(1000)
    data = [b"head" + b"x" * 900, b"x" * 900, b"x" * 200 + b"ta", b"il\nnext\n"]
    overlong, following = cut(lines, data)
    assert isinstance(overlong, OverlongLine)
    assert overlong.head.startswith(b"head")
    assert overlong.tail.endswith(b"xtail")
    assert len(overlong.head) == len(overlong.tail) == 256
    assert following == b"next"
