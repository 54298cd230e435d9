import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harn_tui.loop.daemon.watch import (
    Seen,
    WatchedPath,
    WatchState,
    changes,
    look_at,
    look_for_changes,
)

Model = dict[str, int | None]
"""What stands where: the number of a file's last change, ``None`` for a folder."""

NAMES = ("a", "b", "b/c", "b/d", "b/d/e", "f", "f/g")
operations = st.lists(
    st.tuples(st.sampled_from(["write", "delete", "folder"]), st.sampled_from(NAMES)), max_size=8
)


class Tree:
    """A folder on disk with a model of it beside; every change of a file has its own time."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.model: Model = {"": None}
        self._changes = 0
        root.mkdir()

    def apply(self, operation: str, name: str) -> None:
        parent = name.rpartition("/")[0]
        if parent not in self.model or self.model[parent] is not None:
            return
        path = self.root / name
        self._remove(name)
        if operation == "write":
            self._changes += 1
            path.write_text("x" * (self._changes % 3))
            os.utime(path, ns=(0, self._changes))
            self.model[name] = self._changes
        elif operation == "folder":
            path.mkdir()
            self.model[name] = None

    def _remove(self, name: str) -> None:
        path = self.root / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        self.model = {
            other: value
            for other, value in self.model.items()
            if other != name and not other.startswith(f"{name}/")
        }


@contextmanager
def new_tree() -> Iterator[Tree]:
    with tempfile.TemporaryDirectory() as folder:
        yield Tree(Path(folder) / "watched")


def differences(before: Model, after: Model) -> set[str]:
    missing = object()
    return {
        name for name in {*before, *after} if before.get(name, missing) != after.get(name, missing)
    }


def paths(root: Path, names: set[str]) -> set[str]:
    return {str(root / name) for name in names}


@given(operations, operations)
def test_changes_are_exactly_what_happened(
    first: list[tuple[str, str]], then: list[tuple[str, str]]
) -> None:
    with new_tree() as tree:
        for operation in first:
            tree.apply(*operation)
        model, before = tree.model, WatchState.of([tree.root])
        for operation in then:
            tree.apply(*operation)
        after = WatchState.of([tree.root])
        expected = paths(tree.root, differences(model, tree.model))
        assert set(changes(before, after)) == expected
        assert set(changes(after, before)) == expected
        assert changes(after, after) == ()


@given(operations, operations)
def test_a_watched_file_says_exactly_what_happened_to_it(
    first: list[tuple[str, str]], then: list[tuple[str, str]]
) -> None:
    with new_tree() as tree:
        watched = [tree.root / "a", tree.root / "b/c"]
        for operation in first:
            tree.apply(*operation)
        model, before = tree.model, WatchState.of(watched)
        for operation in then:
            tree.apply(*operation)
        happened = changes(before, WatchState.of(watched))
        expected = {
            name for name in differences(model, tree.model) if name == "a" or name.startswith("b/c")
        }
        assert set(happened) == paths(tree.root, expected)


@given(operations, operations, st.integers(1, 6), st.integers(1, 6))
def test_a_look_that_was_cut_never_sees_what_did_not_happen(
    first: list[tuple[str, str]], then: list[tuple[str, str]], before_bound: int, after_bound: int
) -> None:
    with new_tree() as tree:
        for operation in first:
            tree.apply(*operation)
        model, before = tree.model, WatchState.of([tree.root], most_entries=before_bound)
        for operation in then:
            tree.apply(*operation)
        after = WatchState.of([tree.root], most_entries=after_bound)
        happened = set(changes(before, after))
        assert happened <= paths(tree.root, differences(model, tree.model))


def test_a_look_takes_entries_level_by_level_and_by_name_up_to_its_bound(tmp_path: Path) -> None:
    for name in ("z", "m", "b/c", "b/a", "k", "a", "y/x"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    watched = WatchState.of([tmp_path], most_entries=9).paths[str(tmp_path)]
    assert list(watched.entries) == ["", "a", "b", "k", "m", "y", "z", "b/a", "b/c"]
    assert watched.cut_after == "b/c"
    assert WatchState.of([tmp_path], most_entries=10).paths[str(tmp_path)].cut_after is None


@given(operations, st.integers(1, 9))
def test_a_state_survives_json(done: list[tuple[str, str]], bound: int) -> None:
    with new_tree() as tree:
        for operation in done:
            tree.apply(*operation)
        state = WatchState.of([tree.root, tree.root / "missing"], most_entries=bound)
        assert WatchState.from_json(json.loads(json.dumps(state.as_json()))) == state


@settings(max_examples=30)
@given(st.binary(min_size=1, max_size=20).filter(lambda name: not set(name) & set(b"/\0")))
def test_a_name_may_hold_any_bytes(name: bytes) -> None:
    with new_tree() as tree:
        if name in {b".", b".."}:
            return
        before = WatchState.of([tree.root])
        path = Path(os.fsdecode(os.fsencode(tree.root) + b"/" + name))
        path.touch()
        after = WatchState.from_json(json.loads(json.dumps(WatchState.of([tree.root]).as_json())))
        assert changes(before, after) == (str(path),)


def test_a_watched_path_may_not_exist_yet_and_may_become_a_folder(tmp_path: Path) -> None:
    root = tmp_path / "later"
    before = WatchState.of([root])
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "file").touch()
    expected = (str(root), str(root / "sub"), str(root / "sub/file"))
    assert changes(before, WatchState.of([root])) == expected


def test_a_file_below_two_watched_paths_is_named_once(tmp_path: Path) -> None:
    watched = [tmp_path, tmp_path / "a"]
    before = WatchState.of(watched)
    (tmp_path / "a").touch()
    assert changes(before, WatchState.of(watched)) == (str(tmp_path / "a"),)


def test_a_path_that_was_not_watched_before_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    before = WatchState.of([tmp_path / "b"])
    now = WatchState.of([tmp_path / "a", tmp_path / "b"])
    assert changes(before, now) == ()
    assert changes(now, before) == ()


def test_a_watched_link_is_followed_and_one_below_is_not(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    root = tmp_path / "root"
    root.symlink_to(target)
    (target / "loop").symlink_to(target)
    state = WatchState.of([root])
    assert set(state.paths[str(root)].entries) == {"", "loop"}
    (target / "new").touch()
    assert changes(state, WatchState.of([root])) == (str(root / "new"),)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_hides_its_entries(tmp_path: Path) -> None:
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "file").touch()
    before = WatchState.of([tmp_path])
    folder.chmod(0)
    try:
        assert changes(before, WatchState.of([tmp_path])) == (str(folder / "file"),)
    finally:
        folder.chmod(0o700)


def test_a_path_that_no_file_can_have_counts_as_not_there() -> None:
    assert WatchState.of([Path("a\0b")]).paths["a\0b"] == WatchedPath()


def test_events_4_8_a_time_alone_is_compared_by_time_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("one")
    os.utime(file, ns=(0, 5))
    now = WatchState.of([file])
    assert changes(WatchState.from_json({str(file): 5}), now) == ()
    assert changes(WatchState.from_json({str(file): 4}), now) == (str(file),)
    assert changes(WatchState.from_json({str(file): 0}), now) == (str(file),)


def test_events_4_8_the_time_of_a_folder_is_no_measure_for_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    now = WatchState.of([tmp_path])
    known = now.since(WatchState.from_json({str(tmp_path): 5}))
    assert known == now
    (tmp_path / "new").touch()
    assert changes(known, WatchState.of([tmp_path])) == (str(tmp_path / "new"),)


def test_what_was_known_of_a_path_stays_the_measure_while_it_is_watched(tmp_path: Path) -> None:
    kept, dropped, new = (tmp_path / name for name in ("kept", "dropped", "new"))
    earlier = WatchState.of([kept, dropped])
    for path in (kept, dropped, new):
        path.touch()
    known = WatchState.of([kept, new]).since(earlier)
    assert set(known.paths) == {str(kept), str(new)}
    assert changes(known, WatchState.of([kept, new])) == (str(kept),)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        {"p": "x"},
        {"p": True},
        {"p": None},
        {"p": {"entries": {}}},
        {"p": {"entries": [], "cut_after": None}},
        {"p": {"entries": {}, "cut_after": 1}},
        {"p": {"entries": {"": 1}, "cut_after": None}},
        {"p": {"entries": {"": [1]}, "cut_after": None}},
        {"p": {"entries": {"": ["1", 2]}, "cut_after": None}},
    ],
)
def test_what_is_no_state_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="must"):
        WatchState.from_json(value)  # type: ignore[arg-type]


async def test_a_look_for_changes_gives_both_and_passes_over_own_files(tmp_path: Path) -> None:
    before = WatchState.of([tmp_path])
    (tmp_path / "own").touch()
    (tmp_path / "other").touch()
    now, changed = await look_for_changes(before, [tmp_path], own=[tmp_path / "own"])
    assert now == WatchState.of([tmp_path])
    assert changed == (str(tmp_path / "other"),)


async def test_looking_in_a_thread_sees_the_same(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("text")
    state = await look_at([tmp_path])
    assert state == WatchState.of([tmp_path])
    assert state.paths[str(tmp_path)].entries[""] == Seen(is_folder=True)
