"""``harn-tui serve``: the console in a browser on this machine."""

import argparse
import sys

from harn_tui.errors import HarnError

SUMMARY = "show the console in a browser"

DEFAULT_PORT = 8123

_EXAMPLE = """\
examples:
  harn-tui serve                              on http://127.0.0.1:8123, with a token in the address
  harn-tui serve --port 9000 -- --continue    what stands behind -- goes to each console

A console in a browser can do what you can do in a shell. It listens on this machine only, and only
for who has the token. To reach it from elsewhere, tunnel: ssh -L 8123:127.0.0.1:8123 HOST
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "serve",
        description="Show the console in a browser: every page that is opened is one console.",
        epilog=_EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="where to listen (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="default: %(default)s")
    parser.add_argument(
        "console", nargs="*", metavar="OPTION", help="behind --: options of the console"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until interrupted and return the exit code."""
    try:
        from harn_tui.web_view.server import ConsoleServer, check_port
    except ModuleNotFoundError as error:
        raise HarnError(
            f"The web view needs the package {error.name}, which is not installed.",
            hint="Install it: pip install 'harn-tui[serve]'",
        ) from error
    check_port(options.host, options.port)
    command = [sys.executable, "-m", "harn_tui", *options.console]
    server = ConsoleServer(command, options.host, options.port)
    print(f"harn-tui: open {server.entry_address}\nharn-tui: ctrl+c ends it", flush=True)
    server.serve()
    return 0
