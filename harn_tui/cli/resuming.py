"""``--resume [ID]``: which stored session to take up, chosen by id or in the picker."""

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.errors import UsageError

if TYPE_CHECKING:
    from harn_tui.console.picker.port import Choice
    from harn_tui.console.ports import SettingsPort
    from harn_tui.session.stored_sessions import StoredSessions
    from harn_tui.store.session_folder import SessionFolder

PICKER = ""
"""What ``options.resume`` holds when no id was given."""


def add_resume_option(parser: argparse.ArgumentParser) -> None:
    """Add the option to the console's own."""
    parser.add_argument(
        "--resume",
        metavar="ID",
        nargs="?",
        const=PICKER,
        help="choose among the stored sessions, or take up this one; in its own folder",
    )


def check_resume(options: argparse.Namespace) -> None:
    """Raise UsageError where ``--resume`` cannot be used as it was."""
    if options.resume is None:
        return
    if options.session is not None or options.continue_last:
        raise UsageError(
            "--resume, --session and --continue each choose a session.", hint="Give one."
        )
    if options.linear and options.resume == PICKER:
        raise UsageError(
            "The list of sessions needs a screen.",
            hint="`harn-tui sessions list` prints it; then: harn-tui --linear --resume ID",
        )


def resume(options: argparse.Namespace) -> int | None:
    """Choose the session and note it in ``options``; return ``None`` when it is to be opened.

    Otherwise everything is done, and the exit code is returned: nothing was chosen, or the
    session was replayed, or it is open elsewhere and was shown from there. Raises StoreError.
    """
    from harn_tui.paths import sessions_directory
    from harn_tui.store.session_names import find_named_session

    if options.resume == PICKER:
        choice = _pick(options)
        return 0 if choice is None else take_up_choice(options, choice)
    return _take_up(options, find_named_session(sessions_directory(), options.resume))


def take_up_choice(options: argparse.Namespace, choice: "Choice") -> int | None:
    """Do what was chosen in the list of sessions; the result is that of ``resume``.

    The session's own folder is worked in then, also after another session's.
    """
    from harn_tui.cli.command_replay import show_replay

    folder = choice.session.folder
    if choice.replays:
        return show_replay(folder.event_log, title=folder.session_id, at=choice.event_index)
    return _take_up(options, folder)


def show_open_elsewhere(folder: "SessionFolder", owner_pid: int | None) -> int:
    """Show a session that another process has open, read only and as it goes on."""
    from harn_tui.cli.command_replay import show_replay

    where = f"process {owner_pid}" if owner_pid else "another process"
    title = f"{folder.session_id} · open in {where}, read only"
    return show_replay(folder.event_log, title=title, at_end=True)


def _take_up(options: argparse.Namespace, folder: "SessionFolder") -> int | None:
    from harn_tui.store.lock import live_owner

    owner = live_owner(folder.lock_file)
    if owner is not None and not options.linear:
        return show_open_elsewhere(folder, owner.pid)
    options.session = folder.session_id
    if options.cwd is None:
        options.cwd = own_folder(folder)
    return None


def own_folder(folder: "SessionFolder") -> Path | None:
    """Return where the session worked, ``None`` when that is not known or not there any more."""
    from harn_tui.store.listing import summarize_session

    cwd = summarize_session(folder).cwd
    return Path(cwd) if cwd is not None and Path(cwd).is_dir() else None


def stored_sessions(here: Path) -> "StoredSessions":
    """Return what the list of sessions shows; those of the folder ``here`` come first."""
    from harn_tui.paths import session_index_file, sessions_directory, trash_directory
    from harn_tui.session.stored_sessions import StoredSessions

    files = (sessions_directory(), session_index_file(), trash_directory())
    return StoredSessions(*files, here=here)


def _pick(options: argparse.Namespace) -> "Choice | None":
    from harn_tui.console.environment import prepare_environment

    prepare_environment(os.environ)
    from harn_tui.cli.command_console import console_places
    from harn_tui.console.picker.entry import pick_session

    def open_settings() -> "SettingsPort":
        from harn_tui.cli.session_request import session_request
        from harn_tui.wiring.user_settings import UserSettings

        return UserSettings(session_request(options))

    here = (options.cwd or Path.cwd()).resolve()
    return pick_session(
        stored_sessions(here),
        str(here),
        places=console_places(),
        open_settings=open_settings,
    )
