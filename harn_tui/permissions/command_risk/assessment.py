"""Computes the risks of a command line, always the same for the same line and folder."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from harn_tui.permissions.command_risk.labels import Risk, RiskLabel
from harn_tui.permissions.command_risk.path_risks import credential_paths, outside_paths
from harn_tui.permissions.command_risk.program_risks import (
    DOWNLOADERS,
    INTERPRETERS,
    program_risks,
)
from harn_tui.permissions.globs import glob_matches
from harn_tui.permissions.shell_command.model import CommandLine, SimpleCommand
from harn_tui.permissions.shell_command.rule_texts import holding_texts


def assess(
    line: CommandLine, *, cwd: Path, roots: tuple[Path, ...], deny_patterns: Iterable[str] = ()
) -> tuple[Risk, ...]:
    """Return the risks of ``line``, each label once, in the order of the labels.

    ``roots`` are resolved folders, ``cwd`` is where the line starts. Resolves links on the disk.
    """
    found: dict[RiskLabel, Risk] = {}
    for risk in _risks(line, cwd, roots, tuple(deny_patterns)):
        found.setdefault(risk.label, risk)
    return tuple(found[label] for label in RiskLabel if label in found)


def _risks(
    line: CommandLine, cwd: Path, roots: tuple[Path, ...], deny_patterns: tuple[str, ...]
) -> Iterator[Risk]:
    for command in line.commands:
        for label in program_risks(command):
            yield Risk(label, command.raw)
        for path in credential_paths(command):
            yield Risk(RiskLabel.CREDENTIAL_FILE_READ, path)
        for path in outside_paths(command, cwd, roots):
            yield Risk(RiskLabel.OUTSIDE_WORKSPACE, path)
    for command in _fed_by_downloads(line.commands):
        yield Risk(RiskLabel.CURL_PIPE_SHELL, command.raw)
        yield Risk(RiskLabel.NETWORK_EXFIL, command.raw)
    yield from _denied(line, deny_patterns)


def _fed_by_downloads(commands: tuple[SimpleCommand, ...]) -> Iterator[SimpleCommand]:
    """Yield the interpreters that run what another command downloads."""
    downloads = [command for command in commands if command.program in DOWNLOADERS]
    if not downloads:
        return
    interpreters = {c.number: c for c in commands if c.program in INTERPRETERS}
    stages = {(place.pipeline, place.stage) for c in downloads for place in c.pipes}
    first: dict[int, int] = {}
    for pipeline, stage in stages:
        first[pipeline] = min(stage, first.get(pipeline, stage))
    for command in interpreters.values():
        if any(place.stage > first.get(place.pipeline, place.stage) for place in command.pipes):
            yield command
    for download in downloads:
        for number in download.inside:
            if number in interpreters:
                yield interpreters[number]


def _denied(line: CommandLine, patterns: tuple[str, ...]) -> Iterator[Risk]:
    if not patterns:
        return
    texts = holding_texts(line)
    for pattern in patterns:
        for text in texts:
            if pattern in text or glob_matches(pattern, text):
                yield Risk(RiskLabel.DENY_PATTERN, pattern)
                break
