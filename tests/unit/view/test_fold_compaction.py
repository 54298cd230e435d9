import pytest

from harn_tui.events.record import Record
from harn_tui.kinds import SUMMARY_KIND
from harn_tui.view.compaction_words import compaction_title, saving_words
from harn_tui.view.fold import apply
from harn_tui.view.model import CompactionBlock, SessionView, UserBlock
from tests.unit.view.build import call_end, call_start, compacted, recorded, session_start, text
from tests.unit.view.recording import fold


def card(view: SessionView) -> CompactionBlock:
    (block,) = (block for block in view.blocks if isinstance(block, CompactionBlock))
    return block


def test_compaction_is_one_card_with_what_the_event_says() -> None:
    block = card(fold(compacted("preflight", engine_strategy="truncate", keep_first=1)))
    assert (block.mode, block.strategy, block.engine_strategy) == (
        "preflight",
        "observation_mask",
        "truncate",
    )
    assert (block.archived_messages, block.tokens_before, block.tokens_after) == (12, 51_000, 9_000)
    assert block.summary is None


def test_summary_belongs_to_the_card_and_is_no_persons_message() -> None:
    view = fold(compacted(), recorded(role="user", content="what happened", kind=SUMMARY_KIND))
    assert card(view).summary == "what happened"
    assert not [block for block in view.blocks if isinstance(block, UserBlock)]
    assert len(view.blocks) == 1


def test_card_that_gets_its_summary_is_named_in_the_changes() -> None:
    view = fold(call_start(), text("hm"), call_end(), compacted())
    summary = recorded(role="user", content="what happened", kind=SUMMARY_KIND)
    assert apply(view, Record(4, 50, None, summary)).blocks == {1}


def test_each_summary_goes_to_the_compaction_before_it() -> None:
    view = fold(
        compacted(),
        recorded(role="user", content="first", kind=SUMMARY_KIND),
        compacted(),
        recorded(role="user", content="second", kind=SUMMARY_KIND),
    )
    cards = [block for block in view.blocks if isinstance(block, CompactionBlock)]
    assert [block.summary for block in cards] == ["first", "second"]


def test_another_message_is_no_summary_and_none_comes_after_it() -> None:
    view = fold(
        compacted(),
        recorded(role="user", content="a line"),
        recorded(role="user", content="late", kind=SUMMARY_KIND),
    )
    assert card(view).summary is None


def test_context_is_as_large_as_the_estimate_after_a_compaction() -> None:
    view = fold(session_start(), call_start(), call_end(usage={"input_tokens": 50_000}))
    changes = apply(view, Record(3, 50, None, compacted()))
    assert view.last_input_tokens == 9_000
    assert changes.status


@pytest.mark.parametrize(
    ("mode", "when"),
    [
        ("auto", "automatically"),
        ("preflight", "before a model call"),
        ("overflow", "after the server found the request too long"),
        ("manual", "on request"),
        ("by\nmoon", "(by moon)"),
    ],
)
def test_title_says_what_made_it_happen(mode: str, when: str) -> None:
    block = CompactionBlock(0, mode, "truncate", "truncate", 1, 9, 3)
    assert compaction_title(block) == f"Compacted {when}: 1 message archived (truncate)"


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(51_000, 9_000, "82% less"), (10, 12, "20% more"), (10, 10, "0% less"), (0, 5, "")],
)
def test_saving_is_in_percent_of_the_request_before(before: int, after: int, words: str) -> None:
    assert saving_words(CompactionBlock(0, "auto", "llm", None, 1, before, after)) == words
