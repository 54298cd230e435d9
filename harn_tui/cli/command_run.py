"""``harn-tui run``: one prompt without a screen."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from harn_tui.cli.options import add_model_options, add_session_options, add_tool_options
from harn_tui.cli.own_output import standard_output_kept
from harn_tui.errors import UsageError

if TYPE_CHECKING:
    from harn_tui.headless.run import HeadlessOptions
    from harn_tui.wiring.session_request import SessionRequest

SUMMARY = "run one prompt without a screen"

_EXAMPLE = """\
examples:
  harn-tui run "What does this folder hold?"
  harn-tui run --json --yes --provider demo "Look around" | jq -r .type
  echo "Explain the tests" | harn-tui run -
  harn-tui run --image screen.png "What is wrong on this screen?"

exit codes: 0 done, 1 error, 2 usage or configuration, 3 stuck, 4 budget exhausted,
5 required tools failed, 6 watchdog, 130 cancelled
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "run",
        description="Run one prompt without a screen: the reply on standard output.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("prompt", help="what to do; - reads it from standard input")
    parser.add_argument("--json", action="store_true", help="print the session's events as JSONL")
    parser.add_argument(
        "--input", choices=("jsonl",), help="read control lines from standard input while running"
    )
    parser.add_argument("--yes", action="store_true", help="approve what would be asked about")
    parser.add_argument(
        "--image",
        dest="images",
        metavar="PATH",
        type=Path,
        action="append",
        default=[],
        help="send this image with the prompt (PNG, JPEG, GIF, WebP; at most 5 MB); repeatable",
    )
    add_tool_options(parser)
    add_model_options(parser)
    add_session_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the prompt and return the exit code of its end."""
    from harn_tui.cli.session_request import session_request
    from harn_tui.headless.exit_codes import CANCELLED
    from harn_tui.headless.run import HeadlessOptions

    prompt = _prompt(options)
    request = session_request(options, is_attended=options.input is not None)
    if options.input is not None:
        require_stdin()
    headless = HeadlessOptions(
        as_json=options.json, reads_control=options.input is not None, approves_all=options.yes
    )
    try:
        with standard_output_kept() as out:
            return asyncio.run(_run(request, prompt, headless, _images(options), out))
    except asyncio.CancelledError:  # asked to end once more while it was ending
        return CANCELLED


def _images(options: argparse.Namespace) -> list[Path]:
    """Return the images' paths as the shell meant them, also where --cwd names another folder."""
    return [Path.cwd() / path for path in options.images]


def _prompt(options: argparse.Namespace) -> str:
    text = str(options.prompt)
    if text == "-":
        if options.input is not None:
            raise UsageError(
                "The prompt and the control lines cannot both come from standard input.",
                hint="Give the prompt as an argument, or leave out --input.",
            )
        text = require_stdin().read()
    if not text.strip():
        raise UsageError("The prompt is empty.", hint='Say what to do: harn-tui run "…".')
    return text


def require_stdin() -> TextIO:
    """Return standard input. Raises UsageError when it is closed."""
    stream: TextIO | None = sys.stdin
    if stream is None:
        raise UsageError(
            "Standard input is closed.", hint="Give the prompt as an argument, without --input."
        )
    return stream


async def _run(
    request: "SessionRequest",
    prompt: str,
    headless: "HeadlessOptions",
    images: list[Path],
    out: TextIO,
) -> int:
    from harn_tui.cli.program_log import open_program_log
    from harn_tui.headless.run import TERMINATED, run_headless
    from harn_tui.wiring.open_session import open_session

    open_program_log()
    task = asyncio.current_task()
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel, TERMINATED)
    return await run_headless(lambda: open_session(request), prompt, headless, images, out)
