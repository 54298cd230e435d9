"""The configuration as a console sees it: read in all its layers, written into one file."""

from pathlib import Path

from harn_tui.config.key_paths import KeyPath
from harn_tui.config.loader import LoadedConfiguration
from harn_tui.config.user_file import set_value
from harn_tui.json_types import JsonValue
from harn_tui.paths import config_directory
from harn_tui.wiring.open_session import load
from harn_tui.wiring.session_request import SessionRequest


class UserSettings:
    """The configuration in force for ``request``."""

    def __init__(self, request: SessionRequest) -> None:
        self._request = request
        self.user_file: Path = config_directory() / "config.toml"

    def load(self) -> LoadedConfiguration:
        """Read all layers. Raises ConfigError."""
        return load(self._request)

    def save(self, path: KeyPath, value: JsonValue) -> None:
        """Write one key into the person's own file. Raises ConfigError."""
        set_value(self.user_file, path, value)
