"""The options that several commands share."""

import argparse
from pathlib import Path


def add_model_options(parser: argparse.ArgumentParser) -> None:
    """Add what chooses the provider, the model and the configuration."""
    group = parser.add_argument_group("provider and configuration")
    group.add_argument(
        "--provider", metavar="NAME", help="a configured provider, or a kind such as demo or openai"
    )
    group.add_argument("--model", metavar="NAME", help="the model's name at the provider")
    group.add_argument(
        "--base-url", metavar="URL", help="where an OpenAI-compatible or Anthropic server listens"
    )
    group.add_argument(
        "--script", metavar="FILE", type=Path, help="play a JSONL file on the scripted provider"
    )
    group.add_argument(
        "--config", metavar="FILE", type=Path, help="one more configuration file, above the others"
    )
    group.add_argument(
        "--set",
        dest="overrides",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="set one configuration key, such as loop.max_nudges=2; repeatable",
    )
    group.add_argument(
        "--cwd",
        metavar="DIR",
        type=Path,
        default=None,
        help="the folder to work in (default: here)",
    )


def action_lines(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> str:
    """Return a list of a command's actions for its help: each with its first sentence."""
    width = max(map(len, actions.choices))
    lines = ["actions:"]
    for name, parser in actions.choices.items():
        first = (parser.description or "").partition(". ")[0].rstrip(".")
        lines.append(f"  {name:<{width}}  {first[:1].lower()}{first[1:]}")
    return "\n".join(lines)


def add_session_options(parser: argparse.ArgumentParser) -> None:
    """Add what chooses the session to work on."""
    group = parser.add_argument_group("session")
    group.add_argument(
        "--session", metavar="ID", help="take up this session, or start one with this id"
    )
    group.add_argument(
        "--continue",
        dest="continue_last",
        action="store_true",
        help="take up the session of this folder that was used last",
    )


def add_tool_options(parser: argparse.ArgumentParser) -> None:
    """Add what narrows the tools."""
    group = parser.add_argument_group("tools")
    choice = group.add_mutually_exclusive_group()
    choice.add_argument("--tools", metavar="A,B", help="offer only these tools")
    choice.add_argument("--no-tools", action="store_true", help="offer no tools")


def tool_names(options: argparse.Namespace) -> tuple[str, ...] | None:
    """Return the tools to offer, ``None`` for all of the configured ones."""
    if options.no_tools:
        return ()
    if options.tools is None:
        return None
    return tuple(name.strip() for name in str(options.tools).split(",") if name.strip())
