"""Records the results of tools in a file, and answers calls from it without running anything.

The file has one JSON line a call (docs/tools.md, 2.4). A line is found by the tool's name and a
digest of the arguments that the call ran with.
"""

import asyncio
import hashlib
import json
import os
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from harn_tui.config.loop_options import LoopOptions
from harn_tui.errors import LoopConfigError, StoreError, ToolError
from harn_tui.json_types import JsonObject
from harn_tui.kinds import ToolErrorCategory
from harn_tui.tools.base import ToolResult
from harn_tui.tools.completion import run_in_thread

_NEW_FILE_MODE: Final = 0o600


class FixtureMode(StrEnum):
    """What a file of fixtures is for."""

    RECORD = "record"
    """Calls run, and their results are added to the file."""
    REPLAY = "replay"
    """Calls are answered from the file; one that is not there fails."""
    REPLAY_OR_RUN = "replay_or_run"
    """Calls are answered from the file; one that is not there runs."""


class FixtureStatus(StrEnum):
    """How a recorded call ended."""

    OK = "ok"
    ERROR = "error"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class _Key:
    tool_name: str
    digest: str


class ToolFixtures:
    """The fixtures of a session, nested loops included, in one file.

    The n-th call with the same tool and arguments gets the n-th of their results; after the last
    one it gets that again.
    """

    def __init__(self, mode: FixtureMode, path: Path) -> None:
        self._mode = mode
        self._path = path
        self._results: defaultdict[_Key, list[ToolResult]] = defaultdict(list)
        self._given: defaultdict[_Key, int] = defaultdict(int)
        self._is_read = mode is FixtureMode.RECORD
        self._writing = asyncio.Lock()
        self._has_failed = False

    def read(self) -> None:
        """Read the file once, unless it is there to be written. Blocks.

        Raises StoreError that names the line when it cannot be used.
        """
        if self._is_read:
            return
        results: defaultdict[_Key, list[ToolResult]] = defaultdict(list)
        try:
            with self._path.open(encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    if line.strip():
                        key, result = _fixture(line, f"{self._path}, line {number}")
                        results[key].append(result)
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(
                f"The recorded tool results in {self._path} cannot be read: {error}.",
                hint='Record them first with mode = "record", or correct the path.',
            ) from error
        self._results, self._is_read = results, True

    async def prepare(self) -> None:
        """Read the file beside the event loop, see ``read``."""
        if not self._is_read:
            await run_in_thread(self.read)

    def find(self, tool_name: str, arguments: JsonObject) -> ToolResult | None:
        """Return what a call is answered with, ``None`` when it is to run.

        Raises ToolError when it was not recorded and must not run.
        """
        key = _Key(tool_name, arguments_digest(arguments))
        results = self._results.get(key)
        if results:
            number = min(self._given[key], len(results) - 1)
            self._given[key] += 1
            return results[number]
        if self._mode is not FixtureMode.REPLAY:
            return None
        raise ToolError(
            f"Error: no result of {tool_name} with these arguments was recorded in {self._path}.",
            hint="Nothing was run. Record it, or replay with mode replay_or_run.",
        )

    async def record(self, tool_name: str, arguments: JsonObject, result: ToolResult) -> None:
        """Add the result of a call to the file, when it is there to be written.

        Raises OSError, or ValueError for what is no JSON; nothing more is recorded then.
        """
        if self._mode is not FixtureMode.RECORD or self._has_failed:
            return
        async with self._writing:
            try:
                await run_in_thread(lambda: self._append(tool_name, arguments, result))
            except (OSError, ValueError):
                self._has_failed = True
                raise

    def _append(self, tool_name: str, arguments: JsonObject, result: ToolResult) -> None:
        line = _line(tool_name, arguments, result)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        with os.fdopen(os.open(self._path, flags, _NEW_FILE_MODE), "r+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                if file.read(1) != b"\n":  # a program that ended while it wrote
                    line = b"\n" + line
            file.write(line)


def fixtures_of(options: LoopOptions, cwd: Path) -> ToolFixtures | None:
    """Return the fixtures that the options ask for, ``None`` when they ask for none.

    Reads nothing. Raises LoopConfigError when it is not said what to do, or where.
    """
    table = options.tool_recording
    if table is None:
        return None
    mode, path = table.get("mode"), table.get("path")
    if not isinstance(mode, str) or not isinstance(path, str):
        raise LoopConfigError(
            "Loop option `tool_recording` needs both `mode` and `path`.",
            hint='Write { mode = "record", path = "tools.jsonl" }.',
        )
    try:
        return ToolFixtures(FixtureMode(mode), cwd / Path(path).expanduser())
    except RuntimeError as error:
        raise LoopConfigError(
            f"Loop option `tool_recording.path` is {path!r}, and that home folder is not known.",
            hint="Give the whole path.",
        ) from error


def read_fixtures(options: LoopOptions, cwd: Path) -> ToolFixtures | None:
    """Return the fixtures that the options ask for, read. Blocks.

    Raises LoopConfigError as ``fixtures_of`` does, and StoreError as ``ToolFixtures.read``.
    """
    fixtures = fixtures_of(options, cwd)
    if fixtures is not None:
        fixtures.read()
    return fixtures


def arguments_digest(arguments: JsonObject) -> str:
    """Return the SHA-256 of arguments as JSON with sorted keys and no spaces."""
    canonical = json.dumps(arguments, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _line(tool_name: str, arguments: JsonObject, result: ToolResult) -> bytes:
    is_rejected = not result.ok and result.category is ToolErrorCategory.PERMISSION_DENIED
    failed = FixtureStatus.REJECTED if is_rejected else FixtureStatus.ERROR
    fixture: JsonObject = {
        "tool": tool_name,
        "arguments_sha256": arguments_digest(arguments),
        "arguments": arguments,
        "status": (FixtureStatus.OK if result.ok else failed).value,
        "text": result.text,
    }
    if not result.ok:
        fixture["category"] = result.category.value
    if result.details:
        fixture["details"] = result.details
    try:
        return json.dumps(fixture, allow_nan=False).encode() + b"\n"
    except (TypeError, RecursionError) as error:
        raise ValueError(f"the result of {tool_name} is no JSON: {error}") from error


def _fixture(line: str, place: str) -> tuple[_Key, ToolResult]:
    """Return what a line answers, and with what. Raises StoreError that names ``place``."""
    try:
        fixture = json.loads(line)
        return _key(fixture), _result(fixture)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise StoreError(
            f"{place} is no recorded tool result: {reason}.",
            hint="Correct the line, take it out, or record anew.",
        ) from error


def _key(fixture: JsonObject) -> _Key:
    name, arguments, digest = (
        fixture["tool"],
        fixture.get("arguments"),
        fixture.get("arguments_sha256"),
    )
    if not isinstance(name, str):
        raise TypeError("`tool` must be text")
    if isinstance(arguments, dict):
        known = arguments_digest(arguments)
        if digest is not None and digest != known:
            raise ValueError(f"`arguments_sha256` must be {known} for these arguments")
        return _Key(name, known)
    if arguments is not None or not isinstance(digest, str):
        raise TypeError("`arguments` must be a table, or `arguments_sha256` its digest")
    return _Key(name, digest)


def _result(fixture: JsonObject) -> ToolResult:
    text, details = fixture["text"], fixture.get("details", {})
    status = FixtureStatus(str(fixture.get("status", FixtureStatus.OK)))
    if not isinstance(text, str) or not isinstance(details, dict):
        raise TypeError("`text` must be text and `details` a table")
    if status is FixtureStatus.REJECTED:
        category = ToolErrorCategory.PERMISSION_DENIED
    else:
        category = ToolErrorCategory(str(fixture.get("category", ToolErrorCategory.TOOL_ERROR)))
    return ToolResult(text, ok=status is FixtureStatus.OK, category=category, details=details)
