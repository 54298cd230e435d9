"""Reads every layer of configuration in order: the one way into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from harn_tui.config.assembly import assemble
from harn_tui.config.layers import environment_layers, file_layer, override_layers
from harn_tui.config.merging import MergedLayers
from harn_tui.config.schema import Configuration
from harn_tui.config.untrusted import add_untrusted

PROJECT_FILE = Path(".harn", "config.toml")
"""Where a project keeps its own configuration, from its folder on."""


@dataclass(frozen=True, slots=True)
class LoadedConfiguration:
    """A configuration with where it came from.

    ``origins`` maps each dotted key that was set to a file and line, a variable or ``--set``.
    ``warnings`` are sentences for the person, such as on what an untrusted folder tried to set.
    """

    configuration: Configuration
    origins: Mapping[str, str]
    warnings: tuple[str, ...] = ()


def load_configuration(
    *,
    cwd: Path,
    environment: Mapping[str, str],
    user_file: Path,
    config_file: Path | None,
    overrides: Sequence[str],
    is_folder_trusted: bool,
) -> LoadedConfiguration:
    """Read and merge the layers, later ones winning (docs/configuration.md, layers).

    These are the defaults, ``user_file``, the project's file in ``cwd``, ``HARN_TUI_*`` of
    ``environment``, ``config_file`` and ``overrides`` (``KEY=VALUE``). Only ``config_file`` must
    exist. Reads files, so it does not belong on the event loop. Raises ConfigError.
    """
    merged = MergedLayers()
    warnings: list[str] = []
    user = file_layer(user_file, is_required=False)
    if user is not None:
        merged.add(user)
    project = file_layer(cwd / PROJECT_FILE, is_required=False)
    if project is not None and is_folder_trusted:
        merged.add(project)
    elif project is not None:
        warning = add_untrusted(project, merged)
        warnings += [] if warning is None else [warning]
    for layer in environment_layers(environment):
        merged.add(layer)
    named = None if config_file is None else file_layer(config_file, is_required=True)
    if named is not None:
        merged.add(named)
    for layer in override_layers(overrides):
        merged.add(layer)
    origins = merged.origins()
    configuration = assemble(merged.values, origins)
    return LoadedConfiguration(configuration, MappingProxyType(origins), tuple(warnings))
