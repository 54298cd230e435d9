from pathlib import Path

import pytest

from harn_tui.console.fold_memory import FoldMemory
from harn_tui.errors import StoreError


def test_what_was_saved_is_loaded_and_what_others_saved_stays(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folds.json"
    FoldMemory(path).save("read_file", is_folded=False)
    FoldMemory(path).save("run_command", is_folded=True)
    assert FoldMemory(path).load() == {"read_file": False, "run_command": True}
    assert [found.name for found in path.parent.iterdir()] == ["folds.json"]


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"folded_tools": 3}', '{"folded_tools": {"a": "yes", "b": 1}}', "\x00\xff"],
)
def test_a_damaged_file_counts_as_empty_and_can_be_written_again(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "folds.json"
    path.write_text(content, encoding="latin-1")
    memory = FoldMemory(path)
    assert memory.load() == {}
    memory.save("a", is_folded=True)
    assert memory.load() == {"a": True}


def test_a_file_that_is_not_there_is_no_choice(tmp_path: Path) -> None:
    assert FoldMemory(tmp_path / "folds.json").load() == {}


def test_a_place_that_cannot_be_written_is_an_error_that_says_so(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StoreError, match="could not be saved"):
        FoldMemory(blocked / "folds.json").save("a", is_folded=True)
