"""The list of files for mentions, by ripgrep and by the stand-in that runs without it."""

import shutil
from pathlib import Path

import pytest

from harn_tui.errors import ToolError
from harn_tui.tools import file_listing
from harn_tui.tools.file_listing import list_files
from tests.unit.tools.conftest import Workspace


@pytest.fixture(params=["ripgrep", "python"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """List with each of the two programs."""
    if request.param == "python":
        monkeypatch.setattr(file_listing.shutil, "which", lambda _name: None)  # type: ignore[attr-defined]
    elif shutil.which("rg") is None:
        pytest.skip("ripgrep is not installed")


@pytest.mark.usefixtures("engine")
async def test_ignored_and_hidden_files_are_left_out(workspace: Workspace) -> None:
    for name in ("a.py", "src/two words.py", "build/out.o", ".env", ".git/config", "src/x.log"):
        workspace.write(name, "text")
    workspace.write(".gitignore", "/build/\n*.log\n")
    workspace.write("src/line\nend.py", "text")
    listing = await list_files(workspace.root)
    assert listing.paths == ("a.py", "src/two words.py")
    assert listing.is_complete


@pytest.mark.usefixtures("engine")
async def test_list_ends_where_it_is_long_enough(workspace: Workspace) -> None:
    for number in range(30):
        workspace.write(f"f{number:02}.py", "")
    listing = await list_files(workspace.root, max_files=20)
    assert len(listing.paths) == 20
    assert not listing.is_complete


@pytest.mark.usefixtures("engine")
async def test_empty_folder_has_no_files(workspace: Workspace) -> None:
    assert (await list_files(workspace.root)).paths == ()


async def test_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(ToolError):
        await list_files(tmp_path / "gone")
