"""``harn-tui [PROMPT]``: the console."""

import argparse
import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TextIO

from harn_tui.cli.command_linear import run_linear
from harn_tui.cli.console_sessions import ConsoleSessions
from harn_tui.cli.early_keys import keys_kept
from harn_tui.cli.options import add_model_options, add_session_options, add_tool_options
from harn_tui.cli.own_output import screen_kept
from harn_tui.cli.resuming import (
    add_resume_option,
    check_resume,
    resume,
    show_open_elsewhere,
    stored_sessions,
    take_up_choice,
)
from harn_tui.errors import SessionLockedError, UsageError

if TYPE_CHECKING:
    from harn_tui.cli.first_run import ConsoleFirstRun
    from harn_tui.console.picker.port import Choice
    from harn_tui.console.places import Places
    from harn_tui.console.ports import SettingsPort
    from harn_tui.session.stored_sessions import StoredSessions

WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
"""What `harn-tui serve` has each console draw with: a browser is at the other end of the pipes."""

_SESSION_MODULES = ("harn_tui.cli.session_request", "harn_tui.wiring")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the console's own arguments."""
    parser.add_argument("prompt", nargs="?", help="a first request, sent at once")
    parser.add_argument(
        "--linear",
        action="store_true",
        help="talk in plain lines instead of a screen: for screen readers and logs",
    )
    add_tool_options(parser)
    add_model_options(parser)
    add_session_options(parser)
    add_resume_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Open the console and return its exit code.

    Only the screen is imported here; what a session needs is loaded by the console's start-up
    room after the first frame.
    """
    check_resume(options)
    is_in_browser = os.environ.get("TEXTUAL_DRIVER") == WEB_DRIVER
    if not options.linear and not is_in_browser:
        require_terminal("Without one, use: harn-tui run PROMPT.")
    own_cwd = options.cwd  # what is taken up has its own
    if options.resume is not None and (code := resume(options)) is not None:
        return code
    if options.linear:
        return run_linear(options)
    if is_in_browser:
        first_run = _first_run(options)
        sessions = ConsoleSessions(options, first_run.request, lambda _: None, {}, own_cwd)
        return _run_console(options, sessions, first_run, can_switch=False).code
    return _run_on_terminal(options, own_cwd)


def _run_on_terminal(options: argparse.Namespace, own_cwd: Path | None) -> int:
    """Run one console after the other, as the person goes from session to session.

    ``own_cwd`` is the folder that was asked for whatever the session.
    """
    first_run = _first_run(options)
    opened: dict[str, Path] = {}
    try:
        while True:
            with keys_kept() as mode, screen_kept() as divert:
                sessions = ConsoleSessions(options, first_run.request, divert, opened, own_cwd)
                end = _run_console(options, sessions, first_run, terminal_mode=mode)
            if end.choice is None:
                return end.code
            gc.unfreeze()  # the console before was set aside as a whole
            gc.collect()
            options.cwd, options.prompt, options.continue_last = own_cwd, None, False
            if (code := take_up_choice(options, end.choice)) is not None:
                return code
    except SessionLockedError as error:
        from harn_tui.paths import sessions_directory
        from harn_tui.store.session_folder import find_session_folder

        if error.session_id is None:
            raise
        folder = find_session_folder(sessions_directory(), error.session_id)
        return show_open_elsewhere(folder, error.owner_pid)
    finally:
        _say_how_to_go_on(opened)


def _say_how_to_go_on(opened: Mapping[str, Path]) -> None:
    for session_id in (name for name, folder in opened.items() if folder.exists()):
        print(f"harn-tui: to go on with this session: harn-tui --resume {session_id}")


class _End(NamedTuple):
    """How a console ended, and where the person wants to go from there."""

    code: int
    choice: "Choice | None"


def _first_run(options: argparse.Namespace) -> "ConsoleFirstRun":
    gc.disable()  # see below
    from harn_tui.console.environment import prepare_environment

    prepare_environment(os.environ)
    from harn_tui.cli.first_run import ConsoleFirstRun

    return ConsoleFirstRun(options)


def _run_console(
    options: argparse.Namespace,
    sessions: ConsoleSessions,
    first_run: "ConsoleFirstRun",
    *,
    can_switch: bool = True,
    terminal_mode: list[Any] | None = None,
) -> _End:
    gc.disable()  # start-up leaves no garbage worth looking for; the console turns it on again
    from harn_tui.console.opening_run import run_console

    def open_settings() -> "SettingsPort":
        from harn_tui.cli.session_request import session_request
        from harn_tui.wiring.user_settings import UserSettings

        return UserSettings(session_request(options))

    def open_store() -> "StoredSessions":
        return stored_sessions((options.cwd or Path.cwd()).resolve())

    code, choice = run_console(
        sessions.open_first,
        preload=_SESSION_MODULES,
        prompt=options.prompt,
        places=console_places(),
        open_settings=open_settings,
        first_run=None if first_run.has_chosen else first_run,
        open_other=sessions.open_other,
        open_store=open_store if can_switch else None,
        read_tail=sessions.read_tail,
        terminal_mode=terminal_mode,
    )
    return _End(code, choice)


def console_places() -> "Places":
    """Return where the console finds what is a person's own."""
    from harn_tui.console.places import Places
    from harn_tui.paths import config_directory, data_directory

    return Places(config_directory() / "themes", data_directory() / "last_theme")


def require_terminal(hint: str) -> None:
    """Raise UsageError unless both ends are a terminal that can be drawn on.

    ``hint`` is what works without one.
    """
    streams: tuple[TextIO | None, ...] = (sys.stdin, sys.stdout)
    if not all(stream is not None and stream.isatty() for stream in streams):
        raise UsageError(
            "The console needs a terminal, and standard input or output is not one.", hint=hint
        )
    if os.environ.get("TERM") == "dumb":
        raise UsageError("The console draws on the whole screen, and TERM is dumb.", hint=hint)
