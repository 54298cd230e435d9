"""Which files the tools changed."""

from typing import Any

from harn_tui.view.file_changes import FileChange
from tests.unit.view.build import COMPLETED, FAILED, tool, update
from tests.unit.view.recording import fold


def changed(path: str, call_id: str = "t1", **fields: Any) -> dict[str, Any]:
    return {"path": path, "created": False, "diff": "@@", "added": 2, "removed": 1, **fields}


def done(details: dict[str, Any], call_id: str = "t1") -> Any:
    return update(COMPLETED, call_id, raw_output={"text": "ok", "details": details})


def test_changes_of_one_file_add_up() -> None:
    view = fold(
        tool("t1"), done(changed("a.py", created=True)), tool("t2"), done(changed("a.py"), "t2")
    )
    assert view.files == {"a.py": FileChange("a.py", 4, 2, is_new=True, blocks=[0, 1])}


def test_a_patch_names_several_files_and_what_became_of_them() -> None:
    view = fold(
        tool("t1"),
        done(changed("old.py")),
        tool("t2"),
        done(
            {
                "files": [
                    changed("new.py", renamed_from="old.py"),
                    changed("gone.py", deleted=True, diff=""),
                ],
                "diff": "@@",
            },
            "t2",
        ),
    )
    assert list(view.files) == ["new.py", "gone.py"]
    assert view.files["new.py"].blocks == [0, 1]
    assert view.files["gone.py"].is_deleted


def test_a_failed_call_and_an_unchanged_file_change_nothing() -> None:
    failed = update(FAILED, raw_output={"text": "no", "details": changed("a.py")})
    assert fold(tool(), failed).files == {}
    assert fold(tool(), done(changed("a.py", diff=""))).files == {}
    assert fold(tool(), done({"path": "read.py", "lines": 3})).files == {}
    assert fold(tool(), done({"files": "many", "diff": "x"})).files == {}
