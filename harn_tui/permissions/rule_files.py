"""Reads the rules that a person keeps in files: one for all folders, one in the project."""

import stat
import tomllib
from dataclasses import dataclass
from pathlib import Path

from harn_tui.errors import ConfigError
from harn_tui.kinds import RulePlace
from harn_tui.permissions.rules import PermissionRules

FILE_NAME = "permissions.toml"
"""The file's name, in the configuration folder."""
PROJECT_FILE = Path(".harn", FILE_NAME)
"""Where a project keeps its rules, from its folder on."""
_LARGEST_FILE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A file of rules; it need not exist."""

    place: RulePlace
    path: Path

    @property
    def origin(self) -> str:
        """Where rules of this file come from, in words."""
        return f"{self.place} rules, {self.path}"


@dataclass(frozen=True, slots=True)
class StoredRules:
    """The rules of both files; each rule knows its origin. ``warnings`` are for the person."""

    rules: PermissionRules
    warnings: tuple[str, ...] = ()


def load_stored_rules(
    user: RuleFile, project: RuleFile, *, cwd: Path, is_project_trusted: bool
) -> StoredRules:
    """Read both files; of a project that is not trusted only what holds back counts.

    Reads files, so it does not belong on the event loop. Raises ConfigError that names file and
    key.
    """
    of_user, of_project = read_rules(user, cwd=cwd), read_rules(project, cwd=cwd)
    warnings: tuple[str, ...] = ()
    if not is_project_trusted:
        if of_project.allow:
            warnings = (
                f"What {project.path} allows is ignored, because this folder is not trusted.",
            )
        of_project = of_project.restricting()
    return StoredRules(of_user.joined(of_project), warnings)


def read_rules(file: RuleFile, *, cwd: Path) -> PermissionRules:
    """Return the rules of one file, none when it does not exist. Raises ConfigError."""
    text = read_text(file.path)
    return rules_of(text, file, cwd=cwd)


def rules_of(text: str, file: RuleFile, *, cwd: Path) -> PermissionRules:
    """Return the rules of a file with this text. Raises ConfigError."""
    try:
        data = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file.path} is not TOML: {error}.", hint="Mend the file.") from error
    try:
        return PermissionRules.parse(data, cwd=cwd, where="rules", origin=file.origin)
    except ConfigError as error:
        raise ConfigError(f"In {file.path}: {error.message}", hint=error.hint) from error


def read_text(path: Path) -> str:
    """Return the text of a file of rules, empty when it does not exist. Raises ConfigError."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_FILE_BYTES:
            raise ConfigError(f"{path} is no regular file of at most 64 KiB.")
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8.", hint="Save it as UTF-8 text.") from error
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read: {error.strerror}.", hint="Check its permissions."
        ) from error
