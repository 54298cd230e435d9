"""The command line: chooses a command, runs it, and turns errors into one line and an exit code."""

import argparse
import io
import logging
import sys
from collections.abc import Sequence

from harn_tui import __version__
from harn_tui.cli import (
    command_config,
    command_console,
    command_doctor,
    command_feedback,
    command_replay,
    command_run,
    command_serve,
    command_sessions,
    command_tail,
)
from harn_tui.errors import (
    AttachmentError,
    ConfigError,
    HarnError,
    LoopConfigError,
    SessionNotFoundError,
    UsageError,
)

log = logging.getLogger(__name__)

ERROR_EXIT = 1
USAGE_EXIT = 2
INTERRUPTED_EXIT = 130

_MISTYPED = (AttachmentError, ConfigError, LoopConfigError, SessionNotFoundError, UsageError)
"""What another command line or configuration mends."""

_COMMANDS = {
    "run": command_run,
    "replay": command_replay,
    "sessions": command_sessions,
    "tail": command_tail,
    "feedback": command_feedback,
    "serve": command_serve,
    "config": command_config,
    "doctor": command_doctor,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code; never shows a traceback."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    _write_any_text()
    try:
        _refuse_mistyped_command(words)
        options = _options(["--help"] if words == ["help"] else words)
        code: int = options.run(options)
    except _MISTYPED as error:
        print(f"harn-tui: {error}", file=sys.stderr)
        return USAGE_EXIT
    except HarnError as error:
        print(f"harn-tui: {error}", file=sys.stderr)
        return ERROR_EXIT
    except KeyboardInterrupt:
        print("harn-tui: interrupted", file=sys.stderr)
        return INTERRUPTED_EXIT
    except BrokenPipeError:
        # The reader of our output went away, which is its right; say nothing more to it.
        sys.stderr.close()
        return ERROR_EXIT
    except Exception as error:
        # boundary: a bug is one line here; its traceback is in the program's log
        log.exception("command failed")
        print(f"harn-tui: internal error: {type(error).__name__}: {error}", file=sys.stderr)
        return ERROR_EXIT
    return code


def _refuse_mistyped_command(words: list[str]) -> None:
    """Raise UsageError for a first word that is nearly a command: it is hardly a request.

    A request is one word to the program, so behind it only options can be meant.
    """
    if not words or words[0] in _COMMANDS or any(word[:1] == "-" for word in words[:2]):
        return
    from difflib import get_close_matches

    near = get_close_matches(words[0], _COMMANDS, n=1, cutoff=0.75)
    if near:
        raise UsageError(
            f"There is no command {words[0]!r}. Did you mean: harn-tui {near[0]}?",
            hint=f"To send it as a request: harn-tui -- {words[0]}",
        )


def _options(words: list[str]) -> argparse.Namespace:
    """Return what ``words`` say. Raises UsageError for a command behind the console's options."""
    parser = _parser(words)
    options, rest = parser.parse_known_args(words)
    late = getattr(options, "prompt", None)
    if late in _COMMANDS and words[0] not in _COMMANDS and "--" not in words:
        raise UsageError(
            f"Options go behind the command: harn-tui {late} …",
            hint=f"To send the word as a request: harn-tui … -- {late}",
        )
    if rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    return options


def _write_any_text() -> None:
    """Let no locale and no lone surrogate of a model's keep text from being printed."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def _parser(words: list[str]) -> argparse.ArgumentParser:
    """Return the parser for the command that ``words`` begin with.

    Without a command they are the console's own: a prompt and options.
    """
    if words and words[0] in _COMMANDS:
        parser = argparse.ArgumentParser(prog="harn-tui", allow_abbrev=False)
        commands = parser.add_subparsers(dest="command", metavar="COMMAND")
        _COMMANDS[words[0]].add_parser(commands)
        return parser
    parser = argparse.ArgumentParser(
        prog="harn-tui",
        description="An interactive agent console for the terminal.",
        epilog=_overview(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"harn-tui {__version__}")
    command_console.add_arguments(parser)
    return parser


def _overview() -> str:
    lines = [f"  harn-tui {name:<10} {module.SUMMARY}" for name, module in _COMMANDS.items()]
    return (
        "commands:\n"
        + "\n".join(lines)
        + "\n\nexamples:\n"
        + "  harn-tui                                    start on the configured provider\n"
        + "  harn-tui --provider demo                    try it without a key or a network\n"
        + '  harn-tui --base-url http://127.0.0.1:8080/v1 --model local "hello"\n'
        + "  harn-tui COMMAND --help                     more on one command\n"
    )
