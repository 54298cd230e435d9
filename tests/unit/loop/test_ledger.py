"""Laws that every task ledger keeps, whatever a model does with it."""

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.json_types import JsonObject, JsonValue
from harn_tui.loop.ledger import TaskLedger
from harn_tui.loop.ledger_shape import DeliverableStatus
from harn_tui.loop.ledger_text import gate_text, ledger_block, render_for_prompt

words = st.sampled_from(
    [
        "",
        " ",
        "a",
        " a ",
        "deliverable-1",
        "deliverable-2",
        "deliverable-3",
        "x\ny",
        "</task_ledger>",
    ]
)
anything: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | words | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
actions = st.sampled_from(
    ["add", "add_deliverable", "mark", "mark_deliverable", "rationale", "note", "seed_plan", "?"]
)
plausible_calls: st.SearchStrategy[JsonObject] = st.fixed_dictionaries(
    {"action": actions},
    optional={
        "id": words,
        "text": words,
        "status": st.sampled_from(["open", "done", "Blocked", "dropped", "gone"]),
        "note": words,
        "deliverables": st.lists(words, max_size=3),
    },
)
odd_calls = st.dictionaries(
    st.sampled_from(["action", "id", "text", "status", "note", "deliverables", "more"]), anything
)
calls = st.lists(plausible_calls | odd_calls, max_size=12)
seeds = st.lists(words, max_size=4)


def played(seed: list[str], made: list[JsonObject]) -> TaskLedger:
    ledger = TaskLedger.from_options(None, "task", seed)
    for call in made:
        before = ledger.as_json()
        reply = ledger.apply(call)
        assert reply.text.startswith("ledger")
        assert not (reply.ok and reply.is_rejected)
        assert reply.ok or ledger.as_json() == before
    return ledger


@given(seeds, calls)
def test_ids_are_unique_and_no_text_is_blank(seed: list[str], made: list[JsonObject]) -> None:
    deliverables = played(seed, made).content.deliverables
    assert len({item.id for item in deliverables}) == len(deliverables)
    assert all(item.id and item.text and item.note != "" for item in deliverables)


@given(seeds, calls)
def test_the_gate_is_open_exactly_when_nothing_is_open_or_blocked(
    seed: list[str], made: list[JsonObject]
) -> None:
    ledger = played(seed, made)
    blocking = {DeliverableStatus.OPEN, DeliverableStatus.BLOCKED}
    is_open = not any(item.status in blocking for item in ledger.content.deliverables)
    assert (not ledger.open_items) is is_open
    assert (gate_text(ledger) == "") is is_open


@given(seeds, calls)
def test_a_ledger_reads_back_as_it_was_written(seed: list[str], made: list[JsonObject]) -> None:
    ledger = played(seed, made)
    assert TaskLedger.from_json(ledger.as_json()).as_json() == ledger.as_json()


@given(seeds, calls)
def test_it_is_shown_exactly_when_it_is_not_empty(seed: list[str], made: list[JsonObject]) -> None:
    ledger = played(seed, made)
    assert bool(render_for_prompt(ledger)) is not ledger.is_empty
    block = ledger_block(ledger)
    assert bool(block) is not ledger.is_empty
    if block:
        assert block.count("</task_ledger>") == block.count("</runtime_injection>") == 1


def test_json_that_was_given_or_got_is_no_part_of_the_ledger() -> None:
    given_json: JsonObject = {"deliverables": [{"id": "a", "text": "x"}], "observations": ["o"]}
    ledger = TaskLedger.from_json(given_json)
    given_json["observations"] = []
    got = ledger.as_json()
    got["deliverables"] = []
    assert ledger.as_json()["observations"] == ["o"]
    assert [item.id for item in ledger.open_items] == ["a"]


def test_a_long_wrong_word_is_not_repeated_whole() -> None:
    ledger = TaskLedger.from_options(None, None, ["x"])
    assert len(ledger.apply({"action": "y" * 100_000}).text) < 300
