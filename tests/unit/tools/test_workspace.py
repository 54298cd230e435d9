"""Which paths tools may touch."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.errors import ToolError
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.base import ToolContext
from harn_tui.tools.workspace import resolve_path, shown_path
from tests.unit.tools.conftest import Workspace


def context(*roots: Path, cwd: Path) -> ToolContext:
    return ToolContext("s", cwd, roots, lambda _text, _stream: None)


def test_a_path_is_resolved_from_the_working_folder(workspace: Workspace) -> None:
    assert resolve_path(workspace.context, "a/../b.txt") == workspace.root / "b.txt"
    assert resolve_path(workspace.context, f"{workspace.root}/b") == workspace.root / "b"
    assert resolve_path(workspace.context, ".") == workspace.root


@pytest.mark.parametrize("path", ["..", "../outside/x", "/etc/passwd", "a/../../x", "~"])
def test_tools_10_42_a_path_outside_the_roots_is_refused_with_their_names(
    workspace: Workspace, path: str
) -> None:
    with pytest.raises(ToolError) as caught:
        resolve_path(workspace.context, path)
    assert caught.value.category is ToolErrorCategory.PERMISSION_DENIED
    assert str(workspace.root) in caught.value.message


@pytest.mark.parametrize("path", ["link", "link/x", "link/new/file", "dangling"])
def test_a_link_that_leads_outside_is_refused(workspace: Workspace, path: str) -> None:
    (workspace.root / "link").symlink_to(workspace.outside)
    (workspace.root / "dangling").symlink_to(workspace.outside / "not-there-yet")
    with pytest.raises(ToolError, match="it leads to"):
        resolve_path(workspace.context, path)


def test_a_link_inside_the_roots_is_followed(workspace: Workspace) -> None:
    (workspace.root / "real").mkdir()
    (workspace.root / "link").symlink_to("real")
    assert resolve_path(workspace.context, "link/x") == workspace.root / "real" / "x"


def test_a_folder_whose_name_begins_like_a_root_is_outside(workspace: Workspace) -> None:
    twin = workspace.root.with_name("work-two")
    twin.mkdir()
    with pytest.raises(ToolError):
        resolve_path(workspace.context, str(twin / "x"))


def test_every_root_counts(workspace: Workspace) -> None:
    two = context(workspace.root, workspace.outside, cwd=workspace.root)
    assert resolve_path(two, str(workspace.outside / "x")) == workspace.outside / "x"


def test_tools_10_8_no_roots_means_no_path(workspace: Workspace) -> None:
    with pytest.raises(ToolError, match="allowed folders: none"):
        resolve_path(context(cwd=workspace.root), "a")


@pytest.mark.parametrize("path", ["", "  ", "a\x00b"])
def test_text_that_is_no_path_is_refused(workspace: Workspace, path: str) -> None:
    with pytest.raises(ToolError) as caught:
        resolve_path(workspace.context, path)
    assert caught.value.category is ToolErrorCategory.SCHEMA_VALIDATION


async def test_links_in_a_circle_and_broken_text_are_errors_for_the_model(
    workspace: Workspace,
) -> None:
    (workspace.root / "a").symlink_to("b")
    (workspace.root / "b").symlink_to("a")
    for path in ("a", "a/x", "\ud800", "x" * 5000):
        with pytest.raises(ToolError):
            await workspace.call("read_file", path=path)


@given(st.lists(st.sampled_from(["..", ".", "a", "b", ""]), max_size=8))
def test_no_mix_of_dots_leads_out(parts: list[str]) -> None:
    root = Path("/nonexistent-root/inner")
    path = "/".join(parts) or "."
    try:
        resolved = resolve_path(context(root, cwd=root), path)
    except ToolError:
        return
    assert resolved.is_relative_to(root)


def test_paths_are_shown_relative_to_the_working_folder(workspace: Workspace) -> None:
    assert shown_path(workspace.context, workspace.root / "a" / "b") == "a/b"
    assert shown_path(workspace.context, workspace.outside) == str(workspace.outside)
