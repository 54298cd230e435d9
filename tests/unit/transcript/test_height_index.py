import random

from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.console.transcript.height_index import HeightIndex

heights = st.lists(st.integers(0, 50), max_size=60)


def naive_find(values: list[int], row: int) -> tuple[int, int]:
    for index, height in enumerate(values):
        if row < height:
            return index, row
        row -= height
    return len(values), row


@given(heights)
def test_offsets_are_the_sums_of_what_is_before(values: list[int]) -> None:
    index = HeightIndex(values)
    assert [index.offset(at) for at in range(len(values) + 1)] == [
        sum(values[:at]) for at in range(len(values) + 1)
    ]
    assert index.total == sum(values)


@given(heights, st.integers(0, 3000))
def test_find_is_the_inverse_of_offset(values: list[int], row: int) -> None:
    assert HeightIndex(values).find(row) == naive_find(values, row)


@settings(max_examples=60)
@given(heights, st.lists(st.tuples(st.integers(0, 3), st.integers(0, 80), st.integers(0, 50))))
def test_changes_keep_it_equal_to_a_plain_list(
    values: list[int], changes: list[tuple[int, int, int]]
) -> None:
    index, model = HeightIndex(values), list(values)
    for action, position, height in changes:
        if action == 0 or not model:
            index.append(height)
            model.append(height)
        elif action == 1:
            index.truncate(position)
            del model[position:]
        else:
            position %= len(model)
            assert index.set(position, height) == height - model[position]
            model[position] = height
        assert len(index) == len(model)
        assert index.total == sum(model)
        assert index.find(sum(model) // 2) == naive_find(model, sum(model) // 2)


def test_a_hundred_thousand_heights_answer_as_a_plain_sum() -> None:
    source = random.Random(7)
    values = [source.randint(0, 40) for _ in range(100_000)]
    index = HeightIndex(values)
    for row in (0, 1, 999_999, sum(values) - 1):
        at, rest = index.find(row)
        assert index.offset(at) + rest == row
        assert 0 <= rest < values[at]


def test_a_negative_row_finds_the_first_row() -> None:
    assert HeightIndex([3, 2]).find(-5) == (0, 0)


def test_items_without_rows_are_passed_over() -> None:
    assert HeightIndex([0, 0, 2, 0, 1]).find(0) == (2, 0)
    assert HeightIndex([0, 0, 2, 0, 1]).find(2) == (4, 0)
