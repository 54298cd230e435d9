from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject
from harn_tui.transcripts.call_pairs import (
    NO_RESULT,
    calls_of,
    cut_after,
    cut_before,
    is_result,
    result_id,
    with_every_call_answered,
)
from tests.unit.transcripts.messages import assistant, result, user

IDS = st.sampled_from(["a", "b", "c"])
MESSAGES = st.lists(
    st.one_of(
        st.builds(user, st.text(max_size=3)),
        st.builds(lambda ids: assistant("", *ids), st.lists(IDS, max_size=3, unique=True)),
        st.builds(result, IDS, st.text(max_size=3)),
    ),
    max_size=12,
)


def parted(messages: list[JsonObject], cut: int) -> bool:
    """Whether a call before the cut has a result of its own behind it."""
    for position, message in enumerate(messages[:cut]):
        ids = {call_id for call_id, _ in calls_of(message)}
        for later, following in enumerate(messages[position + 1 :], start=position + 1):
            if following["role"] == "assistant":
                break
            if later >= cut and result_id(following) in ids:
                return True
    return False


@given(MESSAGES, st.integers(0, 14))
def test_a_cut_after_keeps_at_least_so_many_and_is_the_first_that_parts_nothing(
    messages: list[JsonObject], count: int
) -> None:
    cut = cut_after(messages, count)
    least = min(count, len(messages))
    assert cut == next(c for c in range(least, len(messages) + 1) if not parted(messages, c))


@given(MESSAGES, st.integers(0, 14))
def test_a_cut_before_keeps_at_least_so_many_and_is_the_last_that_parts_nothing(
    messages: list[JsonObject], count: int
) -> None:
    cut = cut_before(messages, count)
    most = max(0, len(messages) - count)
    assert cut == next(c for c in range(most, -1, -1) if not parted(messages, c))


@given(MESSAGES)
def test_every_call_has_exactly_one_result_right_behind_it_and_no_result_is_alone(
    messages: list[JsonObject],
) -> None:
    valid = with_every_call_answered(messages)
    expected: list[str] = []
    for message in valid:
        if is_result(message):
            assert expected, "a result without a call"
            assert result_id(message) == expected.pop(0)
        else:
            assert not expected, "a call without a result"
            expected = [call_id for call_id, _ in calls_of(message)]
    assert not expected
    assert [m for m in valid if not is_result(m)] == [m for m in messages if not is_result(m)]
    assert with_every_call_answered(valid) == valid


def test_the_first_of_two_results_counts() -> None:
    messages = [assistant("", "a"), result("a", "first"), result("a", "second")]
    assert with_every_call_answered(messages) == messages[:2]


def test_a_made_up_result_says_that_there_is_none() -> None:
    assert with_every_call_answered([assistant("", "a")])[1] == result("a", NO_RESULT)
    assert NO_RESULT.startswith("No result")


def test_strange_calls_are_no_calls() -> None:
    strange: JsonObject = {"role": "assistant", "content": "", "tool_calls": [3, {"name": "x"}]}
    assert with_every_call_answered([strange]) == [strange]
    assert calls_of({"role": "assistant", "tool_calls": "x"}) == []


def test_a_result_in_the_form_of_the_reference_answers_its_call() -> None:
    theirs: JsonObject = {"role": "tool_result", "tool_use_id": "a", "content": "x"}
    assert with_every_call_answered([assistant("", "a"), theirs])[1] is theirs
    assert result_id({"role": "tool_result"}) is None
