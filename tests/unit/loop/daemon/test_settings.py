from pathlib import Path

import pytest

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import LoopConfigError
from harn_tui.loop.daemon.settings import DaemonSettings

CWD = Path("/some folder")


def test_relative_paths_are_below_the_working_folder_and_others_stay() -> None:
    options = LoopOptions(
        persist_path="state/daemon.json", watch_paths=("src", "/etc/hosts", "~/notes")
    )
    settings = DaemonSettings.from_options(options, cwd=CWD)
    assert settings.persist_path == CWD / "state/daemon.json"
    assert settings.watch_paths == (CWD / "src", Path("/etc/hosts"), Path.home() / "notes")


def test_a_path_that_is_watched_twice_is_watched_once() -> None:
    settings = DaemonSettings.from_options(LoopOptions(watch_paths=("a", "b", "./a")), cwd=CWD)
    assert settings.watch_paths == (CWD / "a", CWD / "b")


@pytest.mark.parametrize("option", ["persist_path", "resume_path", "watch_paths"])
def test_a_home_folder_that_is_not_known_is_refused_by_the_options_name(option: str) -> None:
    options = LoopOptions(**{option: "~nobody-of-that-name/x"})  # type: ignore[arg-type]
    with pytest.raises(LoopConfigError, match=f"`{option}`.*home folder"):
        DaemonSettings.from_options(options, cwd=CWD)


def test_nothing_is_watched_or_written_unless_it_was_asked_for() -> None:
    settings = DaemonSettings()
    assert not settings.is_on
    assert settings.snapshot_path is None
    assert DaemonSettings.from_options(LoopOptions(), cwd=CWD) == settings
