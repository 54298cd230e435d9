"""``harn-tui config``: what is configured, and where it came from."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from harn_tui.cli.options import action_lines, add_model_options

if TYPE_CHECKING:
    from harn_tui.config.loader import LoadedConfiguration

SUMMARY = "show the configuration in force and where it is read from"

_EXAMPLE = """\
examples:
  harn-tui config show
  harn-tui config show --set loop.max_nudges=2
  harn-tui config schema
  harn-tui config keys
  harn-tui config path
"""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "config",
        description="What is configured, and where each value came from.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    show = actions.add_parser("show", description="Print every key that is set, with its origin.")
    add_model_options(show)
    show.set_defaults(run=run_show)
    schema = actions.add_parser("schema", description="Print every key and what it must be.")
    schema.set_defaults(run=run_schema)
    keys = actions.add_parser(
        "keys", description="Print every action of the console and its keys, as [keys] takes them."
    )
    add_model_options(keys)
    keys.set_defaults(run=run_keys)
    path = actions.add_parser("path", description="Print the file that is yours to edit.")
    path.set_defaults(run=run_path)
    trust = actions.add_parser(
        "trust", description="Let a folder's own configuration, skills, tools and AGENTS.md count."
    )
    trust.add_argument("folder", nargs="?", type=Path, default=Path())
    trust.set_defaults(run=run_trust)
    parser.epilog = f"{action_lines(actions)}\n\n{_EXAMPLE}"


def run_show(options: argparse.Namespace) -> int:
    """Print the configuration in force."""
    from harn_tui.config.describe import describe
    from harn_tui.console.rebinding import rebound_actions

    loaded = _load(options)
    rebound_actions(loaded.configuration.keys, loaded.origins)
    for line in describe(loaded):
        print(line)
    for warning in loaded.warnings:
        print(f"# {warning}")
    return 0


def run_keys(options: argparse.Namespace) -> int:
    """Print the keys in force as a table that can be edited."""
    from harn_tui.console.rebinding import key_table_lines

    loaded = _load(options)
    print("[keys]")
    for line in key_table_lines(loaded.configuration.keys, loaded.origins):
        print(line)
    return 0


def _load(options: argparse.Namespace) -> "LoadedConfiguration":
    from harn_tui.wiring.open_session import load
    from harn_tui.wiring.session_request import SessionRequest

    return load(
        SessionRequest(
            cwd=(options.cwd or Path.cwd()).resolve(),
            config_file=options.config,
            overrides=tuple(options.overrides),
        )
    )


def run_schema(options: argparse.Namespace) -> int:
    """Print what each key of a configuration file must be."""
    from harn_tui.config.describe import describe_schema

    for line in describe_schema():
        print(line)
    return 0


def run_path(options: argparse.Namespace) -> int:
    """Print the path of the user's configuration file."""
    from harn_tui.paths import config_directory

    print(config_directory() / "config.toml")
    return 0


def run_trust(options: argparse.Namespace) -> int:
    """Trust a folder's own configuration, skills, tools and instructions from now on."""
    from harn_tui.config.trust import trust
    from harn_tui.paths import config_directory

    folder: Path = options.folder.resolve()
    trust(folder, config_directory() / "trusted_folders")
    print(f"{folder} is trusted: its .harn/config.toml, skills, tools and AGENTS.md count.")
    return 0
