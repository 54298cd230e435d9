"""``harn-tui [PROMPT]``: the console."""

import argparse
import gc

from harn_tui.cli.options import add_model_options, add_session_options, add_tool_options
from harn_tui.cli.terminal import prepare_terminal, require_terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the console's own arguments."""
    parser.add_argument("prompt", nargs="?", help="a first request, sent at once")
    add_tool_options(parser)
    add_model_options(parser)
    add_session_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Open the console and return its exit code.

    Only the screen is imported here; everything that a session needs is loaded by the console's
    start-up room after the first frame.
    """
    require_terminal("Without one, use: harn-tui run PROMPT.")
    prepare_terminal()
    gc.disable()  # importing makes no garbage worth looking for; the console turns it on again
    from harn_tui.console.entry import run_console

    return run_console(options)
