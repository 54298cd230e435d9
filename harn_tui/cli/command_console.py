"""``harn-tui [PROMPT]``: the console."""

import argparse
import asyncio
import gc
import os
import sys
from typing import TYPE_CHECKING, TextIO

from harn_tui.cli.command_linear import run_linear
from harn_tui.cli.early_keys import keys_kept
from harn_tui.cli.options import add_model_options, add_session_options, add_tool_options
from harn_tui.cli.resuming import add_resume_option, check_resume, resume
from harn_tui.errors import UsageError

if TYPE_CHECKING:
    from harn_tui.session.handle import SessionHandle

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
    if not options.linear:
        require_terminal("Without one, use: harn-tui run PROMPT.")
    if options.resume is not None and (code := resume(options)) is not None:
        return code
    if options.linear:
        return run_linear(options)
    with keys_kept():
        return _run_console(options)


def _run_console(options: argparse.Namespace) -> int:
    gc.disable()  # start-up leaves no garbage worth looking for; the console turns it on again
    from harn_tui.console.environment import prepare_environment

    prepare_environment(os.environ)
    from harn_tui.console.entry import run_console

    async def open_session() -> "SessionHandle":
        from harn_tui.cli.program_log import open_program_log
        from harn_tui.cli.session_request import session_request
        from harn_tui.wiring.open_session import open_session

        await asyncio.to_thread(open_program_log)
        session = await asyncio.to_thread(open_session, session_request(options, can_wake=True))
        opened.append(session)
        return session

    def choose_theme() -> str | None:
        from harn_tui.cli.session_request import session_request
        from harn_tui.wiring.open_session import load

        return load(session_request(options)).configuration.ui.theme

    opened: list[SessionHandle] = []
    code = run_console(
        open_session,
        preload=_SESSION_MODULES,
        prompt=options.prompt,
        choose_theme=choose_theme,
    )
    for session in opened:
        if session.folder is not None and session.folder.exists():
            print(f"harn-tui: to go on with this session: harn-tui --resume {session.session_id}")
    return code


def require_terminal(hint: str) -> None:
    """Raise UsageError unless both ends are a terminal; ``hint`` is what works without one."""
    streams: tuple[TextIO | None, ...] = (sys.stdin, sys.stdout)
    if not all(stream is not None and stream.isatty() for stream in streams):
        raise UsageError(
            "The console needs a terminal, and standard input or output is not one.", hint=hint
        )
