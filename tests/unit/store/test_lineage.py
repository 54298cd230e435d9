from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harn_tui.store.lineage import lineage
from harn_tui.store.listing import SessionSummary
from harn_tui.store.session_folder import SessionFolder


def summary(session_id: str, parent: str | None = None) -> SessionSummary:
    folder = SessionFolder(session_id, Path(session_id))
    return SessionSummary(folder, session_id, 0, parent_session_id=parent)


def drawn(*summaries: SessionSummary) -> list[str]:
    return [f"{branch.lines}{branch.summary.session_id}" for branch in lineage(summaries)]


def test_forks_stand_below_what_they_came_from_in_their_order() -> None:
    assert drawn(
        summary("c", "a"), summary("d", "c"), summary("a"), summary("b", "a"), summary("e")
    ) == ["a", "├─ c", "│  └─ d", "└─ b", "e"]


def test_a_session_whose_parent_is_gone_stands_at_the_top() -> None:
    assert drawn(summary("b", "gone"), summary("c", "b")) == ["b", "└─ c"]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from("abcdef")), max_size=12))
def test_every_session_stands_there_once_also_in_circles(pairs: list[tuple[str, str]]) -> None:
    summaries = [summary(name, parent) for name, parent in pairs]
    found = [branch.summary for branch in lineage(summaries)]
    assert sorted(map(id, found)) == sorted(map(id, summaries))


def test_a_long_chain_of_forks_is_drawn() -> None:
    chain = [summary(str(n), str(n - 1) if n else None) for n in range(3_000)]
    assert len(lineage(chain)) == 3_000
