import os
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harn_tui.config.user_file import set_value
from harn_tui.errors import ConfigError

TEXT = """\
# My settings.
model = "m"   # the small one

[ui]
# dark at night
theme = "harn-dark"
"""


def test_a_value_is_changed_and_the_rest_stays_as_written(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(TEXT, encoding="utf-8")
    assert set_value(file, ("ui", "theme"), "harn-light")
    assert file.read_text(encoding="utf-8") == TEXT.replace("harn-dark", "harn-light")


def test_file_folder_and_table_are_made_when_missing(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"
    assert set_value(file, ("ui", "reduced_motion"), value=True)
    assert tomllib.loads(file.read_text(encoding="utf-8")) == {"ui": {"reduced_motion": True}}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_what_stands_there_already_is_not_written_again(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(TEXT, encoding="utf-8")
    before = file.stat().st_ino
    assert not set_value(file, ("ui", "theme"), "harn-dark")
    assert not set_value(file, ("ui", "reduced_motion"), None)
    assert file.stat().st_ino == before


def test_a_key_is_taken_out(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(TEXT, encoding="utf-8")
    assert set_value(file, ("ui", "theme"), None)
    assert "theme" not in file.read_text(encoding="utf-8")


def test_a_link_stays_a_link_and_keeps_its_access(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text(TEXT, encoding="utf-8")
    real.chmod(0o644)
    file = tmp_path / "config.toml"
    file.symlink_to(real)
    set_value(file, ("ui", "theme"), "harn-light")
    assert file.is_symlink()
    assert "harn-light" in real.read_text(encoding="utf-8")
    assert stat.S_IMODE(real.stat().st_mode) == 0o644


@pytest.mark.parametrize("text", ["ui = [", "unknown = 1", "ui = 3", "[ui]\ntheme = 1"])
def test_a_file_that_does_not_load_is_not_touched(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config\.toml"):
        set_value(file, ("ui", "theme"), "harn-light")
    assert file.read_text(encoding="utf-8") == text


def test_a_value_that_would_not_load_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="notifications"):
        set_value(tmp_path / "config.toml", ("ui", "notifications"), "loud")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ConfigError, match="cannot be written"):
        set_value(tmp_path / "config.toml", ("ui", "theme"), "x")


@given(st.text(min_size=1).filter(lambda text: bool(text.strip())))
def test_any_text_is_read_back_as_it_was_set(tmp_path_factory: object, text: str) -> None:
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    file = tmp_path_factory.mktemp("home") / "config.toml"
    set_value(file, ("ui", "theme"), text)
    assert tomllib.loads(file.read_text(encoding="utf-8"))["ui"]["theme"] == text
