"""Writes the chosen provider into the user's configuration; the rest of it stays as written."""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.config.provider_choice import ProviderChoice
from harn_tui.config.provider_kinds import PROVIDER_KINDS
from harn_tui.errors import ConfigError
from harn_tui.late_import import late_module

if TYPE_CHECKING:
    import tomlkit
    import tomlkit.exceptions
else:
    tomlkit = late_module("tomlkit")


def remember_provider(file: Path, choice: ProviderChoice) -> None:
    """Make ``choice`` the provider of new sessions; its key is not written.

    Reads and writes the disk. Raises ConfigError when the file cannot be read, understood or
    written; it is unchanged then.
    """
    try:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        document = tomlkit.parse(text)
        document["provider"] = choice.name
        if choice.model and PROVIDER_KINDS[choice.kind].is_remote:
            document["model"] = choice.model
        elif "model" in document:
            document.remove("model")
        if choice.name not in PROVIDER_KINDS or choice.base_url is not None:
            _put_entry(document, choice, file)
        new_text = tomlkit.dumps(document)
        tomllib.loads(new_text)
        _replace(file, new_text)
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be written: {error.strerror}.", hint="Check its permissions."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8.", hint="Save it as UTF-8.") from error
    except (tomlkit.exceptions.TOMLKitError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(
            f"{file} is not valid TOML: {error}.", hint="Mend it; nothing was written."
        ) from error


def _put_entry(document: tomlkit.TOMLDocument, choice: ProviderChoice, file: Path) -> None:
    providers = document.setdefault("providers", tomlkit.table(is_super_table=True))
    if not isinstance(providers, MutableMapping):
        raise ConfigError(f"{file}: providers is not a table.", hint="Mend it by hand.")
    entry = providers.setdefault(choice.name, tomlkit.table())
    if not isinstance(entry, MutableMapping):
        raise ConfigError(
            f"{file}: providers.{choice.name} is not a table.", hint="Mend it by hand."
        )
    entry["kind"] = choice.kind
    if choice.base_url is not None:
        entry["base_url"] = choice.base_url


def _replace(file: Path, text: str) -> None:
    """Write ``text`` beside the file and put it in its place; a link stays a link."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = file.resolve()
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o600
    temporary = path.parent / f".{path.name}-{secrets.token_hex(8)}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, mode), "w", encoding="utf-8") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
