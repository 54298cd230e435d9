"""Whatever agent and person do: no edit of the person is lost, and a rewind can be undone."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.snapshots.desk_of_files import DeskOfFiles, contents_of, replace_by_force

NAMES = (
    b"a",
    b"b",
    b"d",
    b"d/x",
    b"d/y",
    b"d/e/z",
    b"d/e/w",
    b"with\nline",
    b"\xff\xfe",
    b' spaced "q"',
)
_contents = st.one_of(
    st.none(),
    st.tuples(st.booleans(), st.sampled_from([b"", b"one\n", b"two\n", b"two\r\n", b"\x00\x01"])),
    st.tuples(st.just("link"), st.sampled_from([b"a", b"d", b"/etc", b"nowhere"])),
)
_edits = st.lists(st.tuples(st.sampled_from(NAMES), _contents), max_size=3)
_rounds = st.lists(st.tuples(_edits, _edits), min_size=1, max_size=3)


def _edit(desk: DeskOfFiles, edits: list[tuple[bytes, object]]) -> None:
    for name, content in edits:
        replace_by_force(desk.folder, name, content)


def _changed(before: dict[bytes, object], after: dict[bytes, object]) -> set[bytes]:
    return {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(start=_edits, rounds=_rounds, back_to=st.integers(0, 2), later=_edits)
def test_no_edit_of_the_person_is_lost_and_undoing_gives_back_every_file(
    start: list[tuple[bytes, object]],
    rounds: list[tuple[list[tuple[bytes, object]], list[tuple[bytes, object]]]],
    back_to: int,
    later: list[tuple[bytes, object]],
) -> None:
    nobody: set[bytes] = set()
    with tempfile.TemporaryDirectory() as base:
        desk = DeskOfFiles(Path(base))
        _edit(desk, start)
        marks: list[int] = []
        targets: list[dict[bytes, object]] = []
        persons: list[set[bytes]] = []
        for of_agent, of_person in rounds:
            marks.append(desk.mark())
            targets.append(desk.files())
            desk.before()
            _edit(desk, of_agent)
            desk.after()
            left = desk.files()
            _edit(desk, of_person)
            persons.append(_changed(left, desk.files()))
        place = min(back_to, len(rounds) - 1)
        before = desk.files()

        outcome = desk.rewind(marks[place])

        now = desk.files()
        edited = nobody.union(*persons[place:])
        assert {n: before.get(n) for n in edited} == {n: now.get(n) for n in edited}
        kept = {file.path for file in outcome.kept}
        for name in _changed(now, targets[place]):
            assert name in kept, (name, kept)
        assert contents_of(desk.folder).keys() == now.keys(), "no file of ours is left"

        outcome = desk.undo()
        assert desk.files() == before
        assert not outcome.kept

        desk.undo()  # the rewind once more
        assert desk.files() == now
        _edit(desk, later)
        mine = {n: desk.files().get(n) for n in _changed(now, desk.files())}
        desk.undo()
        assert {name: desk.files().get(name) for name in mine} == mine
