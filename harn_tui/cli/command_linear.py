"""``harn-tui --linear``: the console as plain lines."""

import argparse
import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from harn_tui.wiring.session_request import SessionRequest


def run_linear(options: argparse.Namespace) -> int:
    """Talk on standard input and output, terminals or not, and return the exit code."""
    from harn_tui.cli.session_request import session_request

    return asyncio.run(_run(session_request(options, is_attended=True), options.prompt))


async def _run(request: "SessionRequest", prompt: str | None) -> int:
    from harn_tui.cli.program_log import open_program_log
    from harn_tui.linear.run import LinearRun
    from harn_tui.wiring.open_session import open_session

    open_program_log()
    return await LinearRun(open_session(request)).run(prompt)
