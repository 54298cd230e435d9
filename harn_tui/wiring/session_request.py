"""What a front end asks for when it opens a session."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class SessionRequest:
    """What a front end asks for. ``None`` leaves a choice to the configuration.

    ``tools`` are the only tools to offer, empty for none. ``session_id`` is taken up when it is
    stored, and otherwise names a new session. ``is_attended`` tells that somebody at the front
    end can wake a daemon that waits, and answer an approval that an earlier process left open.
    """

    cwd: Path
    provider: str | None = None
    model: str | None = None
    base_url: str | None = None
    script: Path | None = None
    config_file: Path | None = None
    overrides: tuple[str, ...] = ()
    session_id: str | None = None
    continue_last: bool = False
    tools: tuple[str, ...] | None = None
    is_attended: bool = False
