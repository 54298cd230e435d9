"""Where this program keeps its files.

Every function reads the environment when it is called and makes no folder. ``HARN_TUI_HOME``
puts data, configuration and program logs under one folder; unset or blank, the platform's own
places apply.
"""

import os
from pathlib import Path

from platformdirs import user_config_path, user_data_path, user_log_path

HOME_VARIABLE = "HARN_TUI_HOME"
"""Name of the environment variable that overrides every place below."""

_APP_NAME = "harn-tui"


def data_directory() -> Path:
    """Return the folder of sessions, their index and other data."""
    return _home() or user_data_path(_APP_NAME, appauthor=False)


def config_directory() -> Path:
    """Return the folder of the user's configuration."""
    return _home() or user_config_path(_APP_NAME, appauthor=False)


def log_directory() -> Path:
    """Return the folder of the program's own log, which is not a session log."""
    home = _home()
    return home / "logs" if home else user_log_path(_APP_NAME, appauthor=False)


def sessions_directory() -> Path:
    """Return the folder that holds one folder per session."""
    return data_directory() / "sessions"


def trash_directory() -> Path:
    """Return the folder of sessions that were deleted and can be restored."""
    return data_directory() / "trash"


def snapshots_directory() -> Path:
    """Return the folder that holds the file snapshots, one folder per working folder."""
    return data_directory() / "snapshots"


def session_index_file() -> Path:
    """Return the file of the index, which is made anew from the sessions at any time."""
    return session_index_of(sessions_directory())


def session_index_of(sessions: Path) -> Path:
    """Return the file of the index of the sessions in the folder ``sessions``."""
    return sessions.with_name("session_index.sqlite")


def _home() -> Path | None:
    value = os.environ.get(HOME_VARIABLE, "").strip()
    return Path(value).expanduser().absolute() if value else None
