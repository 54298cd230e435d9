from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject
from harn_tui.loop.compaction.call_pairs import safe_cuts
from harn_tui.loop.compaction.split import Split, find_split
from tests.unit.loop.compaction.histories import (
    assistant,
    call_block,
    histories,
    orphans,
    result,
    result_block,
    summary,
    talk,
    user,
)

_keeps = st.integers(0, 8)


def _kept(messages: list[JsonObject], split: Split) -> list[JsonObject]:
    return [*messages[: split.first], *messages[split.end :]]


@given(histories(), _keeps, _keeps)
def test_no_call_is_ever_parted_from_its_result(
    messages: list[JsonObject], keep_first: int, keep_last: int
) -> None:
    assert orphans(messages) == []
    split = find_split(messages, keep_first, keep_last)
    if split is not None:
        assert orphans(messages[: split.first]) == []
        assert orphans(messages[split.first : split.end]) == []
        assert orphans(messages[split.end :]) == []


@given(histories(), _keeps, _keeps)
def test_something_is_archived_and_the_beginning_stays(
    messages: list[JsonObject], keep_first: int, keep_last: int
) -> None:
    split = find_split(messages, keep_first, keep_last)
    if split is not None:
        assert keep_first <= split.first < split.end <= len(messages)
        archived = messages[split.first : split.end]
        assert archived != [m for m in archived if m.get("kind") == "compaction_summary"]


@given(histories(), _keeps, _keeps)
def test_short_histories_are_left_alone(
    messages: list[JsonObject], keep_first: int, keep_last: int
) -> None:
    if len(messages) <= keep_first + keep_last:
        assert find_split(messages, keep_first, keep_last) is None


@given(histories())
def test_keeping_nothing_archives_everything(messages: list[JsonObject]) -> None:
    split = find_split(messages, 0, 0)
    is_lone_summary = len(messages) == 1 and messages[0].get("kind") is not None
    if messages and not is_lone_summary:
        assert split == Split(0, len(messages))
    else:
        assert split is None


@given(histories(), _keeps)
def test_at_least_the_end_stays_unless_a_later_request_begins_it(
    messages: list[JsonObject], keep_last: int
) -> None:
    split = find_split(messages, 0, keep_last)
    if split is not None and len(messages) - split.end < keep_last:
        begins = messages[split.end]
        assert begins["role"] == "user"
        assert orphans([begins]) == []


def test_a_head_that_would_end_in_a_call_keeps_its_results_too() -> None:
    messages = [user(), assistant("", "c1", "c2"), result("c1"), result("c2"), *talk(6)]
    assert find_split(messages, 2, 2) == Split(4, 8)


def test_a_head_that_takes_up_the_whole_middle_leaves_nothing_to_archive() -> None:
    messages = [user(), assistant("", "c1", "c2"), result("c1"), result("c2"), *talk(2)]
    assert find_split(messages, 2, 2) is None


def test_a_call_whose_result_is_still_to_come_stays() -> None:
    messages = [*talk(4), assistant("", "c1", "c2"), result("c1")]
    assert find_split(messages, 0, 0) == Split(0, 4)
    assert find_split([*messages, result("c2")], 0, 0) == Split(0, 7)


def test_ids_that_come_again_belong_to_the_last_call_before_them() -> None:
    again = [assistant("", "call_0"), result("call_0")]
    assert safe_cuts([*again, *again]) == [True, False, True, False, True]


def test_results_without_an_id_belong_to_the_calls_before_them() -> None:
    nameless: JsonObject = {"role": "tool", "content": "ok"}
    assert safe_cuts([user(), assistant("", "c1"), nameless]) == [True, True, False, True]


def test_blocks_of_imported_sessions_are_pairs_too() -> None:
    pair = [assistant([call_block("c1")]), user([result_block("c1")])]
    assert safe_cuts(pair) == [True, False, True]


def test_an_earlier_summary_is_archived_only_together_with_something() -> None:
    run = [m for n in range(3) for m in (assistant("", f"c{n}"), result(f"c{n}"))]
    messages = [summary(), user(), *run]
    assert find_split(messages, 0, 4) == Split(0, 4)
    assert find_split([summary(), *talk(4)], 0, 4) is None
