"""From parsed options to what the composition root is asked for."""

import argparse
from pathlib import Path

from harn_tui.cli.options import tool_names
from harn_tui.wiring.session_request import SessionRequest


def session_request(options: argparse.Namespace, *, is_attended: bool = False) -> SessionRequest:
    """Return the request that the options describe; ``is_attended`` as in SessionRequest."""
    return SessionRequest(
        cwd=(options.cwd or Path.cwd()).resolve(),
        provider=options.provider,
        model=options.model,
        base_url=options.base_url,
        script=options.script,
        config_file=options.config,
        overrides=tuple(options.overrides),
        session_id=options.session,
        continue_last=options.continue_last,
        tools=tool_names(options),
        is_attended=is_attended,
    )
