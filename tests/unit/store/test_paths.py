from pathlib import Path

import pytest

from harn_tui import paths


def test_one_variable_moves_everything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "home of harn"
    monkeypatch.setenv("HARN_TUI_HOME", str(home))
    assert paths.data_directory() == home
    assert paths.config_directory() == home
    assert paths.log_directory() == home / "logs"
    assert paths.sessions_directory() == home / "sessions"
    assert not home.exists()


def test_the_environment_is_read_at_each_call(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        monkeypatch.setenv("HARN_TUI_HOME", str(tmp_path / name))
        assert paths.data_directory() == tmp_path / name


@pytest.mark.parametrize("value", [None, "", "  "])
def test_without_the_variable_the_platforms_own_places_apply(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None
) -> None:
    if value is None:
        monkeypatch.delenv("HARN_TUI_HOME", raising=False)
    else:
        monkeypatch.setenv("HARN_TUI_HOME", value)
    home = tmp_path / "of a person"
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    places = (paths.data_directory(), paths.config_directory(), paths.log_directory())
    assert all(place.is_relative_to(home) for place in places)
    assert paths.sessions_directory().parent.name == "harn-tui"
    assert len(set(places)) == 3
    assert not home.exists()


def test_a_relative_home_and_a_tilde_become_absolute(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HARN_TUI_HOME", "here")
    assert paths.data_directory() == tmp_path / "here"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HARN_TUI_HOME", "~/there")
    assert paths.data_directory() == tmp_path / "there"
