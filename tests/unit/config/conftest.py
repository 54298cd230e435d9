"""A home and a project folder of their own for each configuration test."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from harn_tui.config.loader import PROJECT_FILE, LoadedConfiguration, load_configuration
from harn_tui.errors import ConfigError


@dataclass(frozen=True)
class Places:
    """The folders of one test with shortcuts to write and load configuration."""

    home: Path
    project: Path

    @property
    def user_file(self) -> Path:
        return self.home / "config.toml"

    @property
    def project_file(self) -> Path:
        return self.project / PROJECT_FILE

    def write_user(self, text: str) -> None:
        self.user_file.write_text(text, encoding="utf-8")

    def write_project(self, text: str) -> None:
        self.project_file.parent.mkdir(exist_ok=True)
        self.project_file.write_text(text, encoding="utf-8")

    def load(
        self,
        *overrides: str,
        environment: Mapping[str, str] | None = None,
        config_file: Path | None = None,
        is_folder_trusted: bool = True,
    ) -> LoadedConfiguration:
        return load_configuration(
            cwd=self.project,
            environment=environment or {},
            user_file=self.user_file,
            config_file=config_file,
            overrides=overrides,
            is_folder_trusted=is_folder_trusted,
        )

    def error(self, *overrides: str, environment: Mapping[str, str] | None = None) -> str:
        """Return the whole text of the error that loading raises."""
        with pytest.raises(ConfigError) as caught:
            self.load(*overrides, environment=environment)
        return str(caught.value)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    home, project = tmp_path / "home", tmp_path / "project"
    home.mkdir()
    project.mkdir()
    return Places(home, project)
