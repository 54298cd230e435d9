"""The small facts about a session that are nice to have: title, model, draft, reader's place.

Nothing here is the only copy of anything but the draft; a damaged file costs its content and
never the session.
"""

import json
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from harn_tui.errors import StoreError
from harn_tui.json_types import JsonObject, JsonValue

STATE_VERSION = 1
"""Version of the file that this program writes."""

_LONGEST_FILE = 16 * 1024 * 1024


IMPORTED_FROM = "imported_from"
"""Key of what an imported session was made of: its format and the name of its file."""


@dataclass(slots=True)
class SessionState:
    """What ``state.json`` holds; ``None`` means not known.

    ``draft`` is what stands in the prompt, unsent, and ``reading`` what a screen says of its
    reader's place. ``created_at_ms`` is Unix-epoch milliseconds. ``extra`` keeps keys of other
    versions of this program, to write them back.
    ``schema_version`` is that of the file; one above ``STATE_VERSION`` is never written.
    """

    title: str | None = None
    model: str | None = None
    provider: str | None = None
    cwd: str | None = None
    created_at_ms: int | None = None
    draft: str = ""
    reading: JsonObject = field(default_factory=dict)
    extra: JsonObject = field(default_factory=dict)
    schema_version: int = STATE_VERSION

    @property
    def is_newer(self) -> bool:
        """Whether a newer program wrote the file, which then must stay as it is."""
        return self.schema_version > STATE_VERSION


_OTHER_TYPES = {"created_at_ms": int, "schema_version": int, "reading": dict}
_KNOWN_TYPES: dict[str, type[Any]] = {
    item.name: _OTHER_TYPES.get(item.name, str)
    for item in fields(SessionState)
    if item.name != "extra"
}


def load_state(path: Path) -> tuple[SessionState, str | None]:
    """Return the state and, when something of it could not be read, a sentence saying so.

    A file that is not there gives the defaults and no warning. Never raises.
    """
    try:
        with path.open("rb") as file:
            members = json.loads(file.read(_LONGEST_FILE))
    except FileNotFoundError:
        return SessionState(), None
    except OSError as error:
        return SessionState(), f"{path} cannot be read: {error.strerror}."
    except (ValueError, RecursionError):
        return SessionState(), f"{path} is damaged; title and draft of the session are lost."
    if not isinstance(members, dict):
        return SessionState(), f"{path} is damaged; title and draft of the session are lost."
    return _state_from(members, path)


def save_state(path: Path, state: SessionState) -> None:
    """Replace the file at once and for good: a reader sees the old or the new one, whole.

    Waits for the disk: call it in a thread. Raises StoreError; the old file then stays, as it
    does when it is of a newer version.
    """
    if state.is_newer:
        raise StoreError(
            f"The session state {path} is of version {state.schema_version}, and this program"
            f" writes version {STATE_VERSION}; it was left as it is.",
            hint="Use the newer program for this session.",
        )
    members = dict(state.extra) | {name: getattr(state, name) for name in _KNOWN_TYPES}
    members["schema_version"] = STATE_VERSION
    text = json.dumps(members, ensure_ascii=False, indent=2) + "\n"
    draft_path = path.with_name(f".{path.name}.new")
    try:
        _write_private_file(draft_path, text.encode("utf-8", "replace"))
        draft_path.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise StoreError(
            f"The session state {path} cannot be written: {error.strerror}.",
            hint="The session itself goes on; check the disk.",
        ) from error


def _state_from(members: dict[str, JsonValue], path: Path) -> tuple[SessionState, str | None]:
    state = SessionState()
    wrong: list[str] = []
    for name, value in members.items():
        expected = _KNOWN_TYPES.get(name)
        if expected is None:
            state.extra[name] = value
        elif type(value) is expected:
            setattr(state, name, value)
        elif value is not None:
            wrong.append(name)
    if wrong:
        return state, f"{path} has unusable values for {', '.join(wrong)}; they are ignored."
    if state.is_newer:
        return state, (
            f"{path} was written by a newer program (version {state.schema_version}; this one"
            f" writes {STATE_VERSION}): title and draft are shown, and changes are not kept."
        )
    return state, None


def _write_private_file(path: Path, data: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
