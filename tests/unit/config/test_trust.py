"""The list of trusted folders."""

import os
import stat
from pathlib import Path

import pytest

from harn_tui.config.trust import is_trusted, trust
from harn_tui.errors import ConfigError


def test_no_folder_is_trusted_at_first(tmp_path: Path) -> None:
    assert not is_trusted(tmp_path, tmp_path / "trusted")


def test_exactly_the_trusted_folder_is_trusted(tmp_path: Path) -> None:
    file, folder = tmp_path / "new" / "trusted", tmp_path / "a"
    (folder / "inside").mkdir(parents=True)
    trust(folder, file)
    assert is_trusted(folder, file)
    assert is_trusted(folder / "inside" / "..", file)
    assert not is_trusted(folder / "inside", file)
    assert not is_trusted(tmp_path, file)
    assert not is_trusted(tmp_path / "aa", file)


def test_links_are_resolved(tmp_path: Path) -> None:
    file, folder, link = tmp_path / "trusted", tmp_path / "a", tmp_path / "link"
    folder.mkdir()
    link.symlink_to(folder)
    trust(link, file)
    assert file.read_text(encoding="utf-8") == f"{folder.resolve()}\n"
    assert is_trusted(folder, file)
    link.unlink()
    link.symlink_to(tmp_path)
    assert not is_trusted(link, file)


def test_folders_are_kept_one_a_line_and_only_once_in_a_private_file(tmp_path: Path) -> None:
    file = tmp_path / "trusted"
    file.write_text("/elsewhere", encoding="utf-8")
    file.chmod(0o644)
    for name in ("a", "b", "a"):
        trust(tmp_path / name, file)
    root = tmp_path.resolve()
    assert file.read_text(encoding="utf-8") == f"/elsewhere\n{root}/a\n{root}/b\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["trusted"]


def test_a_line_break_in_a_path_cannot_trust_another_folder(tmp_path: Path) -> None:
    file = tmp_path / "trusted"
    with pytest.raises(ConfigError, match="line break"):
        trust(tmp_path / "x\n" / "home", file)
    assert not file.exists()


def test_a_name_that_is_not_utf_8_can_be_trusted(tmp_path: Path) -> None:
    file, folder = tmp_path / "trusted", Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    trust(folder, file)
    assert is_trusted(folder, file)


def test_a_list_that_cannot_be_used_is_an_error_and_leaves_nothing_behind(tmp_path: Path) -> None:
    file = tmp_path / "trusted"
    file.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        is_trusted(tmp_path, file)
    blocker = tmp_path / "blocker"
    blocker.write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be written"):
        trust(tmp_path, blocker / "trusted")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["blocker", "trusted"]


def test_a_failed_write_keeps_the_old_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "trusted"
    trust(tmp_path / "a", file)
    before = file.read_bytes()

    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ConfigError, match="No space left"):
        trust(tmp_path / "b", file)
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["trusted"]
